package dev.sardonyx.ir.eval.program;

import dev.sardonyx.ir.AttributeValue;
import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Result;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.backend.UnsupportedModelException;
import dev.sardonyx.ir.eval.EvaluationException;
import dev.sardonyx.ir.eval.kernel.AttentionKernels;
import dev.sardonyx.ir.eval.kernel.DerivativeRules;
import dev.sardonyx.ir.eval.kernel.Elements;
import dev.sardonyx.ir.eval.kernel.KernelContext;
import dev.sardonyx.ir.eval.kernel.Parallel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The operator Gradient of ai.onnx.preview.training: runs the part of the graph from its inputs to
 * a value again, keeping all values, and goes back through it.
 *
 * @param forward that part, giving all values that its nodes compute
 * @param xs the values to differentiate by, the first of its inputs
 * @param y the value to differentiate; of more than one element, the sum of them
 */
public record Gradient(Program forward, List<String> xs, String y) implements Program.Operation {
  static boolean is(Node node) {
    return node.opType().equals("Gradient") && node.domain().equals("ai.onnx.preview.training");
  }

  /** Makes a program of some of a graph's nodes, from inputs to outputs. */
  @FunctionalInterface
  interface Maker {
    Program make(List<String> inputs, List<String> outputs);
  }

  /**
   * @throws UnsupportedModelException if there is no derivative of an operator on the way
   */
  static Gradient of(Node node, Maker maker) {
    List<String> xs = strings(node, "xs");
    List<String> inputs = new ArrayList<>(xs);
    inputs.addAll(strings(node, "zs"));
    String y = node.stringAttribute("y", "");
    List<String> results = new ArrayList<>();
    results.add(y);
    Set<String> active = new HashSet<>(xs);
    List<Program.Step> steps = maker.make(inputs, List.of(y)).steps();
    for (Program.Step step : steps) {
      if (step.node().inputs().stream().noneMatch(active::contains)) {
        continue;
      }
      if (DerivativeRules.STANDARD.find(step.node()) == null) {
        throw new UnsupportedModelException(
            "The reference evaluator cannot run node "
                + node.label()
                + ": it has no derivative of operator "
                + step.node().operator()
                + " (node "
                + step.node().label()
                + ")");
      }
      step.node().outputs().stream().map(Result::name).forEach(active::add);
    }
    for (Program.Step step : steps) {
      for (Result result : step.node().outputs()) {
        if (result.isPresent() && !result.name().equals(y)) {
          results.add(result.name());
        }
      }
    }
    return new Gradient(maker.make(inputs, results), xs, y);
  }

  private static List<String> strings(Node node, String attribute) {
    return node.attribute(attribute, AttributeValue.Strings.class)
        .map(AttributeValue.Strings::values)
        .orElse(List.of());
  }

  /** The gradients by the xs, in order. */
  List<Datum> run(List<? extends @Nullable Datum> inputs, Scope outer, Parallel parallel) {
    List<Datum> results = forward.run(inputs, outer, parallel);
    Map<String, Tensor> values = new HashMap<>();
    for (int i = 0; i < results.size(); i++) {
      if (results.get(i) instanceof Tensor tensor) {
        values.put(forward.outputs().get(i), tensor);
      }
    }
    for (int i = 0; i < inputs.size(); i++) {
      if (inputs.get(i) instanceof Tensor tensor) {
        values.put(forward.inputs().get(i), tensor);
      }
    }
    Map<String, Tensor> gradients = new HashMap<>();
    Tensor last = value(y, values, outer);
    double[] ones = new double[last.length()];
    Arrays.fill(ones, 1);
    gradients.put(y, Elements.of(last.elementType(), ones, last.dims()));
    for (int i = forward.steps().size() - 1; i >= 0; i--) {
      back(forward.steps().get(i).node(), values, gradients, outer);
    }
    List<Datum> byXs = new ArrayList<>();
    for (String x : xs) {
      Tensor tensor = value(x, values, outer);
      Tensor gradient = gradients.get(x);
      byXs.add(gradient == null ? Elements.zeros(tensor.elementType(), tensor.dims()) : gradient);
    }
    return byXs;
  }

  private Tensor value(String name, Map<String, Tensor> values, Scope outer) {
    Tensor tensor = values.get(name);
    Datum datum = tensor != null ? tensor : forward.constants().get(name);
    datum = datum != null ? datum : outer.find(name);
    if (datum == null) {
      throw new EvaluationException("value " + name + " is not there");
    }
    return KernelContext.dense(datum, "value " + name);
  }

  private void back(
      Node node, Map<String, Tensor> values, Map<String, Tensor> gradients, Scope outer) {
    Tensor dy = gradients.get(node.output(0).name());
    DerivativeRules.Rule rule = DerivativeRules.STANDARD.find(node);
    if (dy == null || rule == null) {
      return;
    }
    List<Tensor> x = new ArrayList<>();
    for (String input : node.inputs()) {
      x.add(value(input, values, outer));
    }
    Tensor result = value(node.output(0).name(), values, outer);
    List<Tensor> found = rule.apply(new DerivativeRules.Step(node, x, result, dy));
    for (int i = 0; i < found.size(); i++) {
      Tensor gradient = DerivativeRules.unbroadcast(found.get(i), x.get(i).dims());
      gradients.merge(node.input(i), gradient, AttentionKernels::sum);
    }
  }
}
