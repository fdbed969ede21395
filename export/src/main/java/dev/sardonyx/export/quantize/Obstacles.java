package dev.sardonyx.export.quantize;

import dev.sardonyx.export.quantize.OperatorRule.Kind;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.GraphIndex;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Result;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.ValueType;
import org.jspecify.annotations.Nullable;

/** What keeps a node from being quantised, whatever is around it. */
final class Obstacles {
  private final GraphIndex index;
  private final QuantizationOptions options;

  Obstacles(GraphIndex index, QuantizationOptions options) {
    this.index = index;
    this.options = options;
  }

  /** The obstacle, or null. */
  @Nullable String of(Node node, @Nullable OperatorRule rule) {
    if (!node.subgraphs().isEmpty()) {
      return "graphs inside nodes stay as they are";
    }
    if (rule == null) {
      return options.target().name() + " does not compute it in integers";
    }
    if (options.excludes(node)) {
      return "excluded";
    }
    if (!options.includes(node)) {
      return "not among the nodes included";
    }
    boolean chosen = options.operators().isEmpty() || options.operators().contains(node.opType());
    if (!chosen
        && (rule.kind() == Kind.PRODUCT || rule.kind() == Kind.FOLLOWING || isTable(node))) {
      return "not among the operators chosen";
    }
    String type = ofTypes(node);
    if (type != null) {
      return type;
    }
    return switch (rule.kind()) {
      case PRODUCT -> ofProduct(node);
      case FOLLOWING -> ofOperands(node);
      case MOVING -> ofMoving(node);
      case BOUNDING -> ofLimits(node);
    };
  }

  private @Nullable String ofTypes(Node node) {
    ValueType input = node.hasInput(0) ? index.type(node.input(0)) : ValueType.unknown();
    if (!isFloat(input)) {
      return "it computes with " + input;
    }
    for (Result result : node.outputs()) {
      if (result.isPresent() && !isFloat(index.type(result.name()))) {
        return "it gives " + index.type(result.name());
      }
    }
    return node.hasOutput(0) ? null : "nobody uses its first result";
  }

  private static boolean isFloat(ValueType type) {
    return type instanceof TensorType t && t.elementType() == ElementType.FLOAT;
  }

  private @Nullable String ofProduct(Node node) {
    Tensor left = constant(node, 0);
    Tensor weights = constant(node, 1);
    if (left != null && weights != null) {
      return "it is constant";
    }
    if (weights == null && isReplaceable(node.input(1))) {
      return WeightReport.REPLACEABLE;
    }
    if (node.is("MatMul")) {
      return weights == null && left == null && !options.activationProducts()
          ? "a product of two activations"
          : null;
    }
    if (weights == null) {
      return "its weights are not constant";
    }
    if (node.hasOutput(1)) {
      return "it gives more than its result";
    }
    if (node.is("Gemm")
        && (node.floatAttribute("alpha", 1) != 1 || node.floatAttribute("beta", 1) != 1)) {
      return "its alpha and beta are not 1";
    }
    Tensor bias = constant(node, 2);
    if (node.hasInput(2)
        && (bias == null || !isVector(bias, ProductWeights.channels(node, weights)))) {
      return "its bias is no constant for each channel";
    }
    return null;
  }

  private boolean isReplaceable(String value) {
    return index.input(value).isPresent() && index.initializer(value).isPresent();
  }

  private static boolean isVector(Tensor bias, long channels) {
    return bias.size() == channels && bias.rank() > 0 && bias.dim(bias.rank() - 1) == channels;
  }

  private @Nullable String ofOperands(Node node) {
    if (options.target().everywhere() || options.operators().contains(node.opType())) {
      return null;
    }
    for (int i = 0; i < node.inputs().size(); i++) {
      if (isFloat(index.type(node.input(i))) && constant(node, i) != null) {
        return "with a constant it is exact in float";
      }
    }
    return null;
  }

  private @Nullable String ofMoving(Node node) {
    if (node.is("MaxPool") && node.hasOutput(1)) {
      return "it gives indices";
    }
    String mode = node.stringAttribute("mode", "nearest");
    if (node.is("Resize")
        && (mode.equals("cubic") || node.floatAttribute("extrapolation_value", 0) != 0)) {
      return "it gives numbers beyond those it is given";
    }
    Tensor constant = constant(node, 0);
    if (constant == null) {
      return null;
    }
    return isTable(node) ? ofTable(constant) : "it is constant";
  }

  /** Whether vectors of a constant matrix are gathered. */
  boolean isTable(Node node) {
    Tensor table = node.is("Gather") ? constant(node, 0) : null;
    long axis = node.intAttribute("axis", 0);
    return table != null && table.rank() == 2 && (axis == 0 || axis == -2);
  }

  private @Nullable String ofTable(Tensor table) {
    String reason = WeightedProduct.whyNotNumbers(table);
    if (reason.isEmpty() && table.dim(1) < 2) {
      reason = "its weights would not be smaller";
    }
    return reason.isEmpty() ? null : reason;
  }

  private @Nullable String ofLimits(Node node) {
    for (int i = 1; i < node.inputs().size(); i++) {
      if (node.hasInput(i) && constant(node, i) == null) {
        return "its limits are not constant";
      }
    }
    Range limits = limits(node);
    return limits.min() > 0 || limits.max() < 0 ? "its limits leave out zero" : null;
  }

  /** What a Relu or Clip lets through. */
  Range limits(Node node) {
    if (node.is("Relu")) {
      return new Range(0, Double.MAX_VALUE);
    }
    Tensor low = constant(node, 1);
    Tensor high = constant(node, 2);
    double min = low == null ? -Double.MAX_VALUE : Math.max(-Double.MAX_VALUE, low.toScalar());
    double max = high == null ? Double.MAX_VALUE : Math.min(Double.MAX_VALUE, high.toScalar());
    return new Range(Math.min(min, max), max);
  }

  private @Nullable Tensor constant(Node node, int i) {
    return node.hasInput(i) ? index.constant(node.input(i)).orElse(null) : null;
  }
}
