package dev.sardonyx.export.quantize;

import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Tensor;

/**
 * What a tensor is quantised with, as QuantizeLinear does: {@code q = round(x / scale) +
 * zeroPoint}, ties to even, saturated. Zero is stored without error.
 *
 * @param type the integers' type
 * @param scale positive, normal and finite
 * @param zeroPoint the integer that stands for 0
 * @param lowest the least integer that is used
 * @param highest the greatest integer that is used
 */
public record QuantizationParameters(
    ElementType type, float scale, int zeroPoint, int lowest, int highest) {
  /**
   * @throws IllegalArgumentException if the scale is not a positive, normal and finite number, or
   *     the integers are not in order
   */
  public QuantizationParameters {
    if (!(scale >= Float.MIN_NORMAL) || Float.isInfinite(scale)) {
      throw new IllegalArgumentException(
          "A scale is a positive, normal and finite float, not " + scale);
    }
    if (lowest > zeroPoint || zeroPoint > highest) {
      throw new IllegalArgumentException(
          "The zero point is one of the integers from "
              + lowest
              + " to "
              + highest
              + ", not "
              + zeroPoint);
    }
  }

  /** The integer for a number; both infinities saturate, NaN becomes 0's. */
  public int quantize(float x) {
    double q = Math.rint(x / scale) + zeroPoint;
    return Double.isNaN(q) ? zeroPoint : (int) Math.max(lowest, Math.min(highest, q));
  }

  /** The number that an integer stands for. */
  public float dequantize(int q) {
    return (q - zeroPoint) * scale;
  }

  /** The numbers that are stored with an error of at most half a step. */
  public Range range() {
    return new Range(dequantize(lowest), dequantize(highest));
  }

  /** A float scalar. */
  public Tensor scaleTensor() {
    return Tensor.scalar(scale);
  }

  /** A scalar of the integers' type. */
  public Tensor zeroPointTensor() {
    return Tensor.ofNumbers(type, new double[] {zeroPoint});
  }
}
