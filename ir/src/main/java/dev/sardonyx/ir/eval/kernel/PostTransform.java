package dev.sardonyx.ir.eval.kernel;

import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.eval.EvaluationException;

/** What the classifiers and regressors of ai.onnx.ml make of a row of scores. */
final class PostTransform {
  private PostTransform() {}

  /** Changes the row: NONE, LOGISTIC, SOFTMAX, SOFTMAX_ZERO or PROBIT. */
  static void apply(String name, double[] row) {
    switch (name) {
      case "NONE" -> {}
      case "SOFTMAX" -> SoftmaxKernels.softmax(ElementType.DOUBLE).apply(row, 0, row.length);
      case "SOFTMAX_ZERO" -> softmaxZero(row);
      case "LOGISTIC" -> {
        for (int i = 0; i < row.length; i++) {
          row[i] = SpecialFunctions.sigmoid(row[i]);
        }
      }
      case "PROBIT" -> {
        for (int i = 0; i < row.length; i++) {
          row[i] = Math.sqrt(2) * inverseErf(2 * row[i] - 1);
        }
      }
      default -> throw new EvaluationException("there is no post_transform " + name);
    }
  }

  /** Softmax in which zeros stay zeros. */
  private static void softmaxZero(double[] row) {
    double max = ReductionKernels.max(row, 0, row.length);
    double sum = 0;
    for (int i = 0; i < row.length; i++) {
      boolean isZero = Math.abs(row[i]) <= 1e-7;
      row[i] = isZero ? row[i] * Math.exp(-max) : Math.exp(row[i] - max);
      sum += row[i];
    }
    for (int i = 0; i < row.length; i++) {
      row[i] = sum == 0 ? 0.5 : row[i] / sum;
    }
  }

  /** Winitzki's approximation, which ONNX's reference and runtimes use. */
  private static double inverseErf(double x) {
    double rest = (1 - x) * (1 + x);
    if (rest == 0) {
      return 0;
    }
    double log = Math.log(rest);
    double half = 2 / (Math.PI * 0.147) + 0.5 * log;
    return Math.copySign(Math.sqrt(Math.sqrt(half * half - log / 0.147) - half), x);
  }

  /** The position of the first largest score. */
  static int best(double[] row) {
    int best = 0;
    for (int i = 1; i < row.length; i++) {
      if (row[i] > row[best]) {
        best = i;
      }
    }
    return best;
  }
}
