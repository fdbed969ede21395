package dev.sardonyx.training;

import java.time.Duration;
import java.util.OptionalDouble;

/**
 * The result of an epoch.
 *
 * @param epoch from 1
 * @param images images learnt from
 * @param loss mean loss over the epoch's batches, as they were learnt
 * @param validationLoss mean loss over held-out data after the epoch, if there are any
 * @param validationAccuracy share of held-out examples whose most probable class is right, 0..1
 * @param duration of learning, without validation
 */
public record EpochResult(
    int epoch,
    long images,
    double loss,
    OptionalDouble validationLoss,
    OptionalDouble validationAccuracy,
    Duration duration) {

  public double imagesPerSecond() {
    return images / Math.max(1e-9, duration.toNanos() / 1e9);
  }
}
