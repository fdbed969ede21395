package dev.sardonyx.export.quantize;

import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Tensor;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Weights as small integers, with one scale and zero point for all of them or one for each index
 * along an axis, in the form DequantizeLinear takes them.
 *
 * @param elements of the shape of the weights
 * @param parameters one, or one for each index along the axis
 * @param axis of the parameters, or -1 if there is only one for all
 */
public record QuantizedWeights(Tensor elements, List<QuantizationParameters> parameters, int axis) {
  /** No axis: one scale for all. */
  public static final int PER_TENSOR = -1;

  public QuantizedWeights {
    parameters = List.copyOf(parameters);
  }

  /**
   * Quantises weights by their own ranges.
   *
   * @param name for messages
   * @param axis in the range of the weights' rank, or {@link #PER_TENSOR}
   * @throws QuantizationException naming the weights if one of them is NaN or infinite
   */
  public static QuantizedWeights of(
      String name, Tensor weights, int axis, QuantizationScheme scheme) {
    int count = axis == PER_TENSOR ? 1 : Math.toIntExact(weights.dim(axis));
    return of(name, weights, axis, scheme, new double[count]);
  }

  /**
   * The same with scales that are not less than given ones.
   *
   * @param leastScales one, or one for each index along the axis
   */
  public static QuantizedWeights of(
      String name, Tensor weights, int axis, QuantizationScheme scheme, double[] leastScales) {
    float[] numbers = weights.toFloats();
    List<QuantizationParameters> parameters = new ArrayList<>();
    Range[] ranges = ranges(name, numbers, inner(weights, axis), leastScales.length);
    for (int i = 0; i < ranges.length; i++) {
      parameters.add(scheme.parameters(ranges[i], leastScales[i]));
    }
    return new QuantizedWeights(
        quantized(numbers, weights, parameters, inner(weights, axis)), parameters, axis);
  }

  /** From the least to the greatest of finite numbers, with zero. */
  static Range range(Tensor weights) {
    return ranges("", weights.toFloats(), 1, 1)[0];
  }

  /** How many elements lie between those of neighbouring indices along the axis. */
  private static int inner(Tensor weights, int axis) {
    int inner = 1;
    for (int i = axis + 1; i < weights.rank(); i++) {
      inner *= (int) weights.dim(i);
    }
    return inner;
  }

  private static Range[] ranges(String name, float[] numbers, int inner, int count) {
    double[] low = new double[count];
    double[] high = new double[count];
    for (int i = 0; i < numbers.length; i++) {
      float x = numbers[i];
      if (!Float.isFinite(x)) {
        throw new QuantizationException(
            "Weights %s have %s as element %d; integers hold finite numbers only"
                .formatted(name, x, i));
      }
      int channel = i / inner % count;
      low[channel] = Math.min(low[channel], x);
      high[channel] = Math.max(high[channel], x);
    }
    Range[] ranges = new Range[count];
    for (int i = 0; i < count; i++) {
      ranges[i] = new Range(low[i], high[i]);
    }
    return ranges;
  }

  private static Tensor quantized(
      float[] numbers, Tensor weights, List<QuantizationParameters> parameters, int inner) {
    ElementType type = parameters.isEmpty() ? ElementType.INT8 : parameters.get(0).type();
    if (type.isPacked()) {
      double[] all = new double[numbers.length];
      for (int i = 0; i < all.length; i++) {
        all[i] = parameters.get(i / inner % parameters.size()).quantize(numbers[i]);
      }
      return Tensor.ofNumbers(type, all, weights.dims());
    }
    ByteBuffer bytes = Tensor.allocate(type, numbers.length);
    for (int i = 0; i < numbers.length; i++) {
      int q = parameters.get(i / inner % parameters.size()).quantize(numbers[i]);
      if (type.bits() == Byte.SIZE) {
        bytes.put(i, (byte) q);
      } else {
        bytes.putShort(i * Short.BYTES, (short) q);
      }
    }
    return Tensor.of(type, weights.dims(), bytes);
  }

  /** How the element at a place, row by row, is stored. */
  QuantizationParameters parametersOf(int element) {
    return parameters.get(element / inner(elements, axis) % parameters.size());
  }

  /** The same with other integers of the same range. */
  QuantizedWeights withElements(int[] integers) {
    double[] all = Arrays.stream(integers).asDoubleStream().toArray();
    return new QuantizedWeights(
        Tensor.ofNumbers(elements.elementType(), all, elements.dims()), parameters, axis);
  }

  /** The numbers that the elements stand for, row by row. */
  public float[] dequantized() {
    double[] integers = elements.toDoubles();
    float[] numbers = new float[integers.length];
    int inner = inner(elements, axis);
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = parameters.get(i / inner % parameters.size()).dequantize((int) integers[i]);
    }
    return numbers;
  }

  /** The axis of the parameters, if there is one for each index. */
  public Optional<Integer> channelAxis() {
    return axis == PER_TENSOR ? Optional.empty() : Optional.of(axis);
  }

  /** The scales: a float scalar, or a vector along the axis. */
  public Tensor scale() {
    float[] scales = new float[parameters.size()];
    for (int i = 0; i < scales.length; i++) {
      scales[i] = parameters.get(i).scale();
    }
    return axis == PER_TENSOR ? Tensor.scalar(scales[0]) : Tensor.ofFloats(scales, scales.length);
  }

  /** The zero points, of the integers' type: a scalar, or a vector along the axis. */
  public Tensor zeroPoint() {
    double[] zeros = parameters.stream().mapToDouble(QuantizationParameters::zeroPoint).toArray();
    return axis == PER_TENSOR
        ? Tensor.ofNumbers(elements.elementType(), zeros)
        : Tensor.ofNumbers(elements.elementType(), zeros, zeros.length);
  }
}
