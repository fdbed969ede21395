package dev.sardonyx.runtime.spark.ml;

import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.backend.UnsupportedModelException;
import dev.sardonyx.ir.build.GraphBuilder;
import java.util.Locale;
import org.apache.spark.ml.classification.LinearSVCModel;
import org.apache.spark.ml.classification.LogisticRegressionModel;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.regression.GeneralizedLinearRegressionModel;
import org.apache.spark.ml.regression.LinearRegressionModel;

/** Models of a weighted sum of the features. */
final class LinearStages {
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
    Value product = b.matMul(x, b.constant(Tensor.ofDoubles(weights, weights.length, 1)));
    return b.add(product, c.row(intercept));
  }

  private static void logistic(LogisticRegressionModel model, Columns c) {
    GraphBuilder b = c.builder();
    Value x = c.numbers(model.getFeaturesCol());
    if (model.coefficientMatrix().numRows() > 1) {
      Value raw =
          b.add(
              c.timesRowsOf(x, model.coefficientMatrix()),
              c.row(model.interceptVector().toArray()));
      Classification.put(model, c, raw, b.softmax(raw, 1));
      return;
    }
    Value raw = Classification.twoSided(c, sum(c, x, model.coefficients(), model.intercept()));
    Value probability = b.sigmoid(raw);
    Value second = b.slice(probability, 1, 1, 2);
    Value prediction = c.indicator(b.greater(second, c.scalar(model.getThreshold())));
    Classification.put(model, c, raw, probability, prediction);
  }

  private static void supportVectors(LinearSVCModel model, Columns c) {
    Value margin =
        sum(c, c.numbers(model.getFeaturesCol()), model.coefficients(), model.intercept());
    Value prediction = c.indicator(c.builder().greater(margin, c.scalar(model.getThreshold())));
    Classification.put(model, c, Classification.twoSided(c, margin), null, prediction);
  }

  private static void generalized(GeneralizedLinearRegressionModel model, Columns c) {
    Settings settings = Settings.of(model);
    if (settings.has("offsetCol") && !settings.text("offsetCol").isEmpty()) {
      throw new UnsupportedModelException(
          settings + " adds the column " + settings.text("offsetCol") + ", which is not exported");
    }
    Value sum = sum(c, c.numbers(model.getFeaturesCol()), model.coefficients(), model.intercept());
    c.put(model.getPredictionCol(), mean(settings, c, sum));
    if (settings.has("linkPredictionCol")) {
      c.put(settings.text("linkPredictionCol"), sum);
    }
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
      case "sqrt" -> b.mul(sum, sum);
      case "cloglog" -> b.sub(c.scalar(1), b.exp(b.neg(b.exp(sum))));
      default ->
          throw new UnsupportedModelException(
              settings + " has the link " + link + ", which runtimes lack in doubles");
    };
  }
}
