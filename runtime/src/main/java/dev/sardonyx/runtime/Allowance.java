package dev.sardonyx.runtime;

/**
 * How far the elements of a value may differ from the expected ones. Strings and booleans are
 * compared exactly in any case.
 *
 * @param floats for floating-point and complex numbers
 * @param scaled whether the absolute tolerance is multiplied by the largest element if that is
 *     above 1: where large terms cancel, their rounding errors remain
 * @param steps by how much integers may differ, 0 if they must be equal
 * @param share by what fraction of the largest element any number may differ in addition
 * @param zero the integer that stands for 0, from which the sizes of others are measured
 * @param typesOnly whether only kinds, element types and shapes are compared, not elements
 */
record Allowance(
    Tolerance floats, boolean scaled, double steps, double share, long zero, boolean typesOnly) {
  /** Any elements of the right kind, element type and shape. */
  static final Allowance ANY = new Allowance(Tolerance.EXACT, false, 0, 0, 0, true);

  /** The given tolerance for all floating-point numbers; integers must be equal. */
  static Allowance of(Tolerance floats) {
    return new Allowance(floats, false, 0, 0, 0, false);
  }

  Allowance withScaled(boolean changed) {
    return new Allowance(floats, changed, steps, share, zero, typesOnly);
  }

  /**
   * By how much a floating-point number may differ from 0, in a tensor with this largest element.
   */
  double absolute(double largest) {
    return floats.atol() * (scaled ? Math.max(1, largest) : 1) + share * largest;
  }

  /**
   * By how much an integer may differ, in a tensor whose largest element is so far from {@link
   * #zero}.
   */
  double whole(double largest) {
    return steps + share * largest;
  }
}
