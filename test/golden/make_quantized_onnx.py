"""Writes random quantized ONNX models and what onnxruntime, its optimizations off, computes for them.

    pip install onnx onnxruntime
    python test/golden/make_quantized_onnx.py <folder> <first seed> <models>

For each model <name>.onnx a file <name>.json: the shapes of inputs and outputs, and for each sample the bytes of both.
"""

import json
import sys

import numpy as np
import onnx
import onnxruntime as ort
from onnx import TensorProto, helper, numpy_helper


class Model:
    """A graph under construction: quantized values by name with their scale and zero point."""

    def __init__(self, random, unsigned, exact):
        self.random, self.unsigned, self.exact = random, unsigned, exact
        self.nodes, self.initializers, self.inputs, self.outputs = [], [], [], []
        self.scales = {}
        self.count = 0

    def name(self, what):
        self.count += 1
        return f"{what}_{self.count}"

    def constant(self, values):
        name = self.name("c")
        self.initializers.append(numpy_helper.from_array(np.asarray(values), name))
        return name

    @property
    def type(self):
        return np.uint8 if self.unsigned else np.int8

    def scale(self, near):
        """`exact`: a power of two, so that results lie halfway between integers as often as can be."""
        value = 2.0 ** round(np.log2(near)) if self.exact else near * self.random.uniform(0.7, 1.4)
        return np.float32(value)

    def zero_point(self):
        middle = 128 if self.unsigned else 0
        choices = [middle - 128, middle, middle + int(self.random.integers(-40, 40))]
        return self.type(choices[self.random.integers(3)])

    def add(self, kind, inputs, outputs=1, domain="", **attributes):
        names = [self.name(kind.lower()) for _ in range(outputs)]
        self.nodes.append(helper.make_node(kind, inputs, names, domain=domain, **attributes))
        return names[0] if outputs == 1 else names

    def parameters(self, near):
        scale, zero_point = self.scale(near), self.zero_point()
        return self.constant(scale), self.constant(zero_point)

    def quantize(self, value, near, parameters=None):
        scale, zero_point = parameters or self.parameters(near)
        name = self.add("QuantizeLinear", [value, scale, zero_point])
        self.scales[name] = (scale, zero_point)
        return name

    def real(self, quantized):
        return self.add("DequantizeLinear", [quantized, *self.scales[quantized]])

    def float_input(self, shape, near=0.03):
        name = self.name("input")
        self.inputs.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, shape))
        return self.quantize(name, near)

    def integer_input(self, shape, near=0.03):
        name = self.name("input")
        kind = TensorProto.UINT8 if self.unsigned else TensorProto.INT8
        self.inputs.append(helper.make_tensor_value_info(name, kind, shape))
        self.scales[name] = self.parameters(near)
        return name

    def weights(self, shape, channels, axis=0, per_channel=True):
        """Integers, scales and zero points."""
        values = self.random.integers(-127, 128, shape).astype(np.int8)
        if per_channel:
            scales = np.array([self.scale(0.01) for _ in range(channels)], np.float32)
            return self.constant(values), self.constant(scales), self.constant(np.zeros(channels, np.int8))
        return self.constant(values), self.constant(self.scale(0.01)), self.constant(np.int8(0))

    def real_weights(self, shape, channels, axis=0, per_channel=True):
        values, scales, zeros = self.weights(shape, channels, axis, per_channel)
        return self.add("DequantizeLinear", [values, scales, zeros], axis=axis), scales

    def real_bias(self, quantized, scales, channels):
        input_scale = self.array(self.scales[quantized][0])
        products = (input_scale * self.array(scales)).astype(np.float32)
        values = self.random.integers(-3000, 3000, channels).astype(np.int32)
        zeros = np.zeros(products.shape, np.int32)
        return self.add(
            "DequantizeLinear", [self.constant(values), self.constant(products), self.constant(zeros)], axis=0
        )

    def array(self, name):
        return next(numpy_helper.to_array(t) for t in self.initializers if t.name == name)

    def finish(self, opset):
        graph = helper.make_graph(self.nodes, "g", self.inputs, self.outputs, self.initializers)
        opsets = [helper.make_opsetid("", opset), helper.make_opsetid("com.microsoft", 1)]
        model = helper.make_model(graph, opset_imports=opsets)
        model.ir_version = 9
        return onnx.shape_inference.infer_shapes(model)

    def output(self, value, integer=False):
        if integer:
            kind = TensorProto.UINT8 if self.unsigned else TensorProto.INT8
            self.outputs.append(helper.make_tensor_value_info(value, kind, None))
        else:
            self.outputs.append(helper.make_tensor_value_info(self.real(value), TensorProto.FLOAT, None))


