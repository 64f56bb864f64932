#!/usr/bin/env python3
"""Single-operator models with int16 activations and int8 weights, by TensorFlow's own converter.

    pip install tensorflow-cpu==2.21.0
    python test/golden/make_int16x8_models.py test/fixtures/int16x8

Each model is a function of one or two inputs; 16 random samples calibrate it. A function that the converter refuses is
named on standard error and left out. Golden vectors: make_vectors.py.
"""

import sys
from pathlib import Path

import numpy as np
import tensorflow as tf

generator = np.random.default_rng(16)


def weights(*shape, scale=0.5):
    return tf.constant(generator.normal(0, scale, shape).astype(np.float32))


image = (1, 9, 8, 6)
vector = (1, 32)

w_same, b_same = weights(3, 3, 6, 8), weights(8)
w_point, w_point_odd = weights(1, 1, 6, 10), weights(1, 1, 6, 5)
w_stride = weights(3, 2, 6, 7)
w_extreme, b_extreme = tf.sign(weights(3, 3, 64, 3)), weights(3)
w_dense_extreme = tf.sign(weights(1024, 3))
w_deep, b_deep = weights(3, 3, 6, 1), weights(6)
w_multiple = weights(3, 3, 6, 2)
w_deep_five = weights(5, 5, 6, 1)
w_transposed, b_transposed = weights(3, 3, 5, 6), weights(5)
w_dense, b_dense = weights(32, 10), weights(10)
w_dense_odd = weights(6, 7)
bias_channels = weights(6)


def conv(x, w, **options):
    return tf.nn.conv2d(x, w, **{"strides": 1, "padding": "SAME", **options})


def deep(x, w, **options):
    return tf.nn.depthwise_conv2d(x, w, **{"strides": [1, 1, 1, 1], "padding": "SAME", **options})


