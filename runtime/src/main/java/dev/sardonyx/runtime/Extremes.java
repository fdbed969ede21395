package dev.sardonyx.runtime;

/**
 * The furthest that elements have been off so far.
 *
 * @param worstExcess by how much the worst element is beyond the tolerance, negative if within
 * @param toleranceUsed the largest difference in proportion to what was allowed for it
 */
record Extremes(double maxAbsolute, double maxRelative, double worstExcess, double toleranceUsed) {
  static final Extremes NONE = new Extremes(0, 0, Double.NEGATIVE_INFINITY, 0);
}
