/**
 * Reads gradient boosting models, the files of XGBoost and LightGBM, into the IR, in pure Java.
 * What comes out is one {@code ai.onnx.ml.TreeEnsembleRegressor} and what the library does with its
 * sums.
 */
@NullMarked
package dev.sardonyx.export.trees;

import org.jspecify.annotations.NullMarked;
