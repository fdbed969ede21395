package dev.sardonyx.runtime.spark.ml;

import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.backend.UnsupportedModelException;
import dev.sardonyx.ir.build.GraphBuilder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleUnaryOperator;
import java.util.function.UnaryOperator;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.ml.feature.Binarizer;
import org.apache.spark.ml.feature.Bucketizer;
import org.apache.spark.ml.feature.ElementwiseProduct;
import org.apache.spark.ml.feature.IDFModel;
import org.apache.spark.ml.feature.ImputerModel;
import org.apache.spark.ml.feature.MaxAbsScalerModel;
import org.apache.spark.ml.feature.MinMaxScalerModel;
import org.apache.spark.ml.feature.Normalizer;
import org.apache.spark.ml.feature.PCAModel;
import org.apache.spark.ml.feature.StandardScalerModel;
import org.apache.spark.ml.feature.VectorAssembler;
import org.apache.spark.ml.feature.VectorSlicer;
import org.apache.spark.sql.Row;

/** Forms of stages that turn numbers and vectors into others. */
final class FeatureStages {
  private FeatureStages() {}

  static void addTo(StageForms stages) {
    stages.add(VectorAssembler.class, FeatureStages::assemble);
    stages.add(StandardScalerModel.class, (s, c) -> one(s, c, x -> standard(s, c, x)));
    stages.add(MinMaxScalerModel.class, (s, c) -> one(s, c, x -> minMax(s, c, x)));
    stages.add(
        MaxAbsScalerModel.class,
        (s, c) ->
            one(
                s,
                c,
                x ->
                    c.builder()
                        .div(x, c.row(map(s.maxAbs().toArray(), max -> max == 0 ? 1 : max)))));
    stages.add(
        ElementwiseProduct.class,
        (s, c) -> one(s, c, x -> c.builder().mul(x, c.row(s.getScalingVec().toArray()))));
    stages.add(
        IDFModel.class, (s, c) -> one(s, c, x -> c.builder().mul(x, c.row(s.idf().toArray()))));
    stages.add(PCAModel.class, (s, c) -> one(s, c, x -> c.timesRowsOf(x, s.pc().transpose())));
    stages.add(VectorSlicer.class, (s, c) -> one(s, c, x -> slice(s, c, x)));
    stages.add(Normalizer.class, (s, c) -> one(s, c, x -> normalize(s.getP(), c, x)));
    stages.add(Binarizer.class, FeatureStages::binarize);
    stages.add(Bucketizer.class, FeatureStages::bucketize);
    stages.add(ImputerModel.class, FeatureStages::impute);
  }

  /** A stage of one column. */
  private static void one(PipelineStage stage, Columns c, UnaryOperator<Value> made) {
    Settings settings = Settings.of(stage);
    c.put(settings.text("outputCol"), made.apply(c.numbers(settings.text("inputCol"))));
  }

  private static double[] map(double[] numbers, DoubleUnaryOperator change) {
    return Arrays.stream(numbers).map(change).toArray();
  }

  private static void assemble(VectorAssembler stage, Columns c) {
    List<Value> parts = new ArrayList<>();
    for (String column : stage.getInputCols()) {
      parts.add(c.numbers(column));
    }
    c.put(stage.getOutputCol(), parts.size() == 1 ? parts.get(0) : c.builder().concat(1, parts));
  }

  private static Value standard(StandardScalerModel stage, Columns c, Value x) {
    GraphBuilder b = c.builder();
    Value centred = stage.getWithMean() ? b.sub(x, c.row(stage.mean().toArray())) : x;
    return stage.getWithStd()
        ? b.mul(centred, c.row(map(stage.std().toArray(), std -> std == 0 ? 0 : 1 / std)))
        : centred;
  }

  /** A feature that was constant when the stage was fitted becomes the middle of the range. */
  private static Value minMax(MinMaxScalerModel stage, Columns c, Value x) {
    double[] low = stage.originalMin().toArray();
    double[] high = stage.originalMax().toArray();
    double[] scale = new double[low.length];
    double[] shift = new double[low.length];
    for (int i = 0; i < low.length; i++) {
      boolean varies = high[i] != low[i];
      scale[i] = varies ? (stage.getMax() - stage.getMin()) / (high[i] - low[i]) : 0;
      shift[i] = varies ? stage.getMin() : (stage.getMin() + stage.getMax()) / 2;
    }
    GraphBuilder b = c.builder();
    // Infinity times 0 would be NaN; in Spark only NaN gives NaN.
    Value finite =
        Arrays.stream(scale).allMatch(each -> each != 0)
            ? x
            : b.where(b.and(b.isInf(x), b.equal(c.row(scale), c.scalar(0))), c.scalar(0), x);
    return b.add(b.mul(b.sub(finite, c.row(low)), c.row(scale)), c.row(shift));
  }

