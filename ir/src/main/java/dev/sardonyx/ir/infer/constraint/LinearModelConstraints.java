package dev.sardonyx.ir.infer.constraint;

import static dev.sardonyx.ir.infer.constraint.Constraints.ML;

import dev.sardonyx.ir.Dim;
import dev.sardonyx.ir.infer.InferenceContext;
import java.util.Arrays;

/** Linear models and support vector machines. */
final class LinearModelConstraints {
  /** What becomes of scores. */
  static final Constraint POST_TRANSFORM =
      Demand.word("post_transform", "NONE", "SOFTMAX", "LOGISTIC", "SOFTMAX_ZERO", "PROBIT");

  private LinearModelConstraints() {}

  static void addTo(Constraints all) {
    Constraint kernel = Demand.word("kernel_type", "LINEAR", "POLY", "RBF", "SIGMOID");
    all.add(
        ML,
        "LinearClassifier",
        POST_TRANSFORM,
        Demand.oneOf("classlabels_ints", "classlabels_strings"),
        LinearModelConstraints::classifier);
    all.add(
        ML,
        "LinearRegressor",
        POST_TRANSFORM,
        Demand.within("targets", 1, Integer.MAX_VALUE),
        LinearModelConstraints::regressor);
    all.add(
        ML,
        "SVMClassifier",
        POST_TRANSFORM,
        kernel,
        Demand.sameLength("prob_a", "prob_b"),
        Demand.each("vectors_per_class", 0, Integer.MAX_VALUE),
        LinearModelConstraints::kernelParameters,
        LinearModelConstraints::vectors);
    all.add(
        ML,
        "SVMRegressor",
        POST_TRANSFORM,
        kernel,
        LinearModelConstraints::kernelParameters,
        LinearModelConstraints::supports);
  }

  private static int classes(InferenceContext c) {
    return Demand.length(c, "classlabels_ints")
        .orElse(Demand.length(c, "classlabels_strings").orElse(0));
  }

  private static void classifier(InferenceContext c) {
    int coefficients = Demand.length(c, "coefficients").orElse(0);
    Dim features = c.inputDim(0, -1);
    int rows = Demand.length(c, "intercepts").orElse(classes(c));
    if (coefficients == 0 || rows == 0 || coefficients % rows != 0) {
      throw Demand.wrong(
          c, "coefficients", "a number for each class and feature", coefficients + " numbers");
    }
    features(c, features, rows, coefficients);
  }

  private static void regressor(InferenceContext c) {
    int coefficients = Demand.length(c, "coefficients").orElse(0);
    long targets = c.intAttribute("targets", 1);
    if (coefficients == 0 || coefficients % targets != 0) {
      throw Demand.wrong(
          c,
          "coefficients",
          "a number for each of " + targets + " targets and each feature",
          coefficients + " numbers");
    }
    Demand.length(c, "intercepts", targets, "one for each target");
    features(c, c.inputDim(0, -1), targets, coefficients);
  }

  private static void features(InferenceContext c, Dim features, long rows, int coefficients) {
    if (features.isFixed() && features.value() * rows != coefficients) {
      throw Demand.wrong(
          c,
          "coefficients",
          features.value() * rows + " numbers, for " + rows + " times " + features + " features",
          coefficients + " numbers");
    }
  }

  /** gamma, coef0 and degree. */
  private static void kernelParameters(InferenceContext c) {
    Demand.length(c, "kernel_params", 3, "gamma, coef0 and degree");
  }

  private static void vectors(InferenceContext c) {
    int classes = classes(c);
    long[] perClass = c.intsAttribute("vectors_per_class");
    int numbers = Demand.length(c, "support_vectors").orElse(0);
    int coefficients = Demand.length(c, "coefficients").orElse(0);
    if (perClass == null || perClass.length == 0) {
      return; // then the model is linear
    }
    long vectors = Arrays.stream(perClass).sum();
    if (vectors == 0 || numbers % vectors != 0) {
      throw Demand.wrong(
          c, "support_vectors", "whole vectors, " + vectors + " of them", numbers + " numbers");
    }
    if (coefficients != vectors * (perClass.length - 1)) {
      throw Demand.wrong(
          c,
          "coefficients",
          vectors * (perClass.length - 1) + " numbers, one a vector and other class",
          coefficients + " numbers");
    }
    if (classes != perClass.length) {
      throw Demand.wrong(
          c, "vectors_per_class", classes + " numbers, one a class", perClass.length + " numbers");
    }
    int pairs = classes * (classes - 1) / 2;
    for (String each : new String[] {"rho", "prob_a", "prob_b"}) {
      int length = Demand.length(c, each).orElse(pairs);
      if (length < pairs) {
        throw Demand.wrong(
            c, each, pairs + " numbers, one for each pair of classes", length + " numbers");
      }
    }
  }

  private static void supports(InferenceContext c) {
    long vectors = c.intAttribute("n_supports", 0);
    int numbers = Demand.length(c, "support_vectors").orElse(0);
    if (vectors < 0 || vectors > 0 && (numbers == 0 || numbers % vectors != 0)) {
      throw Demand.wrong(
          c,
          "n_supports",
          "the number of vectors in support_vectors, which has " + numbers + " numbers",
          Long.toString(vectors));
    }
    if (vectors > 0) {
      Demand.length(c, "coefficients", vectors, "one for each support vector");
      if (Demand.length(c, "rho").isEmpty()) {
        throw Demand.wrong(c, "rho", "at least one number", "none");
      }
    }
  }
}
