package dev.sardonyx.ir.eval.kernel;

import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.eval.EvaluationException;
import java.util.Arrays;

/** Images sampled at places that an input gives: grids and regions of interest. */
final class SamplingKernels {
  private SamplingKernels() {}

  static void register(Kernels kernels) {
    kernels.one("GridSample", SamplingKernels::gridSample);
    kernels.one("AffineGrid", SamplingKernels::affineGrid);
    kernels.one("RoiAlign", SamplingKernels::roiAlign);
    kernels.one("MaxRoiPool", SamplingKernels::maxRoiPool);
  }

  /** How a grid is sampled. */
  private record Sampler(String mode, String padding, boolean alignCorners, int[] sizes) {
    double lowest() {
      return alignCorners ? 0 : -0.5;
    }

    double highest(int d) {
      return alignCorners ? sizes[d] - 1.0 : sizes[d] - 0.5;
    }

    /** The pixel that a coordinate from -1 to 1 stands for. */
    double position(double coordinate, int d) {
      double exact =
          alignCorners
              ? (coordinate + 1) / 2 * (sizes[d] - 1)
              : ((coordinate + 1) * sizes[d] - 1) / 2;
      // Places between two pixels are as coarse as in ONNX's reference, which first rounds those
      // of the nearest pixel and then looks whether they are inside.
      double position = mode.equals("nearest") ? Math.rint((float) exact) : (float) exact;
      if (position >= lowest() && position <= highest(d)) {
        return position;
      }
      return switch (padding) {
        case "border" -> Math.max(0, Math.min(sizes[d] - 1.0, position));
        case "reflection" -> reflected(position, d);
        default -> position;
      };
    }

    private double reflected(double position, int d) {
      double low = lowest();
      double range = highest(d) - low;
      if (range <= 0) {
        return 0;
      }
      double distance = Math.abs(position - low) % (2 * range);
      return low + (distance <= range ? distance : 2 * range - distance);
    }

    /** The index of a pixel beyond the image's edge, or -1 where there are zeros. */
    int inside(int pixel, int d) {
      if (pixel >= 0 && pixel < sizes[d]) {
        return pixel;
      }
      return switch (padding) {
        case "border" -> Math.max(0, Math.min(sizes[d] - 1, pixel));
        case "reflection" -> (int) reflected(pixel, d);
        default -> -1;
      };
    }

    int first(double position) {
      return switch (mode) {
        case "nearest" -> (int) Math.rint(position);
        case "cubic", "bicubic" -> (int) Math.floor(position) - 1;
        default -> (int) Math.floor(position);
      };
    }

    double[] weights(double position) {
      double x = position - Math.floor(position);
      return switch (mode) {
        case "nearest" -> new double[] {1};
        case "cubic", "bicubic" -> new double[] {far(x + 1), near(x), near(1 - x), far(2 - x)};
        case "linear", "bilinear" -> new double[] {1 - x, x};
        default -> throw new EvaluationException("there is no mode " + mode);
      };
    }

    private static final double A = -0.75;

    private static double near(double x) {
      return ((A + 2) * x - (A + 3)) * x * x + 1;
    }

    private static double far(double x) {
      return ((A * x - 5 * A) * x + 8 * A) * x - 4 * A;
    }
  }

