package dev.sardonyx.ir;

/**
 * A floating-point format of at most 16 bits: sign, exponent, mantissa, and what the top codes
 * mean.
 *
 * @param exponentBits width of the exponent
 * @param mantissaBits width of the stored mantissa
 * @param bias subtracted from the stored exponent
 * @param specials which codes are infinite or not a number
 * @see <a href="https://onnx.ai/onnx/technical/float8.html">ONNX: float stored in 8 bits</a>
 */
public record NarrowFloat(int exponentBits, int mantissaBits, int bias, Specials specials) {
  /** What the codes at the edge of the range mean. */
  public enum Specials {
    /** As in IEEE 754: all exponent bits set mean infinity or NaN. */
    IEEE,
    /** No infinity; all bits but the sign set mean NaN. */
    FINITE,
    /** No infinity, no negative zero; the sign bit alone means NaN. */
    FINITE_UNSIGNED_ZERO,
    /** Every code is a number. */
    NONE,
    /** No sign, no mantissa, no zero: powers of two; all bits set mean NaN. */
    POWERS_OF_TWO
  }

  private static final int DOUBLE_MANTISSA = 52;
  private static final int DOUBLE_BIAS = 1023;

  private static final NarrowFloat FLOAT16 = new NarrowFloat(5, 10, 15, Specials.IEEE);
  private static final NarrowFloat BFLOAT16 = new NarrowFloat(8, 7, 127, Specials.IEEE);
  private static final NarrowFloat E4M3FN = new NarrowFloat(4, 3, 7, Specials.FINITE);
  private static final NarrowFloat E4M3FNUZ =
      new NarrowFloat(4, 3, 8, Specials.FINITE_UNSIGNED_ZERO);
  private static final NarrowFloat E5M2 = new NarrowFloat(5, 2, 15, Specials.IEEE);
  private static final NarrowFloat E5M2FNUZ =
      new NarrowFloat(5, 2, 16, Specials.FINITE_UNSIGNED_ZERO);
  private static final NarrowFloat E8M0 = new NarrowFloat(8, 0, 127, Specials.POWERS_OF_TWO);
  private static final NarrowFloat E2M3 = new NarrowFloat(2, 3, 1, Specials.NONE);
  private static final NarrowFloat E3M2 = new NarrowFloat(3, 2, 3, Specials.NONE);
  private static final NarrowFloat E2M1 = new NarrowFloat(2, 1, 1, Specials.NONE);

  /** The format of a float type of at most 16 bits. */
  public static NarrowFloat of(ElementType type) {
    return switch (type) {
      case FLOAT16 -> FLOAT16;
      case BFLOAT16 -> BFLOAT16;
      case FLOAT8E4M3FN -> E4M3FN;
      case FLOAT8E4M3FNUZ -> E4M3FNUZ;
      case FLOAT8E5M2 -> E5M2;
      case FLOAT8E5M2FNUZ -> E5M2FNUZ;
      case FLOAT8E8M0 -> E8M0;
      case FLOAT6E2M3 -> E2M3;
      case FLOAT6E3M2 -> E3M2;
      case FLOAT4E2M1 -> E2M1;
      default -> throw new IllegalArgumentException(type + " is not a float of at most 16 bits");
    };
  }

  private int signBit() {
    return specials == Specials.POWERS_OF_TWO ? 0 : 1 << exponentBits + mantissaBits;
  }

  private int magnitudeMask() {
    return (1 << exponentBits + mantissaBits) - 1;
  }

  private boolean isNaN(int code) {
    int magnitude = code & magnitudeMask();
    return switch (specials) {
      case IEEE -> magnitude > infinity();
      case FINITE, POWERS_OF_TWO -> magnitude == magnitudeMask();
      case FINITE_UNSIGNED_ZERO -> code == signBit();
      case NONE -> false;
    };
  }

  private int infinity() {
    return (1 << exponentBits) - 1 << mantissaBits;
  }

  /** The largest code that is a number. */
  private int largest() {
    return switch (specials) {
      case IEEE -> infinity() - 1;
      case FINITE, POWERS_OF_TWO -> magnitudeMask() - 1;
      case FINITE_UNSIGNED_ZERO, NONE -> magnitudeMask();
    };
  }

