package dev.sardonyx.runtime.spark.ml;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.backend.UnsupportedModelException;
import dev.sardonyx.ir.build.GraphBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.apache.spark.ml.feature.IndexToString;
import org.apache.spark.ml.feature.OneHotEncoderModel;
import org.apache.spark.ml.feature.StringIndexerModel;

/** Forms of StringIndexer, IndexToString and OneHotEncoder: labels, indices, one-hot vectors. */
final class CategoryStages {
  private CategoryStages() {}

  static void addTo(StageForms stages) {
    stages.add(StringIndexerModel.class, CategoryStages::index);
    stages.add(IndexToString.class, CategoryStages::names);
    stages.add(OneHotEncoderModel.class, CategoryStages::oneHot);
  }

  private static void index(StringIndexerModel stage, Columns c) {
    boolean many = stage.isSet(stage.inputCols());
    String[] in = many ? stage.getInputCols() : new String[] {stage.getInputCol()};
    String[] out = many ? stage.getOutputCols() : new String[] {stage.getOutputCol()};
    boolean keeps = stage.getHandleInvalid().equals("keep");
    for (int i = 0; i < in.length; i++) {
      Value texts = c.texts(Settings.of(stage), in[i]);
      c.put(out[i], index(c, texts, stage.labelsArray()[i], keeps));
    }
  }

  /** A string that is not among the labels gets the index after the last one, or NaN. */
  private static Value index(Columns c, Value texts, String[] labels, boolean keeps) {
    GraphBuilder b = c.builder();
    b.importDomain("ai.onnx.ml", 3);
    Value index =
        b.cast(
            b.node(
                "ai.onnx.ml.LabelEncoder",
                List.of(texts),
                Attribute.ofStrings("keys_strings", labels),
                Attribute.ofInts("values_int64s", LongStream.range(0, labels.length).toArray()),
                Attribute.ofInt("default_int64", keeps ? labels.length : -1)),
            ElementType.DOUBLE);
    return keeps ? index : b.where(b.less(index, c.scalar(0)), c.scalar(Double.NaN), index);
  }

  private static void names(IndexToString stage, Columns c) {
    String[] labels = stage.getLabels();
    if (labels.length == 0) {
      throw new UnsupportedModelException(
          Settings.of(stage) + " takes its labels from the column's metadata; set them: setLabels");
    }
    GraphBuilder b = c.builder();
    Value x = c.numbers(stage.getInputCol());
    // An index loses its fraction, and NaN is 0; one without a label is the empty string.
    Value isLabel = b.and(b.greater(x, c.scalar(-1)), b.less(x, c.scalar(labels.length)));
    Value number = b.where(b.isNaN(x), c.scalar(0), x);
    Value index = b.where(b.or(isLabel, b.isNaN(x)), number, c.scalar(labels.length));
    List<String> names = new ArrayList<>(List.of(labels));
    names.add("");
    Value table = b.constant(Tensor.ofStrings(names, names.size()));
    c.put(stage.getOutputCol(), b.gather(table, b.cast(index, ElementType.INT64), 0));
  }

  private static void oneHot(OneHotEncoderModel stage, Columns c) {
    boolean many = stage.isSet(stage.inputCols());
    String[] in = many ? stage.getInputCols() : new String[] {stage.getInputCol()};
    String[] out = many ? stage.getOutputCols() : new String[] {stage.getOutputCol()};
    boolean keeps = stage.getHandleInvalid().equals("keep");
    for (int i = 0; i < in.length; i++) {
      int known = stage.categorySizes()[i];
      int size = known + (keeps ? 1 : 0) - (stage.getDropLast() ? 1 : 0);
      if (size < 1) {
        throw new UnsupportedModelException(
            Settings.of(stage) + " makes empty vectors of column " + in[i]);
      }
      c.put(out[i], oneHot(c, c.numbers(in[i]), known, size, keeps));
    }
  }

  /** A number loses its fraction. One that is no category has one of its own, or gives NaN. */
  private static Value oneHot(Columns c, Value x, int known, int size, boolean keeps) {
    GraphBuilder b = c.builder();
    Value isKnown = b.and(b.greaterOrEqual(x, c.scalar(0)), b.less(x, c.scalar(known)));
    Value index = b.where(isKnown, b.floor(x), c.scalar(known));
    double[] indices = IntStream.range(0, size).asDoubleStream().toArray();
    Value vector = c.indicator(b.equal(index, c.row(indices)));
    return keeps ? vector : b.where(isKnown, vector, c.scalar(Double.NaN));
  }
}
