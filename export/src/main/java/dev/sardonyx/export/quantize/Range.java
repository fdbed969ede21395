package dev.sardonyx.export.quantize;

/**
 * The numbers from one to another.
 *
 * @param min finite, at most {@code max}
 * @param max finite
 */
public record Range(double min, double max) {
  /**
   * @throws IllegalArgumentException if an end is NaN or infinite, or they are in the wrong order
   */
  public Range {
    if (!Double.isFinite(min) || !Double.isFinite(max) || min > max) {
      throw new IllegalArgumentException(
          "A range goes from a finite number to one that is not less, not from "
              + min
              + " to "
              + max);
    }
  }

  /** From {@code -magnitude} to {@code magnitude}. */
  public static Range symmetric(double magnitude) {
    return new Range(-magnitude, magnitude);
  }

  /** The smallest range that holds both. */
  public Range union(Range other) {
    return new Range(Math.min(min, other.min), Math.max(max, other.max));
  }

  /** The numbers of this range that lie in another; its nearest end if there are none. */
  public Range within(Range bounds) {
    double low = Math.max(bounds.min, Math.min(min, bounds.max));
    double high = Math.max(bounds.min, Math.min(max, bounds.max));
    return new Range(low, high);
  }

  /** The range with zero in it. */
  public Range withZero() {
    return new Range(Math.min(min, 0), Math.max(max, 0));
  }

  /** The largest absolute value. */
  public double magnitude() {
    return Math.max(Math.abs(min), Math.abs(max));
  }
}
