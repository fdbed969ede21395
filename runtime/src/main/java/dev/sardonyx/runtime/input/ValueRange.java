package dev.sardonyx.runtime.input;

/**
 * Between which numbers made-up elements lie.
 *
 * @param low the smallest
 * @param high the largest
 */
record ValueRange(double low, double high) {
  /** What lies in both, or this one if nothing does. */
  ValueRange and(ValueRange other) {
    double from = Math.max(low, other.low);
    double to = Math.min(high, other.high);
    return from <= to ? new ValueRange(from, to) : this;
  }
}
