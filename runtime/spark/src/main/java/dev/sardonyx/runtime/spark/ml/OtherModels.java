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

  /** The squares are spelt out, so that each class takes products of matrices only. */
  private static Value gaussian(NaiveBayesModel model, Columns c, Value x) {
    GraphBuilder b = c.builder();
    Matrix mean = model.theta();
    Matrix variance = model.sigma();
    double[] constants = new double[mean.numRows()];
    double[] linear = new double[mean.numRows() * mean.numCols()];
    for (int k = 0; k < mean.numRows(); k++) {
      constants[k] = model.pi().apply(k);
      for (int f = 0; f < mean.numCols(); f++) {
        double share = mean.apply(k, f) / variance.apply(k, f);
        linear[f * mean.numRows() + k] = share;
        constants[k] -= (share * mean.apply(k, f) + Math.log(variance.apply(k, f))) / 2;
      }
    }
    Value squares = c.timesRowsOf(b.mul(x, x), map(variance, v -> -0.5 / v));
    Value products = c.timesRowsOf(x, new DenseMatrix(mean.numRows(), mean.numCols(), linear));
    return b.add(b.add(squares, products), c.row(constants));
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

  /** The nearest centre: half its square minus the product is least. */
  private static void clusters(KMeansModel model, Columns c) {
    GraphBuilder b = c.builder();
    Vector[] centers = model.clusterCenters();
    boolean cosine = model.getDistanceMeasure().equals("cosine");
    int features = centers[0].size();
    double[] rows = new double[centers.length * features];
    double[] halves = new double[centers.length];
    for (int k = 0; k < centers.length; k++) {
      double[] center = centers[k].toArray();
      double square = Arrays.stream(center).map(v -> v * v).sum();
      double scale = cosine ? 1 / Math.sqrt(square) : 1;
      halves[k] = cosine ? 0 : square / 2;
      for (int f = 0; f < features; f++) {
        rows[f * centers.length + k] = center[f] * scale;
      }
    }
    Value product =
        c.timesRowsOf(
            c.numbers(model.getFeaturesCol()), new DenseMatrix(centers.length, features, rows));
    Value nearest = b.argMax(b.sub(product, c.row(halves)), 1, true);
    c.put(model.getPredictionCol(), b.cast(nearest, ElementType.INT32));
  }
}
