package dev.sardonyx.runtime;

/**
 * How far a number {@code a} may be from the reference {@code b}: {@code |a - b| <= atol + rtol *
 * |b|}, as in NumPy's allclose.
 *
 * @param rtol relative tolerance
 * @param atol absolute tolerance
 */
public record Tolerance(double rtol, double atol) {
  /** What verification uses unless told otherwise: rtol 1e-3, atol 1e-5. */
  public static final Tolerance DEFAULT = new Tolerance(1e-3, 1e-5);

  public Tolerance {
    if (!(rtol >= 0) || !(atol >= 0)) {
      throw new IllegalArgumentException(
          "Tolerances are not negative: rtol " + rtol + ", atol " + atol);
    }
  }

  /** Whether the difference of two finite numbers is within the tolerance. */
  boolean allows(double difference, double reference) {
    return difference <= atol + rtol * Math.abs(reference);
  }

  @Override
  public String toString() {
    return "rtol " + rtol + ", atol " + atol;
  }
}
