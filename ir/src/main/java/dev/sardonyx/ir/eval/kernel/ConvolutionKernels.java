package dev.sardonyx.ir.eval.kernel;

import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.eval.EvaluationException;
import java.util.Arrays;

/** Convolutions over any number of spatial axes, layout N, C, spatial. */
final class ConvolutionKernels {
  private ConvolutionKernels() {}

  static void register(Kernels kernels) {
    kernels.one("Conv", ConvolutionKernels::conv);
    kernels.one("ConvTranspose", ConvolutionKernels::convTranspose);
    kernels.one("Col2Im", ConvolutionKernels::col2Im);
    kernels.one("DeformConv", ConvolutionKernels::deformConv);
  }

  /** What a convolution is made of besides its numbers. */
  record Geometry(int batch, int channels, int groups, int filters, WindowGeometry windows) {
    static Geometry of(KernelContext c, Tensor x, Tensor w) {
      int groups = Math.toIntExact(c.intAttribute("group", 1));
      if (x.rank() < 2 || x.rank() != w.rank()) {
        throw new EvaluationException(
            "X has shape " + x.shape() + " and W " + w.shape() + ": their ranks must be equal");
      }
      long channels = x.dim(1);
      if (w.dim(1) * groups != channels || w.dim(0) % groups != 0) {
        throw new EvaluationException(
            "X has "
                + channels
                + " channels; W of shape "
                + w.shape()
                + " in "
                + groups
                + " groups takes "
                + w.dim(1) * groups);
      }
      long[] spatial = Arrays.copyOfRange(x.dims(), 2, x.rank());
      long[] kernel = Arrays.copyOfRange(w.dims(), 2, w.rank());
      return new Geometry(
          (int) x.dim(0),
          (int) channels,
          groups,
          (int) w.dim(0),
          WindowGeometry.of(c, spatial, kernel));
    }

    long[] outputDims() {
      return Dims.concat(new long[] {batch, filters}, windows.outputDims());
    }
  }

  private static Tensor conv(KernelContext c) {
    Tensor x = c.tensor(0);
    Tensor w = c.tensor(1);
    Geometry g = Geometry.of(c, x, w);
    if (x.elementType() == ElementType.DOUBLE) {
      double[] bias = c.has(2) ? c.doubles(2) : new double[g.filters()];
      double[] y = conv(g, c.doubles(0), c.doubles(1), bias, c.parallel());
      return Elements.of(x.elementType(), y, g.outputDims());
    }
    float[] bias = c.has(2) ? c.floats(2) : new float[g.filters()];
    float[] y = conv(g, c.floats(0), c.floats(1), bias, c.parallel());
    return Elements.of(x.elementType(), y, g.outputDims());
  }

  /**
   * One matrix product a group and image: filters times the input under each place of the kernel,
   * copied as the product asks for it.
   */
  static float[] conv(Geometry g, float[] x, float[] w, float[] bias, Parallel parallel) {
    WindowGeometry windows = g.windows();
    int in = windows.inputSize();
    int out = windows.outputSize();
    int kernel = windows.kernelSize();
    int channels = g.channels() / g.groups();
    int filters = g.filters() / g.groups();
    WindowGeometry.Lines[] lines = windows.lines();
    float[] y = new float[Dims.size(g.batch(), g.filters(), out)];
    MatrixProduct.Left[] left = new MatrixProduct.Left[g.groups()];
    for (int i = 0; i < left.length; i++) {
      int depth = channels * kernel;
      left[i] = MatrixProduct.Left.of(w, i * filters * depth, filters, depth);
    }
    int tasks = g.batch() * g.groups();
    boolean many = tasks >= 2 * parallel.threads();
    (many ? parallel : Parallel.SEQUENTIAL)
        .forEach(
            tasks,
            t -> {
              int xAt = t * channels * in;
              int yAt = t * filters * out;
              int group = t % g.groups();
              for (int f = 0; f < filters; f++) {
                Arrays.fill(y, yAt + f * out, yAt + (f + 1) * out, bias[group * filters + f]);
              }
              MatrixProduct.Rows columns =
                  (row, from, count, into) ->
                      lines[row % kernel].copy(x, xAt + row / kernel * in, from, count, into);
              MatrixProduct.add(
                  left[group], columns, out, y, yAt, many ? Parallel.SEQUENTIAL : parallel);
            });
    return y;
  }

