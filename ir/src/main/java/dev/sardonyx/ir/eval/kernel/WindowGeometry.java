package dev.sardonyx.ir.eval.kernel;

import dev.sardonyx.ir.eval.EvaluationException;
import java.util.Arrays;

/**
 * How a kernel slides over spatial axes: the geometry that convolutions and pools share.
 *
 * @param input sizes of the spatial axes
 * @param kernel the kernel's size along each
 * @param padsBegin padding before each
 * @param padsEnd padding after each
 * @param output how many places the kernel takes along each
 */
record WindowGeometry(
    int[] input,
    int[] kernel,
    int[] strides,
    int[] dilations,
    int[] padsBegin,
    int[] padsEnd,
    int[] output) {
  /** In an index: a position in the padding. */
  static final int PADDING = -1;

  /** In an index: a position beyond the padding, where only rounding up can lead. */
  static final int BEYOND = -2;

  /** The geometry that the attributes of a convolution or pool describe. */
  static WindowGeometry of(KernelContext c, long[] spatial, long[] kernelShape) {
    int rank = spatial.length;
    if (kernelShape.length != rank) {
      throw new EvaluationException(
          "a kernel of shape "
              + Arrays.toString(kernelShape)
              + " does not slide over "
              + rank
              + " spatial axes");
    }
    int[] input = Dims.toInts(spatial);
    int[] kernel = Dims.toInts(kernelShape);
    int[] strides = attribute(c, "strides", rank, 1);
    int[] dilations = attribute(c, "dilations", rank, 1);
    int[] pads = attribute(c, "pads", 2 * rank, 0);
    int[] begin = Arrays.copyOf(pads, rank);
    int[] end = Arrays.copyOfRange(pads, rank, 2 * rank);
    int[] output = new int[rank];
    String autoPad = c.stringAttribute("auto_pad", "NOTSET");
    boolean ceil = c.flag("ceil_mode");
    for (int d = 0; d < rank; d++) {
      int extent = (kernel[d] - 1) * dilations[d] + 1;
      if (autoPad.startsWith("SAME")) {
        output[d] = (input[d] + strides[d] - 1) / strides[d];
        int total = Math.max(0, (output[d] - 1) * strides[d] + extent - input[d]);
        begin[d] = autoPad.equals("SAME_LOWER") ? (total + 1) / 2 : total / 2;
        end[d] = total - begin[d];
        continue;
      }
      if (autoPad.equals("VALID")) {
        begin[d] = 0;
        end[d] = 0;
      }
      int room = input[d] + begin[d] + end[d] - extent;
      if (room < 0) {
        throw new EvaluationException(
            "a window of "
                + extent
                + " does not fit into an axis of "
                + input[d]
                + " with its pads");
      }
      output[d] = room / strides[d] + 1;
      if (ceil) {
        output[d] = (room + strides[d] - 1) / strides[d] + 1;
        if ((output[d] - 1) * strides[d] >= input[d] + begin[d]) {
          output[d]--;
        }
      }
    }
    return new WindowGeometry(input, kernel, strides, dilations, begin, end, output);
  }

  static int[] attribute(KernelContext c, String name, int count, long otherwise) {
    long[] values = c.intsAttribute(name);
    if (values == null || values.length == 0) {
      return Dims.toInts(Dims.fill(count, otherwise));
    }
    if (values.length != count) {
      throw new EvaluationException(
          "attribute " + name + " has " + values.length + " values, not " + count);
    }
    return Dims.toInts(values);
  }

  int kernelSize() {
    return product(kernel);
  }

  int inputSize() {
    return product(input);
  }

  int outputSize() {
    return product(output);
  }

  private static int product(int[] sizes) {
    int product = 1;
    for (int size : sizes) {
      product = Math.multiplyExact(product, size);
    }
    return product;
  }

  long[] outputDims() {
    return Arrays.stream(output).asLongStream().toArray();
  }

  /**
   * For each place in the kernel and each place it takes, {@code [kernelSize, outputSize]}, the
   * position in the input, or {@link #PADDING} or {@link #BEYOND}.
   */
  int[][] index() {
    int[][] index = new int[kernelSize()][];
    int[] at = new int[kernel.length];
    for (int k = 0; k < index.length; k++) {
      index[k] = index(at);
      for (int d = kernel.length - 1; d >= 0 && ++at[d] == kernel[d]; d--) {
        at[d] = 0;
      }
    }
    return index;
  }

  private int[] index(int[] place) {
    int[] index = {0};
    for (int d = 0; d < kernel.length; d++) {
      int[] along = along(d, place[d]);
      int[] longer = new int[Dims.size(index.length, along.length)];
      for (int i = 0, at = 0; i < index.length; i++) {
        for (int position : along) {
          longer[at++] =
              index[i] < 0 || position < 0
                  ? Math.min(index[i], position)
                  : index[i] * input[d] + position;
        }
      }
      index = longer;
    }
    return index;
  }

  private int[] along(int d, int place) {
    int[] along = new int[output[d]];
    for (int o = 0; o < along.length; o++) {
      int position = o * strides[d] - padsBegin[d] + place * dilations[d];
      if (position >= input[d] + padsEnd[d]) {
        along[o] = BEYOND;
      } else {
        along[o] = position < 0 || position >= input[d] ? PADDING : position;
      }
    }
    return along;
  }
}
