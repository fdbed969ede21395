package dev.sardonyx.ir.eval.kernel;

import dev.sardonyx.ir.eval.EvaluationException;
import java.util.Arrays;
import java.util.stream.IntStream;
import java.util.stream.Stream;

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
    return places().map(place -> index(place, kernel.length)).toArray(int[][]::new);
  }

  /** The same by lines, for each place in the kernel. */
  Lines[] lines() {
    return places().map(this::lines).toArray(Lines[]::new);
  }

  /** The coordinates of each place in the kernel, in row-major order. */
  private Stream<int[]> places() {
    int[] strides = Dims.strides(Arrays.stream(kernel).asLongStream().toArray());
    return IntStream.range(0, kernelSize())
        .mapToObj(
            k -> IntStream.range(0, kernel.length).map(d -> k / strides[d] % kernel[d]).toArray());
  }

  /** Positions by the first axes alone, of inputs that have no others. */
  private int[] index(int[] place, int axes) {
    int[] index = {0};
    for (int d = 0; d < axes; d++) {
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

  private Lines lines(int[] place) {
    int last = kernel.length - 1;
    if (last < 0) {
      return new Lines(new int[] {0}, 1, 1, 0, 1);
    }
    int[] starts = index(place, last);
    int shift = place[last] * dilations[last] - padsBegin[last];
    for (int i = 0; i < starts.length; i++) {
      starts[i] = starts[i] < 0 ? Lines.NONE : starts[i] * input[last] + shift;
    }
    int stride = strides[last];
    int first = Math.min(output[last], Math.max(0, Math.floorDiv(stride - 1 - shift, stride)));
    int end = Math.floorDiv(input[last] - 1 - shift, stride) + 1;
    end = Math.max(first, Math.min(output[last], end));
    return new Lines(starts, output[last], stride, first, end);
  }

  /**
   * For one place in the kernel: where each line of outputs, along the last axis, reads the input.
   * A line's i-th output reads at {@code starts[line] + i * stride}, for i from {@code first} to
   * before {@code end}; the others, and lines that start at {@code NONE}, read what is not there.
   */
  record Lines(int[] starts, int length, int stride, int first, int end) {
    static final int NONE = Integer.MIN_VALUE;

    /** Where a part of a line of outputs begins, and the input of its first one. */
    @FunctionalInterface
    interface Part {
      void apply(int from, int to, int count);
    }

    /** Names all outputs that read the input, line by line. */
    void forEach(Part part) {
      for (int line = 0; line < starts.length && first < end; line++) {
        if (starts[line] != NONE) {
          part.apply(starts[line] + first * stride, line * length + first, end - first);
        }
      }
    }

    /** Copies so many outputs' inputs, from one output on; those not there are 0. */
    void copy(float[] x, int at, int from, int count, float[] into) {
      int line = from / length;
      int skipped = from % length;
      for (int to = 0; to < count; line++) {
        int part = Math.min(length - skipped, count - to);
        copy(x, at, line, skipped, into, to, part);
        to += part;
        skipped = 0;
      }
    }

    private void copy(float[] x, int at, int line, int skipped, float[] into, int to, int count) {
      if (starts[line] == NONE) {
        Arrays.fill(into, to, to + count, 0);
        return;
      }
      int begin = clamp(first, skipped, skipped + count);
      int stop = clamp(end, begin, skipped + count);
      Arrays.fill(into, to, to + begin - skipped, 0);
      int source = at + starts[line] + begin * stride;
      int target = to + begin - skipped;
      if (stride == 1 && stop > begin) {
        System.arraycopy(x, source, into, target, stop - begin);
      } else {
        for (int i = 0; i < stop - begin; i++) {
          into[target + i] = x[source + i * stride];
        }
      }
      Arrays.fill(into, to + stop - skipped, to + count, 0);
    }

    private static int clamp(int value, int low, int high) {
      return Math.max(low, Math.min(high, value));
    }
  }

  /**
   * How many places of the kernel lie inside the input, or its padding, too, for each place that it
   * takes.
   */
  int[] counts(boolean withPadding) {
    int[] counts = {1};
    for (int d = 0; d < kernel.length; d++) {
      int[] own = new int[output[d]];
      for (int place = 0; place < kernel[d]; place++) {
        int[] along = along(d, place);
        for (int o = 0; o < own.length; o++) {
          own[o] += along[o] >= (withPadding ? PADDING : 0) ? 1 : 0;
        }
      }
      int[] longer = new int[Dims.size(counts.length, own.length)];
      for (int i = 0; i < longer.length; i++) {
        longer[i] = counts[i / own.length] * own[i % own.length];
      }
      counts = longer;
    }
    return counts;
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
