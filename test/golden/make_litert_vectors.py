#!/usr/bin/env python3
"""Golden vectors from LiteRT's reference kernels, for uint8 models, which TensorFlow Lite Micro does not run.

    pip install ai-edge-litert==2.3.0
    python test/golden/make_litert_vectors.py --out test/fixtures/uint8_golden.json test/fixtures/uint8/*.tflite

As make_vectors.py, with the inputs of src/verify/stimulus.ts, but of uint8 only, and of each model the whole output in
hexadecimal digits.
"""

import argparse
import hashlib
import json
import sys
from importlib.metadata import version
from pathlib import Path

import numpy as np
from ai_edge_litert.interpreter import Interpreter, OpResolverType


def stimuli(details: list, seeds: list) -> dict:
    result = {}
    for seed in seeds:
        state = seed
        arrays = []
        for detail in details:
            values = []
            for _ in range(int(np.prod(detail["shape"]))):
                state = (state * 1664525 + 1013904223) & 0xFFFFFFFF
                values.append(state >> 24)
            arrays.append(np.array(values, np.uint8).reshape(detail["shape"]))
        result[f"seed {seed}"] = arrays
    for label, value_of in {
        "all lowest": lambda detail: 0,
        "all highest": lambda detail: 255,
        "all zero": lambda detail: detail["quantization_parameters"]["zero_points"][0],
    }.items():
        result[label] = [np.full(detail["shape"], value_of(detail), np.uint8) for detail in details]
    return result


def vectors(path: Path, seeds: list) -> dict:
    data = path.read_bytes()
    interpreter = Interpreter(
        model_content=data, experimental_op_resolver_type=OpResolverType.BUILTIN_REF, num_threads=1
    )
    interpreter.allocate_tensors()
    details = sorted(interpreter.get_input_details(), key=lambda detail: detail["index"])
    record = {"sha256": hashlib.sha256(data).hexdigest(), "vectors": []}
    for label, arrays in stimuli(details, seeds).items():
        for detail, array in zip(details, arrays):
            interpreter.set_tensor(detail["index"], array)
        interpreter.invoke()
        outputs = [interpreter.get_tensor(d["index"]).tobytes().hex() for d in interpreter.get_output_details()]
        record["vectors"].append({"input": label, "outputs": outputs})
    return record


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="+", type=Path, metavar="MODEL")
    parser.add_argument("--seeds", nargs="+", type=int, default=[1, 2, 3])
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    records = {"/".join(path.parts[-2:]): vectors(path, options.seeds) for path in options.models}
    lines = [f"  {json.dumps(name)}: {json.dumps(record)}" for name, record in records.items()]
    made_with = json.dumps(f"ai-edge-litert {version('ai-edge-litert')}, reference kernels")
    text = '{"made_with": %s, "models": {\n%s\n}}\n' % (made_with, ",\n".join(lines))
    if options.out:
        options.out.write_text(text)
    else:
        sys.stdout.write(text)


if __name__ == "__main__":
    main()
