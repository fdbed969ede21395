package dev.sardonyx.ir.edit;

import dev.sardonyx.ir.AttributeValue;
import dev.sardonyx.ir.Dim;
import dev.sardonyx.ir.Function;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.GraphIndex;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.MapType;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.OptionalType;
import dev.sardonyx.ir.Output;
import dev.sardonyx.ir.Result;
import dev.sardonyx.ir.SequenceType;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.SparseTensorType;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.ValueType;
import dev.sardonyx.ir.infer.ShapeInference;
import dev.sardonyx.ir.infer.TypeMerge;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.UnaryOperator;

/** Changes to the types that a model declares. */
final class DeclaredTypes {
  private DeclaredTypes() {}

  /** The model with every declared type changed, in subgraphs and functions too. */
  static Model map(Model model, UnaryOperator<ValueType> change) {
    Model changed = Everywhere.graphs(model, g -> own(g, change));
    return changed.withFunctions(
        changed.functions().stream().map(f -> function(f, change)).toList());
  }

  private static Function function(Function function, UnaryOperator<ValueType> change) {
    return function
        .withNodes(function.nodes().stream().map(n -> results(n, change)).toList())
        .withValues(
            function.values().stream().map(v -> v.withType(change.apply(v.type()))).toList());
  }

  private static Graph own(Graph graph, UnaryOperator<ValueType> change) {
    return graph
        .withInputs(graph.inputs().stream().map(i -> i.withType(change.apply(i.type()))).toList())
        .withOutputs(graph.outputs().stream().map(o -> o.withType(change.apply(o.type()))).toList())
        .withNodes(graph.nodes().stream().map(n -> results(n, change)).toList());
  }

  private static Node results(Node node, UnaryOperator<ValueType> change) {
    Node changed =
        node.withOutputs(
            node.outputs().stream()
                .map(r -> r.isPresent() ? r.withType(change.apply(r.type())) : r)
                .toList());
    if (node.attributes().stream().noneMatch(a -> a.value() instanceof AttributeValue.Type)) {
      return changed;
    }
    return changed.withAttributes(
        node.attributes().stream()
            .map(
                a ->
                    a.value() instanceof AttributeValue.Type t
                        ? a.withValue(new AttributeValue.Type(change.apply(t.value())))
                        : a)
            .toList());
  }

  /** A type with its shapes changed, those of its elements too. */
  static ValueType shapes(ValueType type, UnaryOperator<Shape> change) {
    if (type instanceof TensorType t) {
      return t.withShape(change.apply(t.shape()));
    }
    if (type instanceof SparseTensorType t) {
      return new SparseTensorType(t.elementType(), change.apply(t.shape()));
    }
    if (type instanceof SequenceType t) {
      return new SequenceType(shapes(t.element(), change));
    }
    if (type instanceof OptionalType t) {
      return new OptionalType(shapes(t.element(), change));
    }
    if (type instanceof MapType t) {
      return new MapType(t.key(), shapes(t.value(), change));
    }
    return type;
  }

  static ValueType substituted(ValueType type, Map<String, Dim> symbols) {
    return shapes(type, s -> s.isRanked() ? s.map(d -> d.substitute(symbols)) : s);
  }

  /** The names of all symbols in declared types, sorted. */
  static Set<String> symbols(Model model) {
    Set<String> names = new TreeSet<>();
    map(
        model,
        t ->
            shapes(
                t,
                s -> {
                  if (s.isRanked()) {
                    s.dims().forEach(d -> names.addAll(d.symbols()));
                  }
                  return s;
                }));
    return names;
  }

  /**
   * The model with the types of all that depends on some values inferred anew. Where inference
   * cannot tell, only element type and rank stay of what was declared.
   */
  static Model inferFrom(Model model, Collection<String> values) {
    Graph graph = model.graph();
    Set<String> stale = new HashSet<>(values);
    for (Node node : graph.nodes()) {
      if (node.dependencies().stream().anyMatch(stale::contains) || isInside(node, stale)) {
        node.outputs().forEach(r -> stale.add(r.name()));
      }
    }
    graph.inputs().forEach(i -> stale.remove(i.name()));
    graph.constants().forEach(c -> stale.remove(c.name()));
    stale.remove("");
    Model open =
        model
            .withGraph(forget(graph, stale))
            .withFunctions(model.functions().stream().map(f -> f.withValues(List.of())).toList());
    Model inferred = ShapeInference.infer(open).model();
    return inferred.withGraph(recall(inferred.graph(), graph));
  }

