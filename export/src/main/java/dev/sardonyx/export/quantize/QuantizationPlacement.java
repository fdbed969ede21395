package dev.sardonyx.export.quantize;

import dev.sardonyx.export.quantize.OperatorRule.Kind;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Result;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.pass.NodeTransform;
import dev.sardonyx.ir.pass.Rewriter;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Puts QuantizeLinear and DequantizeLinear where a plan wants them. */
final class QuantizationPlacement implements NodeTransform {
  private final QuantizationPlan plan;
  private final QuantizationOptions options;

  // What several nodes read is made once.
  private final Map<String, Value> activations = new HashMap<>();
  private final Map<Weights, Value> weights = new HashMap<>();

  /** How values are stored, by their names before. */
  private final Map<String, QuantizationParameters> stored = new HashMap<>();

  private final Map<String, TableRows> tables = new HashMap<>();

  private record Weights(String name, QuantizedWeights as) {}

  QuantizationPlacement(QuantizationPlan plan, QuantizationOptions options) {
    this.plan = plan;
    this.options = options;
  }

  /** How the values are stored that became integers. */
  Map<String, QuantizationParameters> stored() {
    return stored;
  }

  @Override
  public void rewrite(Node node, Rewriter to) {
    if (to.outer() != null) {
      return;
    }
    if (plan.isTable(node)) {
      to.replace(table(node.input(0), to).at(to.input(node, 1), to));
      return;
    }
    OperatorRule rule = plan.rule(node);
    if (rule != null && plan.isQuantized(node)) {
      quantizeInputs(node, rule, to);
    }
    for (Result result : node.outputs()) {
      if (plan.isStored(node, result)) {
        to.insertAfter(result, x -> stored(result.name(), x, to));
      }
    }
  }

  private void quantizeInputs(Node node, OperatorRule rule, Rewriter to) {
    boolean hasWeights = rule.kind() == Kind.PRODUCT && to.tensor(node.input(1)) != null;
    for (int i : plan.operands(node, rule)) {
      String input = node.input(i);
      Tensor constant = to.tensor(input);
      if (i == 1 && hasWeights) {
        continue;
      }
      if (constant != null) {
        to.changeInput(i, weights(constantOf(input, constant), input, to));
      } else if (!plan.isStored(input)) {
        to.changeInput(i, activation(input, to));
      }
    }
    if (hasWeights) {
      quantizeWeights(node, to);
    }
  }

  /** A value of a node in float, which goes through integers once for all that read them. */
  private Value activation(String name, Rewriter to) {
    Value known = activations.get(name);
    if (known == null) {
      known = stored(name, to.value(name), to);
      activations.put(name, known);
    }
    return known;
  }

  /** A table with a scale for each row, stored once for all that gather from it. */
  private TableRows table(String name, Rewriter to) {
    TableRows known = tables.get(name);
    if (known == null) {
      QuantizedWeights rows =
          QuantizedWeights.of(
              name,
              Objects.requireNonNull(to.tensor(name)),
              0,
              QuantizationScheme.symmetric(ElementType.INT8));
      known =
          new TableRows(
              to.constant(name + "_quantized", rows.elements()),
              to.constant(name + "_scale", rows.scale()),
              null,
              name);
      tables.put(name, known);
    }
    return known;
  }

  private QuantizedWeights constantOf(String name, Tensor constant) {
    return QuantizedWeights.of(name, constant, QuantizedWeights.PER_TENSOR, options.activations());
  }

  private void quantizeWeights(Node node, Rewriter to) {
    Tensor constant = Objects.requireNonNull(to.tensor(node.input(1)));
    Tensor bias = node.hasInput(2) ? to.tensor(node.input(2)) : null;
    ProductWeights constants =
        ProductWeights.of(
            node,
            constant,
            bias,
            plan.parameters(node.input(0)),
            plan.isOneSided(node.input(0)),
            options);
    to.changeInput(1, weights(constants.weights(), node.input(1), to));
    if (constants.bias() != null) {
      to.changeInput(2, bias(node, constants, to));
    }
  }

  /** An activation that goes through integers. */
  private Value stored(String name, Value x, Rewriter to) {
    QuantizationParameters as = plan.parameters(name);
    stored.put(name, as);
    Value scale = to.constant(name + "_scale", as.scaleTensor());
    Value zero = to.constant(name + "_zero_point", as.zeroPointTensor());
    return to.dequantizeLinear(to.quantizeLinear(x, scale, zero), scale, zero);
  }

  private Value weights(QuantizedWeights as, String name, Rewriter to) {
    Weights key = new Weights(name, as);
    Value known = weights.get(key);
    if (known == null) {
      Value integers = to.constant(name + "_quantized", as.elements());
      Value scale = to.constant(name + "_scale", as.scale());
      Value zero = to.constant(name + "_zero_point", as.zeroPoint());
      known = dequantized(integers, scale, zero, as.axis(), to);
      weights.put(key, known);
    }
    return known;
  }

  private static Value bias(Node node, ProductWeights constants, Rewriter to) {
    String name = node.input(2);
    Value integers = to.constant(name + "_quantized", Objects.requireNonNull(constants.bias()));
    Value scale = to.constant(name + "_scale", Objects.requireNonNull(constants.biasScale()));
    boolean one = constants.weights().axis() == QuantizedWeights.PER_TENSOR;
    return dequantized(integers, scale, null, one ? QuantizedWeights.PER_TENSOR : 0, to);
  }

  private static Value dequantized(
      Value integers, Value scale, @Nullable Value zero, int axis, Rewriter to) {
    return axis == QuantizedWeights.PER_TENSOR
        ? to.dequantizeLinear(integers, scale, zero)
        : to.dequantizeLinear(integers, scale, zero, axis);
  }
}
