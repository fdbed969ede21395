package dev.sardonyx.ir.eval.kernel;

import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.eval.EvaluationException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Resizing by interpolation, one axis after the other. */
final class ResizeKernels {
  private ResizeKernels() {}

  static void register(Kernels kernels) {
    kernels.one("Resize", ResizeKernels::resize);
    kernels.one("Upsample", ResizeKernels::upsample);
  }

  /** How one axis changes: sizes, scale, and the part of the input it covers (0 to 1 for all). */
  private record Axis(int input, int output, double scale, double from, double to) {
    boolean isSame() {
      return input == output && scale == 1 && from == 0 && to == 1;
    }
  }

  /** The choices that hold for all axes. */
  private record Method(
      String mode,
      String nearest,
      String coordinates,
      boolean antialias,
      boolean excludeOutside,
      double cubic,
      double extrapolation) {

    static Method of(KernelContext c) {
      return new Method(
          c.stringAttribute("mode", "nearest"),
          c.stringAttribute("nearest_mode", c.since() < 11 ? "floor" : "round_prefer_floor"),
          c.stringAttribute(
              "coordinate_transformation_mode", c.since() < 11 ? "asymmetric" : "half_pixel"),
          c.flag("antialias"),
          c.flag("exclude_outside"),
          c.floatAttribute("cubic_coeff_a", -0.75f),
          c.floatAttribute("extrapolation_value", 0));
    }

    /**
     * Where in the input an output position lies. Which neighbour is nearest is decided in the type
     * of the scales: at 0.6, position 3 comes from 5, although the {@code float} 0.6 is a bit more.
     */
    double position(Axis axis, int at) {
      return isNearest() ? (float) exactPosition(axis, at) : exactPosition(axis, at);
    }

    private double exactPosition(Axis axis, int at) {
      double length = axis.scale * axis.input;
      double last = axis.input - 1.0;
      return switch (coordinates) {
        case "align_corners" -> length == 1 ? 0 : at * last / (length - 1);
        case "asymmetric" -> at / axis.scale;
        case "tf_crop_and_resize" ->
            axis.from * last
                + (length == 1
                    ? (axis.to - axis.from) * last / 2
                    : at * (axis.to - axis.from) * last / (length - 1));
        case "pytorch_half_pixel" -> length == 1 ? -0.5 : (at + 0.5) / axis.scale - 0.5;
        case "half_pixel_symmetric" ->
            axis.input / 2.0 * (1 - axis.output / length) + (at + 0.5) / axis.scale - 0.5;
        case "half_pixel" -> (at + 0.5) / axis.scale - 0.5;
        default -> throw new EvaluationException("there are no coordinates " + coordinates);
      };
    }

    /**
     * The weights of the neighbours of a position.
     *
     * @param ratio how far beyond its left neighbour it lies, above 0 and up to 1
     */
    double[] weights(double ratio, double scale) {
      double shrink = antialias ? Math.min(scale, 1) : 1;
      return switch (mode) {
        case "nearest" -> nearestWeights(ratio);
        case "linear" -> kernel(ratio, shrink, 1);
        case "cubic" -> kernel(ratio, shrink, 2);
        default -> throw new EvaluationException("there is no mode " + mode);
      };
    }

    boolean isNearest() {
      return mode.equals("nearest");
    }

    boolean isCropped() {
      return coordinates.equals("tf_crop_and_resize");
    }

    private double[] nearestWeights(double ratio) {
      boolean right =
          switch (nearest) {
            case "round_prefer_floor" -> ratio > 0.5;
            case "round_prefer_ceil" -> ratio >= 0.5;
            case "ceil" -> true;
            default -> false;
          };
      return right || ratio == 1 ? new double[] {0, 1} : new double[] {1, 0};
    }

    /** A kernel of a radius, widened where the image shrinks; the weights sum to 1. */
    private double[] kernel(double ratio, double shrink, int radius) {
      int start = (int) Math.floor(-radius / shrink) + 1;
      double[] weights = new double[2 - 2 * start];
      for (int i = 0; i < weights.length; i++) {
        double distance = Math.abs((start + i - ratio) * shrink);
        weights[i] = radius == 1 ? Math.max(0, 1 - distance) : cubicWeight(distance);
      }
      return antialias ? normalized(weights) : weights;
    }

    private double cubicWeight(double x) {
      if (x <= 1) {
        return ((cubic + 2) * x - (cubic + 3)) * x * x + 1;
      }
      return x < 2 ? ((cubic * x - 5 * cubic) * x + 8 * cubic) * x - 4 * cubic : 0;
    }
  }

