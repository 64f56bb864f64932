#!/usr/bin/env python3
"""Small models that keep state, int8 and float32, by TensorFlow's own converter: LSTM layers, and a variable.

    pip install tensorflow-cpu==2.21 tf_keras==2.21
    python test/state/make_lstm_models.py test/fixtures

Weights are random with a fixed seed; the converter may write other bytes in another version.
"""

import os
import sys
import tempfile
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


class Memory(tf.Module):
    """The last six inputs in a variable."""

    def __init__(self):
        super().__init__()
        self.state = tf.Variable(tf.constant(np.linspace(-1, 1, 24).reshape(1, 6, 4), tf.float32))
        self.weights = tf.constant(np.random.default_rng(1).uniform(-1, 1, (24, 5)), tf.float32)

    @tf.function(input_signature=[tf.TensorSpec((1, 1, 4), tf.float32)])
    def step(self, x):
        memory = tf.concat([self.state[:, 1:], x], 1)
        self.state.assign(memory)
        return tf.nn.relu(tf.reshape(memory, (1, 24)) @ self.weights)


def write(folder: Path, name: str, float_name: str, make_converter, shape: tuple) -> None:
    (folder / "state" / f"{name}.tflite").write_bytes(convert(make_converter(), shape))
    (folder / "recurrent" / f"{float_name}_float.tflite").write_bytes(make_converter().convert())


def convert(converter: tf.lite.TFLiteConverter, shape: tuple) -> bytes:
    samples = np.random.default_rng(3).uniform(-2, 2, (64, *shape)).astype(np.float32)
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = lambda: ([sample] for sample in samples)
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    converter.inference_input_type = converter.inference_output_type = tf.int8
    return converter.convert()


def main() -> None:
    folder = Path(sys.argv[1])
    for name, model in models().items():
        write(folder, name, name, lambda: tf.lite.TFLiteConverter.from_keras_model(model), model.input_shape)
    memory = Memory()
    with tempfile.TemporaryDirectory() as saved:
        tf.saved_model.save(memory, saved, signatures=memory.step.get_concrete_function())

        def make_converter() -> tf.lite.TFLiteConverter:
            converter = tf.lite.TFLiteConverter.from_saved_model(saved)
            converter.experimental_enable_resource_variables = True
            return converter

        write(folder, "variable_float_state", "variable", make_converter, (1, 1, 4))


if __name__ == "__main__":
    main()
