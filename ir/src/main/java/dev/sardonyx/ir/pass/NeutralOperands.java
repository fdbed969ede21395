package dev.sardonyx.ir.pass;

import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.Value;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Removes sums with zeros (which would make -0 to 0) and products with ones, where the other
 * operand has the result's shape, and a Where that always chooses the same.
 */
public record NeutralOperands() implements Pass {
  static final NodeTransform RULES =
      NodeTransform.of(
          Map.of(
              "Add", (node, to) -> either(node, 0, to),
              "Sub", (node, to) -> other(node, 1, 0, to),
              "Mul", (node, to) -> either(node, 1, to),
              "Div", (node, to) -> other(node, 1, 1, to),
              "Where", NeutralOperands::chosen));

  /** Operands stretch to each other by shape from this opset on. */
  private static final int FIRST_OPSET = 7;

  @Override
  public PassResult apply(Model model) {
    return Walk.through(model, "neutral-operands", RULES);
  }

  private static @Nullable Value either(Node node, double neutral, Rewriter to) {
    Value first = other(node, 1, neutral, to);
    return first != null ? first : other(node, 0, neutral, to);
  }

  /** The other one of two operands, if one is neutral and the result has the other one's shape. */
  private static @Nullable Value other(Node node, int operand, double neutral, Rewriter to) {
    String name = node.input(operand);
    if (!to.isAll(name, neutral)
        || to.opset() < FIRST_OPSET
        || !keepsShape(node, to.shape(name), to.shape(node.input(1 - operand)))) {
      return null;
    }
    Value kept = to.input(node, 1 - operand);
    return to.needsIdentity(node.output(0), kept) ? null : kept;
  }

  private static @Nullable Value chosen(Node node, Rewriter to) {
    double choice = to.number(node.input(0));
    if (Double.isNaN(choice)) {
      return null;
    }
    int operand = choice != 0 ? 1 : 2;
    if (!hasShape(node, to.shape(node.input(operand)))) {
      return null;
    }
    Value value = to.input(node, operand);
    return to.needsIdentity(node.output(0), value) ? null : value;
  }

  private static boolean keepsShape(Node node, Shape constant, Shape kept) {
    return kept.isRanked()
        && (constant.size().isFixed(1) && constant.rank() <= kept.rank() || hasShape(node, kept));
  }

  private static boolean hasShape(Node node, Shape kept) {
    return node.output(0).type() instanceof TensorType type
        && kept.isRanked()
        && kept.equals(type.shape())
        && kept.dims().stream().allMatch(d -> d.isKnown());
  }
}