  /** Whether one of the values is of a subgraph of the node. */
  private static boolean isInside(Node node, Set<String> values) {
    return node.subgraphs().stream()
        .anyMatch(body -> Values.everywhere(body).stream().anyMatch(values::contains));
  }

  private static Graph forget(Graph graph, Set<String> stale) {
    return graph
        .withOutputs(
            graph.outputs().stream()
                .map(o -> stale.contains(o.name()) ? o.withType(ValueType.unknown()) : o)
                .toList())
        .withNodes(
            graph.nodes().stream()
                .map(
                    n ->
                        n.outputs().stream().anyMatch(r -> stale.contains(r.name()))
                            ? untyped(n)
                            : n)
                .toList());
  }

  private static Node untyped(Node node) {
    return results(node, t -> ValueType.unknown())
        .withAttributes(node.attributes())
        .withSubgraphs(body -> Everywhere.graph(body, g -> untyped(g)));
  }

  /** A subgraph without types, but for those of inputs whose element types nothing else tells. */
  private static Graph untyped(Graph body) {
    return body.withInputs(
            body.inputs().stream()
                .map(i -> i.withType(shapes(i.type(), s -> Shape.UNKNOWN)))
                .toList())
        .withOutputs(body.outputs().stream().map(o -> o.withType(ValueType.unknown())).toList())
        .withNodes(
            body.nodes().stream()
                .map(n -> results(n, t -> ValueType.unknown()).withAttributes(n.attributes()))
                .toList());
  }

  private static Graph recall(Graph inferred, Graph before) {
    List<Node> nodes = new ArrayList<>(inferred.nodes().size());
    for (int i = 0; i < inferred.nodes().size(); i++) {
      nodes.add(recall(inferred.nodes().get(i), before.nodes().get(i)));
    }
    List<Output> outputs = new ArrayList<>();
    for (int i = 0; i < inferred.outputs().size(); i++) {
      Output output = inferred.outputs().get(i);
      outputs.add(output.withType(recall(output.type(), before.outputs().get(i).type())));
    }
    return inferred.withNodes(nodes).withOutputs(outputs);
  }

  private static Node recall(Node inferred, Node before) {
    List<Result> results = new ArrayList<>();
    for (int i = 0; i < inferred.outputs().size(); i++) {
      Result result = inferred.output(i);
      results.add(
          result.isPresent()
              ? result.withType(recall(result.type(), before.output(i).type()))
              : result);
    }
    Iterator<Graph> bodies = before.subgraphs().iterator();
    return inferred.withOutputs(results).withSubgraphs(body -> recall(body, bodies.next()));
  }

  private static ValueType recall(ValueType inferred, ValueType declared) {
    ValueType rest = shapes(declared, s -> s.isRanked() ? Shape.ofRank(s.rank()) : s);
    return TypeMerge.both(inferred, rest).orElse(inferred);
  }

  /** The type of a value of the main graph as it is declared, and what more can be inferred. */
  static ValueType of(Model model, String value) {
    ValueType declared = GraphIndex.of(model.graph()).type(value);
    boolean whole =
        declared instanceof TensorType tensor
            && tensor.shape().isRanked()
            && tensor.shape().dims().stream().noneMatch(Dim.Unknown.class::isInstance);
    if (whole) {
      return declared;
    }
    ValueType inferred = GraphIndex.of(ShapeInference.infer(model).model().graph()).type(value);
    return TypeMerge.both(declared, inferred).orElse(declared);
  }

  /** The model with another type for an input, and for all that follows from it. */
  static Model input(Model model, Input changed) {
    Graph graph = model.graph();
    return inferFrom(
        model.withGraph(
            graph.withInputs(
                graph.inputs().stream()
                    .map(i -> i.name().equals(changed.name()) ? changed : i)
                    .toList())),
        List.of(changed.name()));
  }

  /** The type of an input that is a dense tensor of known rank. */
  static TensorType tensor(Input input) {
    if (input.type() instanceof TensorType tensor && tensor.shape().isRanked()) {
      return tensor;
    }
    throw new EditException(
        "Input " + input.name() + " is not a tensor of known rank, but " + input.type());
  }
}
