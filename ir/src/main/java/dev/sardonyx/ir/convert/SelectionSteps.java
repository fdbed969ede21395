package dev.sardonyx.ir.convert;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.OptionalType;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.pass.Rewriter;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Choosing, scattering, optional values and sampling of images. */
final class SelectionSteps {
  private SelectionSteps() {}

  static void addTo(StepTable table) {
    table.step(
        "Scatter",
        11,
        Effect.REWRITTEN,
        (node, to) -> node.withOperator("ScatterElements"),
        Effect.REFUSED,
        StepRule.refusing("Scatter went with opset 11"));
    table.added("ScatterElements", 11, Effect.REWRITTEN, SelectionSteps::scatter);
    table.added("DynamicQuantizeLinear", 11, Effect.DECOMPOSED, SelectionSteps::dynamic);
    table.down("OptionalHasElement", 18, Effect.DECOMPOSED, SelectionSteps::hasElement);
    table.down("OptionalGetElement", 18, Effect.DECOMPOSED, SelectionSteps::getElement);
    table.step(
        "GridSample",
        20,
        Effect.REWRITTEN,
        (node, to) -> mode(node, "bilinear", "linear", "bicubic", "cubic"),
        Effect.REWRITTEN,
        SelectionSteps::gridSample);
    table.added("AffineGrid", 20, Effect.DECOMPOSED, StepRule.by(SelectionSteps::affineGrid));
  }

  private static Node scatter(Node node, Rewriter to) {
    long axis = node.intAttribute("axis", 0);
    Node scatter = node.withOperator("Scatter");
    return axis >= 0
        ? scatter
        : scatter.withAttribute(Attribute.ofInt("axis", Given.axis(axis, Given.rank(node, 0, to))));
  }

  /** The zero point is what the quantisation of the negative minimum rounds to. */
  private static @Nullable Node dynamic(Node node, Rewriter to) {
    Value x = to.input(node, 0);
    Value zero = to.scalarLike(x, 0);
    Value least = to.min(to.reduceMin(x, false), zero);
    Value most = to.max(to.reduceMax(x, false), zero);
    Value range = to.div(to.sub(most, least), to.scalarLike(x, 255));
    Value scale = to.where(to.greater(range, zero), range, to.scalarLike(x, 1));
    Value none = to.numberedConstant("zero", Tensor.ofNumbers(ElementType.UINT8, new double[1]));
    Value point = to.quantizeLinear(to.neg(least), scale, none);
    to.replace(List.of(to.quantizeLinear(x, scale, point), scale, point));
    return null;
  }

  private static @Nullable Node hasElement(Node node, Rewriter to) {
    if (node.hasInput(0) && isOptional(node, to)) {
      return node;
    }
    if (node.hasInput(0) && !to.type(node.input(0)).isKnown()) {
      throw new RefusedStepException("the type of its input is not known");
    }
    to.replace(to.constant(Tensor.scalar(node.hasInput(0))));
    return null;
  }

  private static @Nullable Node getElement(Node node, Rewriter to) {
    if (isOptional(node, to)) {
      return node;
    }
    to.replace(to.input(node, 0));
    return null;
  }

  private static boolean isOptional(Node node, Rewriter to) {
    return to.type(node.input(0)) instanceof OptionalType;
  }

  private static Node mode(Node node, String a, String b, String c, String d) {
    String mode = node.stringAttribute("mode", a);
    String other = mode.equals(a) ? b : mode.equals(c) ? d : mode;
    return node.withAttribute(Attribute.ofString("mode", other));
  }

  private static Node gridSample(Node node, Rewriter to) {
    if (Given.rank(node, 0, to) != 4) {
      throw new RefusedStepException("sampling of others than images [N,C,H,W] came with opset 20");
    }
    return mode(node, "linear", "bilinear", "cubic", "bicubic");
  }

  // AffineGrid

  /** The places of a grid of fixed size, times the transformation. */
  private static Value affineGrid(Node node, Rewriter to) {
    long[] size = Given.longs(node, 1, to, "its size");
    boolean corners = node.intAttribute("align_corners", 0) != 0;
    int rank = size.length - 2;
    if (corners && Arrays.stream(size).skip(2).anyMatch(side -> side == 1)) {
      // ONNX's reference takes the first corner, ONNX Runtime the last, and torch the middle.
      throw new RefusedStepException(
          "where a single element lies among aligned corners is each runtime's own choice");
    }
    long[] spatial = Arrays.copyOfRange(size, 2, size.length);
    int count = Given.elements(spatial);
    double[] places = new double[count * (rank + 1)];
    for (int i = 0; i < count; i++) {
      int rest = i;
      for (int axis = rank - 1; axis >= 0; axis--) { // the last axis is x, the first coordinate
        int length = (int) size[axis + 2];
        places[i * (rank + 1) + rank - 1 - axis] = place(rest % length, length, corners);
        rest /= length;
      }
      places[i * (rank + 1) + rank] = 1;
    }
    ElementType type = Given.type(node, 0, to);
    Value grid = to.numberedConstant("grid", Tensor.ofNumbers(type, places, count, rank + 1));
    Value turned = to.transpose(to.input(node, 0), 0, 2, 1);
    long[] shape = new long[rank + 2];
    System.arraycopy(size, 2, shape, 1, rank);
    shape[0] = size[0];
    shape[rank + 1] = rank;
    return to.reshape(to.matMul(grid, turned), shape);
  }

  private static double place(int i, int length, boolean corners) {
    return corners ? -1 + 2.0 * i / (length - 1) : -1 + (2.0 * i + 1) / length;
  }
}