MODELS = {
    "conv_same": ([image], lambda x: conv(x, w_same) + b_same),
    "conv_same_relu": ([image], lambda x: tf.nn.relu(conv(x, w_same) + b_same)),
    "conv_same_relu6": ([image], lambda x: tf.nn.relu6(conv(x, w_same) + b_same)),
    "conv_valid_stride2": ([image], lambda x: conv(x, w_stride, strides=2, padding="VALID")),
    "conv_dilated": ([image], lambda x: conv(x, w_same, dilations=2) + b_same),
    "conv_1x1": ([image], lambda x: conv(x, w_point)),
    "conv_1x1_odd": ([image], lambda x: conv(x, w_point_odd)),
    # Sums of more than 32 bits.
    "conv_wide": ([(1, 3, 4, 64)], lambda x: conv(x, w_extreme) + b_extreme),
    "fc_wide": ([(1, 1024)], lambda x: tf.matmul(x, w_dense_extreme)),
    "conv_one_pixel": ([(1, 3, 3, 6)], lambda x: conv(x, w_same, padding="VALID") + b_same),
    "dwconv_same": ([image], lambda x: deep(x, w_deep) + b_deep),
    "dwconv_same_relu": ([image], lambda x: tf.nn.relu(deep(x, w_deep) + b_deep)),
    "dwconv_stride2": ([image], lambda x: deep(x, w_deep_five, strides=[1, 2, 2, 1])),
    "dwconv_mult2": ([image], lambda x: deep(x, w_multiple, padding="VALID")),
    "dwconv_dilated": ([image], lambda x: deep(x, w_deep, dilations=[2, 2])),
    "transpose_conv": ([image], lambda x: tf.nn.conv2d_transpose(x, w_transposed, [1, 18, 16, 5], 2) + b_transposed),
    "transpose_conv_valid": ([image], lambda x: tf.nn.conv2d_transpose(x, w_transposed, [1, 11, 10, 5], 1, padding="VALID")),
    "fc": ([vector], lambda x: tf.matmul(x, w_dense) + b_dense),
    "fc_nobias": ([vector], lambda x: tf.matmul(x, w_dense)),
    "fc_relu": ([vector], lambda x: tf.nn.relu(tf.matmul(x, w_dense) + b_dense)),
    "fc_3d": ([(1, 9, 6)], lambda x: tf.matmul(x, w_dense_odd)),
    "add": ([image, image], lambda x, y: x + 0.5 * y),
    "add_relu": ([image, image], lambda x, y: tf.nn.relu(x + y)),
    "add_broadcast": ([image, (1, 1, 1, 6)], lambda x, y: x + y),
    "add_constant": ([image], lambda x: x + bias_channels),
    "sub": ([image, image], lambda x, y: x - y),
    "sub_broadcast": ([(1, 1, 8, 1), image], lambda x, y: x - y),
    "mul": ([image, image], lambda x, y: x * y),
    "mul_broadcast": ([image, (1, 1, 1, 6)], lambda x, y: tf.nn.relu6(x * y)),
    "maximum": ([image, image], tf.maximum),
    "minimum": ([image, (1, 1, 1, 6)], tf.minimum),
    "squared_difference": ([image, image], tf.math.squared_difference),
    "maxpool": ([image], lambda x: tf.nn.max_pool2d(x, 2, 2, "VALID")),
    "maxpool_same": ([image], lambda x: tf.nn.max_pool2d(x, 3, 2, "SAME")),
    "avgpool": ([image], lambda x: tf.nn.avg_pool2d(x, 2, 2, "VALID")),
    "avgpool_same": ([image], lambda x: tf.nn.avg_pool2d(x, 3, 1, "SAME")),
    "mean_hw": ([image], lambda x: tf.reduce_mean(x, [1, 2])),
    "mean_c": ([image], lambda x: tf.reduce_mean(x, -1, keepdims=True)),
    "sum_hw": ([image], lambda x: tf.reduce_sum(x, [1, 2])),
    "softmax": ([vector], tf.nn.softmax),
    "softmax_rows": ([(1, 9, 6)], lambda x: tf.nn.softmax(4 * x)),
    "logistic": ([image], tf.sigmoid),
    "tanh": ([image], tf.tanh),
    "relu": ([image], tf.nn.relu),
    "leaky_relu": ([image], lambda x: tf.nn.leaky_relu(x, 0.1)),
    "prelu": ([image], lambda x: tf.maximum(x, 0) + tf.minimum(x, 0) * tf.abs(bias_channels)),
    "abs": ([image], tf.abs),
    "batch_matmul": ([(1, 4, 6), (1, 6, 5)], tf.matmul),
    "batch_matmul_transposed": ([(2, 4, 6), (2, 5, 6)], lambda x, y: tf.matmul(x, y, transpose_b=True)),
    "pad": ([image], lambda x: tf.pad(x, [[0, 0], [1, 2], [0, 1], [0, 0]])),
    "concat": ([image, image], lambda x, y: tf.concat([x, 2 * y], -1)),
    "reshape": ([image], lambda x: tf.reshape(x, [1, 72, 6])),
    "transpose": ([image], lambda x: tf.transpose(x, [0, 3, 1, 2])),
    "strided_slice": ([image], lambda x: x[:, 1:8:2, ::-1, 2:5]),
    "slice": ([image], lambda x: tf.slice(x, [0, 1, 2, 3], [1, 5, 4, 2])),
    "split": ([image], lambda x: tf.split(x, 3, -1)),
    "pack": ([vector, vector], lambda x, y: tf.stack([x, y], 1)),
    "unpack": ([(1, 3, 8)], lambda x: tf.unstack(x, axis=1)),
    "resize_nearest": ([image], lambda x: tf.compat.v1.image.resize_nearest_neighbor(x, [18, 16])),
}


def convert(shapes, function, io=tf.int16, bias=None):
    signature = [tf.TensorSpec(shape, tf.float32) for shape in shapes]
    concrete = tf.function(function).get_concrete_function(*signature)
    converter = tf.lite.TFLiteConverter.from_concrete_functions([concrete])
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.target_spec.supported_ops = [
        tf.lite.OpsSet.EXPERIMENTAL_TFLITE_BUILTINS_ACTIVATIONS_INT16_WEIGHTS_INT8
    ]
    samples = [[generator.normal(0, 1, shape).astype(np.float32) for shape in shapes] for _ in range(16)]
    converter.representative_dataset = lambda: iter(samples)
    converter.inference_input_type = converter.inference_output_type = io
    if bias is not None:
        converter._experimental_full_integer_quantization_bias_type = bias
    return converter.convert()


# The same function with other edges, or a bias of 32 bits.
TWINS = {
    "conv_1x1": [("_float_edges", {"io": tf.float32})],
    "conv_same": [("_bias32", {"bias": tf.int32})],
    "fc": [("_bias32", {"bias": tf.int32})],
}


def main():
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for name, (shapes, function) in MODELS.items():
        for suffix, options in [("", {}), *TWINS.get(name, [])]:
            try:
                (folder / f"{name}{suffix}.tflite").write_bytes(convert(shapes, function, **options))
            except Exception as error:  # whatever the converter raises is its answer
                print(f"{name}{suffix}: {str(error).splitlines()[0]}", file=sys.stderr)


if __name__ == "__main__":
    main()
