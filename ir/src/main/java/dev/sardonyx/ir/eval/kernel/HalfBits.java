package dev.sardonyx.ir.eval.kernel;

/**
 * The bits of {@code float16} and {@code float}, one made from the other without a branch that
 * depends on the number but for what is infinite, no number or very small.
 */
final class HalfBits {
  /** By which a float16's bits, moved to a float's places, are too small: 127 - 15. */
  private static final float REBIAS = 0x1p112f;

  /** Bits of the least float that is infinite as a float16, after rounding. */
  private static final int OVERFLOW = 0x477FF000;

  /** Bits of the least float16 with a whole mantissa. */
  private static final int LEAST_NORMAL = 0x38800000;

  /** Adding it leaves a number below {@link #LEAST_NORMAL} in the last bits, rounded. */
  private static final float DENORMAL = 0.5f;

  private static final int NAN = 0x7E00;
  private static final int INFINITY = 0x7C00;
  private static final int MAGNITUDE = 0x7FFF;
  private static final int SIGN = 0x8000;

  private HalfBits() {}

  /** The number that a float16's bits stand for. */
  static float toFloat(short bits) {
    int magnitude = bits & MAGNITUDE;
    float number =
        magnitude < INFINITY
            ? Float.intBitsToFloat(magnitude << 13) * REBIAS
            : magnitude == INFINITY ? Float.POSITIVE_INFINITY : Float.NaN;
    return Float.intBitsToFloat(Float.floatToRawIntBits(number) | (bits & SIGN) << 16);
  }

  /** The bits of the nearest float16, ties to even; all NaNs of a sign are the same. */
  static short of(float number) {
    int bits = Float.floatToRawIntBits(number);
    int sign = bits >>> 16 & SIGN;
    int magnitude = bits & Integer.MAX_VALUE;
    if (magnitude >= OVERFLOW) {
      return (short) (sign | (magnitude > 0x7F800000 ? NAN : INFINITY));
    }
    if (magnitude < LEAST_NORMAL) {
      float rounded = Float.intBitsToFloat(magnitude) + DENORMAL;
      return (short) (sign | Float.floatToRawIntBits(rounded) & 0xFFFF);
    }
    int isOdd = magnitude >>> 13 & 1;
    int rounded = magnitude + 0xFFF + isOdd - (127 - 15 << 23) >>> 13;
    return (short) (sign | rounded);
  }
}
