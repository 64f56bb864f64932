"""Writes models as both generations of Keras save them, and prints what they answer: `make_keras_models.py FOLDER`.

Started by test/import/keras.e2e.test.ts in the environment of the converter, twice: `old` as the second argument takes
the package for files of Keras 2.
"""

import json
import os
import sys

folder, generation = sys.argv[1:]
if generation == "old":
    os.environ["TF_USE_LEGACY_KERAS"] = "1"

import numpy as np  # noqa: E402
import tensorflow as tf  # noqa: E402

if generation == "old":
    import tf_keras as keras  # noqa: E402
else:
    import keras  # noqa: E402

layers = keras.layers
keras.utils.set_random_seed(1)
answers = {}


def network(last=()):
    inputs = keras.Input((8, 8, 2))
    x = layers.Conv2D(4, 3, padding="same", use_bias=False)(inputs)
    x = layers.BatchNormalization()(x)
    x = layers.ReLU(6.0)(x)
    x = layers.DepthwiseConv2D(3, strides=2, padding="same", activation="relu")(x)
    x = layers.GlobalAveragePooling2D()(x)
    for layer in last:
        x = layer(x)
    return keras.Model(inputs, layers.Dense(3, activation="softmax")(x))


def keep(name, model, save):
    values = np.array([((i * 37) % 101) / 50 - 1 for i in range(128)], "float32").reshape(1, 8, 8, 2)
    answers[name] = model(values, training=False).numpy()[0].tolist()
    save(os.path.join(folder, name))


plain = network()
if generation == "old":
    keep("old.h5", plain, plain.save)
    keep("old.keras", plain, plain.save)
    trained = network()
    trained.compile(keras.optimizers.legacy.Adam(), "mse")
    trained.fit(np.zeros((2, 8, 8, 2)), np.zeros((2, 3)), verbose=0)
    keep("old_saved", trained, lambda path: tf.keras.models.save_model(trained, path, save_format="tf"))
    # Loading this file the plain way runs the function.
    evil = network([layers.Lambda(lambda x: x + len(__import__("os").listdir(".")), name="evil")])
    keep("lambda.h5", evil, evil.save)
else:
    keep("new.keras", plain, plain.save)
    keep("new.h5", plain, plain.save)
    keep("new_saved", plain, plain.export)
    plain.save_weights(os.path.join(folder, "new.weights.h5"))

    class Mine(layers.Layer):
        def call(self, x):
            return x

    own = network([Mine(name="own")])
    keep("own.keras", own, own.save)
    evil = network([layers.Lambda(lambda x: x, name="evil")])
    keep("lambda.keras", evil, evil.save)
    # TensorFlow Lite has no operator for it.
    module = tf.Module()
    module.f = tf.function(lambda x: tf.linalg.det(x), input_signature=[tf.TensorSpec((1, 4, 4))])
    tf.saved_model.save(module, os.path.join(folder, "det"), signatures=module.f)

with open(os.path.join(folder, f"{generation}.json"), "w") as file:
    json.dump(answers, file)
