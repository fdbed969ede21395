"""Trains a model on categories with XGBoost 1.6, whose Java interface cannot set them, and writes it
with rows of features and what XGBoost predicts for them, as XgboostFixtures.java does for others.

The natives in XGBoost4J's jar have the whole C interface; they want libjvm.so on LD_LIBRARY_PATH:

    unzip -j xgboost4j_2.12-1.6.2.jar lib/linux/x86_64/libxgboost4j.so
    python xgboost_categories.py libxgboost4j.so xgboost-1.6.2/categories.json
"""

import ctypes
import json
import sys

import numpy

FEATURES = 3


def check(status):
    if status != 0:
        raise RuntimeError(library.XGBGetLastError().decode())


def matrix(rows):
    handle = ctypes.c_void_p()
    check(
        library.XGDMatrixCreateFromMat(
            rows.ctypes.data_as(ctypes.c_void_p),
            ctypes.c_ulong(len(rows)),
            ctypes.c_ulong(FEATURES),
            ctypes.c_float(numpy.nan),
            ctypes.byref(handle),
        )
    )
    types = (ctypes.c_char_p * FEATURES)(b"q", b"c", b"c")
    check(library.XGDMatrixSetStrFeatureInfo(handle, b"feature_type", types, ctypes.c_ulong(FEATURES)))
    return handle


def predict(booster, rows):
    shape, values = ctypes.POINTER(ctypes.c_ulong)(), ctypes.POINTER(ctypes.c_float)()
    rank = ctypes.c_ulong()
    config = {"type": 0, "training": False, "iteration_begin": 0, "iteration_end": 0, "strict_shape": False}
    check(
        library.XGBoosterPredictFromDMatrix(
            booster,
            matrix(rows),
            json.dumps(config).encode(),
            ctypes.byref(shape),
            ctypes.byref(rank),
            ctypes.byref(values),
        )
    )
    return [values[i] for i in range(len(rows))]


library = ctypes.CDLL(sys.argv[1])
library.XGBGetLastError.restype = ctypes.c_char_p
random = numpy.random.default_rng(11)
x = numpy.empty((300, FEATURES), numpy.float32)
x[:, 0] = random.normal(size=300)
x[:, 1] = random.integers(0, 8, 300)
x[:, 2] = random.integers(0, 70, 300)
x[random.random(x.shape) < 0.1] = numpy.nan
seen = numpy.nan_to_num(x)
label = seen[:, 0] + (seen[:, 1] * 5 % 8) / 3 + (seen[:, 2] * 7 % 13) / 5
label = label.astype(numpy.float32)

data = matrix(x)
check(library.XGDMatrixSetFloatInfo(data, b"label", label.ctypes.data_as(ctypes.c_void_p), ctypes.c_ulong(300)))
booster = ctypes.c_void_p()
check(library.XGBoosterCreate(ctypes.byref(data), ctypes.c_ulong(1), ctypes.byref(booster)))
for name, value in {
    "objective": "reg:squarederror",
    "tree_method": "hist",
    "max_cat_to_onehot": "4",
    "max_depth": "4",
    "nthread": "1",
}.items():
    check(library.XGBoosterSetParam(booster, name.encode(), value.encode()))
for i in range(4):
    check(library.XGBoosterUpdateOneIter(booster, ctypes.c_int(i), data))
check(library.XGBoosterSaveModel(booster, sys.argv[2].encode()))
loaded = ctypes.c_void_p()  # the file does not have the sizes of the sets of categories
check(library.XGBoosterCreate(None, ctypes.c_ulong(0), ctypes.byref(loaded)))
check(library.XGBoosterLoadModel(loaded, sys.argv[2].encode()))

unseen = [-1, -0.5, -1e-38, 0, 0.5, 7, 7.9, 8, 31, 31.9, 32, 63, 64, 69, 70, 95, 96, 97, 1e7, 2**24, 1e20, numpy.nan]
rows = [x[i] for i in range(20)] + [[0.1, a, a] for a in unseen] + [[-0.5, 3, a] for a in unseen]
rows = numpy.array(rows, numpy.float32)


def text(value):
    return "NaN" if numpy.isnan(value) else repr(float(value))


with open(sys.argv[2] + ".predictions", "w") as out:
    for row, prediction in zip(rows, predict(loaded, rows)):
        out.write(" ".join(map(text, row)) + " -> " + text(prediction) + "\n")
