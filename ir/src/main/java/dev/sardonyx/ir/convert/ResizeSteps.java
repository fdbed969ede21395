package dev.sardonyx.ir.convert;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.pass.Rewriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/** Resize and its forerunner Upsample. */
final class ResizeSteps {
  private static final String MODE = "coordinate_transformation_mode";

  private ResizeSteps() {}

  static void addTo(StepTable table) {
    table.step(
        "Upsample",
        9,
        Effect.ATTRIBUTES_TO_INPUTS,
        ResizeSteps::scalesToInput,
        Effect.INPUTS_TO_ATTRIBUTES,
        ResizeSteps::scalesToAttribute);
    table.step(
        "Upsample",
        10,
        Effect.REWRITTEN,
        (node, to) -> node.withOperator("Resize"),
        Effect.REFUSED,
        StepRule.refusing("Upsample went with opset 10"));
    table.added("Resize", 10, Effect.REWRITTEN, ResizeSteps::upsample);
    table.step(
        "Resize",
        11,
        Effect.REWRITTEN,
        ResizeSteps::asymmetric,
        Effect.REWRITTEN,
        ResizeSteps::onlyAsymmetric);
    table.down("Resize", 13, Effect.REWRITTEN, ResizeSteps::emptyInputs);
    table.down("Resize", 18, Effect.REWRITTEN, ResizeSteps::allAxes);
    table.down("Resize", 19, Effect.REWRITTEN, ResizeSteps::symmetric);
  }

  // Upsample

  private static Node scalesToInput(Node node, Rewriter to) {
    float[] scales = Given.floats(node, "scales");
    Value input = to.numberedConstant("scales", Tensor.ofFloats(scales, scales.length));
    return node.withoutAttribute("scales").withInput(1, input.name());
  }

  private static Node scalesToAttribute(Node node, Rewriter to) {
    float[] scales = Given.tensor(node, 1, to, "its scales").toFloats();
    return Given.firstInputs(node, 1).withAttribute(Attribute.ofFloats("scales", scales));
  }

  private static Node upsample(Node node, Rewriter to) {
    float[] scales = Given.tensor(node, 1, to, "its scales").toFloats();
    for (float scale : scales) {
      if (scale < 1) {
        throw new RefusedStepException("scales below 1 came with opset 10");
      }
    }
    return node.withOperator("Upsample");
  }

  // Resize of opset 10, which knows one way to find the place of an element

  private static Node asymmetric(Node node, Rewriter to) {
    Value roi = to.numberedConstant("roi", Tensor.ofFloats(new float[0], 0));
    return node.withInputs(List.of(node.input(0), roi.name(), node.input(1)))
        .withAttribute(Attribute.ofString(MODE, "asymmetric"))
        .withAttribute(Attribute.ofString("nearest_mode", "floor"));
  }

  private static Node onlyAsymmetric(Node node, Rewriter to) {
    String scaling = node.stringAttribute("mode", "nearest");
    boolean nearest = scaling.equals("nearest");
    Value scales = scales(node, to);
    String place = node.stringAttribute(MODE, "half_pixel");
    String rounding = node.stringAttribute("nearest_mode", "round_prefer_floor");
    boolean same =
        place.equals("asymmetric")
            && (nearest ? rounding.equals("floor") : scaling.equals("linear"));
    if (!same && !(nearest && isRepeated(scales, place, rounding, to))) {
      throw new RefusedStepException(
          "Resize of opset 10 is asymmetric and takes the floor; this is "
              + scaling
              + ", "
              + place
              + (nearest ? ", " + rounding : ""));
    }
    return node.withInputs(List.of(node.input(0), scales.name()))
        .withAttributes(List.of(Attribute.ofString("mode", scaling)));
  }

  /** With whole scales most ways come to repeating each element. */
  private static boolean isRepeated(Value scales, String place, String rounding, Rewriter to) {
    Tensor known = to.tensor(scales.name());
    boolean halfPixel =
        (place.equals("half_pixel") || place.equals("half_pixel_symmetric"))
            && rounding.equals("round_prefer_floor");
    if (known == null || !halfPixel && !place.equals("asymmetric")) {
      return false;
    }
    for (float scale : known.toFloats()) {
      if (scale < 1 || scale != Math.rint(scale) || scale != 1 && !halfPixel) {
        return false;
      }
    }
    return true;
  }

  private static Value scales(Node node, Rewriter to) {
    if (!node.hasInput(3)) {
      return to.input(node, 2);
    }
    long[] sizes = Given.longs(node, 3, to, "its sizes");
    long[] dims = Given.dims(node, 0, to);
    float[] scales = new float[sizes.length];
    for (int i = 0; i < sizes.length; i++) {
      scales[i] = dims[i] == 0 ? 1 : scale((double) sizes[i] / dims[i], dims[i], sizes[i]);
      if (Float.isNaN(scales[i]) || dims[i] == 0 && sizes[i] != 0) {
        throw new RefusedStepException("no scale gives the size " + sizes[i] + " of " + dims[i]);
      }
    }
    return to.numberedConstant("scales", Tensor.ofFloats(scales, scales.length));
  }

