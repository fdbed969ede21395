"""Makes the architectures of keras.applications, with random weights, and what Keras computes.

    python keras_applications.py FOLDER [--size 96] [NAME ...]

writes each as .keras and recorded.h5; without names all architectures up to 120 million parameters.
The tests compare them and write a table, target/keras-models.txt, of nodes and differences:

    mvn verify -pl runtime -am -Dsardonyx.keras=FOLDER
"""

import argparse
import inspect
import os

import keras_fixtures as fixtures
import h5py
import keras
import numpy as np

LARGEST = 120_000_000


def architectures():
    return [n for n, f in vars(keras.applications).items() if n[0].isupper() and callable(f)]


def randomize(model, random):
    """Statistics and scales that are not 0 and 1, near enough to them that signals live on."""
    for weight in model.weights:
        value = weight.numpy()
        name = weight.path.split("/")[-1]
        if name in ("gamma", "moving_variance"):
            weight.assign(random.uniform(0.6, 1.4, value.shape).astype("float32"))
        elif name in ("beta", "bias", "moving_mean"):
            weight.assign((random.normal(size=value.shape) * 0.1).astype("float32"))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder")
    parser.add_argument("names", nargs="*")
    parser.add_argument("--size", type=int, default=96)
    options = parser.parse_args()
    os.makedirs(options.folder, exist_ok=True)
    random = np.random.default_rng(1)
    with h5py.File(os.path.join(options.folder, "recorded.h5"), "w") as recorded:
        for name in options.names or architectures():
            keras.backend.clear_session()
            keras.utils.set_random_seed(1)
            make = getattr(keras.applications, name)
            size = options.size
            if "input_shape" not in inspect.signature(make).parameters:
                continue
            settings = {"weights": None, "input_shape": (size, size, 3), "classes": 50}
            model = make(**settings)
            if not options.names and model.count_params() > LARGEST:
                print(name, "left out:", model.count_params(), "parameters", flush=True)
                continue
            randomize(model, random)
            # Some take pixels, others what their preprocess_input makes of them.
            scaled = any("rescaling" in layer.name for layer in model.layers)
            image = random.uniform(0, 255, size=(1, size, size, 3)).astype("float32")
            image = image if scaled else image / 127.5 - 1
            outputs = {model.output_names[0]: model(image, training=False).numpy()}
            model.save(os.path.join(options.folder, name + ".keras"))
            group = recorded.create_group(name)
            fixtures.record(group, "inputs", {model.input_names[0]: image})
            fixtures.record(group, "outputs", outputs)
            print(name, model.count_params(), outputs[model.output_names[0]].max(), flush=True)


if __name__ == "__main__":
    main()
