/**
 * Reads gradient boosting models, the files of XGBoost (1.0 to 3.x, JSON and UBJSON) and LightGBM
 * (text), into the IR, in pure Java.
 *
 * <pre>{@code
 * Model model = XgboostReader.standard().read(Path.of("booster.ubj"));
 * Model margins = LightGbmReader.standard().withMargins().read(Path.of("model.txt"));
 * Model either = TreeModels.read(Path.of("booster.model"));
 * }</pre>
 *
 * <p>The input is {@code features}, float[N,features], with NaN for what is missing; the output
 * {@code prediction} is what the library's {@code predict} gives. Sums are of floats: they differ
 * from the library's by about 1e-7 of the absolute values that are added. What comes out is one
 * {@code ai.onnx.ml.TreeEnsembleRegressor} and what the library does with its sums. Objectives of
 * one's own in Python are unknown and refused, as are linear models in leaves.
 */
@NullMarked
package dev.sardonyx.export.trees;

import org.jspecify.annotations.NullMarked;
