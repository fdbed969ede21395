package dev.sardonyx.runtime.quantize;

import dev.sardonyx.export.quantize.QuantizationScheme;
import dev.sardonyx.export.quantize.Range;
import java.nio.FloatBuffer;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What is known of the numbers that one value took so far. */
final class Observation {
  private final Calibration calibration;
  private final @Nullable Histogram histogram;
  private final boolean choosesByCounts;
  private boolean isFinite = true;
  private @Nullable Range all;
  private @Nullable Range average;

  Observation(Calibration calibration) {
    this(calibration, false);
  }

  /**
   * @param counts whether numbers are counted though the calibration needs no counts
   */
  Observation(Calibration calibration, boolean counts) {
    this.calibration = calibration;
    boolean needsNoCounts =
        calibration instanceof Calibration.MinMax
            || calibration instanceof Calibration.MovingAverage;
    this.histogram = needsNoCounts && !counts ? null : new Histogram();
    this.choosesByCounts = !needsNoCounts;
  }

  /** Whether all numbers were finite so far. */
  boolean isFinite() {
    return isFinite;
  }

  /** Takes the numbers of a batch in; an empty one says nothing. */
  void add(FloatBuffer numbers) {
    if (!isFinite || !numbers.hasRemaining()) {
      return;
    }
    float low = Float.POSITIVE_INFINITY;
    float high = Float.NEGATIVE_INFINITY;
    float check = 0; // NaN once a number is NaN or infinite
    for (int i = numbers.position(); i < numbers.limit(); i++) {
      float x = numbers.get(i);
      low = Math.min(low, x);
      high = Math.max(high, x);
      check += x * 0;
    }
    isFinite = check == 0;
    if (isFinite) {
      add(new Range(low, high), numbers);
    }
  }

  private void add(Range batch, FloatBuffer numbers) {
    all = all == null ? batch : all.union(batch);
    if (calibration instanceof Calibration.MovingAverage moving) {
      average = average == null ? batch : mixed(average, batch, moving.momentum());
    }
    if (histogram != null) {
      histogram.add(numbers, batch.magnitude());
    }
  }

  private static Range mixed(Range before, Range batch, double share) {
    return new Range(
        before.min() + share * (batch.min() - before.min()),
        before.max() + share * (batch.max() - before.max()));
  }

  /**
   * The range to store the value with in a scheme; nothing if it took no numbers, or one that is
   * not finite.
   */
  Optional<Range> range(QuantizationScheme scheme) {
    Range whole = all;
    if (!isFinite || whole == null) {
      return Optional.empty();
    }
    if (average != null) {
      return Optional.of(average);
    }
    return Optional.of(
        histogram == null || !choosesByCounts || whole.magnitude() == 0
            ? whole
            : new Clipping(histogram, whole, scheme).range(calibration));
  }

  /**
   * What is known of the numbers; nothing if they were not counted, or there is no range.
   *
   * @param stored the range they are stored in
   */
  Optional<ObservedValue> observed(String name, Range stored) {
    Range whole = all;
    return !isFinite || whole == null || histogram == null
        ? Optional.empty()
        : Optional.of(histogram.observed(name, whole, stored));
  }
}
