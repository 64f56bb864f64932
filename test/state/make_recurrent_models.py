#!/usr/bin/env python3
"""Small recurrent ONNX models in float32, and what onnxruntime computes for them.

    pip install onnx onnxruntime
    python test/state/make_recurrent_models.py test/fixtures/recurrent

Writes one .onnx for each, and golden.json: for three seeds the inputs and outputs as little-endian hex.
"""

import json
import sys
from importlib.metadata import version
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

GATES = {"LSTM": 4, "GRU": 3, "RNN": 1}


def model(kind, time, batch, inputs, units, outputs, direction="forward", states=(), layout=0, peepholes=False, **attributes):
    """`outputs`: which of Y, Y_h, Y_c are the model's; `states`: which of initial_h, initial_c are inputs."""
    random = np.random.default_rng(11)
    directions = 2 if direction == "bidirectional" else 1
    rows = GATES[kind] * units

    def constant(name, *shape):
        return numpy_helper.from_array(random.uniform(-0.8, 0.8, shape).astype(np.float32), name)

    initializers = [
        constant("W", directions, rows, inputs),
        constant("R", directions, rows, units),
        constant("B", directions, 2 * rows),
    ]
    given = ["X", "W", "R", "B", "", "initial_h" if "h" in states else "", "initial_c" if "c" in states else ""]
    if peepholes:
        initializers.append(constant("P", directions, 3 * units))
        given.append("P")
    while given[-1] == "":
        given.pop()
    first = [batch, directions, units] if layout else [directions, batch, units]
    x = [batch, time, inputs] if layout else [time, batch, inputs]
    shapes = {
        "Y": [batch, time, directions, units] if layout else [time, directions, batch, units],
        "Y_h": first,
        "Y_c": first,
    }
    names = ["Y", "Y_h", "Y_c"] if kind == "LSTM" else ["Y", "Y_h"]
    node = helper.make_node(
        kind, given, [name if name in outputs else "" for name in names],
        hidden_size=units, direction=direction, **({"layout": layout} if layout else {}), **attributes)
    tensor = lambda name, shape: helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)
    graph = helper.make_graph(
        [node], "recurrent",
        [tensor("X", x), *[tensor(f"initial_{state}", first) for state in states]],
        [tensor(name, shapes[name]) for name in outputs], initializers)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


MODELS = {
    "lstm_last": model("LSTM", 6, 1, 5, 7, ["Y_h"]),
    "lstm_all_outputs_two_samples": model("LSTM", 4, 2, 3, 5, ["Y", "Y_h", "Y_c"]),
    "lstm_bidirectional": model("LSTM", 5, 1, 4, 6, ["Y", "Y_h"], direction="bidirectional"),
    "lstm_reverse_peepholes": model("LSTM", 4, 1, 3, 4, ["Y"], direction="reverse", peepholes=True),
    "lstm_streaming": model("LSTM", 1, 1, 5, 6, ["Y_h", "Y_c"], states=["h", "c"]),
    "gru_last": model("GRU", 6, 1, 5, 7, ["Y_h"]),
    "gru_linear_before_reset": model("GRU", 6, 1, 5, 7, ["Y", "Y_h"], linear_before_reset=1),
    "gru_bidirectional": model("GRU", 4, 2, 3, 5, ["Y", "Y_h"], direction="bidirectional", linear_before_reset=1),
    "gru_streaming": model("GRU", 1, 1, 5, 6, ["Y_h"], states=["h"], linear_before_reset=1),
    "rnn_relu": model("RNN", 5, 1, 4, 6, ["Y"], activations=["Relu"]),
}


def run(data, seed):
    session = onnxruntime.InferenceSession(data, providers=["CPUExecutionProvider"])
    random = np.random.default_rng(seed)
    feeds = {i.name: random.uniform(-1.5, 1.5, i.shape).astype(np.float32) for i in session.get_inputs()}
    return {
        "inputs": {name: array.tobytes().hex() for name, array in feeds.items()},
        "outputs": [array.tobytes().hex() for array in session.run(None, feeds)],
    }


def main():
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    lines = []
    for name, made in MODELS.items():
        onnx.checker.check_model(made)
        data = made.SerializeToString()
        (folder / f"{name}.onnx").write_bytes(data)
        lines.append(f"  {json.dumps(name)}: {json.dumps([run(data, seed) for seed in (1, 2, 3)])}")
    made_with = json.dumps(f"onnxruntime {version('onnxruntime')}")
    (folder / "golden.json").write_text('{"made_with": %s, "models": {\n%s\n}}\n' % (made_with, ",\n".join(lines)))


if __name__ == "__main__":
    main()
