package dev.sardonyx.ir;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * An operator that the model itself defines by other operators.
 *
 * @param domain the domain of the operator it defines
 * @param name the operator's name
 * @param overload tells functions of one name apart, mostly empty
 * @param inputs names of the formal inputs
 * @param outputs names of the values given back
 * @param attributes names of attributes that a caller must give
 * @param defaults attributes that a caller may give, with their defaults
 * @param nodes the body, in topological order
 * @param opsetImports the operators that the body uses
 * @param values declared types of the body's inputs and results, if any
 */
@SuppressWarnings("ReferenceEquality") // the very same object means: not changed
public record Function(
    String domain,
    String name,
    String overload,
    List<String> inputs,
    List<String> outputs,
    List<String> attributes,
    List<Attribute> defaults,
    List<Node> nodes,
    List<OpsetImport> opsetImports,
    List<Input> values,
    Metadata metadata) {
  public Function {
    inputs = List.copyOf(inputs);
    outputs = List.copyOf(outputs);
    attributes = List.copyOf(attributes);
    defaults = List.copyOf(defaults);
    nodes = List.copyOf(nodes);
    opsetImports = List.copyOf(opsetImports);
    values = List.copyOf(values);
  }

  /** The function's operator as {@link Node#operator} writes it. */
  public String operator() {
    return OperatorName.of(this).toString();
  }

  /** The body as a graph of the function's name, with the types that are declared of its values. */
  public Graph asGraph() {
    Map<String, ValueType> types = new HashMap<>();
    values.forEach(v -> types.put(v.name(), v.type()));
    return Graph.of(
        name,
        inputs.stream().map(i -> Input.of(i, types.getOrDefault(i, ValueType.unknown()))).toList(),
        outputs.stream()
            .map(o -> Output.of(o, types.getOrDefault(o, ValueType.unknown())))
            .toList(),
        nodes,
        List.of());
  }

  /** The function as the definition of another operator, such as {@code my.domain.Gelu}. */
  public Function withOperator(String operator) {
    OperatorName called = OperatorName.parse(operator);
    return new Function(
        called.domain(),
        called.opType(),
        called.overload(),
        inputs,
        outputs,
        attributes,
        defaults,
        nodes,
        opsetImports,
        values,
        metadata);
  }

  /** The function of the same signature with another body. */
  private Function copy(
      List<Node> withNodes,
      List<OpsetImport> withImports,
      List<Input> withValues,
      Metadata withMetadata) {
    return new Function(
        domain,
        name,
        overload,
        inputs,
        outputs,
        attributes,
        defaults,
        withNodes,
        withImports,
        withValues,
        withMetadata);
  }

  public Function withValues(List<Input> changed) {
    return copy(nodes, opsetImports, changed, metadata);
  }

  public Function withOpsetImports(List<OpsetImport> changed) {
    return copy(nodes, changed, values, metadata);
  }

  public Function withMetadata(Metadata changed) {
    return copy(nodes, opsetImports, values, changed);
  }

  /**
   * The first IR version that can hold the function: 8, with default attributes 9, with an overload
   * or declared values 10.
   */
  public long firstIrVersion() {
    if (!overload.isEmpty() || !values.isEmpty()) {
      return IrVersion.FUNCTION_OVERLOADS;
    }
    return defaults.isEmpty() ? IrVersion.FUNCTIONS : IrVersion.FUNCTION_DEFAULTS;
  }

  public Function withNodes(List<Node> changed) {
    return copy(changed, opsetImports, values, metadata);
  }

  /**
   * The body for one call: references to the function's attributes are replaced by what the call
   * gives, or else by the default; an attribute that refers to neither is left out.
   *
   * @param actuals the call's attributes
   */
  public List<Node> nodesFor(List<Attribute> actuals) {
    Map<String, AttributeValue> values = new HashMap<>();
    defaults.forEach(a -> values.put(a.name(), a.value()));
    actuals.forEach(a -> values.put(a.name(), a.value()));
    return bind(nodes, values);
  }

  /** Whether what the body does depends on the attributes of a call. */
  public boolean refersToAttributes() {
    Deque<List<Node>> open = new ArrayDeque<>(List.of(nodes));
    while (!open.isEmpty()) {
      for (Node node : open.pop()) {
        for (Attribute attribute : node.attributes()) {
          if (attribute.value() instanceof AttributeValue.Reference) {
            return true;
          }
        }
        node.subgraphs().forEach(graph -> open.push(graph.nodes()));
      }
    }
    return false;
  }

  /** The very same list if no node refers to an attribute. */
  private static List<Node> bind(List<Node> nodes, Map<String, AttributeValue> values) {
    List<Node> bound = new ArrayList<>(nodes.size());
    boolean same = true;
    for (Node node : nodes) {
      Node done = bind(node, values);
      same &= done == node;
      bound.add(done);
    }
    return same ? nodes : bound;
  }

  private static Node bind(Node node, Map<String, AttributeValue> values) {
    List<Attribute> bound = new ArrayList<>(node.attributes().size());
    boolean same = true;
    for (Attribute attribute : node.attributes()) {
      if (attribute.value() instanceof AttributeValue.Reference reference) {
        same = false;
        AttributeValue actual = values.get(reference.attribute());
        if (actual != null) {
          bound.add(attribute.withValue(actual));
        }
      } else {
        bound.add(attribute);
      }
    }
    return (same ? node : node.withAttributes(bound)).withSubgraphs(graph -> bind(graph, values));
  }

  private static Graph bind(Graph graph, Map<String, AttributeValue> values) {
    List<Node> bound = bind(graph.nodes(), values);
    return bound == graph.nodes() ? graph : graph.withNodes(bound);
  }
}
