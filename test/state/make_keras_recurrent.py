#!/usr/bin/env python3
"""Small recurrent Keras models, and what Keras computes for them.

    pip install tensorflow-cpu==2.21
    python test/state/make_keras_recurrent.py test/fixtures/recurrent

Writes one .keras file for each, and keras_golden.json: the input and output as little-endian hex.
"""

import json
import sys
from importlib.metadata import version
from pathlib import Path

import keras
import numpy as np

random = keras.initializers.RandomUniform(-0.6, 0.6)
weights = {"kernel_initializer": random, "recurrent_initializer": random}
options = weights | {"bias_initializer": random}
layers = keras.layers

MODELS = {
    "keras_lstm": [layers.LSTM(6, **options), layers.Dense(3)],
    "keras_lstm_sequence": [
        layers.LSTM(5, return_sequences=True, **options), layers.LSTM(4, use_bias=False, **weights)],
    "keras_gru": [layers.GRU(6, **options), layers.Dense(2)],
    "keras_gru_reset_before": [layers.GRU(5, reset_after=False, return_sequences=True, **options)],
    "keras_rnn": [layers.SimpleRNN(5, **options)],
}


def main():
    folder = Path(sys.argv[1])
    keras.utils.set_random_seed(3)
    x = np.random.default_rng(5).uniform(-1.5, 1.5, (1, 7, 4)).astype(np.float32)
    lines = []
    for name, stack in MODELS.items():
        model = keras.Sequential([keras.Input((7, 4)), *stack])
        model.save(folder / f"{name}.keras")
        run = {"input": x.tobytes().hex(), "output": np.asarray(model(x), np.float32).tobytes().hex()}
        lines.append(f"  {json.dumps(name)}: {json.dumps(run)}")
    made_with = json.dumps(f"keras {version('keras')}")
    (folder / "keras_golden.json").write_text('{"made_with": %s, "models": {\n%s\n}}\n' % (made_with, ",\n".join(lines)))


if __name__ == "__main__":
    main()