  /**
   * A ratio as a scale that makes a size of a dimension, whether a runtime multiplies in 32 bits or
   * in 64; NaN if there is none.
   */
  private static float scale(double ratio, long dim, long size) {
    float near = (float) ratio;
    float scale = Math.floor(near * (double) dim) < size ? Math.nextUp(near) : near;
    boolean fits =
        Math.floor(scale * (double) dim) == size && Math.floor(scale * (float) dim) == size;
    return fits ? scale : Float.NaN;
  }

  // Inputs

  /** Up to opset 12 what is not given is empty. */
  private static Node emptyInputs(Node node, Rewriter to) {
    Node result = node;
    for (int i = 1; i <= 2; i++) {
      if (!node.hasInput(i)) {
        Value none =
            to.numberedConstant(i == 1 ? "roi" : "scales", Tensor.ofFloats(new float[0], 0));
        result = result.withInput(i, none.name());
      }
    }
    return result;
  }

  private static Node allAxes(Node node, Rewriter to) {
    if (node.intAttribute("antialias", 0) != 0) {
      throw new RefusedStepException("its antialias came with opset 18");
    }
    Node plain = Given.without(node, "antialias", "axes", "keep_aspect_ratio_policy");
    String policy = node.stringAttribute("keep_aspect_ratio_policy", "stretch");
    if (node.hasInput(3) && !policy.equals("stretch")) {
      return keepingRatio(node, plain, policy, to);
    }
    long[] axes = node.intsAttribute("axes").orElse(null);
    if (axes == null) {
      return plain;
    }
    int rank = Given.rank(node, 0, to);
    long[] own = Given.axes(axes, rank);
    Value one = to.numberedConstant("one", Tensor.ofFloats(new float[] {1}, 1));
    Value zero = to.numberedConstant("zero", Tensor.ofFloats(new float[1], 1));
    Value x = to.input(node, 0);
    if (node.hasInput(1)) {
      Value roi = to.input(node, 1);
      List<Value> halves = new ArrayList<>();
      halves.addAll(pieces(roi, own, rank, 0, List.of(zero), to));
      halves.addAll(pieces(roi, own, rank, own.length, List.of(one), to));
      plain = plain.withInput(1, to.concat(0, halves).name());
    }
    if (node.hasInput(2)) {
      List<Value> all = pieces(to.input(node, 2), own, rank, 0, List.of(one), to);
      plain = plain.withInput(2, to.concat(0, all).name());
    }
    if (node.hasInput(3)) {
      List<Value> before = new ArrayList<>();
      for (int i = 0; i < rank; i++) {
        before.add(to.shape(x, i, i + 1L));
      }
      List<Value> all = pieces(to.input(node, 3), own, rank, 0, before, to);
      plain = plain.withInput(3, to.concat(0, all).name());
    }
    return plain;
  }

  /** For each axis an element of what is given for some, or what stands for the others. */
  private static List<Value> pieces(
      Value given, long[] axes, int rank, int offset, List<Value> others, Rewriter to) {
    List<Value> pieces = new ArrayList<>();
    for (int i = 0; i < rank; i++) {
      int axis = i;
      int at = IntStream.range(0, axes.length).filter(a -> axes[a] == axis).findFirst().orElse(-1);
      Value other = others.get(Math.min(i, others.size() - 1));
      pieces.add(at < 0 ? other : to.slice(given, 0, at + (long) offset, at + offset + 1L));
    }
    return pieces;
  }

  private static Node keepingRatio(Node node, Node plain, String policy, Rewriter to) {
    long[] dims = Given.dims(node, 0, to);
    long[] sizes = Given.longs(node, 3, to, "its sizes");
    long[] all = LongStream.range(0, dims.length).toArray();
    long[] axes = Given.axes(node.intsAttribute("axes").orElse(all), dims.length);
    if (node.hasInput(1) && node.intsAttribute("axes").isPresent()) {
      throw new RefusedStepException("a region of some axes with kept ratios came with opset 18");
    }
    DoubleStream ratios =
        IntStream.range(0, axes.length).mapToDouble(i -> (double) sizes[i] / dims[(int) axes[i]]);
    double scale = policy.equals("not_larger") ? ratios.min().orElse(1) : ratios.max().orElse(1);
    float[] scales = new float[dims.length];
    Arrays.fill(scales, 1);
    for (long each : axes) {
      int axis = (int) each;
      long kept = (long) Math.floor(scale * dims[axis] + 0.5);
      scales[axis] = dims[axis] == 0 ? 1 : scale(scale, dims[axis], kept);
      if (Float.isNaN(scales[axis])) {
        throw new RefusedStepException(
            "its ratio is kept by %s times %d, and rounding that up to %d came with opset 18"
                .formatted((float) scale, dims[axis], kept));
      }
    }
    // Not by sizes, from which each axis would get a ratio of its own.
    Value input = to.numberedConstant("scales", Tensor.ofFloats(scales, scales.length));
    return Given.firstInputs(plain, 2).withInput(2, input.name());
  }

  /** Where sizes are given, symmetry changes nothing. */
  private static Node symmetric(Node node, Rewriter to) {
    if (!node.stringAttribute(MODE, "half_pixel").equals("half_pixel_symmetric")) {
      return node;
    }
    if (!node.hasInput(3)) {
      throw new RefusedStepException("half_pixel_symmetric came with opset 19");
    }
    return node.withAttribute(Attribute.ofString(MODE, "half_pixel"));
  }
}
