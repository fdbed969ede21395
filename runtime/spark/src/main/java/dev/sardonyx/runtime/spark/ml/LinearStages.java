package dev.sardonyx.runtime.spark.ml;

import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.backend.UnsupportedModelException;
import dev.sardonyx.ir.build.GraphBuilder;
import java.util.Locale;
import java.util.stream.IntStream;
import org.apache.spark.ml.classification.LinearSVCModel;
import org.apache.spark.ml.classification.LogisticRegressionModel;
import org.apache.spark.ml.linalg.SparseVector;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.regression.GeneralizedLinearRegressionModel;
import org.apache.spark.ml.regression.LinearRegressionModel;

/** Models of a weighted sum of the features. */
final class LinearStages {
  /** As in Spark, where the logarithm of a mean or share is needed. */
  private static final double LEAST_MEAN = 1e-16;

  private LinearStages() {}

  static void addTo(StageForms stages) {
    stages.add(LogisticRegressionModel.class, LinearStages::logistic);
    stages.add(
        LinearRegressionModel.class,
        (s, c) ->
            c.put(
                s.getPredictionCol(),
                sum(c, c.numbers(s.getFeaturesCol()), s.coefficients(), s.intercept())));
    stages.add(GeneralizedLinearRegressionModel.class, LinearStages::generalized);
    stages.add(LinearSVCModel.class, LinearStages::supportVectors);
  }

  private static Value sum(Columns c, Value x, Vector coefficients, double intercept) {
    GraphBuilder b = c.builder();
    double[] weights = coefficients.toArray();
    Value used = x;
    if (coefficients instanceof SparseVector sparse) {
      // Spark does not read a feature without a weight, even if it is NaN.
      if (sparse.indices().length == 0) {
        return b.add(b.mul(c.indicator(b.isNaN(c.pick(x, 0))), c.scalar(0)), c.row(intercept));
      }
      used = c.pick(x, sparse.indices());
      weights = sparse.values();
    }
    Value product = b.matMul(used, b.constant(Tensor.ofDoubles(weights, weights.length, 1)));
    return b.add(product, c.row(intercept));
  }

  private static void logistic(LogisticRegressionModel model, Columns c) {
    GraphBuilder b = c.builder();
    Value x = c.numbers(model.getFeaturesCol());
    // Fitted on labels of one class, a multinomial model has one row, too.
    boolean isMultinomial =
        model.coefficientMatrix().numRows() > 1
            || model.getFamily().toLowerCase(Locale.ROOT).equals("multinomial");
    if (isMultinomial) {
      Value raw =
          b.add(
              c.timesRowsOf(x, model.coefficientMatrix()),
              c.row(model.interceptVector().toArray()));
      Classification.put(model, c, raw, shares(c, raw, model.coefficientMatrix().numRows()));
      return;
    }
    Value raw = Classification.twoSided(c, sum(c, x, model.coefficients(), model.intercept()));
    Value probability = b.sigmoid(raw);
    double threshold = model.getThreshold();
    // Spark compares margins if they are a column; probabilities that round to 0 differ.
    boolean byMargin = !model.getRawPredictionCol().isEmpty();
    Value second = b.slice(byMargin ? raw : probability, 1, 1, 2);
    double least = byMargin ? Math.log(threshold / (1 - threshold)) : threshold;
    Value prediction = c.indicator(b.greater(second, c.scalar(least)));
    Classification.put(model, c, raw, probability, prediction);
  }

  /** The softmax, but for scores that are infinite: the first has all, others 0 times theirs. */
  private static Value shares(Columns c, Value raw, int classes) {
    GraphBuilder b = c.builder();
    Value isInfinite = c.indicator(b.equal(raw, c.scalar(Double.POSITIVE_INFINITY)));
    Value isAny = b.greater(b.reduceMax(isInfinite, true, 1), c.scalar(0));
    double[] indices = IntStream.range(0, classes).asDoubleStream().toArray();
    Value isFirst = b.equal(c.row(indices), c.best(isInfinite));
    Value one = b.where(isFirst, c.scalar(1), b.mul(raw, c.scalar(0)));
    return b.where(isAny, one, b.softmax(raw, 1));
  }

