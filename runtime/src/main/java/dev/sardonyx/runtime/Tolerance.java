package dev.sardonyx.runtime;

import dev.sardonyx.ir.ElementType;

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

  /** No difference at all. */
  public static final Tolerance EXACT = new Tolerance(0, 0);

  public Tolerance {
    if (!(rtol >= 0) || !(atol >= 0)) {
      throw new IllegalArgumentException(
          "Tolerances are not negative: rtol " + rtol + ", atol " + atol);
    }
  }

  /**
   * The tolerance for numbers computed from values that were rounded to a type, in proportion to
   * this one, which is meant for {@code float}. {@link #DEFAULT} becomes about ten units in the
   * last place of {@code float16} and {@code bfloat16} (rtol 1e-2, atol 1e-3; rtol 8e-2, atol
   * 8e-3), and one unit of the types of 8 bits and less.
   */
  public Tolerance roundedTo(ElementType type) {
    return switch (type) {
      case FLOAT16 -> times(10, 100);
      case BFLOAT16 -> times(80, 800);
      case FLOAT8E4M3FN, FLOAT8E4M3FNUZ -> times(125, 200);
      case FLOAT8E5M2, FLOAT8E5M2FNUZ -> times(250, 2);
      case FLOAT8E8M0 -> times(1000, 1);
      case FLOAT6E2M3 -> times(125, 12_500);
      case FLOAT6E3M2 -> times(250, 6_250);
      case FLOAT4E2M1 -> times(500, 50_000);
      default -> this;
    };
  }

  private Tolerance times(double relative, double absolute) {
    return new Tolerance(rtol * relative, atol * absolute);
  }

  /** The larger of the two relative and of the two absolute tolerances. */
  Tolerance or(Tolerance other) {
    return new Tolerance(Math.max(rtol, other.rtol), Math.max(atol, other.atol));
  }

  boolean isExact() {
    return rtol == 0 && atol == 0;
  }

  @Override
  public String toString() {
    return "rtol " + rtol + ", atol " + atol;
  }
}
