#!/usr/bin/env python3
"""Golden vectors from TensorFlow Lite Micro's own reference kernels (PyPI package tflite-micro).

    pip install tflite-micro
    python test/golden/make_vectors.py --out test/fixtures/golden.json test/fixtures/*/*.tflite

Each model runs on seeded inputs (--seeds, default 1 2 3) and, with --corners, on inputs that are all lowest, all
highest and all zero point. Written are the SHA-256 of every input, every output and every operator's output
tensor, as JSON (to standard output without --out). A model that TFLM does not run is listed with its error.

Inputs are those of src/verify/stimulus.ts: one 32-bit LCG per vector, state = seed, state = state * 1664525 +
1013904223 per element; int8 is the top byte, float32 the signed top byte / 64; the stream runs on through the
inputs in the model's order.
"""

import argparse
import hashlib
import json
import sys
from importlib.metadata import version
from pathlib import Path

import numpy as np
from tflite_micro import runtime

ARENA_BYTES = 32 * 1024 * 1024
RANGES = {"int8": (-128, 127), "uint8": (0, 255), "int16": (-32768, 32767), "float32": (-2, 127 / 64), "int32": (-128, 127), "bool": (0, 1)}


def sha256(array: np.ndarray) -> str:
    return hashlib.sha256(np.ascontiguousarray(array).tobytes()).hexdigest()


def seeded(details: list, seed: int) -> list:
    state = seed
    arrays = []
    for detail in details:
        dtype = np.dtype(detail["dtype"])
        values = []
        for _ in range(int(np.prod(detail["shape"]))):
            state = (state * 1664525 + 1013904223) & 0xFFFFFFFF
            byte = state >> 24
            signed = byte - 256 if byte > 127 else byte
            if dtype == np.uint8:
                values.append(byte)
            elif dtype == np.int16:
                word = state >> 16
                values.append(word - 65536 if word > 32767 else word)
            elif dtype == np.float32:
                values.append(signed / 64)
            elif dtype == np.bool_:
                values.append(bool(state >> 31))
            else:
                values.append(signed)
        arrays.append(np.array(values, dtype).reshape(detail["shape"]))
    return arrays


def corners(details: list) -> dict:
    def constant(value_of):
        return [np.full(d["shape"], value_of(d), d["dtype"]) for d in details]

    def zero_point(detail):
        zero_points = detail["quantization_parameters"]["zero_points"]
        return zero_points[0] if len(zero_points) else 0

    return {
        "all lowest": constant(lambda d: RANGES[np.dtype(d["dtype"]).name][0]),
        "all highest": constant(lambda d: RANGES[np.dtype(d["dtype"]).name][1]),
        "all zero": constant(zero_point),
    }


def operator_outputs(data: bytes) -> list:
    """(operator name, tensor index) in the order of execution."""
    model = runtime.convert_bytearray_to_object(bytearray(data))
    builtin = {code: name for name, code in vars(runtime.schema_fb.BuiltinOperator).items() if isinstance(code, int)}
    pairs = []
    for operator in model.subgraphs[0].operators:
        code = runtime.get_builtin_code_from_operator_code(model.operatorCodes[operator.opcodeIndex])
        pairs += [(builtin[code], int(tensor)) for tensor in operator.outputs]
    return pairs


def vectors(path: Path, seeds: list, with_corners: bool) -> dict:
    data = path.read_bytes()
    record = {"sha256": hashlib.sha256(data).hexdigest()}
    preserve = runtime.InterpreterConfig.kPreserveAllTensors
    try:
        model = runtime.convert_bytearray_to_object(bytearray(data))
        interpreter = runtime.Interpreter.from_bytes(data, arena_size=ARENA_BYTES, intrepreter_config=preserve)
        details = [interpreter.get_input_details(i) for i in range(len(model.subgraphs[0].inputs))]
        stimuli = {f"seed {seed}": seeded(details, seed) for seed in seeds}
        if with_corners:
            stimuli |= corners(details)
        record["vectors"] = []
        for label, arrays in stimuli.items():
            interpreter.reset()
            for position, array in enumerate(arrays):
                interpreter.set_input(array, position)
            interpreter.invoke()
            outputs = [interpreter.get_output(i) for i in range(len(model.subgraphs[0].outputs))]
            layers = [
                {"op": name, "tensor": tensor, "sha256": sha256(interpreter.GetTensor(tensor, 0)["tensor_data"])}
                for name, tensor in operator_outputs(data)
            ]
            record["vectors"].append(
                {
                    "input": label,
                    "inputs": [sha256(array) for array in arrays],
                    "outputs": [sha256(output) for output in outputs],
                    "layers": layers,
                }
            )
    except (RuntimeError, ValueError) as error:
        record.pop("vectors", None)
        record["refused"] = str(error).splitlines()[0]
    return record


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="+", type=Path, metavar="MODEL")
    parser.add_argument("--seeds", nargs="+", type=int, default=[1, 2, 3])
    parser.add_argument("--corners", action="store_true")
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    golden = {"made_with": f"tflite-micro {version('tflite-micro')}", "models": {}}
    for path in options.models:
        golden["models"]["/".join(path.parts[-2:])] = vectors(path, options.seeds, options.corners)
    # One model per line, so that a change of one is a change of one line.
    lines = [f"  {json.dumps(name)}: {json.dumps(record)}" for name, record in golden["models"].items()]
    text = '{"made_with": %s, "models": {\n%s\n}}\n' % (json.dumps(golden["made_with"]), ",\n".join(lines))
    if options.out:
        options.out.write_text(text)
    else:
        sys.stdout.write(text)


if __name__ == "__main__":
    main()
