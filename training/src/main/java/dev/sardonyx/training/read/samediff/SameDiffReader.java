package dev.sardonyx.training.read.samediff;

import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.backend.UnsupportedModelException;
import dev.sardonyx.ir.build.GraphBuildException;
import dev.sardonyx.ir.build.GraphBuilder;
import dev.sardonyx.training.NdArrays;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.autodiff.samediff.internal.SameDiffOp;
import org.nd4j.autodiff.samediff.internal.Variable;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Reads the operators that some outputs of a SameDiff graph depend on, in order. */
public final class SameDiffReader {
  private final GraphBuilder b;
  private final SameDiff graph;
  private final Function<SDVariable, Value> leaves;
  private final Map<String, Value> values = new LinkedHashMap<>();
  private final List<String> refused = new ArrayList<>();

  private SameDiffReader(GraphBuilder b, SameDiff graph, Function<SDVariable, Value> leaves) {
    this.b = b;
    this.graph = graph;
    this.leaves = leaves;
  }

  /**
   * Adds the nodes of all operators that outputs depend on.
   *
   * @param outputs names of variables
   * @param leaves the values of placeholders, constants and trained variables, each asked for once
   *     and if it is needed
   * @return what was computed, by the names of the variables, the outputs among them
   * @throws UnsupportedModelException naming every operator that cannot be read, its variable and
   *     the reason
   */
  public static Map<String, Value> read(
      GraphBuilder b, SameDiff graph, List<String> outputs, Function<SDVariable, Value> leaves) {
    return new SameDiffReader(b, graph, leaves).read(outputs);
  }

  /** The placeholders that outputs depend on, in the graph's own order. */
  static List<SDVariable> placeholders(SameDiff graph, List<String> outputs) {
    SameDiffReader reader =
        new SameDiffReader(
            GraphBuilder.of("none"),
            graph,
            leaf -> {
              throw new IllegalStateException(leaf.name());
            });
    Set<String> used = new LinkedHashSet<>(outputs);
    reader.order(outputs).forEach(op -> used.addAll(inputs(op)));
    return graph.variables().stream()
        .filter(variable -> variable.isPlaceHolder() && used.contains(variable.name()))
        .toList();
  }

  private Map<String, Value> read(List<String> outputs) {
    List<SameDiffOp> order = order(outputs);
    order.forEach(this::read);
    if (!refused.isEmpty()) {
      throw new UnsupportedModelException(
          "%d of the graph's %d operators cannot be exported: %s"
              .formatted(refused.size(), order.size(), String.join("; ", refused)));
    }
    outputs.forEach(this::value);
    return values;
  }

  private Variable variable(String name) {
    Variable variable = graph.getVariables().get(name);
    if (variable == null) {
      throw new UnsupportedModelException(
          "The graph has no variable '%s'; it has %s"
              .formatted(
                  name, graph.getVariables().keySet().stream().collect(Collectors.joining(", "))));
    }
    return variable;
  }

  private @Nullable SameDiffOp maker(String name) {
    String maker = variable(name).getOutputOfOp();
    return maker == null ? null : graph.getOps().get(maker);
  }

  private static List<String> inputs(SameDiffOp op) {
    return Objects.requireNonNullElse(op.getInputsToOp(), List.of());
  }

  /** The operators, each behind those that it depends on. */
  private List<SameDiffOp> order(List<String> outputs) {
    Set<String> done = new LinkedHashSet<>();
    Set<String> open = new LinkedHashSet<>();
    Deque<String> stack = new ArrayDeque<>();
    outputs.forEach(stack::addLast);
    List<SameDiffOp> order = new ArrayList<>();
    while (!stack.isEmpty()) {
      SameDiffOp op = maker(stack.peek());
      if (op == null || done.contains(op.getName())) {
        stack.pop();
      } else if (open.add(op.getName())) {
        List<String> inputs = inputs(op);
        for (int i = inputs.size() - 1; i >= 0; i--) {
          stack.push(inputs.get(i));
        }
      } else {
        stack.pop();
        done.add(op.getName());
        order.add(op);
      }
    }
    return order;
  }

  private Value value(String name) {
    Value known = values.get(name);
    if (known != null) {
      return known;
    }
    Value leaf = leaves.apply(variable(name).getVariable());
    values.put(name, leaf);
    return leaf;
  }

  /** What was refused leaves out what depends on it, too, without a word. */
  private void read(SameDiffOp op) {
    String name = op.getOp().opName();
    String label = "'%s' (%s)".formatted(op.getOutputsOfOp().get(0), name);
    String whyNot = OperatorTable.whyNot(name).orElse(null);
    if (whyNot != null) {
      refused.add(label + ": " + whyNot);
      return;
    }
    List<Value> inputs = new ArrayList<>();
    for (String input : inputs(op)) {
      if (maker(input) != null && !values.containsKey(input)) {
        return;
      }
      inputs.add(value(input));
    }
    try {
      add(op, inputs);
    } catch (UnsupportedModelException e) {
      refused.add(label + ": " + e.getMessage());
    } catch (GraphBuildException e) {
      refused.add(label + ": " + e.problem());
    }
  }

  private void add(SameDiffOp op, List<Value> inputs) {
    List<String> outputs = op.getOutputsOfOp();
    List<ElementType> types = outputs.stream().map(this::type).toList();
    OperatorSite site =
        new OperatorSite(b, op.getOp(), inputs, types, () -> computed(outputs.get(0)));
    List<Value> results =
        b.scope(
            op.getName(),
            () -> {
              List<Value> all = OperatorTable.reading(op.getOp().opName()).read(site);
              List<Value> typed = new ArrayList<>();
              for (int i = 0; i < all.size(); i++) {
                typed.add(site.cast(all.get(i), types.get(i)));
              }
              return typed;
            });
    for (int i = 0; i < results.size(); i++) {
      values.put(outputs.get(i), results.get(i));
    }
  }

  private ElementType type(String name) {
    return type(variable(name).getVariable());
  }

  /**
   * The type of a variable in the IR.
   *
   * @throws UnsupportedModelException if the IR has no such type
   */
  static ElementType type(SDVariable variable) {
    return NdArrays.elementType(variable.dataType())
        .orElseThrow(
            () ->
                new UnsupportedModelException(
                    "Variable '%s' is of type %s, which is not carried over"
                        .formatted(variable.name(), variable.dataType())));
  }

  /** What SameDiff itself gives for a variable that depends on constants alone. */
  private INDArray computed(String name) {
    return graph.outputSingle(new HashMap<>(), name);
  }
}
