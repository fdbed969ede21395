package dev.sardonyx.runtime.reduce;

import dev.sardonyx.ir.Constant;
import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Output;
import dev.sardonyx.ir.Result;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorData;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.ValueType;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Cuts some nodes out of a model. What they use of the others becomes an input, or an initializer
 * if no input of the model decides it, with the value that the others gave.
 */
final class ModelParts {
  private final Model model;
  private final Map<String, Datum> known;
  private final Map<String, Datum> inputs;
  private final Set<String> fixed;

  /**
   * @param inputs the model's inputs
   * @param computed what nodes gave, as far as it is known
   */
  ModelParts(Model model, Map<String, Datum> inputs, Map<String, Datum> computed) {
    this.model = model;
    this.inputs = inputs;
    this.known = new LinkedHashMap<>(inputs);
    computed.forEach(known::putIfAbsent);
    this.fixed = fixed(model.graph(), inputs.keySet());
  }

  /** Initializers without a value of the caller, and what is computed from them alone. */
  private static Set<String> fixed(Graph graph, Set<String> given) {
    Set<String> fixed = new HashSet<>();
    graph.constants().stream().map(Constant::name).forEach(fixed::add);
    fixed.removeAll(given);
    for (Node node : graph.nodes()) {
      if (fixed.containsAll(node.dependencies())) {
        node.outputs().stream().map(Result::name).forEach(fixed::add);
      }
    }
    return fixed;
  }

  /** The position of the node that gives a value; -1 if none does. */
  int producer(String value) {
    List<Node> nodes = model.graph().nodes();
    for (int i = 0; i < nodes.size(); i++) {
      if (nodes.get(i).outputs().stream().anyMatch(result -> result.name().equals(value))) {
        return i;
      }
    }
    return -1;
  }

  /** The part with these nodes; empty if a value that it needs is not known. */
  Optional<Specimen> of(Collection<Integer> positions) {
    List<Node> nodes = new ArrayList<>();
    for (int position : new TreeSet<>(positions)) {
      nodes.add(untyped(model.graph().nodes().get(position)));
    }
    Set<String> made = new HashSet<>();
    Set<String> needed = new LinkedHashSet<>();
    for (Node node : nodes) {
      needed.addAll(node.dependencies());
      node.outputs().stream().filter(Result::isPresent).map(Result::name).forEach(made::add);
    }
    needed.removeAll(made);
    List<Input> taken = new ArrayList<>();
    List<Constant> constants = new ArrayList<>();
    Map<String, Datum> values = new LinkedHashMap<>();
    Map<String, TensorData> initializers = new LinkedHashMap<>();
    model.graph().constants().forEach(c -> initializers.put(c.name(), c.data()));
    for (String name : needed) {
      Datum value = known.get(name);
      TensorData initializer = initializers.get(name);
      if (initializer != null && !inputs.containsKey(name)) {
        constants.add(Constant.of(name, initializer));
      } else if (value instanceof Tensor tensor && fixed.contains(name)) {
        constants.add(Constant.of(name, tensor));
      } else if (value != null) {
        taken.add(Input.of(name, value.type()));
        values.put(name, value);
      } else {
        return Optional.empty();
      }
    }
    List<Output> outputs = outputs(nodes, made);
    Graph graph = Graph.of(model.graph().name(), taken, outputs, nodes, constants);
    return outputs.isEmpty()
        ? Optional.empty()
        : Optional.of(new Specimen(model.withGraph(graph), values));
  }

  /** What the model gives back, and what nothing in the part uses. */
  private List<Output> outputs(List<Node> nodes, Set<String> made) {
    Set<String> used = new HashSet<>();
    nodes.forEach(node -> used.addAll(node.dependencies()));
    Set<String> names = new LinkedHashSet<>();
    model.graph().outputs().stream().map(Output::name).filter(made::contains).forEach(names::add);
    for (Node node : nodes) {
      node.outputs().stream()
          .filter(Result::isPresent)
          .map(Result::name)
          .filter(name -> !used.contains(name))
          .forEach(names::add);
    }
    return names.stream().map(name -> Output.of(name, type(name))).toList();
  }

  private ValueType type(String name) {
    Datum value = known.get(name);
    return value == null
        ? model.graph().outputs().stream()
            .filter(output -> output.name().equals(name))
            .map(Output::type)
            .findFirst()
            .orElse(ValueType.unknown())
        : open(value.type());
  }

  /** In a smaller model the value may have another shape. */
  private static ValueType open(ValueType type) {
    return type instanceof TensorType tensor ? tensor.withShape(Shape.UNKNOWN) : type;
  }

  /** Its results may have other shapes in a smaller model. */
  private static Node untyped(Node node) {
    return node.withOutputs(
        node.outputs().stream().map(result -> result.withType(ValueType.unknown())).toList());
  }
}
