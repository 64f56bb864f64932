"""Networks of our own whose files leave sizes open, by TensorFlow's converter, and what LiteRT's reference kernels answer.

    python -m pip install tensorflow-cpu==2.21.0 && python test/golden/make_open_sizes.py
"""

import json
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

folder = Path(__file__).parent.parent / "fixtures" / "open_sizes"
layers = keras.layers


def over_time():
    signal = keras.Input((None, 3), name="accel")
    x = layers.Conv1D(8, 3, padding="same", activation="relu")(signal)
    x = layers.MaxPooling1D(2)(x)
    x = layers.GlobalAveragePooling1D()(layers.Conv1D(8, 3)(x))
    return keras.Model(signal, layers.Dense(4, activation="softmax")(x))


def any_size():
    image = keras.Input((None, None, 3), name="image")
    x = layers.ReLU()(layers.SeparableConv2D(8, 3, strides=2, padding="same")(image))
    x = layers.GlobalMaxPooling2D()(layers.Conv2D(8, 3, padding="valid")(x))
    return keras.Model(image, layers.Dense(2)(x))


def two_inputs():
    picture = keras.Input((8, 8, 1), name="picture")
    sensor = keras.Input((5,), name="sensor")
    # With an open batch, Flatten becomes SHAPE, STRIDED_SLICE, PACK and RESHAPE.
    x = layers.Flatten()(layers.Conv2D(4, 3, strides=2, activation="relu")(picture))
    y = layers.Dense(6, activation="relu")(sensor)
    z = layers.Concatenate()([x, y])
    outputs = {
        "kind": layers.Dense(3, activation="softmax", name="kind")(z),
        "size": layers.Dense(1, name="size")(z),
    }
    return keras.Model([picture, sensor], outputs)


def wave(shape, step):
    return np.sin(np.arange(np.prod(shape)) * step).reshape(shape).astype(np.float32)


keras.utils.set_random_seed(1)
answers = {}
for name, model, shapes in (
    ("over_time", over_time(), [(1, 20, 3)]),
    ("any_size", any_size(), [(1, 16, 16, 3)]),
    ("two_inputs", two_inputs(), [(1, 8, 8, 1), (1, 5)]),
):
    for kind in ("float", "int8"):
        converter = tf.lite.TFLiteConverter.from_keras_model(model)
        if kind == "int8":
            random = np.random.default_rng(0)
            converter.optimizations = [tf.lite.Optimize.DEFAULT]
            converter.representative_dataset = lambda: (
                [random.standard_normal(shape).astype(np.float32) for shape in shapes] for _ in range(20)
            )
            converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
            converter.inference_input_type = tf.int8
            converter.inference_output_type = tf.int8
        path = folder / f"{name}_{kind}.tflite"
        path.write_bytes(converter.convert())
        interpreter = tf.lite.Interpreter(
            str(path), experimental_op_resolver_type=tf.lite.experimental.OpResolverType.BUILTIN_REF
        )
        details = interpreter.get_input_details()
        if len(details) == 1:
            interpreter.resize_tensor_input(details[0]["index"], shapes[0])
        interpreter.allocate_tensors()
        inputs = []
        for position, detail in enumerate(details):
            shape = shapes[0] if len(details) == 1 else tuple(detail["shape"])
            values = wave(shape, 0.7 + position)
            if detail["dtype"] == np.int8:
                scale, zero_point = detail["quantization"]
                values = np.clip(np.round(values / scale) + zero_point, -128, 127).astype(np.int8)
            interpreter.set_tensor(detail["index"], values)
            inputs.append({"shape": [int(size) for size in shape], "values": values.ravel().tolist()})
        interpreter.invoke()
        outputs = [
            interpreter.get_tensor(detail["index"]).ravel().tolist()
            for detail in interpreter.get_output_details()
        ]
        answers[path.name] = {"inputs": inputs, "outputs": outputs}
(folder / "answers.json").write_text(json.dumps(answers) + "\n")
