"""The other side of TrainingSpeed: the same networks in Keras, on the same made-up images.

python - NETWORK IMAGES BATCH  prints images a second and CPU seconds per 1,000 images.
"""
import os
import resource
import sys
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
from keras import layers


def convolution(x, filters, normalized, kernel=3, strides=1):
    x = layers.Conv2D(filters, kernel, strides, padding="same", use_bias=not normalized)(x)
    return layers.BatchNormalization()(x) if normalized else x


def residual(x, filters, normalized, strides=1):
    y = layers.ReLU()(convolution(x, filters, normalized, strides=strides))
    y = convolution(y, filters, normalized)
    if strides != 1 or x.shape[-1] != filters:
        x = convolution(x, filters, normalized, kernel=1, strides=strides)
    return layers.ReLU()(layers.Add()([x, y]))


def seed(normalized):
    image = keras.Input((28, 28, 1))
    x = layers.ReLU()(convolution(image, 32, normalized))
    x = residual(residual(x, 32, normalized), 32, normalized)
    return keras.Model(image, layers.Dense(10, activation="softmax")(layers.Flatten()(x)))


def resnet18():
    image = keras.Input((32, 32, 3))
    x = layers.ReLU()(convolution(image, 64, True))
    for stage in range(4):
        for block in range(2):
            x = residual(x, 64 << stage, True, 2 if stage > 0 and block == 0 else 1)
    x = layers.GlobalAveragePooling2D()(x)
    return keras.Model(image, layers.Dense(10, activation="softmax")(x))


NETWORKS = {
    "seed": lambda: seed(False),
    "seed-normalized": lambda: seed(True),
    "resnet18-32x32": resnet18,
}


def cpu():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def main(network, images, batch):
    model = NETWORKS[network]()
    model.compile(keras.optimizers.Adam(1e-3), "sparse_categorical_crossentropy")
    random = np.random.RandomState(1)
    x = random.rand(images, *model.input_shape[1:]).astype("float32")
    y = random.randint(0, 10, images)
    model.fit(x[: 2 * batch], y[: 2 * batch], batch_size=batch, verbose=0)
    start, start_cpu = time.time(), cpu()
    model.fit(x, y, batch_size=batch, verbose=0)
    print(images / (time.time() - start), (cpu() - start_cpu) / images * 1000)


main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