def window(random, size):
    kernel = [int(random.integers(1, 4)), int(random.integers(1, 4))]
    return {
        "kernel_shape": kernel,
        "strides": [int(random.integers(1, 3)), int(random.integers(1, 3))],
        "pads": [int(random.integers(0, k)) for k in kernel + kernel],
    }


def image(m):
    random = m.random
    shape = [1, int(random.integers(1, 9)), int(random.integers(4, 10)), int(random.integers(4, 10))]
    return m.float_input(shape) if random.integers(2) else m.integer_input(shape), shape


def groups_of(m, channels):
    """Groups and output channels: none, one for each channel, or as many as divide them."""
    kind = m.random.integers(4)
    if kind == 0:
        return channels, channels
    between = [n for n in range(2, channels) if channels % n == 0]
    groups = between[m.random.integers(len(between))] if kind > 1 and between else 1
    return groups, groups * int(m.random.integers(1, 12 // groups + 1))


def conv_qdq(m):
    x, shape = image(m)
    groups, outputs = groups_of(m, shape[1])
    attributes = window(m.random, shape)
    weights, scales = m.real_weights(
        [outputs, shape[1] // groups, *attributes["kernel_shape"]], outputs, 0, bool(m.random.integers(2))
    )
    bias = [m.real_bias(x, scales, outputs)] if m.random.integers(2) and m.array(scales).ndim else []
    y = m.add("Conv", [m.real(x), weights, *bias], group=groups, **attributes)
    if m.random.integers(3) == 0:
        y = m.add("Relu", [y])
    m.output(m.quantize(y, 0.08))


def conv_qlinear(m):
    x, shape = image(m)
    groups, outputs = groups_of(m, shape[1])
    attributes = window(m.random, shape)
    per_channel = bool(m.random.integers(2))
    weights = m.weights([outputs, shape[1] // groups, *attributes["kernel_shape"]], outputs, 0, per_channel)
    bias = [m.constant(m.random.integers(-3000, 3000, outputs).astype(np.int32))] if m.random.integers(2) else []
    scale, zero_point = m.parameters(0.08)
    y = m.add(
        "QLinearConv",
        [x, *m.scales[x], *weights, scale, zero_point, *bias],
        group=groups,
        **attributes,
    )
    m.scales[y] = (scale, zero_point)
    m.output(y, bool(m.random.integers(2)))


def vector(m, depth):
    rows = 1 if m.random.integers(2) else int(m.random.integers(1, 4))
    return m.float_input([rows, depth]) if m.random.integers(2) else m.integer_input([rows, depth])


def gemm_qdq(m):
    depth, outputs = int(m.random.integers(2, 60)), int(m.random.integers(1, 20))
    x = vector(m, depth)
    turned = bool(m.random.integers(2))
    per_channel = bool(m.random.integers(2))
    shape = [outputs, depth] if turned else [depth, outputs]
    weights, scales = m.real_weights(shape, outputs, 0 if turned else 1, per_channel)
    bias = [m.real_bias(x, scales, outputs)] if m.array(scales).ndim else []
    y = m.add("Gemm", [m.real(x), weights, *bias], transB=int(turned))
    m.output(m.quantize(y, 0.1))


def matmul_qdq(m):
    depth, outputs = int(m.random.integers(2, 60)), int(m.random.integers(1, 20))
    x = vector(m, depth)
    weights, _ = m.real_weights([depth, outputs], outputs, 1, bool(m.random.integers(2)))
    m.output(m.quantize(m.add("MatMul", [m.real(x), weights]), 0.1))


def matmul_values(m):
    rows, depth, columns = (int(m.random.integers(1, 9)) for _ in range(3))
    a, b = m.float_input([2, rows, depth]), m.float_input([2, depth, columns])
    m.output(m.quantize(m.add("MatMul", [m.real(a), m.real(b)]), 0.05))


def matmul_qlinear(m):
    depth, outputs = int(m.random.integers(2, 60)), int(m.random.integers(1, 20))
    x = vector(m, depth)
    weights = m.weights([depth, outputs], outputs, 1, False)
    scale, zero_point = m.parameters(0.1)
    y = m.add("QLinearMatMul", [x, *m.scales[x], *weights, scale, zero_point])
    m.scales[y] = (scale, zero_point)
    m.output(y)


def qgemm(m):
    depth, outputs = int(m.random.integers(2, 60)), int(m.random.integers(1, 20))
    x = vector(m, depth)
    weights = m.weights([outputs, depth], outputs, 0, bool(m.random.integers(2)))
    bias = m.constant(m.random.integers(-3000, 3000, outputs).astype(np.int32))
    scale, zero_point = m.parameters(0.1)
    y = m.add(
        "QGemm", [x, *m.scales[x], *weights, bias, scale, zero_point], domain="com.microsoft", transB=1, alpha=1.0
    )
    m.scales[y] = (scale, zero_point)
    m.output(y)


def binary_qdq(m):
    kind = ["Add", "Sub", "Mul"][m.random.integers(3)]
    shape = [1, 3, int(m.random.integers(1, 6)), int(m.random.integers(1, 6))]
    other = [shape, [1, 3, 1, 1], [1]][m.random.integers(3)]
    a, b = m.float_input(shape), m.float_input(other)
    m.output(m.quantize(m.add(kind, [m.real(a), m.real(b)]), 0.05))


def binary_qlinear(m):
    kind = ["QLinearAdd", "QLinearMul"][m.random.integers(2)]
    shape = [1, 3, int(m.random.integers(1, 6)), int(m.random.integers(1, 6))]
    a, b = m.float_input(shape), m.float_input(shape)
    scale, zero_point = m.parameters(0.05)
    y = m.add(kind, [a, *m.scales[a], b, *m.scales[b], scale, zero_point], domain="com.microsoft")
    m.scales[y] = (scale, zero_point)
    m.output(y)


def averages(m):
    x, shape = image(m)
    kind = ["GlobalAveragePool", "AveragePool", "ReduceMean"][m.random.integers(3)]
    if kind == "AveragePool":
        # What pads leaves equal windows.
        y = m.add(kind, [m.real(x)], kernel_shape=[2, 3], strides=[1, 2])
    elif kind == "ReduceMean":
        y = m.add(kind, [m.real(x), m.constant(np.array([2, 3], np.int64))], keepdims=int(m.random.integers(2)))
    else:
        y = m.add(kind, [m.real(x)])
    m.output(m.quantize(y, 0.02))


def averages_qlinear(m):
    x, shape = image(m)
    scale, zero_point = m.parameters(0.02)
    y = m.add(
        "QLinearGlobalAveragePool", [x, *m.scales[x], scale, zero_point], domain="com.microsoft", channels_last=0
    )
    m.scales[y] = (scale, zero_point)
    m.output(y)


def pools(m):
    x, shape = image(m)
    q = x
    if m.random.integers(2):
        y = m.add("MaxPool", [m.real(x)], kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1])
        q = m.quantize(y, 0.03, m.scales[x] if m.random.integers(2) else None)
    else:
        y = m.add("MaxPool", [x], kernel_shape=[2, 2], strides=[2, 2])
        m.scales[y] = m.scales[x]
        q = y
    m.output(q)


def functions(m):
    x, shape = image(m)
    kind = m.random.integers(8)
    y = m.real(x)
    if kind == 0:
        y = m.add("Sigmoid", [y])
    elif kind == 1:
        y = m.add("Tanh", [y])
    elif kind == 2:
        y = m.add("LeakyRelu", [y], alpha=0.1)
    elif kind == 3:
        y = m.add("HardSwish", [y])
    elif kind == 4:
        y = m.add("Mul", [y, m.add("Sigmoid", [y])])
    elif kind == 5:
        y = m.add("Clip", [y, m.constant(np.float32(-0.7)), m.constant(np.float32(1.3))])
    elif kind == 6:
        y = m.add("HardSigmoid", [y], alpha=0.2, beta=0.5)
    else:
        y = m.add("Relu", [m.add("Sub", [y, m.constant(np.float32(0.25))])])
    m.output(m.quantize(y, 0.01))


def joins(m):
    a, b = m.float_input([1, 3, 4, 5]), m.float_input([1, 2, 4, 5], 0.05)
    y = m.add("Concat", [m.real(a), m.real(b)], axis=1)
    m.output(m.quantize(y, 0.06))


def softmax(m):
    x = m.float_input([int(m.random.integers(1, 4)), int(m.random.integers(2, 20))], 0.05)
    y = m.add("Softmax", [m.real(x)], axis=-1)
    m.output(m.quantize(y, 1 / 256))


def moves(m):
    x, shape = image(m)
    y = m.real(x)
    kind = m.random.integers(5)
    if kind == 0:
        y = m.add("Transpose", [y], perm=[0, 2, 3, 1])
    elif kind == 1:
        y = m.add("Flatten", [y], axis=1)
    elif kind == 2:
        y = m.add("Slice", [y, m.constant(np.array([1], np.int64)), m.constant(np.array([3], np.int64)),
                            m.constant(np.array([2], np.int64))])
    elif kind == 3:
        y = m.add("Pad", [y, m.constant(np.array([0, 0, 1, 0, 0, 0, 2, 1], np.int64))])
    else:
        y = m.add("Resize", [y, "", m.constant(np.array([1, 1, 2, 2], np.float32))], mode="nearest",
                  coordinate_transformation_mode="asymmetric", nearest_mode="floor")
    m.output(m.quantize(y, 0.03, m.scales[x] if m.random.integers(2) else None))


def deconv(m):
    x, shape = image(m)
    outputs = int(m.random.integers(1, 6))
    weights, _ = m.real_weights([shape[1], outputs, 2, 2], outputs, 1, bool(m.random.integers(2)))
    m.output(m.quantize(m.add("ConvTranspose", [m.real(x), weights], strides=[2, 2]), 0.1))


def qlinear(m, kind, inputs, near, **attributes):
    """Inputs with their scales and zero points come first, those of the result last."""
    scale, zero_point = m.parameters(near)
    y = m.add(kind, [*inputs, scale, zero_point], domain="com.microsoft", **attributes)
    m.scales[y] = (scale, zero_point)
    m.output(y)


def means_qlinear(m):
    x, shape = image(m)
    qlinear(m, "QLinearAveragePool", [x, *m.scales[x]], 0.02, kernel_shape=[2, 3], strides=[1, 2])


def functions_qlinear(m):
    x, shape = image(m)
    if m.random.integers(2):
        qlinear(m, "QLinearLeakyRelu", [x, *m.scales[x]], 0.01, alpha=0.1)
    else:
        qlinear(m, "QLinearSigmoid", [x, *m.scales[x]], 0.01)


def softmax_qlinear(m):
    x = m.float_input([int(m.random.integers(1, 4)), int(m.random.integers(2, 20))], 0.05)
    qlinear(m, "QLinearSoftmax", [x, *m.scales[x]], 1 / 256, axis=-1, opset=13)


def joins_qlinear(m):
    a, b = m.float_input([1, 3, 4, 5]), m.float_input([1, 2, 4, 5], 0.05)
    scale, zero_point = m.parameters(0.06)
    operands = [scale, zero_point, a, *m.scales[a], b, *m.scales[b]]
    y = m.add("QLinearConcat", operands, domain="com.microsoft", axis=1)
    m.scales[y] = (scale, zero_point)
    m.output(y)


makers = [
    conv_qdq, conv_qlinear, gemm_qdq, matmul_qdq, matmul_values, matmul_qlinear, qgemm, binary_qdq, binary_qlinear,
    averages, averages_qlinear, pools, functions, joins, softmax, moves, deconv, means_qlinear, functions_qlinear,
    softmax_qlinear, joins_qlinear,
]


def samples_of(session, random, count):
    for _ in range(count):
        feed = {}
        for i in session.get_inputs():
            if "float" in i.type:
                feed[i.name] = (random.integers(-200, 200, i.shape) / 64).astype(np.float32)
            else:
                kind = np.uint8 if "uint8" in i.type else np.int8
                feed[i.name] = random.integers(np.iinfo(kind).min, np.iinfo(kind).max + 1, i.shape).astype(kind)
        yield feed


def main():
    folder, first, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    options = ort.SessionOptions()
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.log_severity_level = 3
    for seed in range(first, first + count):
        maker = makers[seed % len(makers)]
        random = np.random.default_rng(seed)
        m = Model(random, bool(random.integers(2)), random.integers(4) == 0)
        maker(m)
        model = m.finish(int([14, 18, 21][random.integers(3)]) if maker is not averages else 18)
        name = f"{maker.__name__}_{seed}"
        try:
            session = ort.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
        except Exception as error:  # what onnxruntime itself does not take
            print(f"{name}: {str(error)[:200]}", file=sys.stderr)
            continue
        samples = []
        for feed in samples_of(session, random, 4):
            results = session.run(None, feed)
            samples.append(
                {
                    "inputs": [feed[i.name].tobytes().hex() for i in session.get_inputs()],
                    "outputs": [r.tobytes().hex() for r in results],
                    "shapes": [list(r.shape) for r in results],
                }
            )
        onnx.save(model, f"{folder}/{name}.onnx")
        with open(f"{folder}/{name}.json", "w") as file:
            json.dump({"input_shapes": [i.shape for i in session.get_inputs()], "exact": bool(m.exact),
                       "samples": samples}, file)


main()
