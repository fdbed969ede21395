package dev.sardonyx.ir.eval.kernel;

import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.eval.EvaluationException;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Pools over any number of spatial axes, layout N, C, spatial. */
final class PoolingKernels {
  private PoolingKernels() {}

  static void register(Kernels kernels) {
    kernels.add("MaxPool", PoolingKernels::maxPool);
    kernels.one("AveragePool", PoolingKernels::averagePool);
    kernels.one("LpPool", c -> pool(c, lp(c)));
    kernels.one("MaxUnpool", PoolingKernels::maxUnpool);
    kernels.one("GlobalAveragePool", c -> global(c.tensor(0), ReductionKernels::mean));
    kernels.one("GlobalMaxPool", c -> global(c.tensor(0), ReductionKernels::max));
    kernels.one("GlobalLpPool", c -> global(c.tensor(0), lp(c)));
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

  /** The p-norm. Version 1 takes p as a float. */
  private static ReductionKernels.Reals lp(KernelContext c) {
    double p = c.since() == 1 ? c.floatAttribute("p", 2) : c.intAttribute("p", 2);
    return (values, from, count) -> {
      double sum = 0;
      for (int i = from; i < from + count; i++) {
        sum += Math.pow(Math.abs(values[i]), p);
      }
      return Math.pow(sum, 1 / p);
    };
  }

  private static Tensor global(Tensor x, ReductionKernels.Reals reduction) {
    int[] spatial = Arrays.copyOfRange(Dims.identity(x.rank()), 2, x.rank());
    return ReductionKernels.reduce(x, spatial, true, reduction, null);
  }

  /** Reduces what lies inside the input under each place of the window. */
  private static Tensor pool(KernelContext c, ReductionKernels.Reals reduction) {
    return pool(c.tensor(0), windows(c), reduction);
  }

  private static Tensor pool(Tensor x, WindowGeometry windows, ReductionKernels.Reals reduction) {
    int[][] index = windows.index();
    double[] values = Elements.doubles(x);
    int in = windows.inputSize();
    int out = windows.outputSize();
    int planes = Dims.product(x.dims(), 0, 2);
    double[] y = new double[Dims.size(planes, out)];
    double[] window = new double[index.length];
    for (int i = 0; i < y.length; i++) {
      int base = i / out * in;
      int count = 0;
      for (int[] place : index) {
        int at = place[i % out];
        if (at >= 0) {
          window[count++] = values[base + at];
        }
      }
      y[i] = reduction.reduce(window, 0, count);
    }
    return Elements.of(x.elementType(), y, outputDims(x, windows));
  }

  private static Tensor averagePool(KernelContext c) {
    WindowGeometry windows = windows(c);
    if (!c.flag("count_include_pad")) {
      return pool(c.tensor(0), windows, ReductionKernels::mean);
    }
    int[][] index = windows.index();
    int out = windows.outputSize();
    int[] counts = new int[out];
    for (int[] place : index) {
      for (int o = 0; o < out; o++) {
        counts[o] += place[o] == WindowGeometry.BEYOND ? 0 : 1;
      }
    }
    Tensor sums = pool(c.tensor(0), windows, ReductionKernels::sum);
    double[] y = Elements.doubles(sums);
    for (int i = 0; i < y.length; i++) {
      y[i] /= counts[i % out];
    }
    return Elements.of(sums.elementType(), y, sums.dims());
  }

  private static List<Datum> maxPool(KernelContext c) {
    Tensor x = c.tensor(0);
    WindowGeometry windows = windows(c);
    int[][] index = windows.index();
    int in = windows.inputSize();
    int out = windows.outputSize();
    double[] values = Elements.doubles(x);
    int[] chosen = new int[Dims.size(Dims.product(x.dims(), 0, 2), out)];
    for (int i = 0; i < chosen.length; i++) {
      int base = i / out * in;
      int best = -1;
      for (int[] place : index) {
        int at = place[i % out];
        if (at >= 0 && (best < 0 || isLarger(values[base + at], values[best]))) {
          best = base + at;
        }
      }
      chosen[i] = best;
    }
    long[] dims = outputDims(x, windows);
    Tensor y = Elements.take(x, chosen, dims);
    if (!c.wants(1)) {
      return List.of(y);
    }
    long[] indices = Arrays.stream(chosen).asLongStream().toArray();
    if (c.flag("storage_order")) {
      columnMajor(indices, windows.input());
    }
    return List.of(y, Tensor.ofLongs(indices, dims));
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
    int[] index = new int[Dims.size(dims)];
    Arrays.fill(index, -1);
    for (int i = 0; i < indices.length; i++) {
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
