"""Trains a model with LightGBM 4.7 whose file has "inf" as a threshold: a split that sends all numbers
one way and NaN the other. Writes it with rows of features and what LightGBM predicts for them.

    python lightgbm_infinite.py lightgbm-4.7.0/infinite.txt
"""

import sys

import lightgbm
import numpy

random = numpy.random.default_rng(5)
x = random.normal(size=(400, 3)).astype(numpy.float32)
x[random.random(x.shape) < 0.3] = numpy.nan
label = 3 * numpy.isnan(x[:, 0]) - 2 * numpy.isnan(x[:, 1]) + numpy.nan_to_num(x[:, 2]) / 4
options = {
    "objective": "regression",
    "num_leaves": 6,
    "learning_rate": 0.5,
    "num_threads": 1,
    "deterministic": True,
    "verbosity": -1,
}
lightgbm.train(options, lightgbm.Dataset(x, label), 3).save_model(sys.argv[1])
model = lightgbm.Booster(model_file=sys.argv[1])

odd = [numpy.nan, numpy.inf, -numpy.inf, 3.4e38, -3.4e38, 0, -0.0, 1e-38]
rows = numpy.array([[a, b, c] for a in odd for b in odd for c in (-1, 0.2, numpy.nan)], numpy.float32)


def text(value):
    name = {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}
    return name.get(repr(float(value)), repr(float(value)))


with open(sys.argv[1] + ".predictions", "w") as out:
    for row, prediction in zip(rows, model.predict(rows)):
        out.write(" ".join(map(text, row)) + " -> " + text(prediction) + "\n")
