package dev.sardonyx.ir.edit;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.Constant;
import dev.sardonyx.ir.Function;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.Metadata;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Output;
import dev.sardonyx.ir.QuantizationAnnotation;
import dev.sardonyx.ir.Result;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.ValueType;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;

/** Leaves out what a model can do without: weights, texts, types of intermediate values. */
final class Stripping {
  private Stripping() {}

  /** Without the types of intermediate values, which inference finds out again. */
  static Model types(Model model) {
    Model changed = Everywhere.graphs(model, g -> g.withNodes(untyped(g.nodes())));
    return changed.withFunctions(
        changed.functions().stream()
            .map(f -> f.withNodes(untyped(f.nodes())).withValues(List.of()))
            .toList());
  }

  private static List<Node> untyped(List<Node> nodes) {
    return nodes.stream()
        .map(
            n ->
                n.withOutputs(
                    n.outputs().stream()
                        .map(r -> r.isPresent() ? r.withType(ValueType.unknown()) : r)
                        .toList()))
        .toList();
  }

  static Model docs(Model model) {
    return metadata(model, m -> new Metadata("", m.properties(), m.residue()));
  }

  static Model metadata(Model model) {
    return metadata(model, m -> Metadata.EMPTY);
  }

  private static Model metadata(Model model, UnaryOperator<Metadata> change) {
    Model changed = Everywhere.graphs(model, g -> own(g, change));
    return changed
        .withMetadata(change.apply(model.metadata()))
        .withFunctions(changed.functions().stream().map(f -> function(f, change)).toList());
  }

  private static Function function(Function function, UnaryOperator<Metadata> change) {
    return function
        .withNodes(function.nodes().stream().map(n -> node(n, change)).toList())
        .withValues(function.values().stream().map(v -> input(v, change)).toList())
        .withMetadata(change.apply(function.metadata()));
  }

  private static Graph own(Graph graph, UnaryOperator<Metadata> change) {
    return new Graph(
        graph.name(),
        graph.inputs().stream().map(i -> input(i, change)).toList(),
        graph.outputs().stream()
            .map(o -> new Output(o.name(), o.type(), change.apply(o.metadata())))
            .toList(),
        graph.nodes().stream().map(n -> node(n, change)).toList(),
        graph.constants().stream()
            .map(c -> new Constant(c.name(), c.data(), change.apply(c.metadata())))
            .toList(),
        graph.quantization().stream()
            .map(
                q ->
                    new QuantizationAnnotation(
                        q.value(), q.parameters(), change.apply(q.metadata())))
            .toList(),
        change.apply(graph.metadata()));
  }

  private static Input input(Input input, UnaryOperator<Metadata> change) {
    return new Input(input.name(), input.type(), change.apply(input.metadata()));
  }

  private static Node node(Node node, UnaryOperator<Metadata> change) {
    return node.withMetadata(change.apply(node.metadata()))
        .withAttributes(
            node.attributes().stream()
                .map(a -> new Attribute(a.name(), a.value(), change.apply(a.metadata())))
                .toList())
        .withOutputs(
            node.outputs().stream()
                .map(
                    r ->
                        r.isPresent()
                            ? new Result(r.name(), r.type(), change.apply(r.metadata()))
                            : r)
                .toList());
  }

  /** With zeros in the place of large initializers, which take no room in a file. */
  static Model weights(Model model, long minElements) {
    Graph graph = model.graph();
    Set<String> inputs = new HashSet<>();
    graph.inputs().forEach(i -> inputs.add(i.name()));
    Set<String> taken = Values.everywhere(graph);
    List<Constant> constants = new ArrayList<>();
    List<Node> zeros = new ArrayList<>();
    for (Constant constant : graph.constants()) {
      if (!inputs.contains(constant.name()) && isWeight(constant, minElements)) {
        TensorType type = (TensorType) constant.type();
        String shape = Values.fresh(taken, constant.name() + "_shape");
        long[] dims = type.shape().toLongs();
        constants.add(Constant.of(shape, Tensor.ofLongs(dims, dims.length)));
        Tensor zero = Tensor.ofNumbers(type.elementType(), new double[1], 1);
        zeros.add(
            Node.of(
                "ConstantOfShape",
                List.of(shape),
                List.of(Result.of(constant.name(), type)),
                Attribute.ofTensor("value", zero)));
      } else {
        constants.add(constant);
      }
    }
    zeros.addAll(graph.nodes());
    return model.withGraph(graph.withNodes(zeros).withConstants(constants));
  }

  /** Floats and integers, which ConstantOfShape can make. */
  private static boolean isWeight(Constant constant, long minElements) {
    return constant.data() instanceof Tensor tensor
        && tensor.size() >= minElements
        && (tensor.elementType().isFloat() || tensor.elementType().isInteger());
  }
}
