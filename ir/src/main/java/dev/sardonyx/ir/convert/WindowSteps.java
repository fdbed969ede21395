package dev.sardonyx.ir.convert;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.pass.Rewriter;

/** Pooling: results and attributes that came with versions. */
final class WindowSteps {
  private WindowSteps() {}

  static void addTo(StepTable table) {
    table.down("MaxPool", 8, Effect.ATTRIBUTES, WindowSteps::withoutIndices);
    table.down("MaxPool 10\nAveragePool 10\nLpPool 18", Effect.REWRITTEN, WindowSteps::roundedDown);
    table.down("AveragePool", 19, Effect.ATTRIBUTES, AttributeSteps::dropDefaults);
  }

  private static Node withoutIndices(Node node, Rewriter to) {
    return Given.firstOutputs(node, 1, to, "the indices of its maxima came with opset 8")
        .withoutAttribute("storage_order");
  }

  /** Windows that begin inside and end outside are reached with padding, if all sizes are fixed. */
  private static Node roundedDown(Node node, Rewriter to) {
    Node plain = node.withoutAttribute("ceil_mode");
    if (node.intAttribute("ceil_mode", 0) != 0) {
      plain = withEndPads(plain, to);
    }
    return AttributeSteps.dropDefaults(plain, to);
  }

  private static Node withEndPads(Node node, Rewriter to) {
    String autoPad = node.stringAttribute("auto_pad", "NOTSET");
    boolean countsPads =
        node.opType().equals("AveragePool") && node.intAttribute("count_include_pad", 0) != 0;
    if (countsPads || !autoPad.equals("NOTSET")) {
      throw new RefusedStepException("its ceil_mode came with opset " + (to.opset() + 1));
    }
    long[] from = Given.dims(node, 0, to);
    if (!(node.output(0).type() instanceof TensorType type)
        || !type.shape().isRanked()
        || !type.shape().isStatic()) {
      throw new RefusedStepException("its ceil_mode is known here only for fixed sizes");
    }
    long[] result = type.shape().toLongs();
    int rank = from.length - 2;
    long[] kernel = node.intsAttribute("kernel_shape").orElse(new long[0]);
    long[] pads = node.intsAttribute("pads").orElse(new long[2 * rank]).clone();
    for (int i = 0; i < rank; i++) {
      long stride = at(node, "strides", i);
      long window = (kernel[i] - 1) * at(node, "dilations", i) + 1;
      long reached = (result[i + 2] - 1) * stride + window;
      long missing = reached - (from[i + 2] + pads[i] + pads[i + rank]);
      pads[i + rank] += Math.max(0, missing);
    }
    return node.withAttribute(Attribute.ofInts("pads", pads));
  }

  private static long at(Node node, String attribute, int i) {
    return node.intsAttribute(attribute).map(v -> v[i]).orElse(1L);
  }
}