  private static double[] normalized(double[] weights) {
    double sum = Arrays.stream(weights).sum();
    return sum == 0 ? weights : Arrays.stream(weights).map(w -> w / sum).toArray();
  }

  private static Tensor resize(KernelContext c) {
    Tensor x = c.tensor(0);
    int scalesInput = c.since() < 11 ? 1 : 2;
    long[] given = c.intsAttribute("axes");
    int[] axes = given == null ? Dims.identity(x.rank()) : Dims.axes(given, x.rank());
    double @Nullable [] roi =
        c.since() >= 11 && c.has(1) && c.tensor(1).size() > 0 ? c.doubles(1) : null;
    Axis[] changes = unchanged(x);
    if (c.has(scalesInput) && c.tensor(scalesInput).size() > 0) {
      double[] scales = c.doubles(scalesInput);
      for (int i = 0; i < axes.length; i++) {
        int size = (int) x.dim(axes[i]);
        changes[axes[i]] = axis(size, scaled(size, scales[i]), scales[i], roi, i);
      }
    } else {
      bySizes(c, x, axes, roi, changes);
    }
    return resize(x, changes, Method.of(c), c.parallel());
  }

  private static Axis[] unchanged(Tensor x) {
    Axis[] changes = new Axis[x.rank()];
    for (int d = 0; d < changes.length; d++) {
      changes[d] = new Axis((int) x.dim(d), (int) x.dim(d), 1, 0, 1);
    }
    return changes;
  }

  private static Axis axis(int input, int output, double scale, double @Nullable [] roi, int i) {
    return roi == null
        ? new Axis(input, output, scale, 0, 1)
        : new Axis(input, output, scale, roi[i], roi[i + roi.length / 2]);
  }

  private static void bySizes(
      KernelContext c, Tensor x, int[] axes, double @Nullable [] roi, Axis[] changes) {
    long[] sizes = c.longs(3);
    if (sizes.length != axes.length) {
      throw new EvaluationException(
          "sizes has " + sizes.length + " numbers for " + axes.length + " axes");
    }
    double[] scales = new double[axes.length];
    for (int i = 0; i < axes.length; i++) {
      scales[i] = (double) sizes[i] / x.dim(axes[i]);
    }
    String policy = c.stringAttribute("keep_aspect_ratio_policy", "stretch");
    double common =
        policy.equals("not_larger")
            ? Arrays.stream(scales).min().orElse(1)
            : Arrays.stream(scales).max().orElse(1);
    for (int i = 0; i < axes.length; i++) {
      int size = (int) x.dim(axes[i]);
      changes[axes[i]] =
          policy.equals("stretch")
              ? axis(size, (int) sizes[i], scales[i], roi, i)
              : axis(size, (int) (common * size + 0.5), common, roi, i);
    }
  }

  /** Before version 9 the scales are attributes. */
  private static Tensor upsample(KernelContext c) {
    Tensor x = c.tensor(0);
    double[] scales;
    if (c.since() == 1) {
      scales =
          new double[] {1, 1, c.floatAttribute("height_scale"), c.floatAttribute("width_scale")};
    } else if (c.since() < 9) {
      float[] attribute = c.floatsAttribute("scales");
      scales = new double[x.rank()];
      for (int d = 0; attribute != null && d < scales.length; d++) {
        scales[d] = attribute[d];
      }
    } else {
      scales = c.doubles(1);
    }
    Axis[] changes = unchanged(x);
    for (int d = 0; d < changes.length; d++) {
      int size = (int) x.dim(d);
      changes[d] = new Axis(size, scaled(size, scales[d]), scales[d], 0, 1);
    }
    String mode = c.stringAttribute("mode", "nearest");
    return resize(
        x,
        changes,
        new Method(
            mode.endsWith("linear") ? "linear" : mode, "floor", "asymmetric", false, false, 0, 0),
        c.parallel());
  }

  /** In floats, like the scales, as ONNX Runtime has it: 5 by 2.6 gives 13. */
  private static int scaled(int size, double scale) {
    return (int) Math.floor((float) size * (float) scale);
  }

