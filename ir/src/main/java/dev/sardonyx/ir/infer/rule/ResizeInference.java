package dev.sardonyx.ir.infer.rule;

import dev.sardonyx.ir.Dim;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.infer.InferenceContext;
import dev.sardonyx.ir.infer.KnownValues;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Operators that scale and resample images. */
final class ResizeInference {
  private ResizeInference() {}

  static void addTo(Rules rules) {
    rules.add("Upsample", ResizeInference::upsample);
    rules.add("Resize", ResizeInference::resize);
    rules.add("GridSample", ResizeInference::gridSample);
    rules.add("AffineGrid", ResizeInference::affineGrid);
    rules.add("Col2Im", ResizeInference::col2Im);
  }

  /** Scale factors of the axes, floats as the model has them. */
  private static float @Nullable [] scales(InferenceContext c, int input) {
    Tensor constant = c.inputConstant(input);
    if (constant != null) {
      return constant.toFloats();
    }
    KnownValues known = c.inputKnown(input);
    double[] numbers = known == null ? null : known.toDoubles().orElse(null);
    if (numbers == null) {
      return null;
    }
    float[] scales = new float[numbers.length];
    for (int i = 0; i < scales.length; i++) {
      scales[i] = (float) numbers[i];
    }
    return scales;
  }

  private static void upsample(InferenceContext c) {
    Shape shape = c.inputShape(0);
    float[] scales;
    if (c.since() < 7) {
      if (shape.isRanked() && shape.rank() != 4) {
        throw c.rankError(0, "4");
      }
      scales =
          new float[] {
            1, 1, c.floatAttribute("height_scale", 1), c.floatAttribute("width_scale", 1)
          };
    } else {
      scales = c.since() < 9 ? c.floatsAttribute("scales") : scales(c, 1);
    }
    if (!shape.isRanked()) {
      return;
    }
    if (scales == null) {
      c.setOutputShape(0, Shape.ofRank(shape.rank()));
      return;
    }
    checkCount(c, "scales", scales.length, shape.rank());
    c.setOutputShape(0, scaled(c, shape, scales, allAxes(shape.rank())));
  }

  private static void checkCount(InferenceContext c, String name, int count, int expected) {
    if (count != expected) {
      throw c.attributeError(
          name,
          expected + " numbers",
          count + " numbers",
          name
              + " has "
              + count
              + " numbers, but "
              + c.inputName(0)
              + " "
              + c.inputShape(0)
              + " needs "
              + expected);
    }
  }

  private static int[] allAxes(int rank) {
    int[] axes = new int[rank];
    for (int i = 0; i < rank; i++) {
      axes[i] = i;
    }
    return axes;
  }

  private static Shape scaled(InferenceContext c, Shape shape, float[] scales, int[] axes) {
    List<Dim> dims = new ArrayList<>(shape.dims());
    for (int i = 0; i < axes.length; i++) {
      if (!(scales[i] > 0)) {
        throw c.attributeError(
            "scales",
            "numbers above 0",
            Float.toString(scales[i]),
            "scales has " + scales[i] + " for axis " + axes[i] + "; it must be above 0");
      }
      dims.set(axes[i], scaled(dims.get(axes[i]), scales[i]));
    }
    return Shape.of(dims);
  }

  /**
   * floor(dim * scale); symbols by simple fractions alone. ONNX Runtime computes it in floats,
   * ONNX's own inference does not: a size that depends on that, such as 5 by 2.6, is unknown, so
   * that neither's declaration is taken for wrong.
   */
  private static Dim scaled(Dim dim, float scale) {
    if (dim.isFixed()) {
      long exact = (long) Math.floor((double) dim.value() * scale);
      long inFloats = (long) Math.floor((float) dim.value() * scale);
      return exact == inFloats ? Dim.of(exact) : Dim.UNKNOWN;
    }
    KnownValues fraction = KnownValues.of(Tensor.scalar(scale));
    return fraction == null
        ? Dim.UNKNOWN
        : dim.times(fraction.get(0)).floorDiv(fraction.denominator());
  }

