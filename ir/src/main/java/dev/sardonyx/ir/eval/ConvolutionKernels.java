package dev.sardonyx.ir.eval;

import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Tensor;
import java.util.Arrays;

/** Convolutions over any number of spatial axes, layout N, C, spatial. */
final class ConvolutionKernels {
  private ConvolutionKernels() {}

  static void register(Kernels kernels) {
    kernels.one("Conv", ConvolutionKernels::conv);
  }

  /** What a convolution is made of besides its numbers. */
  record Geometry(int batch, int channels, int groups, int filters, Windows windows) {
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
          (int) x.dim(0), (int) channels, groups, (int) w.dim(0), Windows.of(c, spatial, kernel));
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
   * gathered as the product asks for it.
   */
  static float[] conv(Geometry g, float[] x, float[] w, float[] bias, Parallel parallel) {
    Windows windows = g.windows();
    int in = windows.inputSize();
    int out = windows.outputSize();
    int kernel = windows.kernelSize();
    int channels = g.channels() / g.groups();
    int filters = g.filters() / g.groups();
    int[][] index = windows.index();
    float[] y = new float[g.batch() * g.filters() * out];
    for (int i = 0; i < y.length; i += out) {
      Arrays.fill(y, i, i + out, bias[i / out % g.filters()]);
    }
    int tasks = g.batch() * g.groups();
    boolean many = tasks >= 2 * parallel.threads();
    (many ? parallel : Parallel.SEQUENTIAL)
        .forEach(
            tasks,
            t -> {
              int xAt = t * channels * in;
              MatrixProduct.Rows columns =
                  (row, from, count, into) ->
                      gather(x, xAt + row / kernel * in, index[row % kernel], from, count, into);
              MatrixProduct.add(
                  filters,
                  out,
                  channels * kernel,
                  w,
                  t % g.groups() * filters * channels * kernel,
                  columns,
                  y,
                  t * filters * out,
                  many ? Parallel.SEQUENTIAL : parallel);
            });
    return y;
  }

  private static void gather(float[] x, int at, int[] index, int from, int count, float[] into) {
    for (int j = 0; j < count; j++) {
      int i = index[from + j];
      into[j] = i < 0 ? 0 : x[at + i];
    }
  }

  /** The same in double, which is exact for 8-bit integers too. */
  static double[] conv(Geometry g, double[] x, double[] w, double[] bias, Parallel parallel) {
    Windows windows = g.windows();
    int in = windows.inputSize();
    int out = windows.outputSize();
    int kernel = windows.kernelSize();
    int channels = g.channels() / g.groups();
    int filters = g.filters() / g.groups();
    int[][] index = windows.index();
    double[] y = new double[g.batch() * g.filters() * out];
    for (int i = 0; i < y.length; i += out) {
      Arrays.fill(y, i, i + out, bias[i / out % g.filters()]);
    }
    double[] columns = new double[channels * kernel * out];
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
}