  /** The number a code of this format stands for. */
  public double decode(int code) {
    if (isNaN(code)) {
      return Double.NaN;
    }
    int magnitude = code & magnitudeMask();
    double sign = (code & signBit()) != 0 ? -1 : 1;
    if (specials == Specials.IEEE && magnitude == infinity()) {
      return sign * Double.POSITIVE_INFINITY;
    }
    return sign * decodeMagnitude(magnitude);
  }

  private double decodeMagnitude(int magnitude) {
    if (magnitude >> mantissaBits == 0 && specials != Specials.POWERS_OF_TWO) {
      return magnitude * powerOfTwo(1 - bias - mantissaBits);
    }
    long bits = (long) magnitude << DOUBLE_MANTISSA - mantissaBits;
    return Double.longBitsToDouble(bits + ((long) (DOUBLE_BIAS - bias) << DOUBLE_MANTISSA));
  }

  private static double powerOfTwo(int exponent) {
    return Double.longBitsToDouble((long) (DOUBLE_BIAS + exponent) << DOUBLE_MANTISSA);
  }

  /**
   * The code nearest to a number, ties to even.
   *
   * @param saturate whether formats of at most 8 bits give their largest number for what lies
   *     beyond it (infinities included) instead of infinity or NaN; 16-bit formats always overflow
   *     to infinity
   */
  public int encode(double value, boolean saturate) {
    if (Double.isNaN(value)) {
      return nan(value);
    }
    boolean negative = Double.doubleToRawLongBits(value) < 0;
    int sign = negative ? signBit() : 0;
    if (specials == Specials.POWERS_OF_TWO && negative && value != 0) {
      return nan(value);
    }
    double magnitude = Math.abs(value);
    int code = magnitude == Double.POSITIVE_INFINITY ? largest() + 1 : round(magnitude);
    if (code > largest()) {
      code = overflow(saturate);
      return code < 0 ? nan(value) : sign | code;
    }
    return code == 0 && specials == Specials.FINITE_UNSIGNED_ZERO ? 0 : sign | code;
  }

  private int nan(double value) {
    int sign = Double.doubleToRawLongBits(value) < 0 ? signBit() : 0;
    return switch (specials) {
      case IEEE -> sign | infinity() | (mantissaBits == 2 ? 3 : 1 << mantissaBits - 1);
      case FINITE -> sign | magnitudeMask();
      case POWERS_OF_TWO -> magnitudeMask();
      case FINITE_UNSIGNED_ZERO -> signBit();
      // The formats have no NaN; what ONNX's reference gives is minus zero.
      case NONE -> signBit();
    };
  }

  /** The code for what lies beyond the largest number, or -1 for NaN. */
  private int overflow(boolean saturate) {
    boolean sixteenBits = exponentBits + mantissaBits == 15;
    if (saturate && !sixteenBits || specials == Specials.NONE) {
      return largest();
    }
    return specials == Specials.IEEE ? infinity() : -1;
  }

  /** Codes of a sign grow with their numbers, so rounding up is adding one. */
  private int round(double magnitude) {
    if (specials == Specials.POWERS_OF_TWO) {
      return roundToPower(magnitude);
    }
    if (magnitude < powerOfTwo(1 - bias)) {
      return (int) Math.rint(magnitude * powerOfTwo(bias - 1 + mantissaBits));
    }
    int dropped = DOUBLE_MANTISSA - mantissaBits;
    long bits = Double.doubleToRawLongBits(magnitude);
    long isOdd = bits >>> dropped & 1;
    long rounded = bits + (1L << dropped - 1) - 1 + isOdd >>> dropped;
    long code = rounded - ((long) (DOUBLE_BIAS - bias) << mantissaBits);
    return (int) Math.min(code, largest() + 1L);
  }

  private int roundToPower(double magnitude) {
    if (magnitude == 0) {
      return 0;
    }
    int exponent = Math.max(Math.getExponent(magnitude), -bias);
    int up = Math.rint(Math.scalb(magnitude, -exponent)) > 1 ? 1 : 0;
    return Math.min(Math.max(exponent + bias + up, 0), largest() + 1);
  }
}
