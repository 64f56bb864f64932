"""What TensorFlow's converter and onnxruntime's quantizer make of the networks that bench/quantization.ts gives them.

python quantization_peers.py FOLDER: reads FOLDER/network.json (operators with their options, constants as base64), inputs.npy
[N, ...], answers.npy (what our float interpreter gives for them) and labels.npy; the first `calibration` samples calibrate, those
from `first_test` on are measured. Prints one JSON object. Both frameworks get the network built anew from the same float weights,
and a network whose floats are not ours is refused. requirements: quantization_peers.txt.
"""

import base64
import json
import os
import sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = ""

import numpy as np
import onnx
import onnxruntime
import tensorflow as tf
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import (
    CalibrationDataReader,
    CalibrationMethod,
    QuantFormat,
    QuantType,
    quantize_static,
)

folder = sys.argv[1]
with open(os.path.join(folder, "network.json")) as file:
    network = json.load(file)
inputs, answers, labels = (np.load(os.path.join(folder, f"{name}.npy")) for name in ("inputs", "answers", "labels"))
labels = labels.reshape(-1).astype(int)
inputs = inputs.reshape([-1] + network["input_shape"][1:])
answers = answers.reshape(len(inputs), -1)
test = np.arange(network["first_test"], len(inputs))


def constant(index):
    tensor = network["constants"].get(str(index))
    if tensor is None:
        return None
    return np.frombuffer(base64.b64decode(tensor["data"]), tensor["type"]).reshape(tensor["shape"])


def activated(options, x, relu, relu6):
    return {"none": lambda: x, "relu": lambda: relu(x), "relu6": lambda: relu6(x)}[options.get("activation", "none")]()


def tensorflow_network(x):
    """[1, H, W, C] to the output, in TensorFlow."""
    values = {network["input"]: x}
    for operator in network["operators"]:
        kind, options, ins = operator["kind"], operator["options"] or {}, operator["inputs"]
        a = values.get(ins[0])
        padding = options.get("padding", "valid").upper()
        strides = [1, options.get("strideHeight", 1), options.get("strideWidth", 1), 1]
        if kind == "CONV_2D":
            weights = np.transpose(constant(ins[1]), [1, 2, 3, 0])
            y = tf.nn.conv2d(a, weights, strides, padding) + constant(ins[2])
        elif kind == "DEPTHWISE_CONV_2D":
            weights = constant(ins[1])[0]
            weights = weights.reshape(*weights.shape[:2], a.shape[-1], -1)
            y = tf.nn.depthwise_conv2d(a, weights, strides, padding) + constant(ins[2])
        elif kind in ("MAX_POOL_2D", "AVERAGE_POOL_2D"):
            pool = tf.nn.max_pool2d if kind == "MAX_POOL_2D" else tf.nn.avg_pool2d
            y = pool(a, [1, options["filterHeight"], options["filterWidth"], 1], strides, padding)
        elif kind == "ADD":
            y = a + values[ins[1]]
        elif kind == "MEAN":
            y = tf.reduce_mean(a, axis=[int(axis) for axis in constant(ins[1]).reshape(-1)])
        elif kind == "RESHAPE":
            y = tf.reshape(a, operator["output_shape"])
        elif kind == "FULLY_CONNECTED":
            y = tf.matmul(a, constant(ins[1]).T) + constant(ins[2])
        elif kind == "SOFTMAX":
            y = tf.nn.softmax(a)
        else:
            raise SystemExit(f"{kind} is not built here")
        values[operator["output"]] = activated(options, y, tf.nn.relu, tf.nn.relu6)
    return values[network["output"]]


