package dev.sardonyx.ir.contrib;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.build.OperatorBuilder;
import dev.sardonyx.ir.build.StandardOps;

/** What ONNX Runtime had before ONNX took it over. */
final class EarlyForms {
  private EarlyForms() {}

  static void addTo(ContribOperators operators) {
    operators.one("Trilu", EarlyForms::sameInputs);
    operators.one("GatherND", EarlyForms::sameInputs);
    operators.one("Pad", EarlyForms::sameInputs);
    operators.one("GridSample", EarlyForms::gridSample);
    operators.one("Range", EarlyForms::range);
    operators.one("ExpandDims", EarlyForms::expandDims);
  }

  private static Value sameInputs(ContribNode n) {
    return n.to().node(n.node().opType(), n.inputs(), n.node().attributes());
  }

  /** Opset 20 gave the modes other names. */
  private static Value gridSample(ContribNode n) {
    StandardOps to = n.to();
    String mode = n.text("mode", "bilinear");
    String name =
        to.opset() < 20
            ? mode
            : mode.equals("bilinear") ? "linear" : mode.equals("bicubic") ? "cubic" : mode;
    return to.node(
        "GridSample",
        n.inputs(),
        n.node().withAttribute(Attribute.ofString("mode", name)).attributes());
  }

  private static Value range(ContribNode n) {
    Value delta = n.has(2) ? n.in(2) : n.to().scalarLike(n.in(0), 1);
    return n.to().range(n.in(0), n.in(1), delta);
  }

  private static Value expandDims(ContribNode n) {
    StandardOps to = n.to();
    Value axis = to.reshape(to.cast(n.in(1), ElementType.INT64), 1);
    return to.node("Unsqueeze", OperatorBuilder.operands(n.in(0), axis));
  }
}
