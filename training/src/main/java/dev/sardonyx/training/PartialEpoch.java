package dev.sardonyx.training;

import java.util.Properties;
import org.jspecify.annotations.Nullable;

/**
 * How far an epoch has come when a checkpoint is written in its middle.
 *
 * @param batches learnt so far
 * @param images in them
 * @param totalLoss sum over those images
 * @param nanos spent on them
 */
record PartialEpoch(int batches, long images, double totalLoss, long nanos) {
  static final PartialEpoch NONE = new PartialEpoch(0, 0, 0, 0);

  private static final String PREFIX = "partial.";

  PartialEpoch {
    if (batches < 0 || images < batches) {
      throw new IllegalArgumentException(images + " images in " + batches + " batches");
    }
  }

  void store(Properties target) {
    if (batches > 0) {
      target.setProperty(PREFIX + "batches", Integer.toString(batches));
      target.setProperty(PREFIX + "images", Long.toString(images));
      target.setProperty(PREFIX + "totalLoss", Double.toString(totalLoss));
      target.setProperty(PREFIX + "nanos", Long.toString(nanos));
    }
  }

  static PartialEpoch load(Properties source) {
    @Nullable String batches = source.getProperty(PREFIX + "batches");
    return batches == null
        ? NONE
        : new PartialEpoch(
            Integer.parseInt(batches),
            Long.parseLong(source.getProperty(PREFIX + "images")),
            Double.parseDouble(source.getProperty(PREFIX + "totalLoss")),
            Long.parseLong(source.getProperty(PREFIX + "nanos")));
  }
}
