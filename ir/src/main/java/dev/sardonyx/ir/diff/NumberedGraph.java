package dev.sardonyx.ir.diff;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.AttributeValue;
import dev.sardonyx.ir.Constant;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.OperatorName;
import dev.sardonyx.ir.OpsetImport;
import dev.sardonyx.ir.Result;
import dev.sardonyx.ir.TensorData;
import dev.sardonyx.ir.op.OperatorCatalogue;
import dev.sardonyx.ir.op.OperatorSchema;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A graph whose values and nodes have their {@link ValueNumbers}. */
final class NumberedGraph {
  /** A result of one of the graph's nodes. */
  record Producer(int node, int output) {}

  /** An input of one of the graph's nodes. */
  record Use(int node, int input) {}

  private final Graph graph;
  private final List<OpsetImport> opsets;
  private final @Nullable NumberedGraph around;
  private final ValueNumbers numbers;
  private final String place;
  private final Map<String, Integer> values = new HashMap<>();
  private final Map<String, TensorData> constants = new HashMap<>();
  private final Map<String, Producer> producers = new HashMap<>();
  private final Map<String, List<Use>> uses = new HashMap<>();
  private final int[] nodes;

  /**
   * @param inputs which input of the place each of the graph's inputs is
   * @param around the graph whose values this one sees, for a subgraph
   */
  NumberedGraph(
      Graph graph,
      List<OpsetImport> opsets,
      String place,
      List<Integer> inputs,
      @Nullable NumberedGraph around,
      ValueNumbers numbers) {
    this.graph = graph;
    this.opsets = opsets;
    this.place = place;
    this.around = around;
    this.numbers = numbers;
    this.nodes = new int[graph.nodes().size()];
    for (Constant constant : graph.constants()) {
      constants.put(constant.name(), constant.data());
      values.put(constant.name(), numbers.of(constant.data()));
    }
    for (int i = 0; i < graph.inputs().size(); i++) {
      values.put(
          graph.inputs().get(i).name(),
          numbers.of(new ValueNumbers.InputKey(place, inputs.get(i))));
    }
    for (int i = 0; i < nodes.length; i++) {
      number(i);
    }
  }

  private void number(int index) {
    Node node = graph.nodes().get(index);
    for (int i = 0; i < node.inputs().size(); i++) {
      uses.computeIfAbsent(node.input(i), name -> new ArrayList<>(2)).add(new Use(index, i));
    }
    nodes[index] =
        numbers.of(
            new ValueNumbers.NodeKey(
                OperatorName.of(node),
                comparable(node),
                node.inputs().stream().map(this::value).toList(),
                node.outputs().size()));
    Optional<TensorData> constant = constantOf(node);
    for (int i = 0; i < node.outputs().size(); i++) {
      Result result = node.output(i);
      if (constant.isPresent()) {
        constants.put(result.name(), constant.get());
        values.put(result.name(), numbers.of(constant.get()));
      } else if (result.isPresent()) {
        producers.put(result.name(), new Producer(index, i));
        values.put(result.name(), numbers.of(new ValueNumbers.ResultKey(nodes[index], i)));
      }
    }
  }

  /** What a Constant node gives, which is then no more than an initializer. */
  private static Optional<TensorData> constantOf(Node node) {
    if (!node.is("Constant") || node.attributes().size() != 1) {
      return Optional.empty();
    }
    AttributeValue value = node.attributes().get(0).value();
    return value instanceof AttributeValue.SparseTensor sparse
        ? Optional.of(sparse.value())
        : value.toTensor().map(t -> t);
  }

  /** The attributes that say more than their default, by name, with subgraphs by number. */
  private Map<String, Object> comparable(Node node) {
    Map<String, Object> comparable = new TreeMap<>();
    attributes(node)
        .forEach(
            (name, value) -> {
              if (value instanceof AttributeValue.Graph one) {
                comparable.put(name, subgraph(one.value()));
              } else if (value instanceof AttributeValue.Graphs many) {
                comparable.put(name, many.values().stream().map(this::subgraph).toList());
              } else {
                comparable.put(name, value);
              }
            });
    return comparable;
  }

  private ValueNumbers.SubgraphKey subgraph(Graph body) {
    List<Integer> inputs = new ArrayList<>();
    for (int i = 0; i < body.inputs().size(); i++) {
      inputs.add(i);
    }
    NumberedGraph inner = new NumberedGraph(body, opsets, place + "/", inputs, this, numbers);
    return new ValueNumbers.SubgraphKey(
        inputs.size(), body.outputs().stream().map(o -> inner.value(o.name())).toList());
  }

  /** A node's attributes by name, but for those that equal their default. */
  Map<String, AttributeValue> attributes(Node node) {
    if (node.attributes().isEmpty()) {
      return Map.of();
    }
    OptionalLong opset = OpsetImport.version(opsets, node.domain());
    Optional<OperatorSchema> schema =
        opset.isEmpty()
            ? Optional.empty()
            : OperatorCatalogue.standard().find(node, opset.getAsLong());
    Map<String, AttributeValue> attributes = new TreeMap<>();
    for (Attribute attribute : node.attributes()) {
      boolean isDefault =
          schema
              .flatMap(s -> s.attribute(attribute.name()))
              .filter(a -> attribute.value().equals(a.defaultValue()))
              .isPresent();
      if (!isDefault) {
        attributes.put(attribute.name(), attribute.value());
      }
    }
    return attributes;
  }

  Graph graph() {
    return graph;
  }

  Node node(int index) {
    return graph.nodes().get(index);
  }

  int nodeCount() {
    return nodes.length;
  }

  /** The number of a node: that of all nodes that compute the same. */
  int nodeNumber(int index) {
    return nodes[index];
  }

  /** The number of a value, of this graph or one around it. */
  int value(String name) {
    for (NumberedGraph at = this; at != null; at = at.around) {
      Integer number = at.values.get(name);
      if (number != null) {
        return number;
      }
    }
    return numbers.of(new ValueNumbers.UnknownKey(name));
  }

  /** The constant of that name, of this graph or one around it. */
  @Nullable TensorData constant(String name) {
    for (NumberedGraph at = this; at != null; at = at.around) {
      TensorData constant = at.constants.get(name);
      if (constant != null) {
        return constant;
      }
      if (at.values.containsKey(name)) {
        return null;
      }
    }
    return null;
  }

  /** Whether the node is a constant, which is compared where it is used. */
  boolean isConstant(int index) {
    return node(index).outputs().stream().anyMatch(r -> constants.containsKey(r.name()));
  }

  /** The node of this very graph that gives the value, null if none does. */
  @Nullable Producer producer(String name) {
    return producers.get(name);
  }

  /** The value and the node that gives it, for a message. */
  String described(String name) {
    if (name.isEmpty()) {
      return "absent";
    }
    Producer producer = producers.get(name);
    return producer == null ? name : name + " of " + node(producer.node()).described();
  }

  /** Where nodes of this very graph take the value. */
  List<Use> uses(String name) {
    return uses.getOrDefault(name, List.of());
  }
}
