package dev.sardonyx.ir.eval.kernel;

import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.eval.EvaluationException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Linear models and support vector machines over rows of features {@code [N, F]}. */
final class LinearModelKernels {
  private LinearModelKernels() {}

  static void register(Kernels kernels) {
    kernels.one(FeatureKernels.DOMAIN, "LinearRegressor", LinearModelKernels::linearRegressor);
    kernels.add(FeatureKernels.DOMAIN, "LinearClassifier", LinearModelKernels::linearClassifier);
    kernels.one(FeatureKernels.DOMAIN, "SVMRegressor", LinearModelKernels::svmRegressor);
    kernels.add(FeatureKernels.DOMAIN, "SVMClassifier", LinearModelKernels::svmClassifier);
  }

  private static double[] required(KernelContext c, String name) {
    double[] values = FeatureKernels.floats(c, name);
    if (values == null) {
      throw new EvaluationException("attribute " + name + " is missing");
    }
    return values;
  }

  private static Tensor rows(KernelContext c) {
    Tensor x = c.tensor(0);
    return x.rank() == 1 ? x.reshape(1, x.size()) : x;
  }

  private static double dot(double[] a, int at, double[] b, int bt, int count) {
    double sum = 0;
    for (int i = 0; i < count; i++) {
      sum += a[at + i] * b[bt + i];
    }
    return sum;
  }

  /** Scores of one row, one for each row of coefficients. */
  private static double[] scores(KernelContext c, double[] x, int row, int width) {
    double[] coefficients = required(c, "coefficients");
    double[] intercepts = FeatureKernels.floats(c, "intercepts");
    double[] scores = new double[coefficients.length / width];
    for (int k = 0; k < scores.length; k++) {
      scores[k] =
          dot(coefficients, k * width, x, row * width, width)
              + (intercepts == null ? 0 : intercepts[k]);
    }
    return scores;
  }

  private static Tensor linearRegressor(KernelContext c) {
    Tensor x = rows(c);
    double[] values = Elements.doubles(x);
    List<double[]> all = new ArrayList<>();
    for (int r = 0; r < x.dim(0); r++) {
      double[] scores = scores(c, values, r, (int) x.dim(1));
      PostTransform.apply(c.stringAttribute("post_transform", "NONE"), scores);
      all.add(scores);
    }
    return Labels.rows(ElementType.FLOAT, all);
  }

  /** One row of coefficients for two classes is for the second; the first has its opposite. */
  private static List<Datum> linearClassifier(KernelContext c) {
    Tensor x = rows(c);
    Labels labels = Labels.of(c, "classlabels_ints");
    double[] values = Elements.doubles(x);
    List<double[]> all = new ArrayList<>();
    int[] best = new int[(int) x.dim(0)];
    for (int r = 0; r < best.length; r++) {
      double[] scores = scores(c, values, r, (int) x.dim(1));
      if (scores.length == 1 && labels.count() == 2) {
        scores = new double[] {-scores[0], scores[0]};
      }
      PostTransform.apply(c.stringAttribute("post_transform", "NONE"), scores);
      best[r] = PostTransform.best(scores);
      all.add(scores);
    }
    return List.of(labels.at(best), Labels.rows(ElementType.FLOAT, all));
  }

  /** The likeness of two vectors that a support vector machine uses. */
  private static double kernel(
      KernelContext c, String type, double[] a, int at, double[] b, int bt, int count) {
    double[] parameters = FeatureKernels.floats(c, "kernel_params");
    double gamma = parameters == null ? 0 : parameters[0];
    double offset = parameters == null ? 0 : parameters[1];
    return switch (type) {
      case "POLY" ->
          Math.pow(
              gamma * dot(a, at, b, bt, count) + offset, parameters == null ? 0 : parameters[2]);
      case "SIGMOID" -> Math.tanh(gamma * dot(a, at, b, bt, count) + offset);
      case "RBF" -> {
        double distance = 0;
        for (int i = 0; i < count; i++) {
          distance += (a[at + i] - b[bt + i]) * (a[at + i] - b[bt + i]);
        }
        yield Math.exp(-gamma * distance);
      }
      default -> dot(a, at, b, bt, count);
    };
  }

  private static Tensor svmRegressor(KernelContext c) {
    Tensor x = rows(c);
    double[] values = Elements.doubles(x);
    double[] coefficients = required(c, "coefficients");
    double[] rho = required(c, "rho");
    int width = (int) x.dim(1);
    int supports = (int) c.intAttribute("n_supports", 0);
    String type = c.stringAttribute("kernel_type", "LINEAR");
    List<double[]> all = new ArrayList<>();
    for (int r = 0; r < x.dim(0); r++) {
      double sum = rho[0];
      if (supports == 0) {
        sum += dot(values, r * width, coefficients, 0, width);
      } else {
        double[] vectors = required(c, "support_vectors");
        for (int j = 0; j < supports; j++) {
          sum += coefficients[j] * kernel(c, type, values, r * width, vectors, j * width, width);
        }
      }
      double[] score = {c.flag("one_class") ? (sum > 0 ? 1 : -1) : sum};
      PostTransform.apply(c.stringAttribute("post_transform", "NONE"), score);
      all.add(score);
    }
    return Labels.rows(ElementType.FLOAT, all);
  }