  /** The same in double, which is exact for 8-bit integers too. */
  static double[] conv(Geometry g, double[] x, double[] w, double[] bias, Parallel parallel) {
    WindowGeometry windows = g.windows();
    int in = windows.inputSize();
    int out = windows.outputSize();
    int kernel = windows.kernelSize();
    int channels = g.channels() / g.groups();
    int filters = g.filters() / g.groups();
    int[][] index = windows.index();
    double[] y = new double[Dims.size(g.batch(), g.filters(), out)];
    for (int i = 0; i < y.length; i += out) {
      Arrays.fill(y, i, i + out, bias[i / out % g.filters()]);
    }
    double[] columns = new double[Dims.size(channels, kernel, out)];
    for (int t = 0; t < g.batch() * g.groups(); t++) {
      for (int i = 0; i < columns.length; i++) {
        int row = i / out;
        int from = index[row % kernel][i % out];
        columns[i] = from < 0 ? 0 : x[(t * channels + row / kernel) * in + from];
      }
      int wAt = t % g.groups() * filters * channels * kernel;
      MatrixProduct.add(
          filters, out, channels * kernel, w, wAt, columns, 0, y, t * filters * out, parallel);
    }
    return y;
  }

  /**
   * The windows of a convolution whose input would be this one's output.
   *
   * @param w filters {@code [C, M/group, kernel...]}
   */
  private static WindowGeometry transposed(KernelContext c, Tensor x, Tensor w) {
    int rank = x.rank() - 2;
    int[] in = Dims.toInts(Arrays.copyOfRange(x.dims(), 2, x.rank()));
    int[] kernel = Dims.toInts(Arrays.copyOfRange(w.dims(), 2, w.rank()));
    int[] strides = WindowGeometry.attribute(c, "strides", rank, 1);
    int[] dilations = WindowGeometry.attribute(c, "dilations", rank, 1);
    int[] added = WindowGeometry.attribute(c, "output_padding", rank, 0);
    int[] pads = WindowGeometry.attribute(c, "pads", 2 * rank, 0);
    int[] begin = Arrays.copyOf(pads, rank);
    int[] end = Arrays.copyOfRange(pads, rank, 2 * rank);
    long[] wanted = c.intsAttribute("output_shape");
    String autoPad = c.stringAttribute("auto_pad", "NOTSET");
    int[] out = new int[rank];
    for (int d = 0; d < rank; d++) {
      int full = strides[d] * (in[d] - 1) + added[d] + (kernel[d] - 1) * dilations[d] + 1;
      if (wanted == null && !autoPad.startsWith("SAME")) {
        begin[d] = autoPad.equals("VALID") ? 0 : begin[d];
        end[d] = autoPad.equals("VALID") ? 0 : end[d];
        out[d] = full - begin[d] - end[d];
        continue;
      }
      // An output shape may name the batch and channels, too.
      out[d] = wanted == null ? in[d] * strides[d] : (int) wanted[wanted.length - rank + d];
      int total = Math.max(0, full - out[d]);
      begin[d] = autoPad.equals("SAME_UPPER") ? total / 2 : total - total / 2;
      end[d] = total - begin[d];
    }
    return new WindowGeometry(out, kernel, strides, dilations, begin, end, in);
  }

