#!/usr/bin/env python3
"""Small LSTM models by TensorFlow's own converter, int8 and float32.

    pip install tensorflow-cpu==2.21 tf_keras==2.21
    python test/state/make_lstm_models.py test/fixtures/state

Weights are random with a fixed seed; the converter may write other bytes in another version.
"""

import os
import sys
from pathlib import Path

# Keras 2 writes the operator; Keras 3 writes a loop.
os.environ["TF_USE_LEGACY_KERAS"] = "1"

import numpy as np
import tensorflow as tf

TIME, INPUTS = 6, 5


def network(layers: list, inputs: int = INPUTS) -> tf.keras.Model:
    return tf.keras.Sequential([tf.keras.Input((TIME, inputs), batch_size=1), *layers])


def models() -> dict:
    layers = tf.keras.layers
    tf.keras.utils.set_random_seed(7)
    strong = tf.keras.initializers.RandomUniform(-1, 1)
    options = {"kernel_initializer": strong, "recurrent_initializer": strong, "bias_initializer": strong}
    return {
        "lstm": network([layers.LSTM(7, **options), layers.Dense(4)]),
        "lstm_sequence": network([layers.LSTM(8, return_sequences=True, **options)]),
        "lstm_two": network([
            layers.LSTM(6, return_sequences=True, **options), layers.LSTM(5, **options), layers.Dense(3, "softmax")]),
    }


def convert(model: tf.keras.Model, kind: str) -> bytes:
    converter = tf.lite.TFLiteConverter.from_keras_model(model)
    if kind == "int8":
        random = np.random.default_rng(3)
        samples = random.uniform(-2, 2, (64, *model.input_shape)).astype(np.float32)
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        converter.representative_dataset = lambda: ([sample] for sample in samples)
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
        converter.inference_input_type = converter.inference_output_type = tf.int8
    return converter.convert()


def main() -> None:
    folder = Path(sys.argv[1])
    for name, model in models().items():
        (folder / f"{name}.tflite").write_bytes(convert(model, "int8"))
        (folder / f"{name}_float.tflite").write_bytes(convert(model, "float"))


if __name__ == "__main__":
    main()