  private static Tensor gridSample(KernelContext c) {
    Tensor x = c.tensor(0);
    Tensor grid = c.tensor(1);
    int rank = x.rank() - 2;
    int[] sizes = Dims.toInts(Arrays.copyOfRange(x.dims(), 2, x.rank()));
    Sampler sampler =
        new Sampler(
            c.stringAttribute("mode", "linear"),
            c.stringAttribute("padding_mode", "zeros"),
            c.flag("align_corners"),
            sizes);
    double[] values = Elements.doubles(x);
    double[] places = Elements.doubles(grid);
    int channels = (int) x.dim(1);
    int in = Dims.product(x.dims(), 2, x.rank());
    int out = Dims.product(grid.dims(), 1, grid.rank() - 1);
    double[] y = new double[Dims.size(x.dim(0), channels, out)];
    for (int i = 0; i < x.dim(0) * out; i++) {
      int[] pixels = {0};
      double[] weights = {1};
      for (int d = 0; d < rank; d++) {
        // The grid's last axis counts the image's axes from the back.
        double position = sampler.position(places[i * rank + rank - 1 - d], d);
        double[] along = sampler.weights(position);
        int first = sampler.first(position);
        int[] morePixels = new int[Dims.size(pixels.length, along.length)];
        double[] moreWeights = new double[morePixels.length];
        for (int k = 0; k < morePixels.length; k++) {
          int before = pixels[k / along.length];
          int pixel = sampler.inside(first + k % along.length, d);
          morePixels[k] = before < 0 || pixel < 0 ? -1 : before * sizes[d] + pixel;
          moreWeights[k] = weights[k / along.length] * along[k % along.length];
        }
        pixels = morePixels;
        weights = moreWeights;
      }
      for (int channel = 0; channel < channels; channel++) {
        int plane = i / out * channels + channel;
        double sum = 0;
        for (int k = 0; k < pixels.length; k++) {
          sum += pixels[k] < 0 ? 0 : weights[k] * values[plane * in + pixels[k]];
        }
        y[plane * out + i % out] = sum;
      }
    }
    long[] dims =
        Dims.concat(
            Arrays.copyOf(x.dims(), 2), Arrays.copyOfRange(grid.dims(), 1, grid.rank() - 1));
    return Elements.of(x.elementType(), y, dims);
  }

  /** The places that an affine map of the image's coordinates gives, x first. */
  private static Tensor affineGrid(KernelContext c) {
    double[] theta = c.doubles(0);
    long[] size = c.longs(1);
    boolean align = c.flag("align_corners");
    int rank = size.length - 2;
    if (rank < 1) {
      throw new EvaluationException("size " + Arrays.toString(size) + " has no spatial axes");
    }
    Dims.require("theta", c.tensor(0), size[0], rank, rank + 1L);
    int batch = (int) size[0];
    long[] spatial = Arrays.copyOfRange(size, 2, size.length);
    int points = Dims.size(spatial);
    int[] strides = Dims.strides(spatial);
    double[] y = new double[Dims.size(batch, points, rank)];
    double[] place = new double[rank + 1];
    for (int i = 0; i < batch * points; i++) {
      for (int d = 0; d < rank; d++) {
        long n = spatial[d];
        double at = (double) (i % points / strides[d] % n);
        place[rank - 1 - d] = align ? (n == 1 ? -1 : 2 * at / (n - 1) - 1) : (2 * at + 1) / n - 1;
      }
      place[rank] = 1;
      for (int r = 0; r < rank; r++) {
        double sum = 0;
        for (int k = 0; k <= rank; k++) {
          sum += theta[(i / points * rank + r) * (rank + 1) + k] * place[k];
        }
        y[i * rank + r] = sum;
      }
    }
    long[] dims = Dims.concat(Dims.concat(new long[] {batch}, spatial), rank);
    return Elements.of(c.type(0), y, dims);
  }

  /** Averages or maxima of samples spread evenly over each bin of each region. */
  private static Tensor roiAlign(KernelContext c) {
    Tensor x = c.tensor(0);
    double[] values = Elements.doubles(x);
    double[] rois = c.doubles(1);
    long[] batches = c.longs(2);
    int channels = (int) x.dim(1);
    int height = (int) c.intAttribute("output_height", 1);
    int width = (int) c.intAttribute("output_width", 1);
    boolean max = c.stringAttribute("mode", "avg").equals("max");
    boolean halfPixel =
        c.since() >= 16
            && c.stringAttribute("coordinate_transformation_mode", "half_pixel")
                .equals("half_pixel");
    double scale = c.floatAttribute("spatial_scale", 1);
    double offset = halfPixel ? 0.5 : 0;
    long ratio = c.intAttribute("sampling_ratio", 0);
    double[] y = new double[Dims.size(batches.length, channels, height, width)];
    for (int i = 0; i < y.length; i++) {
      int roi = i / (channels * height * width);
      double left = rois[roi * 4] * scale - offset;
      double top = rois[roi * 4 + 1] * scale - offset;
      double least = halfPixel ? Double.NEGATIVE_INFINITY : 1;
      double binWidth = Math.max(least, rois[roi * 4 + 2] * scale - offset - left) / width;
      double binHeight = Math.max(least, rois[roi * 4 + 3] * scale - offset - top) / height;
      int rows = ratio > 0 ? (int) ratio : (int) Math.max(0, Math.ceil(binHeight));
      int columns = ratio > 0 ? (int) ratio : (int) Math.max(0, Math.ceil(binWidth));
      int plane = Math.toIntExact(batches[roi]) * channels + i / (height * width) % channels;
      double result = max ? Double.NEGATIVE_INFINITY : 0;
      for (int s = 0; s < rows * columns; s++) {
        int sampleRow = s / columns;
        int sampleColumn = s % columns;
        double row = top + binHeight * (i / width % height + (sampleRow + 0.5) / rows);
        double column = left + binWidth * (i % width + (sampleColumn + 0.5) / columns);
        double[] parts = bilinear(values, plane, (int) x.dim(2), (int) x.dim(3), row, column);
        result =
            max
                ? Math.max(result, Arrays.stream(parts).max().orElse(0))
                : result + Arrays.stream(parts).sum();
      }
      y[i] = max ? (rows * columns == 0 ? 0 : result) : result / Math.max(1, rows * columns);
    }
    return Elements.of(x.elementType(), y, batches.length, channels, height, width);
  }