  private static Tensor resize(Tensor x, Axis[] changes, Method method, Parallel parallel) {
    long[] dims = x.dims();
    Place[][] places = new Place[changes.length][];
    for (int d = 0; d < changes.length; d++) {
      places[d] = places(d, changes[d], method);
    }
    if (method.isNearest()) {
      return Moves.gather(
          x, nearest(places), method.isCropped() ? fill(x, method) : null, parallel);
    }
    double[] values = Elements.doubles(x);
    for (int d = 0; d < changes.length; d++) {
      if (!changes[d].isSame()) {
        values = along(values, dims, d, places[d], parallel);
        dims[d] = changes[d].output;
      }
    }
    return saturated(x.elementType(), values, dims);
  }

  private static Tensor fill(Tensor x, Method method) {
    double[] extrapolation = {method.extrapolation};
    return saturated(x.elementType(), extrapolation, new long[] {1});
  }

  /** The one neighbour of each place that counts; -1 outside. */
  private static int[][] nearest(Place[][] places) {
    int[][] along = new int[places.length][];
    for (int d = 0; d < along.length; d++) {
      along[d] = new int[places[d].length];
      for (int i = 0; i < along[d].length; i++) {
        Place place = places[d][i];
        along[d][i] = place.isOutside() ? -1 : place.neighbours[place.weights[0] != 0 ? 0 : 1];
      }
    }
    return along;
  }

  /** Integers are rounded and brought into their type's range. */
  private static Tensor saturated(ElementType type, double[] values, long[] dims) {
    if (type.isInteger()) {
      for (int i = 0; i < values.length; i++) {
        double rounded = Math.rint(values[i]);
        values[i] =
            Math.max((double) Elements.min(type), Math.min(rounded, (double) Elements.max(type)));
      }
    }
    return Elements.of(type, values, dims);
  }

  /**
   * What an output position along an axis is made of.
   *
   * @param neighbours positions in the input, and none if it is outside
   */
  private record Place(int[] neighbours, double[] weights, double extrapolation) {
    boolean isOutside() {
      return neighbours.length == 0;
    }

    /** Adds up so many elements for each neighbour, which lie together. */
    void apply(double[] x, int from, int count, double[] y, int to) {
      if (isOutside()) {
        Arrays.fill(y, to, to + count, extrapolation);
        return;
      }
      if (count == 1) {
        double sum = 0;
        for (int w = 0; w < weights.length; w++) {
          sum += weights[w] * x[from + neighbours[w]];
        }
        y[to] = sum;
        return;
      }
      for (int w = 0; w < weights.length; w++) {
        int source = from + neighbours[w] * count;
        double weight = weights[w];
        for (int i = 0; i < count; i++) {
          y[to + i] += weight * x[source + i];
        }
      }
    }
  }

  private static Place[] places(int d, Axis axis, Method method) {
    Place[] places = new Place[axis.output];
    if (axis.input == 0 && places.length > 0) {
      throw new EvaluationException(
          "axis " + d + " has no elements to make " + axis.output + " of");
    }
    for (int o = 0; o < places.length; o++) {
      if (axis.isSame()) {
        places[o] = new Place(new int[] {o}, new double[] {1}, 0);
        continue;
      }
      double position = method.position(axis, o);
      boolean outside = method.isCropped() && (position < 0 || position > axis.input - 1);
      double floor = Math.floor(position);
      double[] weights = method.weights(position == floor ? 1 : position - floor, axis.scale);
      int first = (int) floor - weights.length / 2 + (position == floor ? 0 : 1);
      if (method.excludeOutside) {
        weights = inside(weights, first, axis.input);
      }
      int[] neighbours = new int[outside ? 0 : weights.length];
      for (int w = 0; w < neighbours.length; w++) {
        neighbours[w] = Math.max(0, Math.min(axis.input - 1, first + w));
      }
      places[o] = new Place(neighbours, weights, method.extrapolation);
    }
    return places;
  }

  private static double[] along(double[] x, long[] dims, int d, Place[] places, Parallel parallel) {
    int inner = Dims.product(dims, d + 1, dims.length);
    int outer = Dims.product(dims, 0, d);
    int input = (int) dims[d];
    int output = places.length;
    double[] y = new double[Dims.size(outer, output, inner)];
    parallel.rows(
        Dims.size(outer, output),
        inner,
        (from, to) -> {
          for (int row = from; row < to; row++) {
            places[row % output].apply(x, row / output * input * inner, inner, y, row * inner);
          }
        });
    return y;
  }

  private static double[] inside(double[] weights, int first, int size) {
    double[] inside = weights.clone();
    for (int w = 0; w < inside.length; w++) {
      if (first + w < 0 || first + w >= size) {
        inside[w] = 0;
      }
    }
    return normalized(inside);
  }
}
