"""Converts a model of Keras or TensorFlow to a float .tflite.

    to_tflite.py keras-3|keras-2 MODEL OUTPUT

MODEL is a .keras or .h5 file, or the folder of a SavedModel; it is not trusted. `keras-2` reads it by the package
for files of Keras 2.

Exit code 0: OUTPUT is written. 2: the model is refused, and the last line on stderr is `refused: KIND DETAIL`.
3: the file says that the other generation wrote it. Anything else: it failed, and the last lines on stderr say why.
"""

import json
import os
import sys
import zipfile

LARGEST_CONFIG = 64 * 1024 * 1024
LARGEST_ARCHIVE = 1024 * 1024 * 1024

# Where classes and functions may come from: naming a module in a config imports it, and that runs it.
KNOWN_PACKAGES = ("keras", "tf_keras", "builtins")


LONGEST_LINE = 300


class Refused(Exception):
    """The model must not be loaded, or is none."""


class OtherGeneration(Exception):
    """The other package has written this file."""


# Bytes: what converting a network for a microcontroller stays far below.
MOST_MEMORY = 6 * 1024 * 1024 * 1024
LARGEST_FILE = 1024 * 1024 * 1024


def limit_resources():
    """A model that asks for more than there is ends this process, not the machine."""
    try:
        import resource
    except ImportError:
        return  # Windows
    limits = {"RLIMIT_DATA": MOST_MEMORY, "RLIMIT_FSIZE": LARGEST_FILE, "RLIMIT_CORE": 0}
    for name, most in limits.items():
        try:
            resource.setrlimit(getattr(resource, name), (most, most))
        except (ValueError, OSError):
            pass  # A stricter one is there.


def main(generation, model, output):
    if generation == "keras-2":
        # Read when TensorFlow is imported: its own parts then take the same Keras.
        os.environ["TF_USE_LEGACY_KERAS"] = "1"
    if os.path.isdir(model):
        converter = from_saved_model(generation, model)
    else:
        config, version = read_config(model)
        if version and version.startswith("3") != (generation == "keras-3"):
            raise OtherGeneration
        check_config(config)
        converter = from_keras(generation, model)
    with open(output, "wb") as file:
        file.write(converter.convert())


def from_keras(generation, path):
    import tensorflow as tf

    if generation == "keras-2":
        import tf_keras as keras
    else:
        import keras
    loaded = keras.models.load_model(path, compile=False, safe_mode=True)
    return tf.lite.TFLiteConverter.from_keras_model(loaded)


def from_saved_model(generation, folder):
    import tensorflow as tf

    if generation == "keras-2":
        # Registers what the optimizer's variables of old SavedModels need.
        import tf_keras  # noqa: F401
    return tf.lite.TFLiteConverter.from_saved_model(folder)


def read_config(path):
    """The model's architecture and the version of Keras that wrote it, as the file has them: nothing of it is run."""
    # By its ending, as Keras does: a file can be a zip and HDF5 at once, with another architecture in each.
    if path.endswith(".keras"):
        if not zipfile.is_zipfile(path):
            raise Refused("no-model")
        with zipfile.ZipFile(path) as archive:
            members = {info.filename: info for info in archive.infolist()}
            if sum(info.file_size for info in members.values()) > LARGEST_ARCHIVE:
                raise Refused("too-large")
            if "config.json" not in members:
                raise Refused("no-model")
            if any(members[name].file_size > LARGEST_CONFIG for name in members if name.endswith(".json")):
                raise Refused("too-large")
            metadata = json.loads(archive.read("metadata.json")) if "metadata.json" in members else {}
            return json.loads(archive.read("config.json")), text_of(metadata.get("keras_version"))

    import h5py

    if not h5py.is_hdf5(path):
        raise Refused("no-model")
    with h5py.File(path, "r") as file:
        config = file.attrs.get("model_config")
        version = file.attrs.get("keras_version")
    if config is None:
        raise Refused("weights")
    return json.loads(config), text_of(version)


def text_of(value):
    return value.decode("latin1") if isinstance(value, bytes) else value if isinstance(value, str) else ""


def check_config(config):
    """Raises Refused for what would run code of the file's author when it is loaded."""
    rest = [config]
    while rest:
        value = rest.pop()
        if isinstance(value, list):
            rest.extend(value)
        if not isinstance(value, dict):
            continue
        rest.extend(value.values())
        kind = value.get("class_name")
        if kind in ("Lambda", "__lambda__"):
            config_of_layer = value.get("config")
            name = config_of_layer.get("name") if isinstance(config_of_layer, dict) else None
            raise Refused(f"lambda {name or kind}")
        module = value.get("module")
        registered = value.get("registered_name")
        if "module" in value and module is None and isinstance(registered, str):
            raise Refused(f"own-code {registered}")
        if isinstance(kind, str) and isinstance(module, str) and module.split(".")[0] not in KNOWN_PACKAGES:
            raise Refused(f"own-code {module}.{kind}")


def summary(error):
    """The few lines of an error that help: TensorFlow prints whole graphs into it, Keras whole configs."""
    lines = [line.split(" Full object config")[0].strip() for line in str(error).splitlines()]
    lines = [line for line in lines if line]
    said = [line for line in lines if "error: " in line or line.startswith("Exception encountered")]
    shown = said[:3] or lines[:3] or ["without a word"]
    return [line[:LONGEST_LINE] for line in [f"{type(error).__name__}: {shown[0]}", *shown[1:]]]


if __name__ == "__main__":
    limit_resources()
    try:
        main(*sys.argv[1:])
    except Refused as refused:
        print(f"refused: {refused}", file=sys.stderr)
        sys.exit(2)
    except OtherGeneration:
        sys.exit(3)
    except Exception as error:  # noqa: BLE001 - whatever it is, its message is all that helps
        print("\n".join(summary(error)), file=sys.stderr)
        sys.exit(1)
