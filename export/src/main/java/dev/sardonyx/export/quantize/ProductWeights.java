package dev.sardonyx.export.quantize;

import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Tensor;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The constant operands of a convolution or matrix product as integers.
 *
 * @param weights int8 or uint8
 * @param bias int32, with the scale of the sums: that of the input times that of the weights; null
 *     if the product has none, or it stays {@code float}
 * @param biasScale a scalar, or a vector with one for each channel; null as the bias
 */
record ProductWeights(QuantizedWeights weights, @Nullable Tensor bias, @Nullable Tensor biasScale) {
  /**
   * The largest number of a bias: half of what an int32 holds, the other half being left to the
   * sums it is added to.
   */
  private static final double LARGEST_BIAS = 1 << 30;

  /** How many channels a product gives. */
  static long channels(Node node, Tensor weights) {
    return switch (node.opType()) {
      case "Conv" -> weights.dim(0);
      case "ConvTranspose" -> weights.dim(1) * node.intAttribute("group", 1);
      case "Gemm" -> weights.dim(node.intAttribute("transB", 0) == 0 ? 1 : 0);
      default -> weights.dim(weights.rank() - 1);
    };
  }

  private static boolean isPerChannel(Node node, QuantizationOptions options) {
    return options.perChannel() && !options.target().perTensor().contains(node.opType());
  }

  /** The axis along which weights have scales of their own. */
  static int axis(Node node, Tensor weights, boolean perChannel) {
    if (!perChannel) {
      return QuantizedWeights.PER_TENSOR;
    }
    return switch (node.opType()) {
      case "Conv" -> 0;
      case "ConvTranspose" -> node.intAttribute("group", 1) == 1 ? 1 : QuantizedWeights.PER_TENSOR;
      case "Gemm" -> node.intAttribute("transB", 0) == 0 ? 1 : 0;
      default -> weights.rank() == 2 ? 1 : QuantizedWeights.PER_TENSOR;
    };
  }

  /**
   * Quantises weights and bias. Scales of weights are large enough for every bias to fit and for no
   * scale of sums to vanish. This holds for a bias that stays in {@code float}, too: runtimes may
   * make it int32 themselves, as ONNX Runtime does on the CPU.
   *
   * @param input how the product's first input is stored
   * @param oneSided whether that input has one sign
   */
  static ProductWeights of(
      Node node,
      Tensor weights,
      @Nullable Tensor bias,
      QuantizationParameters input,
      boolean oneSided,
      QuantizationOptions options) {
    int axis = axis(node, weights, isPerChannel(node, options));
    int count = axis == QuantizedWeights.PER_TENSOR ? 1 : Math.toIntExact(weights.dim(axis));
    float[] shifts = bias == null ? new float[0] : bias.toFloats();
    double[] least = new double[count];
    Arrays.fill(least, 2.0 * Float.MIN_NORMAL / input.scale());
    boolean isInteger = bias != null && options.target().integerBias();
    for (int i = 0; i < shifts.length; i++) {
      if (!Float.isFinite(shifts[i]) && isInteger) {
        throw new QuantizationException(
            "Bias %s of %s has %s as element %d; integers hold finite numbers only"
                .formatted(node.input(2), node.described(), shifts[i], i));
      }
      double needed = Math.abs(shifts[i]) / (input.scale() * LARGEST_BIAS);
      if (Double.isFinite(needed)) {
        least[i % count] = Math.max(least[i % count], needed);
      }
    }
    // What is all zero has no scale of its own; without a bias, any will do.
    QuantizedWeights quantized =
        QuantizedWeights.of(node.input(1), weights, axis, options.weights(), least);
    int outputs = axis(node, weights, true);
    boolean isSummed = weights.rank() > 1 && !node.is("LayerNormalization");
    if (oneSided && outputs != QuantizedWeights.PER_TENSOR && isSummed) {
      quantized = BalancedRounding.of(quantized, weights, outputs);
    }
    return isInteger
        ? withBias(quantized, shifts, input.scale())
        : new ProductWeights(quantized, null, null);
  }

  private static ProductWeights withBias(QuantizedWeights weights, float[] bias, float inputScale) {
    float[] scales = weights.scale().toFloats();
    for (int i = 0; i < scales.length; i++) {
      scales[i] *= inputScale;
    }
    int[] integers = new int[bias.length];
    for (int i = 0; i < bias.length; i++) {
      integers[i] = (int) Math.rint((double) bias[i] / scales[i % scales.length]);
    }
    boolean one = weights.axis() == QuantizedWeights.PER_TENSOR;
    return new ProductWeights(
        weights,
        Tensor.ofInts(integers, integers.length),
        one ? Tensor.scalar(scales[0]) : Tensor.ofFloats(scales, scales.length));
  }
}