  /** Spreads each input element over the output by the filters. */
  private static Tensor convTranspose(KernelContext c) {
    Tensor x = c.tensor(0);
    Tensor w = c.tensor(1);
    WindowGeometry windows = transposed(c, x, w);
    int groups = (int) c.intAttribute("group", 1);
    int channels = (int) x.dim(1) / groups;
    int filters = (int) w.dim(1);
    if (w.dim(0) != x.dim(1)) {
      throw new EvaluationException(
          "X has " + x.dim(1) + " channels, but W has shape " + w.shape());
    }
    int rows = filters * windows.kernelSize();
    int in = windows.outputSize();
    double[] values = Elements.doubles(x);
    double[] weights = Elements.doubles(w);
    double[] bias = c.has(2) ? c.doubles(2) : new double[Dims.size(filters, groups)];
    double[] y = new double[Dims.size(x.dim(0), groups, filters, windows.inputSize())];
    for (int i = 0; i < y.length; i++) {
      y[i] = bias[i / windows.inputSize() % bias.length];
    }
    int[][] index = windows.index();
    for (int t = 0; t < x.dim(0) * groups; t++) {
      double[] turned = new double[Dims.size(rows, channels)];
      int at = t % groups * channels * rows;
      for (int i = 0; i < turned.length; i++) {
        turned[i] = weights[at + i % channels * rows + i / channels];
      }
      double[] columns = new double[Dims.size(rows, in)];
      MatrixProduct.add(
          rows, in, channels, turned, 0, values, t * channels * in, columns, 0, c.parallel());
      spread(columns, 0, filters, windows, index, y, t * filters * windows.inputSize());
    }
    long[] dims = {x.dim(0), (long) groups * filters};
    long[] spatial = Arrays.stream(windows.input()).asLongStream().toArray();
    return Elements.of(x.elementType(), y, Dims.concat(dims, spatial));
  }

  /** Adds columns {@code [planes * kernel, places]} to the image places they stand for. */
  private static void spread(
      double[] columns,
      int from,
      int planes,
      WindowGeometry windows,
      int[][] index,
      double[] y,
      int to) {
    int places = windows.outputSize();
    int size = windows.inputSize();
    for (int row = 0; row < planes * index.length; row++) {
      int[] at = index[row % index.length];
      for (int p = 0; p < places; p++) {
        if (at[p] >= 0) {
          y[to + row / index.length * size + at[p]] += columns[from + row * places + p];
        }
      }
    }
  }

  private static Tensor col2Im(KernelContext c) {
    Tensor x = c.tensor(0);
    int[] image = Dims.toInts(c.longs(1));
    int[] block = Dims.toInts(c.longs(2));
    int rank = image.length;
    Dims.require("block_shape", c.tensor(2), rank);
    int[] strides = WindowGeometry.attribute(c, "strides", rank, 1);
    int[] dilations = WindowGeometry.attribute(c, "dilations", rank, 1);
    int[] pads = WindowGeometry.attribute(c, "pads", 2 * rank, 0);
    int[] begin = Arrays.copyOf(pads, rank);
    int[] end = Arrays.copyOfRange(pads, rank, 2 * rank);
    int[] places = new int[rank];
    for (int d = 0; d < rank; d++) {
      int room = image[d] + begin[d] + end[d] - (dilations[d] * (block[d] - 1) + 1);
      if (block[d] < 1 || room < 0) {
        throw new EvaluationException(
            "blocks of %s do not fit an image of %s along axis %d"
                .formatted(Arrays.toString(block), Arrays.toString(image), d));
      }
      places[d] = room / strides[d] + 1;
    }
    WindowGeometry windows =
        new WindowGeometry(image, block, strides, dilations, begin, end, places);
    if (x.rank() != 3 || x.dim(1) % windows.kernelSize() != 0 || x.dim(2) != windows.outputSize()) {
      throw new EvaluationException(
          "the input has shape %s; blocks of %s in an image of %s make [batch,a multiple of %d,%d]"
              .formatted(
                  x.shape(),
                  Arrays.toString(block),
                  Arrays.toString(image),
                  windows.kernelSize(),
                  windows.outputSize()));
    }
    int planes = (int) (x.dim(0) * x.dim(1)) / windows.kernelSize();
    double[] y = new double[Dims.size(planes, windows.inputSize())];
    spread(Elements.doubles(x), 0, planes, windows, windows.index(), y, 0);
    long[] dims = {x.dim(0), x.dim(1) / windows.kernelSize()};
    return Elements.of(x.elementType(), y, Dims.concat(dims, c.longs(1)));
  }

