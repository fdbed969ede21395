package dev.sardonyx.runtime.spark.ml;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.backend.UnsupportedModelException;
import dev.sardonyx.ir.build.GraphBuilder;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.apache.spark.ml.feature.IndexToString;
import org.apache.spark.ml.feature.OneHotEncoderModel;
import org.apache.spark.ml.feature.StringIndexerModel;

/** StageForms of categories: strings, their indices, and vectors of zeros and a one. */
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

  /** A string that is none of the labels comes after them, or is NaN. */
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
    Value index = b.cast(c.numbers(stage.getInputCol()), ElementType.INT64);
    Value names = b.constant(Tensor.ofStrings(Arrays.asList(labels), labels.length));
    c.put(stage.getOutputCol(), b.gather(names, index, 0));
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
      Value x = c.numbers(in[i]);
      GraphBuilder b = c.builder();
      if (keeps) {
        Value isKnown = b.and(b.greaterOrEqual(x, c.scalar(0)), b.less(x, c.scalar(known)));
        x = b.where(isKnown, x, c.scalar(known));
      }
      double[] indices = IntStream.range(0, size).asDoubleStream().toArray();
      c.put(out[i], c.indicator(b.equal(x, c.row(indices))));
    }
  }
}
