package dev.sardonyx.training.compile;

import dev.sardonyx.ir.Constant;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.GraphIndex;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A graph as far as requested values depend on it. */
final class RequestedGraph {
  private final GraphIndex index;
  private final long opset;
  private final Set<String> requested;
  private final Map<String, Input> inputs = new LinkedHashMap<>();
  private final Set<Node> needed = Collections.newSetFromMap(new IdentityHashMap<>());

  RequestedGraph(Graph graph, long opset, Collection<String> requested) {
    this.index = GraphIndex.of(graph);
    this.opset = opset;
    this.requested = Set.copyOf(requested);
    for (Input input : graph.inputs()) {
      if (!isInitializer(input.name())) {
        inputs.put(input.name(), input);
      }
    }
    Deque<String> open = new ArrayDeque<>(requested);
    while (!open.isEmpty()) {
      String value = open.pop();
      Node producer = isConstant(value) ? null : index.producer(value).orElse(null);
      if (producer != null && needed.add(producer)) {
        open.addAll(producer.inputs());
      }
    }
  }

  /** The version of ONNX's own operators. */
  long opset() {
    return opset;
  }

  /** The nodes that the requested values depend on, in topological order; no constants. */
  List<Node> nodes() {
    return index.graph().nodes().stream().filter(needed::contains).toList();
  }

  /** The graph's inputs that have no default. */
  Map<String, Input> inputs() {
    return inputs;
  }

  boolean isConstant(String value) {
    return constant(value) != null;
  }

  /** Whether training can write the constant back. */
  boolean isInitializer(String value) {
    return index.initializer(value).isPresent();
  }

  /** A constant, or the default of an input. */
  @Nullable Tensor constant(String value) {
    Constant initializer = index.initializer(value).orElse(null);
    if (initializer != null) {
      return initializer.data() instanceof Tensor tensor ? tensor : null;
    }
    return index.constant(value).orElse(null);
  }

  boolean isKnown(String value) {
    return inputs.containsKey(value) || index.producer(value).isPresent() || isConstant(value);
  }

  boolean isRequested(String value) {
    return requested.contains(value);
  }

  /** Whether a node that is needed here reads the value. */
  boolean isRead(String value) {
    return !consumers(value).isEmpty();
  }

  /** The nodes needed here that read the value. */
  List<Node> consumers(String value) {
    return index.consumers(value).stream().filter(needed::contains).toList();
  }

  Optional<Node> producer(String value) {
    return index.producer(value);
  }

  /** The one node that uses a value nobody else sees. */
  Optional<Node> soleConsumer(String value) {
    List<Node> all = consumers(value);
    return all.size() == 1 && !isRequested(value) ? Optional.of(all.get(0)) : Optional.empty();
  }

  Shape shape(String value) {
    return index.shape(value);
  }

  /** The value's element type if it is known and none of floats; else null. */
  @Nullable ElementType otherThanFloat(String value) {
    return index.type(value) instanceof TensorType type
            && type.elementType() != ElementType.FLOAT
            && type.elementType() != ElementType.UNDEFINED
        ? type.elementType()
        : null;
  }
}