  private static List<Datum> svmClassifier(KernelContext c) {
    Tensor x = rows(c);
    double[] values = Elements.doubles(x);
    int width = (int) x.dim(1);
    Labels labels = Labels.of(c, "classlabels_ints");
    int classes = Math.max(1, labels.count());
    long[] perClass = c.intsAttribute("vectors_per_class", new long[0]);
    boolean linear = Arrays.stream(perClass).sum() == 0;
    double[] coefficients = required(c, "coefficients");
    boolean positive = Arrays.stream(coefficients).allMatch(v -> v >= 0);
    List<double[]> all = new ArrayList<>();
    int[] best = new int[(int) x.dim(0)];
    for (int r = 0; r < best.length; r++) {
      double[] votes = new double[classes];
      double[] scores;
      if (linear) {
        scores = new double[classes];
        for (int k = 0; k < classes; k++) {
          scores[k] =
              required(c, "rho")[0] + dot(values, r * width, coefficients, k * width, width);
        }
        votes = scores;
      } else {
        scores = duels(c, values, r * width, width, perClass, votes);
      }
      double[] a = FeatureKernels.floats(c, "prob_a");
      boolean probabilities = a != null && !linear;
      if (probabilities) {
        scores = probabilities(c, scores, classes);
      }
      best[r] = chosen(c, votes, probabilities, positive);
      all.add(written(c, scores));
    }
    return List.of(labels.at(best), Labels.rows(ElementType.FLOAT, all));
  }

  /** The place of the class with most votes; one decision alone is judged by its sign. */
  private static int chosen(
      KernelContext c, double[] votes, boolean probabilities, boolean positive) {
    int best = PostTransform.best(votes);
    boolean single = required(c, "rho").length == 1;
    if (single && votes.length == 2 && !probabilities && positive && votes[best] >= 0.5) {
      return 1;
    }
    if (single && votes.length != 2) {
      return votes[best] > 0 ? 1 : 0;
    }
    return best;
  }

  /** Each pair of classes decides between the two by the vectors of both; each gives a vote. */
  private static double[] duels(
      KernelContext c, double[] x, int at, int width, long[] perClass, double[] votes) {
    double[] vectors = required(c, "support_vectors");
    double[] coefficients = required(c, "coefficients");
    double[] rho = required(c, "rho");
    String type = c.stringAttribute("kernel_type", "LINEAR");
    int count = vectors.length / width;
    double[] likeness = new double[count];
    for (int j = 0; j < count; j++) {
      likeness[j] = kernel(c, type, x, at, vectors, j * width, width);
    }
    int[] starts = new int[perClass.length + 1];
    for (int k = 0; k < perClass.length; k++) {
      starts[k + 1] = starts[k] + (int) perClass[k];
    }
    double[] scores = new double[perClass.length * (perClass.length - 1) / 2];
    int duel = 0;
    for (int i = 0; i < perClass.length; i++) {
      for (int j = i + 1; j < perClass.length; j++) {
        int first = starts[i];
        int second = starts[j];
        double score =
            rho[duel]
                + dot(coefficients, (j - 1) * count + first, likeness, first, (int) perClass[i])
                + dot(coefficients, i * count + second, likeness, second, (int) perClass[j]);
        scores[duel++] = score;
        votes[score > 0 ? i : j]++;
      }
    }
    return scores;
  }

  /** Probabilities of classes from those of pairs, as in LIBSVM (Wu, Lin and Weng, 2004). */
  private static double[] probabilities(KernelContext c, double[] scores, int k) {
    double[] a = required(c, "prob_a");
    double[] b = required(c, "prob_b");
    double[][] r = new double[k][k];
    int duel = 0;
    for (int i = 0; i < k; i++) {
      for (int j = i + 1; j < k; j++) {
        double p = 1 - SpecialFunctions.sigmoid(scores[duel] * a[duel] + b[duel]);
        r[i][j] = Math.min(Math.max(p, 1e-7), 1 - 1e-7);
        r[j][i] = 1 - r[i][j];
        duel++;
      }
    }
    double[][] q = new double[k][k];
    double[] p = new double[k];
    Arrays.fill(p, 1.0 / k);
    for (int t = 0; t < k; t++) {
      for (int j = 0; j < k; j++) {
        if (j != t) {
          q[t][t] += r[j][t] * r[j][t];
          q[t][j] = -r[j][t] * r[t][j];
        }
      }
    }
    for (int round = 0; round < Math.max(100, k); round++) {
      double[] product = new double[k];
      for (int t = 0; t < k; t++) {
        product[t] = dot(q[t], 0, p, 0, k);
      }
      double total = dot(p, 0, product, 0, k);
      double error = 0;
      for (double v : product) {
        error = Math.max(error, Math.abs(v - total));
      }
      if (error < 0.005 / k) {
        break;
      }
      for (int t = 0; t < k; t++) {
        double change = (total - product[t]) / q[t][t];
        double scale = 1 + change;
        total = (total + change * (change * q[t][t] + 2 * product[t])) / scale / scale;
        p[t] += change;
        for (int j = 0; j < k; j++) {
          product[j] = (product[j] + change * q[t][j]) / scale;
          p[j] /= scale;
        }
      }
    }
    return p;
  }

  /**
   * The scores after the transform; a single score belongs to the second class, its negative to the
   * first.
   */
  private static double[] written(KernelContext c, double[] scores) {
    String transform = c.stringAttribute("post_transform", "NONE");
    double[] written =
        scores.length == 1 && !transform.equals("PROBIT")
            ? new double[] {-scores[0], scores[0]}
            : scores;
    PostTransform.apply(transform, written);
    return written;
  }
}
