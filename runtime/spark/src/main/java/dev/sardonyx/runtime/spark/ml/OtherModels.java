package dev.sardonyx.runtime.spark.ml;

import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.backend.UnsupportedModelException;
import dev.sardonyx.ir.build.GraphBuilder;
import java.util.Arrays;
import java.util.function.DoubleUnaryOperator;
import org.apache.spark.ml.classification.MultilayerPerceptronClassificationModel;
import org.apache.spark.ml.classification.NaiveBayesModel;
import org.apache.spark.ml.clustering.KMeansModel;
import org.apache.spark.ml.linalg.DenseMatrix;
import org.apache.spark.ml.linalg.Matrix;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.linalg.Vectors;

/** Models that are neither linear nor trees. */
final class OtherModels {
  private OtherModels() {}

  static void addTo(StageForms stages) {
    stages.add(NaiveBayesModel.class, OtherModels::bayes);
    stages.add(MultilayerPerceptronClassificationModel.class, OtherModels::perceptron);
    stages.add(KMeansModel.class, OtherModels::clusters);
  }

  private static void bayes(NaiveBayesModel model, Columns c) {
    GraphBuilder b = c.builder();
    Value x = c.numbers(model.getFeaturesCol());
    Matrix theta = model.theta();
    Value prior = c.row(model.pi().toArray());
    Value raw =
        switch (model.getModelType()) {
          case "multinomial" -> b.add(c.timesRowsOf(x, theta), prior);
          case "complement" -> {
            Value scores = c.timesRowsOf(x, theta);
            Value most = b.reduceMax(scores, true, 1);
            Value away = b.sub(scores, most);
            yield b.sub(away, b.log(b.reduceSum(b.exp(away), true, 1)));
          }
          case "bernoulli" -> {
            Matrix absent = map(theta, t -> Math.log(1 - Math.exp(t)));
            yield b.add(
                b.add(c.timesRowsOf(x, theta), c.timesRowsOf(b.sub(c.scalar(1), x), absent)),
                prior);
          }
          case "gaussian" -> gaussian(model, c, x);
          default ->
              throw new UnsupportedModelException(
                  Settings.of(model) + " is of the type " + model.getModelType());
        };
    Classification.put(model, c, raw, b.softmax(raw, 1));
  }

  private static Matrix map(Matrix matrix, DoubleUnaryOperator change) {
    return new DenseMatrix(
        matrix.numRows(), matrix.numCols(), Arrays.stream(matrix.toArray()).map(change).toArray());
  }

  private static Value gaussian(NaiveBayesModel model, Columns c, Value x) {
    GraphBuilder b = c.builder();
    Matrix variance = model.sigma();
    double[] constants = model.pi().toArray().clone();
    for (int k = 0; k < variance.numRows(); k++) {
      for (int f = 0; f < variance.numCols(); f++) {
        constants[k] -= Math.log(variance.apply(k, f)) / 2;
      }
    }
    Value squares = squaresFrom(c, x, model.theta());
    Value shares = b.mul(squares, perClass(c, map(variance, v -> -0.5 / v)));
    return b.add(b.reduceSum(shares, false, 2), c.row(constants));
  }

  /**
   * The squares of how far the features are from each row of a matrix, {@code [N, K, F]}. Spelt out
   * as products of matrices they would lose the digits that count, where features are large.
   */
  private static Value squaresFrom(Columns c, Value x, Matrix rows) {
    GraphBuilder b = c.builder();
    Value difference = b.sub(b.unsqueeze(x, 1), perClass(c, rows));
    return b.mul(difference, difference);
  }

  /** A matrix as {@code [1, K, F]}. */
  private static Value perClass(Columns c, Matrix matrix) {
    double[] rows = matrix.transpose().toArray();
    return c.builder().constant(Tensor.ofDoubles(rows, 1, matrix.numRows(), matrix.numCols()));
  }

  /** Layers are affine and logistic; the last is the softmax of an affine one. */
  private static void perceptron(MultilayerPerceptronClassificationModel model, Columns c) {
    GraphBuilder b = c.builder();
    int[] sizes = model.getLayers();
    double[] all = model.weights().toArray();
    Value x = c.numbers(model.getFeaturesCol());
    int at = 0;
    for (int l = 0; l + 1 < sizes.length; l++) {
      int in = sizes[l];
      int out = sizes[l + 1];
      double[] weights = Arrays.copyOfRange(all, at, at + in * out);
      at += in * out;
      double[] bias = Arrays.copyOfRange(all, at, at + out);
      at += out;
      Value affine =
          b.add(b.matMul(x, b.constant(Tensor.ofDoubles(weights, in, out))), c.row(bias));
      x = l + 2 < sizes.length ? b.sigmoid(affine) : affine;
    }
    Classification.put(model, c, x, b.softmax(x, 1));
  }

  private static void clusters(KMeansModel model, Columns c) {
    GraphBuilder b = c.builder();
    Vector[] centers = model.clusterCenters();
    int features = centers[0].size();
    boolean cosine = model.getDistanceMeasure().equals("cosine");
    double[] rows = new double[centers.length * features];
    for (int k = 0; k < centers.length; k++) {
      double scale = cosine ? 1 / Vectors.norm(centers[k], 2) : 1;
      for (int f = 0; f < features; f++) {
        rows[f * centers.length + k] = centers[k].apply(f) * scale;
      }
    }
    Matrix matrix = new DenseMatrix(centers.length, features, rows);
    Value x = c.numbers(model.getFeaturesCol());
    Value nearest =
        cosine
            ? nearestDirection(c, x, c.timesRowsOf(x, matrix))
            : b.argMin(b.reduceSum(squaresFrom(c, x, matrix), false, 2), 1, true);
    c.put(model.getPredictionCol(), b.cast(nearest, ElementType.INT32));
  }

  /**
   * The center of the greatest cosine, or -1 for rows without a direction, which Spark refuses.
   *
   * @param products of the rows with centers of length 1
   */
  private static Value nearestDirection(Columns c, Value x, Value products) {
    GraphBuilder b = c.builder();
    Value length = b.sqrt(b.reduceSum(b.mul(x, x), true, 1));
    Value best = b.argMax(b.div(products, length), 1, true);
    return b.where(b.greater(length, c.scalar(0)), best, b.constant(-1L));
  }
}
