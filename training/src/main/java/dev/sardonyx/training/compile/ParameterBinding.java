package dev.sardonyx.training.compile;

import java.util.Arrays;
import java.util.stream.LongStream;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Which elements of which IR constant are which parameter of which DL4J layer.
 *
 * @param constant the IR constant
 * @param offset the first of its elements that belong to the parameter (grouped convolutions share
 *     one constant)
 * @param dims the dimensions of those elements in the IR
 * @param permutation the order of these axes in DL4J
 * @param scale what DL4J's value is a multiple of the IR's (Gemm's alpha and beta)
 * @param layer the DL4J layer
 * @param parameter its parameter, such as {@code W}
 */
record ParameterBinding(
    String constant,
    int offset,
    long[] dims,
    int[] permutation,
    float scale,
    String layer,
    String parameter) {

  /** A whole constant in the same order of axes; DL4J may add axes of 1. */
  static ParameterBinding plain(String constant, long[] dims, String layer, String parameter) {
    int[] same = new int[dims.length];
    Arrays.setAll(same, i -> i);
    return new ParameterBinding(constant, 0, dims, same, 1, layer, parameter);
  }

  ParameterBinding permuted(int... order) {
    return new ParameterBinding(constant, offset, dims, order, scale, layer, parameter);
  }

  ParameterBinding scaled(float factor) {
    return new ParameterBinding(constant, offset, dims, permutation, factor, layer, parameter);
  }

  ParameterBinding at(int first) {
    return new ParameterBinding(constant, first, dims, permutation, scale, layer, parameter);
  }

  private int size() {
    return Math.toIntExact(LongStream.of(dims).reduce(1, Math::multiplyExact));
  }

  private INDArray parameterOf(ComputationGraph network) {
    return network.getLayer(layer).getParam(parameter);
  }

  /** Sets the parameter from the constant's elements. */
  void load(float[] elements, ComputationGraph network) {
    INDArray target = parameterOf(network);
    float[] values = new float[size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = toParameter(elements[offset + i]);
    }
    INDArray value = Nd4j.createFromArray(values).reshape(dims).permute(permutation);
    target.assign(value.dup('c').reshape('c', target.shape()));
  }

  private float toParameter(float element) {
    return scale == 1 ? element : element * scale;
  }

  /**
   * Writes the parameter into the constant's elements.
   *
   * @param elements those the parameter was loaded from; what training left alone stays as it is,
   *     bit by bit, where a division by the scale might not lead back
   */
  void store(ComputationGraph network, float[] elements) {
    long[] permuted = new long[dims.length];
    int[] inverse = new int[dims.length];
    for (int i = 0; i < dims.length; i++) {
      permuted[i] = dims[permutation[i]];
      inverse[permutation[i]] = i;
    }
    INDArray value = parameterOf(network).dup('c').reshape('c', permuted).permute(inverse).dup('c');
    float[] values = value.data().asFloat();
    for (int i = 0; i < values.length; i++) {
      float before = toParameter(elements[offset + i]);
      if (Float.floatToRawIntBits(before) != Float.floatToRawIntBits(values[i])) {
        elements[offset + i] = scale == 1 ? values[i] : values[i] / scale;
      }
    }
  }
}