  private static void resize(InferenceContext c) {
    Shape shape = c.inputShape(0);
    int scalesAt = c.since() < 11 ? 1 : 2;
    boolean hasScales = isGiven(c, scalesAt);
    boolean hasSizes = c.since() >= 11 && isGiven(c, 3);
    if (hasScales && hasSizes && !(isCertain(c, scalesAt) && isCertain(c, 3))) {
      // One of them is empty, but perhaps not known to be.
      hasScales = isCertain(c, scalesAt);
      hasSizes = isCertain(c, 3);
      if (!hasScales && !hasSizes) {
        c.setOutputShape(0, shape.isRanked() ? Shape.ofRank(shape.rank()) : shape);
        return;
      }
    }
    if (hasScales == hasSizes) {
      throw c.attributeError(
          "scales",
          "either scales or sizes",
          hasScales ? "both" : "none",
          hasScales
              ? "both scales and sizes are given; only one of them may be"
              : "neither scales nor sizes are given; one of them must be");
    }
    if (!shape.isRanked()) {
      return;
    }
    int[] axes = allAxes(shape.rank());
    long[] named = c.since() < 18 ? null : c.intsAttribute("axes");
    if (named != null) {
      Axes.normalize("axes", named, shape.rank()); // refuses repetition
      axes = new int[named.length];
      for (int i = 0; i < axes.length; i++) {
        axes[i] = Axes.normalize("axes", named[i], shape.rank());
      }
    }
    c.setOutputShape(0, hasScales ? byScales(c, shape, scalesAt, axes) : bySizes(c, shape, axes));
  }

  /** In version 11 an empty tensor stands for one that is not given. */
  private static boolean isGiven(InferenceContext c, int input) {
    return c.hasInput(input)
        && !(c.inputShape(input).isRanked() && c.inputShape(input).size().isFixed(0));
  }

  private static boolean isCertain(InferenceContext c, int input) {
    Shape shape = c.inputShape(input);
    return shape.isRanked() && shape.size().isFixed();
  }

  private static Shape byScales(InferenceContext c, Shape shape, int input, int[] axes) {
    float[] scales = scales(c, input);
    if (scales == null) {
      return withUnknown(shape, axes);
    }
    checkCount(c, "scales", scales.length, axes.length);
    return scaled(c, shape, scales, axes);
  }

  private static Shape withUnknown(Shape shape, int[] axes) {
    List<Dim> dims = new ArrayList<>(shape.dims());
    for (int axis : axes) {
      dims.set(axis, Dim.UNKNOWN);
    }
    return Shape.of(dims);
  }

  private static Shape bySizes(InferenceContext c, Shape shape, int[] axes) {
    IntegerOperand sizes = IntegerOperand.ofInput(c, "sizes", 3);
    if (sizes.count() >= 0) {
      checkCount(c, "sizes", sizes.count(), axes.length);
    }
    String policy = c.stringAttribute("keep_aspect_ratio_policy", "stretch");
    List<Dim> dims = new ArrayList<>(shape.dims());
    if (policy.equals("stretch")) {
      for (int i = 0; i < axes.length; i++) {
        dims.set(axes[i], sizes.get(i));
      }
      return Shape.of(dims);
    }
    if (!policy.equals("not_larger") && !policy.equals("not_smaller")) {
      throw c.attributeError(
          "keep_aspect_ratio_policy",
          "stretch, not_larger or not_smaller",
          policy,
          "keep_aspect_ratio_policy is '"
              + policy
              + "'; it must be stretch, not_larger or not_smaller");
    }
    boolean larger = policy.equals("not_smaller");
    float scale = larger ? 0 : Float.MAX_VALUE;
    for (int i = 0; i < axes.length; i++) {
      if (!sizes.get(i).isFixed() || !shape.dim(axes[i]).isFixed()) {
        return withUnknown(shape, axes);
      }
      float ratio = (float) sizes.get(i).value() / shape.dim(axes[i]).value();
      scale = larger ? Math.max(scale, ratio) : Math.min(scale, ratio);
    }
    for (int axis : axes) {
      dims.set(axis, Dim.of((long) Math.floor(scale * shape.dim(axis).value() + 0.5f)));
    }
    return Shape.of(dims);
  }

