package dev.sardonyx.ir.infer.constraint;

import dev.sardonyx.ir.Dim;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.infer.InferenceContext;

/** Operators that scale, sample and look at regions of images. */
final class ImageConstraints {
  private ImageConstraints() {}

  static void addTo(Constraints all) {
    all.add(
        "Resize",
        Demand.word("mode", "nearest", "linear", "cubic"),
        Demand.word("keep_aspect_ratio_policy", "stretch", "not_larger", "not_smaller").since(18),
        Demand.word(
            "coordinate_transformation_mode",
            "half_pixel",
            "half_pixel_symmetric",
            "pytorch_half_pixel",
            "align_corners",
            "asymmetric",
            "tf_half_pixel_for_nn",
            "tf_crop_and_resize"),
        Demand.word("nearest_mode", "round_prefer_floor", "round_prefer_ceil", "floor", "ceil"),
        ImageConstraints::resizeOperands);
    all.add(
        "Upsample",
        Demand.word("mode", "nearest", "linear", "bilinear"),
        c -> perAxis(c, 1, "scales", rank(c)));
    all.add(
        "GridSample",
        Demand.word("mode", "linear", "bilinear", "nearest", "cubic", "bicubic"),
        Demand.word("padding_mode", "zeros", "border", "reflection"),
        c -> noneEmpty(c, 0));
    all.add(
        "RoiAlign",
        Demand.word("mode", "avg", "max"),
        Demand.word("coordinate_transformation_mode", "half_pixel", "output_half_pixel").since(16),
        Demand.atLeast("output_height", 1),
        Demand.atLeast("output_width", 1),
        Demand.within("sampling_ratio", 0, Integer.MAX_VALUE),
        c -> noneEmpty(c, 0));
    all.add("MaxRoiPool", c -> noneEmpty(c, 0));
    all.add(
        "NonMaxSuppression",
        Demand.within("center_point_box", 0, 1),
        Demand.single(2),
        Demand.single(3),
        Demand.single(4));
    all.add("DepthToSpace", Demand.word("mode", "DCR", "CRD"));
    all.add("AffineGrid", Demand.within("align_corners", 0, 1), Demand.vector(1));
    all.add(
        "Col2Im", Demand.vector(1), Demand.vector(2), Demand.positive(2), ImageConstraints::blocks);
    all.add("CenterCropPad", Demand.vector(1));
  }

  /** As many numbers as the image has axes, and twice as many pads. */
  private static void blocks(InferenceContext c) {
    Dim axes = c.inputDim(1, 0);
    if (axes.isFixed()) {
      String reason = "for " + axes + " axes";
      Demand.exactLength(c, "dilations", axes.value(), reason);
      Demand.exactLength(c, "strides", axes.value(), reason);
      Demand.exactLength(c, "pads", 2 * axes.value(), reason);
    }
  }

  private static int rank(InferenceContext c) {
    return c.inputShape(0).isRanked() ? c.inputShape(0).rank() : -1;
  }

  private static void resizeOperands(InferenceContext c) {
    long[] axes = c.since() < 18 ? null : c.intsAttribute("axes");
    int count = axes != null ? axes.length : rank(c);
    if (c.since() < 11) {
      perAxis(c, 1, "scales", count);
      return;
    }
    perAxis(c, 2, "scales", count);
    perAxis(c, 3, "sizes", count);
    if (c.stringAttribute("coordinate_transformation_mode", "").equals("tf_crop_and_resize")) {
      perAxis(c, 1, "roi", 2 * count);
    }
  }

  /** An operand, if it is not left out by being empty, has a number for each axis. */
  private static void perAxis(InferenceContext c, int input, String what, int count) {
    Shape shape = c.inputShape(input);
    if (!c.hasInput(input) || !shape.isRanked()) {
      return;
    }
    if (shape.rank() != 1) {
      throw c.rankError(input, "1");
    }
    Dim length = shape.dim(0);
    if (count >= 0 && length.isFixed() && !length.isFixed(0) && !length.isFixed(count)) {
      throw c.shapeError(
          input,
          count + " numbers",
          what
              + " "
              + c.inputName(input)
              + " has "
              + length
              + " numbers, but "
              + c.inputName(0)
              + " "
              + c.inputShape(0)
              + " needs "
              + count);
    }
  }

  /** There must be something to sample: no dimension after the batch is 0. */
  private static void noneEmpty(InferenceContext c, int input) {
    Shape shape = c.inputShape(input);
    for (int i = 1; shape.isRanked() && i < shape.rank(); i++) {
      if (shape.dim(i).isFixed(0)) {
        throw c.shapeError(
            input,
            "dimensions of at least 1",
            c.node().opType()
                + " has nothing to take values from: "
                + c.inputName(input)
                + " has shape "
                + shape);
      }
    }
  }
}
