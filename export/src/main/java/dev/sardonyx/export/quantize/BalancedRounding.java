package dev.sardonyx.export.quantize;

import dev.sardonyx.ir.Tensor;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Rounds weights so that their errors cancel out in sums. What a product is given after a Relu, or
 * as an image, is positive on average, so that errors of one sign add up to a shift of the result;
 * layers with large weights after it, as depthwise convolutions have, blow that up. The errors,
 * first of each window of a convolution, then of each output, for which windows may give way, are
 * made to add up to less than a step, by rounding those elements the other way that lie nearest to
 * the middle of two integers.
 *
 * <p>Source: Guo et al., SQuant: On-the-Fly Data-Free Quantization via Diagonal Hessian
 * Approximation, 2022.
 */
final class BalancedRounding {
  private final int[] integers;
  private final double[] errors;
  private final int lowest;
  private final int highest;
  private final int outputs;
  private final int inputs;
  private final int window;
  private final boolean outputsFirst;

  /**
   * @param integers the elements rounded to the nearest, which are changed
   * @param errors of the integers, in steps
   * @param dims of the weights, two at least
   * @param axis of the outputs, 0 or 1
   * @param lowest the least integer that is used
   * @param highest the greatest integer that is used
   */
  private BalancedRounding(
      int[] integers, double[] errors, long[] dims, int axis, int lowest, int highest) {
    this.integers = integers;
    this.errors = errors;
    this.lowest = lowest;
    this.highest = highest;
    this.outputs = (int) dims[axis];
    this.inputs = (int) dims[1 - axis];
    this.window = integers.length / Math.max(1, outputs * inputs);
    this.outputsFirst = axis == 0;
  }

  /**
   * The same weights, rounded so.
   *
   * @param rounded the weights, rounded to the nearest integers
   * @param weights what was rounded
   * @param axis the axis of the outputs, 0 or 1, beside which is that of the inputs
   */
  static QuantizedWeights of(QuantizedWeights rounded, Tensor weights, int axis) {
    if (weights.size() == 0) {
      return rounded;
    }
    double[] numbers = weights.toDoubles();
    double[] stored = rounded.elements().toDoubles();
    int[] integers = new int[stored.length];
    double[] errors = new double[stored.length];
    for (int i = 0; i < stored.length; i++) {
      QuantizationParameters as = rounded.parametersOf(i);
      integers[i] = (int) stored[i];
      errors[i] = integers[i] - as.zeroPoint() - numbers[i] / as.scale();
    }
    QuantizationParameters any = rounded.parameters().get(0);
    new BalancedRounding(integers, errors, weights.dims(), axis, any.lowest(), any.highest())
        .balance();
    return rounded.withElements(integers);
  }

  private void balance() {
    IntStream.range(0, outputs)
        .parallel()
        .forEach(
            output -> {
              boolean[] turned = new boolean[inputs * window];
              for (int input = 0; window > 1 && input < inputs; input++) {
                balance(output, input * window, (input + 1) * window, turned);
              }
              balance(output, 0, inputs * window, turned);
            });
  }

  /** Where an element of an output is stored. */
  private int at(int output, int element) {
    return outputsFirst
        ? output * inputs * window + element
        : (element / window * outputs + output) * window + element % window;
  }

  /** Rounds some elements of an output the other way, each once at most. */
  private void balance(int output, int from, int to, boolean[] turned) {
    double sum = 0;
    for (int i = from; i < to; i++) {
      sum += errors[at(output, i)];
    }
    long count = Math.round(Math.abs(sum));
    if (count == 0) {
      return;
    }
    int step = sum > 0 ? -1 : 1;
    long[] candidates = new long[to - from]; // by their errors, with their places
    int found = 0;
    for (int i = from; i < to; i++) {
      int at = at(output, i);
      int other = integers[at] + step;
      if (errors[at] * step < 0 && !turned[i] && other >= lowest && other <= highest) {
        long size = Float.floatToIntBits((float) Math.abs(errors[at]));
        candidates[found++] = size << Integer.SIZE | i;
      }
    }
    Arrays.sort(candidates, 0, found);
    for (int i = found - 1; i >= Math.max(0, found - count); i--) {
      int element = (int) candidates[i];
      int at = at(output, element);
      integers[at] += step;
      errors[at] += step;
      turned[element] = true;
    }
  }
}