  /** The four weighted neighbours of a place; outside the image they are 0. */
  private static double[] bilinear(
      double[] values, int plane, int height, int width, double row, double column) {
    if (row < -1 || row > height || column < -1 || column > width) {
      return new double[4];
    }
    double y = Math.min(Math.max(row, 0), height - 1.0);
    double x = Math.min(Math.max(column, 0), width - 1.0);
    int y0 = (int) y;
    int x0 = (int) x;
    int y1 = Math.min(y0 + 1, height - 1);
    int x1 = Math.min(x0 + 1, width - 1);
    double dy = y - y0;
    double dx = x - x0;
    int base = plane * height * width;
    return new double[] {
      (1 - dy) * (1 - dx) * values[base + y0 * width + x0],
      (1 - dy) * dx * values[base + y0 * width + x1],
      dy * (1 - dx) * values[base + y1 * width + x0],
      dy * dx * values[base + y1 * width + x1]
    };
  }

  /** Maxima over the bins of each region, whose corners are rounded to pixels. */
  private static Tensor maxRoiPool(KernelContext c) {
    Tensor x = c.tensor(0);
    double[] values = Elements.doubles(x);
    double[] rois = c.doubles(1);
    long[] pooled = c.intsAttribute("pooled_shape", new long[] {1, 1});
    double scale = c.floatAttribute("spatial_scale", 1);
    int channels = (int) x.dim(1);
    int h = (int) x.dim(2);
    int w = (int) x.dim(3);
    int height = (int) pooled[0];
    int width = (int) pooled[1];
    int count = (int) c.tensor(1).dim(0);
    double[] y = new double[Dims.size(count, channels, height, width)];
    for (int i = 0; i < y.length; i++) {
      int roi = i / (channels * height * width) * 5;
      long left = Math.round(rois[roi + 1] * scale);
      long top = Math.round(rois[roi + 2] * scale);
      double binWidth = Math.max(Math.round(rois[roi + 3] * scale) - left + 1, 1) / (double) width;
      double binHeight = Math.max(Math.round(rois[roi + 4] * scale) - top + 1, 1) / (double) height;
      int plane = ((int) rois[roi]) * channels + i / (height * width) % channels;
      int[] rows = bin(top, binHeight, i / width % height, h);
      int[] columns = bin(left, binWidth, i % width, w);
      boolean empty = rows[0] >= rows[1] || columns[0] >= columns[1];
      double best = empty ? 0 : Double.NEGATIVE_INFINITY;
      for (int row = rows[0]; row < rows[1]; row++) {
        for (int column = columns[0]; column < columns[1]; column++) {
          best = Math.max(best, values[(plane * h + row) * w + column]);
        }
      }
      y[i] = best;
    }
    return Elements.of(x.elementType(), y, count, channels, height, width);
  }

  private static int[] bin(long start, double size, int at, int limit) {
    long from = start + (long) Math.floor(at * size);
    long to = start + (long) Math.ceil((at + 1) * size);
    return new int[] {
      (int) Math.max(0, Math.min(limit, from)), (int) Math.max(0, Math.min(limit, to))
    };
  }
}
