"""Makes test/fixtures/keras: models that are read without TensorFlow, with the answers of Keras 3.15.

    python test/golden/make_keras_models.py test/fixtures/keras

Needs keras 3.15.1 with tensorflow 2.21.0 (runtime/convert/requirements.txt).
"""

import json
import os
import sys

import numpy as np
import keras

layers = keras.layers
folder = sys.argv[1]
keras.utils.set_random_seed(3)
answers = {}


def trained(variable, value):
    """Scales, variances and biases as after training; what is fresh would not show where each goes."""
    if value.ndim != 1 or "seed" in variable.path:
        return value
    return np.random.uniform(0.1, 1.5, value.shape)


def keep(name, model):
    model.set_weights([trained(*pair) for pair in zip(model.weights, model.get_weights())])
    inputs = [
        np.array([((i * 37) % 101) / 50 - 1 for i in range(int(np.prod(x.shape[1:])))], "float32").reshape(
            (1, *x.shape[1:])
        )
        for x in model.inputs
    ]
    outputs = model(inputs if len(inputs) > 1 else inputs[0], training=False)
    outputs = outputs if isinstance(outputs, (list, tuple)) else [outputs]
    answers[name] = [np.array(output)[0].ravel().tolist() for output in outputs]
    model.save(os.path.join(folder, name))


keep(
    "sequence.keras",
    keras.Sequential(
        [
            keras.Input((16, 8)),
            layers.Conv1D(4, 3, padding="same", activation="relu", strides=2),
            layers.MaxPooling1D(2),
            layers.AveragePooling1D(3, strides=2, padding="same"),
            layers.SeparableConv1D(6, 2, padding="same", depth_multiplier=2),
            layers.BatchNormalization(),
            layers.Flatten(),
            layers.Dropout(0.5),
            layers.Dense(3, activation="softmax"),
        ]
    ),
)

image = keras.Input((9, 7, 3))
x = layers.Rescaling(1 / 4.0, offset=0.5)(image)
x = layers.ZeroPadding2D(((1, 0), (0, 2)))(x)
x = layers.Conv2D(6, (3, 2), strides=2, padding="same", groups=3)(x)
x = layers.BatchNormalization(center=False)(x)
a = layers.ReLU(6.0)(x)
b = layers.SeparableConv2D(6, 3, padding="same", activation="relu6", use_bias=False)(a)
b = layers.LeakyReLU(0.1)(b)
c = layers.DepthwiseConv2D(3, padding="same")(a)
x = layers.Add()([a, b, c])
y = layers.Concatenate()([x, a])
y = layers.MaxPooling2D(2, padding="same")(y)
y = layers.AveragePooling2D(3, strides=1, padding="same")(y)
y = layers.SpatialDropout2D(0.2)(y)
squeezed = layers.GlobalAveragePooling2D(keepdims=True)(y)
squeezed = layers.Flatten()(layers.Conv2D(12, 1, activation="sigmoid")(squeezed))
h = layers.Dense(12, activation="tanh")(layers.GlobalMaxPooling2D()(y))
h = layers.Multiply()([h, layers.Dense(12)(layers.Flatten()(y)), squeezed])
h = layers.Flatten()(layers.Reshape((4, 3))(h))
keep(
    "branches.keras",
    keras.Model(
        image,
        [
            layers.Activation("softmax")(layers.Dense(5)(h)),
            layers.GlobalAveragePooling2D()(layers.Conv2D(2, 3, dilation_rate=2, padding="same")(y)),
        ],
    ),
)

one = keras.Input((4,))
two = keras.Input((6,))
left = layers.Dense(3, activation="relu")(one)
right = layers.BatchNormalization(scale=False)(layers.Dense(5)(two))
keep("two_inputs.keras", keras.Model([one, two], layers.Dense(2)(layers.Concatenate()([left, right]))))

# What needs TensorFlow: a layer called twice, one whose random numbers run, and one that is not known.
shared = layers.Dense(4)
keep("shared_layer.keras", keras.Model(one, layers.Add()([shared(one), shared(shared(one))])))
keep("noisy.keras", keras.Model(one, layers.Dropout(0.5)(one, training=True)))
keep("unknown.keras", keras.Sequential([keras.Input((4, 4, 1)), layers.UpSampling2D(2)]))

# Read without TensorFlow again; later than the others, so that their random numbers stay.
line = keras.Input((12, 6))
x = layers.GaussianNoise(0.3)(layers.DepthwiseConv1D(3, padding="same", depth_multiplier=2)(line))
x = layers.Identity()(layers.SpatialDropout1D(0.2)(x))
x = layers.GaussianDropout(0.1)(x)
pooled = [layers.GlobalAveragePooling1D()(x), layers.GlobalMaxPooling1D()(x)]
keep("line.keras", keras.Model(line, layers.Softmax()(layers.Dense(5)(layers.Concatenate()(pooled)))))

with open(os.path.join(folder, "answers.json"), "w") as file:
    json.dump(answers, file)
    file.write("\n")
