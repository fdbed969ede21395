package dev.sardonyx.ir.eval.kernel;

import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.eval.EvaluationException;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Pools over any number of spatial axes, layout N, C, spatial. */
final class PoolingKernels {
  private PoolingKernels() {}

  static void register(Kernels kernels) {
    kernels.add("MaxPool", PoolingKernels::maxPool);
    kernels.one("AveragePool", PoolingKernels::averagePool);
    kernels.one("LpPool", PoolingKernels::lpPool);
    kernels.one("MaxUnpool", PoolingKernels::maxUnpool);
    kernels.one("GlobalAveragePool", c -> global(c, ReductionKernels::mean));
    kernels.one("GlobalMaxPool", c -> global(c, ReductionKernels::max));
    kernels.one("GlobalLpPool", c -> global(c, lp(c)));
  }

  private static WindowGeometry windows(KernelContext c) {
    Tensor x = c.tensor(0);
    long[] kernel = c.intsAttribute("kernel_shape");
    if (x.rank() < 2 || kernel == null) {
      throw new EvaluationException("needs an input N, C, ... and attribute kernel_shape");
    }
    return WindowGeometry.of(c, Arrays.copyOfRange(x.dims(), 2, x.rank()), kernel);
  }

  private static long[] outputDims(Tensor x, WindowGeometry windows) {
    return Dims.concat(Arrays.copyOf(x.dims(), 2), windows.outputDims());
  }

  /** Version 1 takes p as a float. */
  private static double exponent(KernelContext c) {
    return c.since() == 1 ? c.floatAttribute("p", 2) : c.intAttribute("p", 2);
  }

  /** The p-norm. */
  private static ReductionKernels.Reals lp(KernelContext c) {
    double p = exponent(c);
    return (values, from, count) -> {
      double sum = 0;
      for (int i = from; i < from + count; i++) {
        sum += Math.pow(Math.abs(values[i]), p);
      }
      return Math.pow(sum, 1 / p);
    };
  }

  private static Tensor global(KernelContext c, ReductionKernels.Reals reduction) {
    Tensor x = c.tensor(0);
    int[] spatial = Arrays.copyOfRange(Dims.identity(x.rank()), 2, x.rank());
    return ReductionKernels.reduce(x, spatial, true, reduction, null, c.parallel());
  }

  /**
   * Combines a line of inputs, each so far behind the one before, with a line of outputs: what lies
   * under one place of the windows that stand side by side.
   */
  @FunctionalInterface
  private interface Line {
    void combine(double[] x, int from, int step, double[] y, int to, int count);
  }

  /**
   * Combines what lies inside the input under each place of the window, in double.
   *
   * @param start what the first one is combined with
   * @param finish changes the outputs of a plane in the end
   */
  private static Tensor pool(
      KernelContext c, WindowGeometry windows, double start, Line line, Consumer<double[]> finish) {
    Tensor x = c.tensor(0);
    WindowGeometry.Lines[] places = windows.lines();
    int in = windows.inputSize();
    int out = windows.outputSize();
    int planes = Dims.product(x.dims(), 0, 2);
    RealNumbers values = RealNumbers.of(x);
    RealNumbers results = RealNumbers.zeros(x.elementType(), Dims.size(planes, out));
    Thread caller = Thread.currentThread();
    c.parallel()
        .rows(
            planes,
            in,
            (first, end) -> {
              double[] plane = new double[in];
              double[] y = new double[out];
              for (int p = first; p < end; p++) {
                values.read(p * in, in, plane);
                Arrays.fill(y, start);
                for (WindowGeometry.Lines place : places) {
                  Parallel.stopIfInterrupted(caller);
                  int step = place.stride();
                  place.forEach((from, to, count) -> line.combine(plane, from, step, y, to, count));
                }
                finish.accept(y);
                results.write(p * out, out, y);
              }
            });
    return results.toTensor(outputDims(x, windows));
  }

  private static Tensor lpPool(KernelContext c) {
    double p = exponent(c);
    return pool(
        c,
        windows(c),
        0,
        (x, from, step, y, to, count) -> {
          for (int i = 0; i < count; i++) {
            y[to + i] += Math.pow(Math.abs(x[from + i * step]), p);
          }
        },
        y -> Arrays.setAll(y, i -> Math.pow(y[i], 1 / p)));
  }

  private static Tensor averagePool(KernelContext c) {
    WindowGeometry windows = windows(c);
    int[] counts = windows.counts(c.flag("count_include_pad"));
    return pool(
        c,
        windows,
        0,
        (x, from, step, y, to, count) -> {
          for (int i = 0; i < count; i++) {
            y[to + i] += x[from + i * step];
          }
        },
        y -> {
          for (int i = 0; i < y.length; i++) {
            y[i] /= counts[i];
          }
        });
  }

