"""Train two small networks on scikit-learn's 8x8 digits and write them as int8 TensorFlow Lite models.

Writes models/digits_cnn.tflite, models/digits_mlp.tflite and the held-out samples in test_data/.
The same package versions on the same kind of CPU write the same bytes; another CPU may round
training differently.
"""

import os
import tempfile
import warnings

# Read when TensorFlow is imported: no start-up chatter, and no oneDNN, whose rounding depends on the CPU.
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["TF_ENABLE_ONEDNN_OPTS"] = "0"

from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from keras import layers
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from tflite_micro.python.tflite_micro import runtime

HERE = Path(__file__).parent
SEED = 1
HELD_OUT = 200
CALIBRATION = 256


def load():
    """Returns images [N, 8, 8, 1], float32 in 0..1, and labels [N], split into training and held-out."""
    digits = load_digits()
    images = (digits.images / 16.0).astype(np.float32)[..., np.newaxis]
    labels = digits.target.astype(np.uint8)
    return train_test_split(images, labels, test_size=HELD_OUT, random_state=SEED, stratify=labels)


def separable(x, filters):
    """Depthwise 3x3, then pointwise 1x1, each with batch normalization, which the converter folds away."""
    x = layers.DepthwiseConv2D(3, padding="same", use_bias=False)(x)
    x = layers.ReLU()(layers.BatchNormalization()(x))
    x = layers.Conv2D(filters, 1, use_bias=False)(x)
    return layers.ReLU()(layers.BatchNormalization()(x))


def digits_cnn():
    image = keras.Input((8, 8, 1), name="image")
    x = layers.Conv2D(16, 3, padding="same", use_bias=False)(image)
    x = layers.ReLU()(layers.BatchNormalization()(x))
    x = separable(x, 32)
    x = layers.MaxPooling2D(2)(x)
    x = separable(x, 64)
    x = layers.GlobalAveragePooling2D()(x)
    return keras.Model(image, layers.Dense(10, activation="softmax")(x), name="digits_cnn")


def digits_mlp():
    image = keras.Input((8, 8, 1), name="image")
    x = layers.Flatten()(image)
    x = layers.Dense(32, activation="relu")(x)
    x = layers.Dense(16, activation="relu")(x)
    return keras.Model(image, layers.Dense(10, activation="softmax")(x), name="digits_mlp")


def train(model, images, labels):
    model.compile(keras.optimizers.Adam(2e-3), "sparse_categorical_crossentropy")
    model.fit(images, labels, batch_size=32, epochs=40, verbose=0)


def quantize(model, calibration):
    """Full int8, input and output too. Returns a .tflite's bytes."""

    def samples():
        for image in calibration:
            yield [image[np.newaxis]]

    # A batch of one: with an open batch size the converter leaves operators that compute shapes at run time.
    one_image = keras.InputSpec(dtype="float32", shape=(1, 8, 8, 1), name="image")
    with tempfile.TemporaryDirectory() as folder:
        model.export(folder, verbose=False, input_signature=[one_image])
        converter = tf.lite.TFLiteConverter.from_saved_model(folder)
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        converter.representative_dataset = samples
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
        converter.inference_input_type = tf.int8
        converter.inference_output_type = tf.int8
        return converter.convert()


def accuracy_on_tflm(tflite, images, labels):
    """Runs the int8 model in TensorFlow Lite Micro, the runtime that the deployed C is compared with."""
    interpreter = runtime.Interpreter.from_bytes(tflite)
    quantization = interpreter.get_input_details(0)["quantization_parameters"]
    scale, zero_point = quantization["scales"][0], quantization["zero_points"][0]
    correct = 0
    for image, label in zip(images, labels):
        integers = np.clip(np.round(image / scale) + zero_point, -128, 127).astype(np.int8)
        interpreter.set_input(integers[np.newaxis], 0)
        interpreter.invoke()
        correct += int(np.argmax(interpreter.get_output(0)) == label)
    return correct / len(labels)


def main():
    warnings.filterwarnings("ignore", message="Statistics for quantized inputs")
    tf.config.experimental.enable_op_determinism()
    train_x, test_x, train_y, test_y = load()

    (HERE / "models").mkdir(exist_ok=True)
    (HERE / "test_data").mkdir(exist_ok=True)
    np.save(HERE / "test_data" / "digits_x.npy", test_x)
    np.save(HERE / "test_data" / "digits_y.npy", test_y)

    for build in (digits_cnn, digits_mlp):
        keras.utils.set_random_seed(SEED)
        model = build()
        train(model, train_x, train_y)
        float_accuracy = np.mean(np.argmax(model.predict(test_x, verbose=0), axis=1) == test_y)
        tflite = quantize(model, train_x[:CALIBRATION])
        (HERE / "models" / f"{model.name}.tflite").write_bytes(tflite)
        print(
            f"{model.name}: {model.count_params()} parameters, {len(tflite)} bytes, "
            f"accuracy {float_accuracy:.3f} in float, {accuracy_on_tflm(tflite, test_x, test_y):.3f} in int8"
        )


if __name__ == "__main__":
    main()
