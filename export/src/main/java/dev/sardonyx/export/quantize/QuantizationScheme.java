package dev.sardonyx.export.quantize;

import dev.sardonyx.ir.ElementType;

/**
 * How a range becomes the integers of a type.
 *
 * @param type int4, uint4, int8, uint8, int16 or uint16
 * @param symmetric whether zero is stored as the middle: 0 of a signed type, 128 of uint8. The
 *     lowest signed number, -128, then stays unused, so that both sides reach equally far
 * @param reducedRange whether one bit less is used. Products of uint8 and int8 do not fit the
 *     16-bit sums of x86 processors without VNNI, and saturate there, unless weights have 7 bits
 */
public record QuantizationScheme(ElementType type, boolean symmetric, boolean reducedRange) {
  /**
   * @throws IllegalArgumentException if the type is another
   */
  public QuantizationScheme {
    if (!type.isInteger() || type.bits() < 4 || type.bits() > 16) {
      throw new IllegalArgumentException(
          "Quantised elements are int4, uint4, int8, uint8, int16 or uint16, not "
              + type.onnxName());
    }
  }

  /** Zero in the middle and all bits used: the scheme for weights. */
  public static QuantizationScheme symmetric(ElementType type) {
    return new QuantizationScheme(type, true, false);
  }

  /** Zero where the range has it and all bits used: the scheme for activations. */
  public static QuantizationScheme asymmetric(ElementType type) {
    return new QuantizationScheme(type, false, false);
  }

  public QuantizationScheme withReducedRange(boolean changed) {
    return new QuantizationScheme(type, symmetric, changed);
  }

  /** The least integer that is used. */
  public int lowest() {
    if (type.isUnsigned()) {
      return symmetric ? middle() - half() : 0;
    }
    return symmetric || reducedRange ? -half() : -half() - 1;
  }

  /** The greatest integer that is used. */
  public int highest() {
    return type.isUnsigned() && !symmetric ? (1 << bits()) - 1 : middle() + half();
  }

  /** Where zero is in a symmetric scheme. */
  private int middle() {
    return type.isUnsigned() ? 1 << (type.bits() - 1) : 0;
  }

  /** How far both sides of a symmetric scheme reach. */
  private int half() {
    int power = 1 << (bits() - 1);
    return type.isSigned() && reducedRange ? power : power - 1;
  }

  private int bits() {
    return reducedRange ? type.bits() - 1 : type.bits();
  }

  /**
   * The parameters with which the integers just cover a range, which is widened to hold zero. A
   * range of nothing but zero gets scale 1; no scale is less than the smallest normal float.
   */
  public QuantizationParameters parameters(Range range) {
    return parameters(range, 0);
  }

  /**
   * The same with a scale of at least a given one, such as one with which a bias still fits.
   *
   * @throws IllegalArgumentException if the scale would be infinite as a float
   */
  public QuantizationParameters parameters(Range range, double leastScale) {
    Range zeroed = range.withZero();
    int low = lowest();
    int high = highest();
    double exact =
        symmetric ? zeroed.magnitude() / half() : (zeroed.max() - zeroed.min()) / (high - low);
    double wanted = Math.max(exact, leastScale);
    float scale = wanted == 0 ? 1 : Math.max((float) wanted, Float.MIN_NORMAL);
    int zero =
        symmetric
            ? middle()
            : (int) Math.max(low, Math.min(high, Math.rint(low - zeroed.min() / scale)));
    return new QuantizationParameters(type, scale, zero, low, high);
  }
}