  /** X [N, C, spatial...] at the places of grid [N, out..., rank] to [N, C, out...]. */
  private static void gridSample(InferenceContext c) {
    Shape x = c.inputShape(0);
    Shape grid = c.inputShape(1);
    for (int i = 0; i < 2; i++) {
      Shape shape = c.inputShape(i);
      if (shape.isRanked() && (c.since() < 20 ? shape.rank() != 4 : shape.rank() < 3)) {
        throw c.rankError(i, c.since() < 20 ? "4" : "of at least 3");
      }
    }
    if (x.isRanked() && grid.isRanked()) {
      if (x.rank() != grid.rank()) {
        throw Broadcasting.mismatch(c, 0, 1, "must have the same rank");
      }
      if (!x.dim(0).isCompatibleWith(grid.dim(0))) {
        throw Broadcasting.mismatch(c, 0, 1, "differ in the batch size");
      }
      if (!grid.dim(-1).isCompatibleWith(Dim.of(x.rank() - 2L))) {
        throw Broadcasting.mismatch(
            c, 0, 1, "do not fit: places need " + (x.rank() - 2) + " coordinates");
      }
    }
    if (!x.isRanked() && !grid.isRanked()) {
      return;
    }
    int rank = x.isRanked() ? x.rank() : grid.rank();
    Shape head = x.isRanked() ? x.slice(0, 2) : Shape.of(grid.dim(0), Dim.UNKNOWN);
    Shape tail = grid.isRanked() ? grid.slice(1, rank - 1) : Shape.ofRank(rank - 2);
    c.setOutputShape(0, head.concat(tail));
  }

  /** theta [N, 2, 3] or [N, 3, 4] and size [N, C, spatial...] to [N, spatial..., 2 or 3]. */
  private static void affineGrid(InferenceContext c) {
    Shape theta = c.inputShape(0);
    if (theta.isRanked() && theta.rank() != 3) {
      throw c.rankError(0, "3");
    }
    IntegerOperand size = IntegerOperand.ofInput(c, "size", 1);
    if (size.count() >= 0 && size.count() != 4 && size.count() != 5) {
      throw size.wrongCount("4 or 5");
    }
    Dim spatial = theta.isRanked() ? theta.dim(1) : Dim.UNKNOWN;
    int rank =
        size.count() >= 0 ? size.count() - 2 : spatial.isFixed(2) ? 2 : spatial.isFixed(3) ? 3 : 0;
    if (rank == 0) {
      return;
    }
    if (!spatial.isCompatibleWith(Dim.of(rank))) {
      throw c.shapeError(
          0,
          Shape.of(Dim.UNKNOWN, Dim.of(rank), Dim.of(rank + 1L)).toString(),
          "theta "
              + c.inputName(0)
              + " "
              + theta
              + " does not fit a size of "
              + size.count()
              + " numbers");
    }
    List<Dim> dims = new ArrayList<>();
    dims.add(size.get(0).isKnown() || !theta.isRanked() ? size.get(0) : theta.dim(0));
    for (int i = 0; i < rank; i++) {
      dims.add(size.get(i + 2));
    }
    dims.add(Dim.of(rank));
    c.setOutputShape(0, Shape.of(dims));
  }

  /** [N, C * block size, blocks] to [N, C, image...]. */
  private static void col2Im(InferenceContext c) {
    Shape shape = c.inputShape(0);
    if (shape.isRanked() && shape.rank() != 3) {
      throw c.rankError(0, "3");
    }
    IntegerOperand image = IntegerOperand.ofInput(c, "image_shape", 1);
    IntegerOperand block = IntegerOperand.ofInput(c, "block_shape", 2);
    int spatial = Math.max(image.count(), block.count());
    if (spatial < 0 || spatial > KnownValues.MAX_ELEMENTS) {
      return;
    }
    if (image.count() >= 0 && block.count() >= 0 && image.count() != block.count()) {
      throw block.wrongCount(image.count() + ", as many as image_shape");
    }
    Dim size = Dim.of(1);
    for (int i = 0; i < spatial; i++) {
      size = size.times(block.get(i));
    }
    Dim columns = shape.isRanked() ? shape.dim(1) : Dim.UNKNOWN;
    if (columns.isFixed() && size.isFixed() && !size.isFixed(0)) {
      if (columns.value() % size.value() != 0) {
        throw c.shapeError(
            0,
            "a multiple of " + size + " at axis 1",
            "axis 1 of " + c.inputName(0) + " " + shape + " is no multiple of the block's " + size);
      }
    }
    List<Dim> dims = new ArrayList<>();
    dims.add(shape.isRanked() ? shape.dim(0) : Dim.UNKNOWN);
    dims.add(columns.floorDiv(size));
    for (int i = 0; i < spatial; i++) {
      dims.add(image.get(i));
    }
    c.setOutputShape(0, Shape.of(dims));
  }
}
