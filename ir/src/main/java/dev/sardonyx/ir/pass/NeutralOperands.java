package dev.sardonyx.ir.pass;

import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.Value;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Sums with zeros and products with ones: the other operand, where no axis stretches. So is what a
 * Where chooses everywhere.
 */
final class NeutralOperands {
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

  private NeutralOperands() {}

  private static @Nullable Value either(Node node, double neutral, Rewriter to) {
    int constant = to.tensor(node.input(1)) == null ? 0 : 1;
    return other(node, constant, neutral, to);
  }

  /** The other one of two operands, if one is neutral and the result has the other one's shape. */
  private static @Nullable Value other(Node node, int operand, double neutral, Rewriter to) {
    Tensor constant = to.tensor(node.input(operand));
    if (constant == null
        || to.opset() < FIRST_OPSET
        || constant.size() == 0
        || constant.first().toScalar() != neutral
        || !keepsShape(node, constant, to.shape(node.input(1 - operand)))
        || !isAll(constant, neutral)) {
      return null;
    }
    Value kept = to.input(node, 1 - operand);
    return to.needsIdentity(node.output(0), kept) ? null : kept;
  }

  private static @Nullable Value chosen(Node node, Rewriter to) {
    Tensor condition = to.tensor(node.input(0));
    if (condition == null || condition.size() == 0) {
      return null;
    }
    double choice = condition.first().toScalar();
    int operand = choice != 0 ? 1 : 2;
    Shape kept = to.shape(node.input(operand));
    if (!hasShape(node, kept) || !isAll(condition, choice)) {
      return null;
    }
    Value value = to.input(node, operand);
    return to.needsIdentity(node.output(0), value) ? null : value;
  }

  private static boolean keepsShape(Node node, Tensor constant, Shape kept) {
    if (!kept.isRanked()) {
      return false;
    }
    return constant.size() == 1 && constant.rank() <= kept.rank() || hasShape(node, kept);
  }

  private static boolean hasShape(Node node, Shape kept) {
    return node.output(0).type() instanceof TensorType type
        && kept.isRanked()
        && kept.equals(type.shape())
        && kept.dims().stream().allMatch(d -> d.isKnown());
  }

  private static boolean isAll(Tensor constant, double number) {
    if (!constant.isRepeated()) {
      for (double element : constant.toDoubles()) {
        if (element != number) {
          return false;
        }
      }
    }
    return true;
  }
}
