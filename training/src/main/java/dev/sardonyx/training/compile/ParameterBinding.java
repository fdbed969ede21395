package dev.sardonyx.training.compile;

import java.util.Arrays;
import java.util.stream.LongStream;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * Which elements of which IR constant are which parameter of which DL4J layer.
 *
 * @param constant the IR constant
 * @param offset the first of its elements that belong to the parameter (grouped convolutions share
 *     one constant)
 * @param addend the first of its elements that are added to those, for ONNX's recurrent operators
 *     have two biases where DL4J has one; they stay as they are. {@link #NONE} if there are none
 * @param dims the dimensions of those elements in the IR
 * @param permutation the order of these axes in DL4J
 * @param scale what DL4J's value is a multiple of the IR's (Gemm's alpha and beta)
 * @param layer the DL4J layer
 * @param parameter its parameter, such as {@code W}
 * @param column the first of the parameter's columns that are meant; {@link #NONE} for all of it
 */
record ParameterBinding(
    String constant,
    int offset,
    int addend,
    long[] dims,
    int[] permutation,
    float scale,
    String layer,
    String parameter,
    int column) {
  static final int NONE = -1;

  /** A whole constant in the same order of axes; DL4J may add axes of 1. */
  static ParameterBinding plain(String constant, long[] dims, String layer, String parameter) {
    int[] same = new int[dims.length];
    Arrays.setAll(same, i -> i);
    return new ParameterBinding(constant, 0, NONE, dims, same, 1, layer, parameter, NONE);
  }

  ParameterBinding permuted(int... order) {
    return new ParameterBinding(
        constant, offset, addend, dims, order, scale, layer, parameter, column);
  }

  ParameterBinding scaled(float factor) {
    return new ParameterBinding(
        constant, offset, addend, dims, permutation, factor, layer, parameter, column);
  }

  ParameterBinding at(int first) {
    return new ParameterBinding(
        constant, first, addend, dims, permutation, scale, layer, parameter, column);
  }

  ParameterBinding plus(int first) {
    return new ParameterBinding(
        constant, offset, first, dims, permutation, scale, layer, parameter, column);
  }

  /** Only the parameter's columns from one on, as many as the constant's elements make. */
  ParameterBinding columnsFrom(int first) {
    return new ParameterBinding(
        constant, offset, addend, dims, permutation, scale, layer, parameter, first);
  }

  private int size() {
    return Math.toIntExact(LongStream.of(dims).reduce(1, Math::multiplyExact));
  }

  private INDArray parameterOf(ComputationGraph network) {
    INDArray all = network.getLayer(layer).getParam(parameter);
    if (column == NONE) {
      return all;
    }
    long width = dims[permutation[permutation.length - 1]];
    return all.get(NDArrayIndex.all(), NDArrayIndex.interval(column, column + width));
  }

  /** Sets the parameter from the constant's elements. */
  void load(float[] elements, ComputationGraph network) {
    INDArray target = parameterOf(network);
    float[] values = new float[size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = toParameter(elements, i);
    }
    INDArray value = Nd4j.createFromArray(values).reshape(dims).permute(permutation);
    target.assign(value.dup('c').reshape('c', target.shape()));
  }

  private float toParameter(float[] elements, int i) {
    float element = elements[offset + i];
    float scaled = scale == 1 ? element : element * scale;
    return addend == NONE ? scaled : scaled + elements[addend + i];
  }

  private float fromParameter(float value, float[] elements, int i) {
    float scaled = addend == NONE ? value : value - elements[addend + i];
    return scale == 1 ? scaled : scaled / scale;
  }

  /**
   * Writes the parameter into the constant's elements.
   *
   * @param elements those the parameter was loaded from; those that training did not change keep
   *     their bits, which the conversion to the parameter and back need not
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
      float before = toParameter(elements, i);
      if (Float.floatToRawIntBits(before) != Float.floatToRawIntBits(values[i])) {
        elements[offset + i] = fromParameter(values[i], elements, i);
      }
    }
  }
}
