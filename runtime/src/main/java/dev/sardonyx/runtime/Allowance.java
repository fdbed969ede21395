package dev.sardonyx.runtime;

/**
 * How far the elements of a value may be from those expected. Strings and booleans are compared
 * exactly in any case.
 *
 * @param floats for floating-point and complex numbers
 * @param scaled whether their absolute tolerance is meant for a largest element of 1 and grows with
 *     it: the rounding of large terms stays where they cancel
 * @param steps by how much integers may differ, 0 for exact ones
 * @param share by what part of the largest element any number may be off besides
 * @param typesOnly whether elements do not matter, but kinds, element types and shapes do
 */
record Allowance(Tolerance floats, boolean scaled, double steps, double share, boolean typesOnly) {
  /** Any elements of the right kind, element type and shape. */
  static final Allowance ANY = new Allowance(Tolerance.EXACT, false, 0, 0, true);

  /** The tolerance as it is for all floating-point numbers, integers exactly. */
  static Allowance of(Tolerance floats) {
    return new Allowance(floats, false, 0, 0, false);
  }

  Allowance withScaled(boolean changed) {
    return new Allowance(floats, changed, steps, share, typesOnly);
  }

  /** What a floating-point number of size 0 may be off, in a tensor with this largest element. */
  double absolute(double largest) {
    return floats.atol() * (scaled ? Math.max(1, largest) : 1) + share * largest;
  }

  /** What an integer may be off, in a tensor with this largest element. */
  double whole(double largest) {
    return steps + share * largest;
  }
}
