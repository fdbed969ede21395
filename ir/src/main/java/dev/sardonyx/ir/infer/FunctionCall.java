package dev.sardonyx.ir.infer;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.AttributeValue;
import dev.sardonyx.ir.Function;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Node;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A call of a function of the model; calls alike give the same types. */
@SuppressWarnings("ReferenceEquality") // attributes and constants may be large
record FunctionCall(Function function, List<Fact> inputs, List<Attribute> attributes) {
  static FunctionCall of(Function function, Node node, List<Fact> inputs) {
    return new FunctionCall(function, inputs, node.attributes());
  }

  /** Infers the body, whose problems come under the given path. */
  List<Fact> infer(ShapeInference inference, String path) {
    Scope scope = new Scope(null);
    for (int i = 0; i < function.inputs().size(); i++) {
      scope.define(function.inputs().get(i), i < inputs.size() ? inputs.get(i) : Fact.NOTHING);
    }
    Map<String, Attribute> actuals = new HashMap<>();
    function.defaults().forEach(a -> actuals.put(a.name(), a));
    attributes.forEach(a -> actuals.put(a.name(), a));
    GraphInference body = new GraphInference(inference, scope, function.opsetImports(), path);
    for (Node node : function.nodes()) {
      body.node(bind(node, actuals), Map.of());
    }
    return function.outputs().stream().map(scope::find).toList();
  }

  /** The node with references to the function's attributes replaced by what the call gives. */
  private static Node bind(Node node, Map<String, Attribute> actuals) {
    List<Attribute> bound = new ArrayList<>(node.attributes().size());
    boolean changed = false;
    for (Attribute attribute : node.attributes()) {
      Attribute actual = bind(attribute, actuals);
      changed |= actual != attribute;
      if (actual != null) {
        bound.add(actual);
      }
    }
    return changed ? node.withAttributes(bound) : node;
  }

  /** Null for a reference to an attribute that the call does not give and that has no default. */
  private static @Nullable Attribute bind(Attribute attribute, Map<String, Attribute> actuals) {
    AttributeValue value = attribute.value();
    if (value instanceof AttributeValue.Reference reference) {
      Attribute actual = actuals.get(reference.attribute());
      return actual == null ? null : attribute.withValue(actual.value());
    }
    if (value instanceof AttributeValue.Subgraph body) {
      return attribute.withValue(new AttributeValue.Subgraph(bind(body.value(), actuals)));
    }
    if (value instanceof AttributeValue.Subgraphs bodies) {
      return attribute.withValue(
          new AttributeValue.Subgraphs(
              bodies.values().stream().map(b -> bind(b, actuals)).toList()));
    }
    return attribute;
  }

  private static Graph bind(Graph graph, Map<String, Attribute> actuals) {
    return graph.withNodes(graph.nodes().stream().map(n -> bind(n, actuals)).toList());
  }

  @Override
  public boolean equals(@Nullable Object o) {
    if (!(o instanceof FunctionCall other)
        || function != other.function
        || inputs.size() != other.inputs.size()
        || !attributes.equals(other.attributes)) {
      return false;
    }
    for (int i = 0; i < inputs.size(); i++) {
      Fact a = inputs.get(i);
      Fact b = other.inputs.get(i);
      if (a.constant() != b.constant()
          || !a.type().equals(b.type())
          || !Objects.equals(a.known(), b.known())) {
        return false;
      }
    }
    return true;
  }

  @Override
  public int hashCode() {
    int hash = System.identityHashCode(function);
    for (Fact input : inputs) {
      hash = hash * 31 + input.type().hashCode();
    }
    return hash;
  }
}
