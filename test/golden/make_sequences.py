#!/usr/bin/env python3
"""Golden sequences from TensorFlow Lite Micro's own reference kernels, for models that keep state between inferences.

    pip install tflite-micro
    python test/golden/make_sequences.py --out test/fixtures/sequences.json test/fixtures/state/*.tflite

Each model makes two sequences of inferences without a reset in between, each with a fresh interpreter: one inference
for each of the --seeds (default 1 to 6; inputs as in make_vectors.py), and one for each corner input, all zero point, all
highest, all lowest, and the first seed after them. Written are the outputs of every inference, as hex, as JSON (to
standard output without --out).
"""

import argparse
import hashlib
import json
import sys
from importlib.metadata import version
from pathlib import Path

import numpy as np
from make_vectors import ARENA_BYTES, corners, seeded
from tflite_micro import runtime


def sequence(data: bytes, stimuli: list) -> list:
    """Outputs of all inferences, one after the other."""
    interpreter = runtime.Interpreter.from_bytes(data, arena_size=ARENA_BYTES)
    model = runtime.convert_bytearray_to_object(bytearray(data))
    results = []
    for arrays in stimuli:
        for position, array in enumerate(arrays):
            interpreter.set_input(array, position)
        interpreter.invoke()
        outputs = [interpreter.get_output(i) for i in range(len(model.subgraphs[0].outputs))]
        results.append(b"".join(np.ascontiguousarray(output).tobytes() for output in outputs).hex())
    return results


def record(path: Path, seeds: list) -> dict:
    data = path.read_bytes()
    digest = {"sha256": hashlib.sha256(data).hexdigest()}
    try:
        interpreter = runtime.Interpreter.from_bytes(data, arena_size=ARENA_BYTES)
        model = runtime.convert_bytearray_to_object(bytearray(data))
        details = [interpreter.get_input_details(i) for i in range(len(model.subgraphs[0].inputs))]
        edge = corners(details)
        edges = [edge["all zero"], edge["all highest"], edge["all lowest"], seeded(details, seeds[0])]
        return digest | {
            "seeds": {"labels": [f"seed {seed}" for seed in seeds],
                      "outputs": sequence(data, [seeded(details, seed) for seed in seeds])},
            "corners": {"labels": ["all zero", "all highest", "all lowest", f"seed {seeds[0]}"],
                        "outputs": sequence(data, edges)},
        }
    except (RuntimeError, ValueError) as error:
        return digest | {"refused": str(error).splitlines()[0]}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="+", type=Path, metavar="MODEL")
    parser.add_argument("--seeds", nargs="+", type=int, default=[1, 2, 3, 4, 5, 6])
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    lines = [f"  {json.dumps(path.stem)}: {json.dumps(record(path, options.seeds))}" for path in options.models]
    made_with = json.dumps(f"tflite-micro {version('tflite-micro')}")
    text = '{"made_with": %s, "models": {\n%s\n}}\n' % (made_with, ",\n".join(lines))
    if options.out:
        options.out.write_text(text)
    else:
        sys.stdout.write(text)


if __name__ == "__main__":
    main()