  private static void supportVectors(LinearSVCModel model, Columns c) {
    Value margin =
        sum(c, c.numbers(model.getFeaturesCol()), model.coefficients(), model.intercept());
    Value prediction = c.indicator(c.builder().greater(margin, c.scalar(model.getThreshold())));
    Classification.put(model, c, Classification.twoSided(c, margin), null, prediction);
  }

  private static void generalized(GeneralizedLinearRegressionModel model, Columns c) {
    Settings settings = Settings.of(model);
    GraphBuilder b = c.builder();
    Value sum = sum(c, c.numbers(model.getFeaturesCol()), model.coefficients(), model.intercept());
    if (settings.has("offsetCol") && !settings.text("offsetCol").isEmpty()) {
      sum = b.add(sum, c.numbers(settings.text("offsetCol")));
    }
    c.put(model.getPredictionCol(), possible(settings, c, mean(settings, c, sum)));
    if (settings.has("linkPredictionCol")) {
      c.put(settings.text("linkPredictionCol"), sum);
    }
  }

  /** The family; Tweedie of power 0 is Gaussian. */
  private static String family(Settings settings) {
    String family = settings.text("family").toLowerCase(Locale.ROOT);
    double power = family.equals("tweedie") ? settings.number("variancePower") : -1;
    return power == 0 ? "gaussian" : family;
  }

  /** The mean, moved to the nearest one that the family can have. */
  private static Value possible(Settings settings, Columns c, Value mean) {
    GraphBuilder b = c.builder();
    return switch (family(settings)) {
      case "gaussian" -> b.clip(mean, -Double.MAX_VALUE, Double.MAX_VALUE);
      case "binomial" -> b.clip(mean, LEAST_MEAN, 1 - LEAST_MEAN);
      default -> b.clip(mean, LEAST_MEAN, Double.MAX_VALUE);
    };
  }

  /** The inverse of the link. */
  private static Value mean(Settings settings, Columns c, Value sum) {
    GraphBuilder b = c.builder();
    String family = settings.text("family").toLowerCase(Locale.ROOT);
    if (family.equals("tweedie")) {
      double power =
          settings.has("linkPower")
              ? settings.number("linkPower")
              : 1 - settings.number("variancePower");
      return power == 0 ? b.exp(sum) : power == 1 ? sum : b.pow(sum, c.scalar(1 / power));
    }
    String link =
        settings.has("link")
            ? settings.text("link").toLowerCase(Locale.ROOT)
            : switch (family) {
              case "binomial" -> "logit";
              case "poisson" -> "log";
              case "gamma" -> "inverse";
              default -> "identity";
            };
    return switch (link) {
      case "identity" -> sum;
      case "log" -> b.exp(sum);
      case "inverse" -> b.div(c.scalar(1), sum);
      case "logit" -> b.sigmoid(sum);
      case "probit" -> normal(c, sum);
      case "sqrt" -> b.mul(sum, sum);
      case "cloglog" -> b.sub(c.scalar(1), b.exp(b.neg(b.exp(sum))));
      default -> throw new UnsupportedModelException(settings + " has the link " + link);
    };
  }

  /** The distribution function of the normal distribution; runtimes have Erf of floats only. */
  private static Value normal(Columns c, Value x) {
    GraphBuilder b = c.builder();
    Value erf = b.erf(b.cast(b.mul(x, c.scalar(Math.sqrt(0.5))), ElementType.FLOAT));
    return b.mul(b.add(b.cast(erf, ElementType.DOUBLE), c.scalar(1)), c.scalar(0.5));
  }
}
