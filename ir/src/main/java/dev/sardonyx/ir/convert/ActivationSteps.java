package dev.sardonyx.ir.convert;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.pass.Rewriter;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Activations, and Dropout. */
final class ActivationSteps {
  private ActivationSteps() {}

  static void addTo(StepTable table) {
    decomposed(table, "ThresholdedRelu", 10, ActivationSteps::thresholdedRelu);
    decomposed(table, "Celu", 12, ActivationSteps::celu);
    decomposed(table, "HardSwish", 14, (node, to) -> to.hardSwish(to.input(node, 0)));
    decomposed(table, "Mish", 18, (node, to) -> to.mish(to.input(node, 0)));
    decomposed(table, "Gelu", 20, ActivationSteps::gelu);
    decomposed(
        table,
        "Swish",
        24,
        (node, to) -> to.swish(to.input(node, 0), node.floatAttribute("alpha", 1)));
    table.step(
        "Clip",
        11,
        Effect.ATTRIBUTES_TO_INPUTS,
        ActivationSteps::clipToInputs,
        Effect.INPUTS_TO_ATTRIBUTES,
        ActivationSteps::clipToAttributes);
    table.step(
        "Dropout",
        12,
        Effect.ATTRIBUTES_TO_INPUTS,
        ActivationSteps::ratioToInput,
        Effect.INPUTS_TO_ATTRIBUTES,
        ActivationSteps::ratioToAttribute);
    table.step(
        "Dropout",
        10,
        Effect.REWRITTEN,
        ActivationSteps::maskToNumbers,
        Effect.REWRITTEN,
        ActivationSteps::maskToBooleans);
  }

  private static void decomposed(
      StepTable table, String operator, int version, StepRule.Decomposition decomposition) {
    table.added(operator, version, Effect.DECOMPOSED, StepRule.by(decomposition));
  }

  private static Value thresholdedRelu(Node node, Rewriter to) {
    Value x = to.input(node, 0);
    Value above = to.greater(x, to.scalarLike(x, node.floatAttribute("alpha", 1)));
    return to.where(above, x, to.scalarLike(x, 0));
  }

  private static Value celu(Node node, Rewriter to) {
    Value x = to.input(node, 0);
    float alpha = node.floatAttribute("alpha", 1);
    Value factor = to.scalarLike(x, alpha);
    return to.mul(factor, to.elu(to.div(x, factor), 1));
  }

  private static Value gelu(Node node, Rewriter to) {
    Value x = to.input(node, 0);
    if (node.stringAttribute("approximate", "none").equals("none")) {
      return to.gelu(x);
    }
    Value cube = to.mul(to.mul(x, x), x);
    Value sum = to.add(x, to.mul(cube, to.scalarLike(x, 0.044715)));
    Value inner = to.tanh(to.mul(sum, to.scalarLike(x, Math.sqrt(2 / Math.PI))));
    return to.mul(to.mul(x, to.scalarLike(x, 0.5)), to.add(inner, to.scalarLike(x, 1)));
  }

  // Clip

  private static Node clipToInputs(Node node, Rewriter to) {
    Value x = to.input(node, 0);
    Node result = Given.without(node, "min", "max");
    for (int i = 1; i <= 2; i++) {
      String bound = i == 1 ? "min" : "max";
      if (node.attribute(bound).isPresent()) {
        result = result.withInput(i, to.scalarLike(x, node.floatAttribute(bound, 0)).name());
      }
    }
    return result;
  }

  private static @Nullable Node clipToAttributes(Node node, Rewriter to) {
    Node result = Given.firstInputs(node, 1);
    for (int i = 1; i <= 2; i++) {
      Tensor bound = to.tensor(node.input(i));
      if (node.hasInput(i) && (bound == null || (float) bound.toScalar() != bound.toScalar())) {
        to.replace(clipped(node, to));
        return null;
      }
      if (bound != null) {
        float value = (float) bound.toScalar();
        result = result.withAttribute(Attribute.ofFloat(i == 1 ? "min" : "max", value));
      }
    }
    return result;
  }

  private static Value clipped(Node node, Rewriter to) {
    Value x = to.input(node, 0);
    Value above = node.hasInput(1) ? to.max(x, to.input(node, 1)) : x;
    return node.hasInput(2) ? to.min(above, to.input(node, 2)) : above;
  }

  // Dropout

  private static Node ratioToInput(Node node, Rewriter to) {
    Value ratio = to.numberedConstant("ratio", Tensor.scalar(node.floatAttribute("ratio", 0.5f)));
    return node.withoutAttribute("ratio").withInput(1, ratio.name());
  }

  /** The ratio matters in training only. */
  private static Node ratioToAttribute(Node node, Rewriter to) {
    if (node.hasInput(2) && Given.tensor(node, 2, to, "its training_mode").toLongs()[0] != 0) {
      throw new RefusedStepException("its training_mode came with opset 12");
    }
    Tensor ratio = to.tensor(node.input(1));
    Node plain = Given.firstInputs(node, 1).withoutAttribute("seed");
    return ratio == null
        ? plain
        : plain.withAttribute(Attribute.ofFloat("ratio", (float) ratio.toScalar()));
  }

  /** Up to opset 9 the mask is of the input's type. */
  private static @Nullable Node maskToNumbers(Node node, Rewriter to) {
    return withMask(node, Given.isUsed(node, 1, to) ? Given.type(node, 0, to) : null, to);
  }

  private static @Nullable Node maskToBooleans(Node node, Rewriter to) {
    return withMask(node, Given.isUsed(node, 1, to) ? ElementType.BOOL : null, to);
  }

  private static @Nullable Node withMask(Node node, @Nullable ElementType type, Rewriter to) {
    if (type == null) {
      return node;
    }
    List<Value> made =
        to.nodes("Dropout", 2, to.inputs(node), node.attributes().toArray(Attribute[]::new));
    to.replace(List.of(made.get(0), to.cast(made.get(1), type)));
    return null;
  }
}
