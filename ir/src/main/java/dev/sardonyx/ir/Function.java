package dev.sardonyx.ir;

import java.util.ArrayList;
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

  public Function withNodes(List<Node> changed) {
    return new Function(
        domain,
        name,
        overload,
        inputs,
        outputs,
        attributes,
        defaults,
        changed,
        opsetImports,
        values,
        metadata);
  }

  /**
   * The body for one call: references to the function's attributes are replaced by what the call
   * gives, or else by the default; an attribute that refers to neither is left out.
   */
  public List<Node> nodesFor(Node call) {
    Map<String, AttributeValue> actuals = new HashMap<>();
    defaults.forEach(a -> actuals.put(a.name(), a.value()));
    call.attributes().forEach(a -> actuals.put(a.name(), a.value()));
    return bind(nodes, actuals);
  }

  private static List<Node> bind(List<Node> nodes, Map<String, AttributeValue> actuals) {
    List<Node> bound = new ArrayList<>(nodes.size());
    for (Node node : nodes) {
      bound.add(node.attributes().stream().anyMatch(Function::isOpen) ? bind(node, actuals) : node);
    }
    return bound;
  }

  private static boolean isOpen(Attribute attribute) {
    return attribute.value() instanceof AttributeValue.Reference
        || attribute.value() instanceof AttributeValue.Subgraph
        || attribute.value() instanceof AttributeValue.Subgraphs;
  }

  private static Node bind(Node node, Map<String, AttributeValue> actuals) {
    List<Attribute> bound = new ArrayList<>();
    for (Attribute attribute : node.attributes()) {
      AttributeValue value = attribute.value();
      if (value instanceof AttributeValue.Reference reference) {
        value = actuals.get(reference.attribute());
      } else if (value instanceof AttributeValue.Subgraph one) {
        value = new AttributeValue.Subgraph(bind(one.value(), actuals));
      } else if (value instanceof AttributeValue.Subgraphs many) {
        value =
            new AttributeValue.Subgraphs(
                many.values().stream().map(g -> bind(g, actuals)).toList());
      }
      if (value != null) {
        bound.add(attribute.withValue(value));
      }
    }
    return node.withAttributes(bound);
  }

  private static Graph bind(Graph graph, Map<String, AttributeValue> actuals) {
    return graph.withNodes(bind(graph.nodes(), actuals));
  }
}
