package dev.sardonyx.training.compile;

import dev.sardonyx.ir.AttributeValue;
import dev.sardonyx.ir.Constant;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Output;
import dev.sardonyx.ir.Result;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.ValueType;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Who makes and who uses each value of a graph, as far as the requested values depend on it. */
final class GraphIndex {
  private final Map<String, Tensor> constants = new HashMap<>();
  private final Set<String> initializers = new HashSet<>();
  private final Map<String, ValueType> types = new HashMap<>();
  private final Map<String, Input> inputs = new LinkedHashMap<>();
  private final Map<String, Node> producers = new HashMap<>();
  private final Map<String, List<Node>> consumers = new HashMap<>();
  private final Set<String> requested;
  private final Set<String> used = new HashSet<>();
  private final List<Node> nodes = new ArrayList<>();

  GraphIndex(Graph graph, Collection<String> requested) {
    this.requested = Set.copyOf(requested);
    for (Output output : graph.outputs()) {
      types.put(output.name(), output.type());
    }
    for (Constant constant : graph.constants()) {
      types.put(constant.name(), constant.type());
      initializers.add(constant.name());
      if (constant.data() instanceof Tensor tensor) {
        constants.put(constant.name(), tensor);
      }
    }
    for (Input input : graph.inputs()) {
      types.put(input.name(), input.type());
      if (!initializers.contains(input.name())) {
        inputs.put(input.name(), input);
      }
    }
    for (Node node : graph.nodes()) {
      for (Result result : node.outputs()) {
        if (result.isPresent()) {
          producers.put(result.name(), node);
          if (result.type().isKnown()) {
            types.put(result.name(), result.type());
          }
        }
      }
      if (node.is("Constant")) {
        node.attribute("value", AttributeValue.Dense.class)
            .ifPresent(value -> constants.put(node.output(0).name(), value.value()));
      }
    }
    graph.nodes().forEach(node -> used.addAll(node.inputs()));
    graph.outputs().forEach(output -> used.add(output.name()));
    keepNeeded(graph);
  }

  private void keepNeeded(Graph graph) {
    Set<Node> needed = Collections.newSetFromMap(new IdentityHashMap<>());
    Deque<String> open = new ArrayDeque<>(requested);
    while (!open.isEmpty()) {
      Node producer = producers.get(open.pop());
      if (producer != null && needed.add(producer)) {
        open.addAll(producer.inputs());
      }
    }
    for (Node node : graph.nodes()) {
      if (needed.contains(node) && !isConstant(node.output(0).name())) {
        nodes.add(node);
        for (String input : Set.copyOf(node.inputs())) {
          consumers.computeIfAbsent(input, k -> new ArrayList<>()).add(node);
        }
      }
    }
  }

  /** The nodes that the requested values depend on, in topological order; no constants. */
  List<Node> nodes() {
    return nodes;
  }

  /** The graph's inputs that have no default. */
  Map<String, Input> inputs() {
    return inputs;
  }

  boolean isConstant(String value) {
    return constants.containsKey(value);
  }

  /** Whether training can write the constant back. */
  boolean isInitializer(String value) {
    return initializers.contains(value);
  }

  @Nullable Tensor constant(String value) {
    return constants.get(value);
  }

  boolean isKnown(String value) {
    return inputs.containsKey(value) || producers.containsKey(value) || isConstant(value);
  }

  boolean isRequested(String value) {
    return requested.contains(value);
  }

  /** Whether a node reads the value, even one not needed here, or the graph gives it. */
  boolean isUsed(String value) {
    return used.contains(value);
  }

  Optional<Node> producer(String value) {
    return Optional.ofNullable(producers.get(value));
  }

  List<Node> consumers(String value) {
    return consumers.getOrDefault(value, List.of());
  }

  /** The one node that uses a value nobody else sees. */
  Optional<Node> soleConsumer(String value) {
    List<Node> all = consumers(value);
    return all.size() == 1 && !isRequested(value) ? Optional.of(all.get(0)) : Optional.empty();
  }

  ValueType type(String value) {
    return types.getOrDefault(value, ValueType.unknown());
  }

  Shape shape(String value) {
    return type(value) instanceof TensorType tensor ? tensor.shape() : Shape.UNKNOWN;
  }
}