  private static Value slice(VectorSlicer stage, Columns c, Value x) {
    if (stage.getNames().length > 0) {
      throw new UnsupportedModelException(
          Settings.of(stage) + " picks by names, which values of ONNX do not have; use indices");
    }
    return c.pick(x, stage.getIndices());
  }

  /** Rows of zeros stay as they are. */
  private static Value normalize(double p, Columns c, Value x) {
    GraphBuilder b = c.builder();
    Value size = b.abs(x);
    Value norm;
    if (p == Double.POSITIVE_INFINITY) {
      norm = b.reduceMax(b.where(b.isNaN(size), c.scalar(0), size), true, 1);
    } else if (p == 1) {
      norm = b.reduceSum(size, true, 1);
    } else {
      Value power = c.scalar(p);
      norm = b.pow(b.reduceSum(b.pow(size, power), true, 1), c.scalar(1 / p));
    }
    Value isZero = b.equal(norm, c.scalar(0));
    return b.div(x, b.where(isZero, c.scalar(1), norm));
  }

  private static void binarize(Binarizer stage, Columns c) {
    boolean many = stage.isSet(stage.inputCols());
    String[] in = many ? stage.getInputCols() : new String[] {stage.getInputCol()};
    String[] out = many ? stage.getOutputCols() : new String[] {stage.getOutputCol()};
    for (int i = 0; i < in.length; i++) {
      double threshold =
          many && stage.isSet(stage.thresholds()) ? stage.getThresholds()[i] : stage.getThreshold();
      c.put(out[i], c.indicator(above(c, in[i], threshold)));
    }
  }

  /** In vectors, Spark counts NaN as above a negative threshold. */
  private static Value above(Columns c, String column, double threshold) {
    GraphBuilder b = c.builder();
    Value x = c.numbers(column);
    return threshold < 0 && c.isVector(column)
        ? b.not(b.lessOrEqual(x, c.scalar(threshold)))
        : b.greater(x, c.scalar(threshold));
  }

  private static void bucketize(Bucketizer stage, Columns c) {
    boolean many = stage.isSet(stage.inputCols());
    String[] in = many ? stage.getInputCols() : new String[] {stage.getInputCol()};
    String[] out = many ? stage.getOutputCols() : new String[] {stage.getOutputCol()};
    boolean keeps = stage.getHandleInvalid().equals("keep");
    for (int i = 0; i < in.length; i++) {
      double[] splits = many ? stage.getSplitsArray()[i] : stage.getSplits();
      c.put(out[i], bucket(c, c.numbers(in[i]), splits, keeps));
    }
  }

  /**
   * How many of the inner bounds a number has reached; the last bucket has its upper bound, too.
   */
  private static Value bucket(Columns c, Value x, double[] splits, boolean keepsNaN) {
    GraphBuilder b = c.builder();
    int last = splits.length - 1;
    Value reached =
        last == 1
            ? c.indicator(b.greater(c.scalar(0), b.abs(x)))
            : b.reduceSum(
                c.indicator(b.greaterOrEqual(x, c.row(Arrays.copyOfRange(splits, 1, last)))),
                true,
                1);
    Value inside =
        b.and(b.greaterOrEqual(x, c.scalar(splits[0])), b.lessOrEqual(x, c.scalar(splits[last])));
    Value bucket = b.where(inside, reached, c.scalar(Double.NaN));
    return keepsNaN ? b.where(b.isNaN(x), c.scalar(last), bucket) : bucket;
  }

  private static void impute(ImputerModel stage, Columns c) {
    boolean many = stage.isSet(stage.inputCols());
    String[] in = many ? stage.getInputCols() : new String[] {stage.getInputCol()};
    String[] out = many ? stage.getOutputCols() : new String[] {stage.getOutputCol()};
    Row surrogates = stage.surrogateDF().head();
    double missing = stage.getMissingValue();
    GraphBuilder b = c.builder();
    for (int i = 0; i < in.length; i++) {
      Value x = c.numbers(in[i]);
      Value isMissing = Double.isNaN(missing) ? b.isNaN(x) : b.equal(x, c.scalar(missing));
      double surrogate = ((Number) surrogates.getAs(in[i])).doubleValue();
      // Spark gives the column its own type again.
      c.put(out[i], b.where(isMissing, c.scalar(c.rounded(in[i], surrogate)), x));
    }
  }
}
