package dev.sardonyx.runtime.spark.ml;

import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.build.GraphBuilder;
import org.apache.spark.ml.PipelineStage;
import org.jspecify.annotations.Nullable;

/** The three columns that classifiers add. */
final class Classification {
  private Classification() {}

  /** Predicts the greatest probability, each divided by its threshold if the stage has them. */
  static void put(PipelineStage stage, Columns c, Value raw, Value probability) {
    Settings settings = Settings.of(stage);
    GraphBuilder b = c.builder();
    Value scores = raw;
    if (settings.has("thresholds")) {
      Value scaled = b.div(probability, c.row((double[]) settings.value("thresholds")));
      // 0 / 0: a class of probability 0 is never predicted.
      scores = b.where(b.isNaN(scaled), c.scalar(Double.NEGATIVE_INFINITY), scaled);
    }
    put(stage, c, raw, probability, c.best(scores));
  }

  /**
   * @param probability null if the classifier has none
   */
  static void put(
      PipelineStage stage, Columns c, Value raw, @Nullable Value probability, Value prediction) {
    Settings settings = Settings.of(stage);
    c.put(settings.text("rawPredictionCol"), raw);
    if (probability != null) {
      c.put(settings.text("probabilityCol"), probability);
    }
    c.put(settings.text("predictionCol"), prediction);
  }

  /** A margin as the scores of two classes. */
  static Value twoSided(Columns c, Value margin) {
    GraphBuilder b = c.builder();
    return b.concat(1, b.neg(margin), margin);
  }
}
