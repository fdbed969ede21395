package dev.sardonyx.ir.infer;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.AttributeValue;
import dev.sardonyx.ir.Function;
import dev.sardonyx.ir.Node;
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

  /** The same call of inputs of which only the types are known. */
  FunctionCall forAnyShape() {
    List<Fact> types =
        inputs.stream().map(i -> Fact.of(NodeInference.withoutShape(i.type()))).toList();
    return new FunctionCall(function, types, attributes);
  }

  /** Infers the body, whose problems come under the given path. */
  List<Fact> infer(ShapeInference inference, String path) {
    FactScope scope = new FactScope(null);
    for (int i = 0; i < function.inputs().size(); i++) {
      scope.define(function.inputs().get(i), i < inputs.size() ? inputs.get(i) : Fact.NOTHING);
    }
    GraphInference body = new GraphInference(inference, scope, function.opsetImports(), path);
    for (Node node : function.nodesFor(attributes)) {
      body.node(node, Map.of());
    }
    return function.outputs().stream().map(scope::find).toList();
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
          || a.constant() == null && !Objects.equals(a.known(), b.known())) {
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
      hash = hash * 31 + System.identityHashCode(input.constant());
    }
    for (Attribute attribute : attributes) {
      hash = hash * 31 + attribute.name().hashCode();
      if (attribute.value() instanceof AttributeValue.Int value) {
        hash = hash * 31 + Long.hashCode(value.value());
      }
    }
    return hash;
  }
}