  private static List<Datum> maxPool(KernelContext c) {
    WindowGeometry windows = windows(c);
    if (c.wants(1)) {
      return maxPoolWithIndices(c, windows);
    }
    int[] counts = windows.counts(false);
    return List.of(
        pool(
            c,
            windows,
            Double.NEGATIVE_INFINITY,
            (x, from, step, y, to, count) -> {
              for (int i = 0; i < count; i++) {
                y[to + i] = Math.max(y[to + i], x[from + i * step]);
              }
            },
            y -> {
              for (int i = 0; i < y.length; i++) {
                y[i] = counts[i] == 0 ? 0 : y[i];
              }
            }));
  }

  private static List<Datum> maxPoolWithIndices(KernelContext c, WindowGeometry windows) {
    Tensor x = c.tensor(0);
    int in = windows.inputSize();
    int out = windows.outputSize();
    WindowGeometry.Lines[] places = windows.lines();
    double[] values = Elements.doubles(x);
    int[] chosen = new int[Dims.size(Dims.product(x.dims(), 0, 2), out)];
    c.parallel()
        .rows(
            out == 0 ? 0 : chosen.length / out,
            in,
            (first, end) -> {
              for (int p = first; p < end; p++) {
                Arrays.fill(chosen, p * out, (p + 1) * out, -1);
                for (WindowGeometry.Lines place : places) {
                  choose(place, values, p * in, chosen, p * out);
                }
              }
            });
    long[] dims = outputDims(x, windows);
    Tensor y = Elements.take(x, chosen, dims);
    long[] indices = Arrays.stream(chosen).asLongStream().toArray();
    if (c.flag("storage_order")) {
      columnMajor(indices, windows.input());
    }
    return List.of(y, Tensor.ofLongs(indices, dims));
  }

  /** The positions of the largest so far, of which -1 is none. */
  private static void choose(
      WindowGeometry.Lines place, double[] x, int xAt, int[] chosen, int at) {
    int step = place.stride();
    place.forEach(
        (from, to, count) -> {
          for (int i = 0; i < count; i++) {
            int candidate = xAt + from + i * step;
            int best = chosen[at + to + i];
            if (best < 0 || isLarger(x[candidate], x[best])) {
              chosen[at + to + i] = candidate;
            }
          }
        });
  }

  private static boolean isLarger(double a, double b) {
    return a > b || Double.isNaN(a) && !Double.isNaN(b);
  }

  /** Positions within each plane, recounted with the first spatial axis the fastest. */
  private static void columnMajor(long[] positions, int[] spatial) {
    long plane = 1;
    for (int size : spatial) {
      plane *= size;
    }
    for (int i = 0; i < positions.length; i++) {
      long rest = positions[i] % plane;
      long stride = plane;
      long moved = positions[i] - rest;
      for (int d = spatial.length - 1; d >= 0; d--) {
        stride /= spatial[d];
        moved += rest % spatial[d] * stride;
        rest /= spatial[d];
      }
      positions[i] = moved;
    }
  }

  /** Puts each element where its index says; the output shape is that before the pool. */
  private static Tensor maxUnpool(KernelContext c) {
    Tensor x = c.tensor(0);
    long[] inferred = unpooled(c, x.dims());
    long @Nullable [] wanted = c.has(2) ? c.longs(2) : null;
    long[] dims = wanted == null ? inferred : wanted;
    long[] indices = c.longs(1);
    if (indices.length != x.length()) {
      throw new EvaluationException(
          "there are " + indices.length + " indices for X of shape " + x.shape());
    }
    int places = Dims.size(inferred);
    int[] index = new int[Dims.size(dims)];
    Arrays.fill(index, -1);
    for (int i = 0; i < indices.length; i++) {
      if (indices[i] < 0 || indices[i] >= places) {
        throw new EvaluationException(
            "index " + indices[i] + " is not in an output of shape " + Arrays.toString(inferred));
      }
      index[position(indices[i], inferred, dims)] = i;
    }
    return Elements.take(x, index, dims);
  }

  private static long[] unpooled(KernelContext c, long[] dims) {
    int rank = dims.length - 2;
    int[] kernel = WindowGeometry.attribute(c, "kernel_shape", rank, 1);
    int[] strides = WindowGeometry.attribute(c, "strides", rank, 1);
    int[] pads = WindowGeometry.attribute(c, "pads", 2 * rank, 0);
    long[] result = dims.clone();
    for (int d = 0; d < rank; d++) {
      result[d + 2] = (dims[d + 2] - 1) * strides[d] - pads[d] - pads[d + rank] + kernel[d];
    }
    return result;
  }

  /** The position of the same coordinates in a tensor of other dimensions. */
  private static int position(long index, long[] from, long[] to) {
    if (Arrays.equals(from, to)) {
      return Math.toIntExact(index);
    }
    int[] strides = Dims.strides(to);
    long rest = index;
    int result = 0;
    for (int d = from.length - 1; d >= 0; d--) {
      result += (int) (rest % from[d]) * strides[d];
      rest /= from[d];
    }
    return result;
  }
}