  /** A convolution whose every sample is moved by an offset, read between pixels, and masked. */
  private static Tensor deformConv(KernelContext c) {
    Tensor x = c.tensor(0);
    Tensor w = c.tensor(1);
    Geometry g = Geometry.of(c, x, w);
    WindowGeometry windows = g.windows();
    if (windows.kernel().length != 2) {
      throw new EvaluationException("only two spatial axes are defined, not those of " + x.shape());
    }
    int kernel = windows.kernelSize();
    int out = windows.outputSize();
    int offsetGroups = (int) c.intAttribute("offset_group", 1);
    requireOffsets(c, g, offsetGroups);
    int perOffsetGroup = g.channels() / offsetGroups;
    double[] values = Elements.doubles(x);
    double[] offset = c.doubles(2);
    double[] mask = c.has(4) ? c.doubles(4) : null;
    double[] columns = new double[Dims.size(g.batch(), g.channels(), kernel, out)];
    int width = windows.output()[1];
    for (int i = 0; i < columns.length; i++) {
      int place = i % out;
      int k = i / out % kernel;
      int plane = i / out / kernel;
      int group = plane / g.channels() * offsetGroups + plane % g.channels() / perOffsetGroup;
      int at = (group * kernel + k) * 2 * out + place;
      double row =
          place / width * windows.strides()[0]
              - windows.padsBegin()[0]
              + k / windows.kernel()[1] * windows.dilations()[0]
              + offset[at];
      double column =
          place % width * windows.strides()[1]
              - windows.padsBegin()[1]
              + k % windows.kernel()[1] * windows.dilations()[1]
              + offset[at + out];
      double sample = bilinear(values, plane, windows.input(), row, column);
      columns[i] = mask == null ? sample : sample * mask[(group * kernel + k) * out + place];
    }
    double[] bias = c.has(3) ? c.doubles(3) : new double[g.filters()];
    return Elements.of(x.elementType(), product(g, columns, c, bias), g.outputDims());
  }

  /** Offsets and masks are for each place of the kernel at each place of the result. */
  private static void requireOffsets(KernelContext c, Geometry g, int groups) {
    if (groups < 1 || g.channels() % groups != 0) {
      throw new EvaluationException(
          "%d channels cannot be shared out among %d groups of offsets"
              .formatted(g.channels(), groups));
    }
    int[] out = g.windows().output();
    long places = (long) groups * g.windows().kernelSize();
    Dims.require("offset", c.tensor(2), g.batch(), 2 * places, out[0], out[1]);
    if (c.has(4)) {
      Dims.require("mask", c.tensor(4), g.batch(), places, out[0], out[1]);
    }
  }

  private static double[] product(Geometry g, double[] columns, KernelContext c, double[] bias) {
    int out = g.windows().outputSize();
    int depth = g.channels() / g.groups() * g.windows().kernelSize();
    int filters = g.filters() / g.groups();
    double[] y = new double[Dims.size(g.batch(), g.filters(), out)];
    for (int i = 0; i < y.length; i++) {
      y[i] = bias[i / out % g.filters()];
    }
    double[] w = c.doubles(1);
    for (int t = 0; t < g.batch() * g.groups(); t++) {
      int wAt = t % g.groups() * filters * depth;
      MatrixProduct.add(
          filters,
          out,
          depth,
          w,
          wAt,
          columns,
          t * depth * out,
          y,
          t * filters * out,
          c.parallel());
    }
    return y;
  }

  /** Between four pixels; those outside the image are 0. */
  private static double bilinear(
      double[] values, int plane, int[] size, double row, double column) {
    int top = (int) Math.floor(row);
    int left = (int) Math.floor(column);
    double sum = 0;
    for (int i = 0; i < 4; i++) {
      int y = top + i / 2;
      int x = left + i % 2;
      if (y >= 0 && y < size[0] && x >= 0 && x < size[1]) {
        double weight = (1 - Math.abs(row - y)) * (1 - Math.abs(column - x));
        sum += weight * values[(plane * size[0] + y) * size[1] + x];
      }
    }
    return sum;
  }
}