def onnx_network(path):
    """The same with channels first, as PyTorch's exporters write it; input [1, C, H, W]."""
    nodes, initializers = [], []

    def value(name, array):
        initializers.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name

    for position, operator in enumerate(network["operators"]):
        kind, options, ins = operator["kind"], operator["options"] or {}, operator["inputs"]
        a, out = f"t{ins[0]}", f"t{operator['output']}"
        activation = options.get("activation", "none")
        y = out if activation == "none" else f"{out}_before"
        strides = [options.get("strideHeight", 1), options.get("strideWidth", 1)]
        if kind in ("CONV_2D", "DEPTHWISE_CONV_2D"):
            weights = constant(ins[1])
            is_depthwise = kind == "DEPTHWISE_CONV_2D"
            # [O, H, W, I] or [1, H, W, C] to [O, I or 1, H, W].
            weights = np.transpose(weights, [3, 0, 1, 2] if is_depthwise else [0, 3, 1, 2])
            pads = operator["pads"]
            group = operator["input_channels"] if is_depthwise else 1
            feeds = [a, value(f"w{position}", weights), value(f"b{position}", constant(ins[2]))]
            nodes.append(helper.make_node("Conv", feeds, [y], strides=strides, pads=pads, group=group))
        elif kind in ("MAX_POOL_2D", "AVERAGE_POOL_2D"):
            name = "MaxPool" if kind == "MAX_POOL_2D" else "AveragePool"
            kernel = [options["filterHeight"], options["filterWidth"]]
            nodes.append(helper.make_node(name, [a], [y], kernel_shape=kernel, strides=strides))
        elif kind == "ADD":
            nodes.append(helper.make_node("Add", [a, f"t{ins[1]}"], [y]))
        elif kind == "MEAN":
            axes = value(f"axes{position}", np.array([2, 3], np.int64))
            nodes.append(helper.make_node("ReduceMean", [a, axes], [y], keepdims=0))
        elif kind == "RESHAPE":
            nodes.append(helper.make_node("Flatten", [a], [y]))
        elif kind == "FULLY_CONNECTED":
            feeds = [a, value(f"w{position}", constant(ins[1])), value(f"b{position}", constant(ins[2]))]
            nodes.append(helper.make_node("Gemm", feeds, [y], transB=1))
        elif kind == "SOFTMAX":
            nodes.append(helper.make_node("Softmax", [a], [y]))
        if activation == "relu":
            nodes.append(helper.make_node("Relu", [y], [out]))
        elif activation == "relu6":
            bounds = [value(f"low{position}", np.float32(0)), value(f"high{position}", np.float32(6))]
            nodes.append(helper.make_node("Clip", [y, *bounds], [out]))
    _, height, width, channels = network["input_shape"]
    graph = helper.make_graph(
        nodes,
        "network",
        [helper.make_tensor_value_info(f"t{network['input']}", TensorProto.FLOAT, [1, channels, height, width])],
        [helper.make_tensor_value_info(f"t{network['output']}", TensorProto.FLOAT, [1, answers.shape[1]])],
        initializers,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    onnx.checker.check_model(model)
    onnx.save(model, path)


def first(x):
    return np.argmax(x, axis=1)


def score(outputs):
    exact = answers[test].astype(np.float64)
    error = exact - outputs
    noise = float((error**2).sum())
    return {
        "accuracy": float((first(outputs) == labels[test]).mean()),
        "agreement": float((first(outputs) == first(exact)).mean()),
        "decibels": 10 * float(np.log10((exact**2).sum() / noise)),
    }


def run_tflite(model):
    """By TensorFlow Lite's reference kernels: the default ones differ by single steps."""
    kernels = tf.lite.experimental.OpResolverType.BUILTIN_REF
    interpreter = tf.lite.Interpreter(model_content=model, experimental_op_resolver_type=kernels)
    interpreter.allocate_tensors()
    [into], [out] = interpreter.get_input_details(), interpreter.get_output_details()
    results = []
    for index in test:
        x = inputs[index][None]
        if into["dtype"] != np.float32:
            scale, zero = into["quantization"]
            bounds = np.iinfo(into["dtype"])
            x = np.clip(np.round(x / scale) + zero, bounds.min, bounds.max).astype(into["dtype"])
        interpreter.set_tensor(into["index"], x)
        interpreter.invoke()
        y = interpreter.get_tensor(out["index"]).reshape(-1).astype(np.float64)
        if out["dtype"] != np.float32:
            scale, zero = out["quantization"]
            y = (y - zero) * scale
        results.append(y)
    return np.array(results)


def tensorflow_quantized(count, activations):
    """count None: float."""
    spec = tf.TensorSpec(network["input_shape"], tf.float32)
    function = tf.function(tensorflow_network).get_concrete_function(spec)
    converter = tf.lite.TFLiteConverter.from_concrete_functions([function])
    if count is not None:
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        converter.representative_dataset = lambda: ([x[None].astype(np.float32)] for x in inputs[:count])
        kinds = {
            "int8": tf.lite.OpsSet.TFLITE_BUILTINS_INT8,
            "int16": tf.lite.OpsSet.EXPERIMENTAL_TFLITE_BUILTINS_ACTIVATIONS_INT16_WEIGHTS_INT8,
        }
        converter.target_spec.supported_ops = [kinds[activations]]
        converter.inference_input_type = converter.inference_output_type = tf.as_dtype(activations)
    return run_tflite(converter.convert())


def channels_first(x):
    return np.ascontiguousarray(np.transpose(x[None], [0, 3, 1, 2]).astype(np.float32))


class Samples(CalibrationDataReader):
    def __init__(self, count):
        self.rest = iter(range(count))

    def get_next(self):
        index = next(self.rest, None)
        return None if index is None else {f"t{network['input']}": channels_first(inputs[index])}


def run_onnx(path):
    """Without optimizations, whose fused operators compute otherwise."""
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    feed = lambda index: {f"t{network['input']}": channels_first(inputs[index])}
    return np.array([session.run(None, feed(index))[0].reshape(-1) for index in test], np.float64)


def onnx_quantized(count, method):
    float_file, file = (os.path.join(folder, name) for name in ("float.onnx", f"{method.name}{count}.onnx"))
    quantize_static(
        float_file,
        file,
        Samples(count),
        quant_format=QuantFormat.QDQ,
        per_channel=True,
        activation_type=QuantType.QInt8,
        weight_type=QuantType.QInt8,
        calibrate_method=method,
    )
    return run_onnx(file)


def require_same(name, outputs):
    difference = float(np.abs(outputs - answers[test]).max())
    if difference > 1e-4:
        raise SystemExit(f"{name}'s float network differs from ours by {difference}")


onnx_network(os.path.join(folder, "float.onnx"))
require_same("onnxruntime", run_onnx(os.path.join(folder, "float.onnx")))
require_same("TensorFlow", tensorflow_quantized(None, None))
results = []
for calibration in network["calibration"]:
    for name, outputs in (
        ("tensorflow int8", lambda: tensorflow_quantized(calibration, "int8")),
        ("tensorflow int16x8", lambda: tensorflow_quantized(calibration, "int16")),
        ("onnxruntime min-max", lambda: onnx_quantized(calibration, CalibrationMethod.MinMax)),
        ("onnxruntime percentile", lambda: onnx_quantized(calibration, CalibrationMethod.Percentile)),
    ):
        results.append({"peer": name, "calibration": calibration, **score(outputs())})
versions = {"tensorflow": tf.__version__, "onnxruntime": onnxruntime.__version__, "onnx": onnx.__version__}
print(json.dumps({"versions": versions, "results": results}))
