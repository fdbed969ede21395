package dev.sardonyx.ir.infer.rule;

import dev.sardonyx.ir.Dim;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.infer.InferenceContext;
import dev.sardonyx.ir.infer.TypeMerge;

/** Normalisations and dropout, which keep the data's shape. Data is {@code [N,C,D1,...]}. */
final class NormalizationInference {
  private NormalizationInference() {}

  static void addTo(Rules rules) {
    rules.add("BatchNormalization", NormalizationInference::batchNormalization);
    rules.add("InstanceNormalization", NormalizationInference::instanceNormalization);
    rules.add("GroupNormalization", NormalizationInference::groupNormalization);
    rules.add("LayerNormalization", NormalizationInference::layerNormalization);
    rules.add("RMSNormalization", NormalizationInference::rmsNormalization);
    rules.add("MeanVarianceNormalization", NormalizationInference::meanVarianceNormalization);
    rules.add("LRN", NormalizationInference::lrn);
    rules.add("Dropout", NormalizationInference::dropout);
  }

  /**
   * Versions before 14 give up to four statistics, later ones two running statistics when training.
   * With {@code spatial = 0} (before 9) statistics are kept for each position.
   */
  private static void batchNormalization(InferenceContext c) {
    Shape data = Expect.rankAtLeast(c, 0, 1);
    c.setOutputShape(0, data);
    if (c.since() >= 14 && !c.flag("training_mode") && c.node().hasOutput(1)) {
      throw c.attributeError(
          "training_mode",
          "1",
          "0",
          "attribute training_mode is 0, but running statistics ("
              + c.node().output(1).name()
              + ") are asked for; only training gives them");
    }
    Shape statistics;
    if (c.intAttribute("spatial", 1) == 0) {
      statistics = data.isRanked() ? data.slice(1, data.rank()) : Shape.UNKNOWN;
      for (int i = 1; i <= 4; i++) {
        if (!c.inputShape(i).isCompatibleWith(statistics)) {
          throw c.shapeError(
              i,
              statistics.toString(),
              Expect.described(c, i)
                  + " must have shape "
                  + statistics
                  + ", a number for each position of "
                  + Expect.described(c, 0));
        }
        statistics = TypeMerge.both(statistics, c.inputShape(i));
      }
    } else {
      Dim channels = data.isRanked() && data.rank() == 1 ? Dim.of(1) : c.inputDim(0, 1);
      for (int i = 1; i <= 4; i++) {
        Expect.vector(c, i, channels, "the channels of", 0);
        channels = TypeMerge.both(channels, c.inputDim(i, 0));
      }
      statistics = Shape.of(channels);
    }
    for (int i = 1; i < c.outputs(); i++) {
      c.setOutputShape(i, statistics);
    }
  }

  private static void instanceNormalization(InferenceContext c) {
    c.setOutputShape(0, Expect.rankAtLeast(c, 0, 2));
    Expect.vector(c, 1, c.inputDim(0, 1), "the channels of", 0);
    Expect.vector(c, 2, c.inputDim(0, 1), "the channels of", 0);
  }

  /** Scale and bias have a number for each group in version 18, for each channel from 21 on. */
  private static void groupNormalization(InferenceContext c) {
    c.setOutputShape(0, Expect.rankAtLeast(c, 0, 2));
    long groups = c.intAttribute("num_groups");
    Dim channels = c.inputDim(0, 1);
    if (groups < 1 || channels.isFixed() && channels.value() % groups != 0) {
      throw c.attributeError(
          "num_groups",
          "a divisor of the channels " + channels,
          Long.toString(groups),
          "attribute num_groups is "
              + groups
              + ", which does not divide the "
              + channels
              + " channels of "
              + Expect.described(c, 0));
    }
    Dim size = c.since() < 21 ? Dim.of(groups) : channels;
    String reason = c.since() < 21 ? "num_groups" : channelsOf(c);
    Expect.vector(c, 1, size, reason);
    Expect.vector(c, 2, size, reason);
  }

  private static void layerNormalization(InferenceContext c) {
    Shape data = normalizedFromAxis(c);
    Broadcasting.into(c, 0, 2);
    ElementType stash = c.elementTypeAttribute("stash_type").orElse(ElementType.FLOAT);
    Shape statistics = data;
    if (data.isRanked()) {
      for (int i = Axes.attribute(c, "axis", data.rank()); i < data.rank(); i++) {
        statistics = statistics.with(i, Dim.of(1));
      }
    }
    c.setOutputType(1, stash, statistics);
    c.setOutputType(2, stash, statistics);
  }

  private static void rmsNormalization(InferenceContext c) {
    normalizedFromAxis(c);
  }

  private static Shape normalizedFromAxis(InferenceContext c) {
    Shape data = Expect.rankAtLeast(c, 0, 1);
    if (data.isRanked()) {
      Axes.attribute(c, "axis", data.rank());
    }
    c.setOutputShape(0, Broadcasting.into(c, 0, 1));
    return data;
  }

  private static void meanVarianceNormalization(InferenceContext c) {
    Shape data = c.inputShape(0);
    long[] axes = c.intsAttribute("axes");
    if (data.isRanked() && axes != null) {
      Axes.normalize("axes", axes, data.rank());
    }
    c.setOutputShape(0, data);
  }

  private static void lrn(InferenceContext c) {
    c.setOutputShape(0, Expect.rankAtLeast(c, 0, 2));
    long size = c.intAttribute("size");
    if (size < 1) {
      throw c.attributeError(
          "size",
          "at least 1",
          Long.toString(size),
          "attribute size is " + size + ", but at least one channel must be summed");
    }
  }

  private static void dropout(InferenceContext c) {
    if (c.hasInput(1)) {
      Expect.rank(c, 1, 0);
    }
    if (c.hasInput(2)) {
      Expect.rank(c, 2, 0);
    }
    c.setOutputShape(0, c.inputShape(0));
    c.setOutputShape(1, c.inputShape(0));
  }

  private static String channelsOf(InferenceContext c) {
    return "the channels of " + Expect.described(c, 0);
  }
}
