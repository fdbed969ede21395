package dev.sardonyx.export.keras;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.build.GraphBuilder;
import dev.sardonyx.ir.build.OperatorBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleUnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Images of another size, as Keras computes them. The nearest pixel and linear interpolation are
 * ONNX's Resize. All other kinds weigh the pixels of each axis in ways that Resize does not have;
 * their weights become constants, by which rows and columns are multiplied.
 *
 * @param kind Keras's name of the interpolation
 * @param antialias whether a smaller image is smoothed
 */
record Interpolation(String kind, boolean antialias) {
  /** What a pixel weighs at a distance, in pixels, and the distance from which on it is nothing. */
  private record Weighting(double radius, DoubleUnaryOperator weight) {
    static final Weighting TRIANGLE = new Weighting(1, x -> Math.max(0, 1 - x));
    static final Weighting CUBIC = new Weighting(2, Weighting::cubic);

    private static double cubic(double x) {
      if (x >= 2) {
        return 0;
      }
      return x >= 1 ? ((2.5 - 0.5 * x) * x - 4) * x + 2 : (1.5 * x - 2.5) * x * x + 1;
    }

    static Weighting lanczos(int radius) {
      return new Weighting(
          radius,
          x -> {
            if (x > radius) {
              return 0;
            }
            double angle = Math.PI * x;
            return x <= 1e-3
                ? 1
                : radius * Math.sin(angle) * Math.sin(angle / radius) / (angle * angle);
          });
    }
  }

  /** The kernel of a kind; null if ONNX's Resize computes it. */
  private @Nullable Weighting kernel(KerasLayer layer) {
    return switch (kind) {
      case "nearest" -> null;
      case "bilinear" -> antialias ? Weighting.TRIANGLE : null;
      case "bicubic" -> Weighting.CUBIC;
      case "lanczos3" -> Weighting.lanczos(3);
      case "lanczos5" -> Weighting.lanczos(5);
      default -> throw layer.refusal("Keras has no interpolation " + kind);
    };
  }

  /**
   * Resizes images {@code [N,C,H,W]} to a fixed size.
   *
   * @return of the type of the images, or float, where they are integers that are interpolated
   */
  Value resize(KerasLayer layer, Value x, long height, long width) {
    GraphBuilder b = layer.builder();
    Shape shape = KerasLayer.shape(x);
    if (shape.dim(2).isFixed(height) && shape.dim(3).isFixed(width)) {
      return kind.equals("nearest") || KerasLayer.type(x).isFloat() ? x : asFloat(b, x);
    }
    Weighting kernel = kernel(layer);
    if (kernel != null && shape.dim(2).isFixed() && shape.dim(3).isFixed()) {
      return weighed(layer, x, kernel, height, width);
    }
    // Sizes of all axes, since ONNX Runtime takes a part of them for some interpolations only.
    Value sizes = b.concat(0, b.shape(x, 0, 2), b.longs("sizes", height, width));
    return operator(layer, x, null, sizes);
  }

  /** Enlarges images {@code [N,C,H,W]} of any size by whole numbers. */
  Value enlarge(KerasLayer layer, Value x, long high, long wide) {
    Shape shape = KerasLayer.shape(x);
    boolean isFixed = shape.dim(2).isFixed() && shape.dim(3).isFixed();
    if (isFixed && kernel(layer) != null) {
      return resize(layer, x, shape.dim(2).value() * high, shape.dim(3).value() * wide);
    }
    float[] scales = {1, 1, high, wide};
    return operator(
        layer, x, layer.constant("scales", Tensor.ofFloats(scales, scales.length)), null);
  }

  /** ONNX's Resize. Where the size of images is open, its cubic interpolation comes nearest. */
  private Value operator(KerasLayer layer, Value x, @Nullable Value scales, @Nullable Value sizes) {
    List<Attribute> how = new ArrayList<>();
    how.add(Attribute.ofString("coordinate_transformation_mode", "half_pixel"));
    if (antialias && !kind.equals("nearest") || kind.startsWith("lanczos")) {
      throw layer.refusal(
          "it resizes images of an open size by weights that ONNX's Resize does not have; give its"
              + " input a fixed size");
    }
    switch (kind) {
      case "nearest" -> {
        how.add(Attribute.ofString("mode", "nearest"));
        how.add(Attribute.ofString("nearest_mode", "round_prefer_ceil"));
      }
      case "bicubic" -> {
        how.add(Attribute.ofString("mode", "cubic"));
        how.add(Attribute.ofFloat("cubic_coeff_a", -0.5f));
        how.add(Attribute.ofInt("exclude_outside", 1));
      }
      default -> how.add(Attribute.ofString("mode", "linear"));
    }
    GraphBuilder b = layer.builder();
    boolean half = KerasLayer.type(x).bits() == 16 || !KerasLayer.type(x).isFloat();
    Value y =
        b.node(
            "Resize", OperatorBuilder.inputs(half ? asFloat(b, x) : x, null, scales, sizes), how);
    return half && (kind.equals("nearest") || KerasLayer.type(x).isFloat()) ? b.castLike(y, x) : y;
  }

  private static Value asFloat(GraphBuilder b, Value x) {
    return KerasLayer.type(x) == ElementType.FLOAT ? x : b.cast(x, ElementType.FLOAT);
  }

  /** Calls of one layer share the weights where their images are as large. */
  private Value weighed(KerasLayer layer, Value x, Weighting kernel, long height, long width) {
    GraphBuilder b = layer.builder();
    Value y = asFloat(b, x);
    int high = Math.toIntExact(KerasLayer.dim(x, 2));
    int wide = Math.toIntExact(KerasLayer.dim(x, 3));
    if (high != height) {
      float[] rows = weights(kernel, high, Math.toIntExact(height));
      y = b.matMul(layer.constant("rows_of_" + high, Tensor.ofFloats(rows, height, high)), y);
    }
    if (wide != width) {
      Tensor columns = Tensor.ofFloats(weights(kernel, wide, Math.toIntExact(width)), width, wide);
      y = b.matMul(y, layer.constant("columns_of_" + wide, Permuted.of(columns, 1, 0)));
    }
    return KerasLayer.type(x).isFloat() && KerasLayer.type(x) != ElementType.FLOAT
        ? b.castLike(y, x)
        : y;
  }

  /**
   * What each of the given elements weighs in each of the wanted ones, {@code [wanted,given]}. The
   * places are floats, as in TensorFlow, which rounds those of cubic interpolation to 1/1024.
   */
  private float[] weights(Weighting kernel, int given, int wanted) {
    float step = 1 / ((float) wanted / given);
    float wide = antialias ? Math.max(step, 1) : 1;
    boolean rounded = kind.equals("bicubic") && !antialias;
    float[] all = new float[Math.multiplyExact(given, wanted)];
    double[] row = new double[given];
    for (int i = 0; i < wanted; i++) {
      float place = rounded ? rounded(i, (float) given / wanted) : (i + 0.5f) * step;
      double sum = 0;
      for (int j = 0; j < given; j++) {
        double distance = Math.abs(j + 0.5f - place) / wide;
        row[j] = distance > kernel.radius() ? 0 : kernel.weight().applyAsDouble(distance);
        sum += row[j];
      }
      for (int j = 0; j < given && sum != 0; j++) {
        all[i * given + j] = (float) (row[j] / sum);
      }
    }
    return all;
  }

  private static float rounded(int i, float step) {
    float place = (i + 0.5f) * step - 0.5f;
    double pixel = Math.floor(place);
    return (float) (pixel + Math.rint((place - pixel) * 1024) / 1024 + 0.5);
  }
}
