package dev.sardonyx.ir.edit;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.AttributeValue;
import dev.sardonyx.ir.Constant;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Function;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.Metadata;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Output;
import dev.sardonyx.ir.QuantizationAnnotation;
import dev.sardonyx.ir.Result;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.ValueType;
import dev.sardonyx.ir.op.OperatorCatalogue;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.LongStream;

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

  /** The properties of the model itself stay. */
  static Model propertiesOfParts(Model model) {
    return metadata(model, m -> new Metadata(m.docString(), Map.of(), m.residue()))
        .withMetadata(model.metadata());
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

  /**
   * With zeros in the place of large initializers and Constant nodes. Those of initializers of the
   * main graph take no room in a file, where the opset can say so and no caller may override them.
   */
  static Model weights(Model model, long minElements) {
    Model zeroed = Everywhere.graphs(model, g -> zeroed(g, minElements));
    zeroed =
        zeroed.withFunctions(
            zeroed.functions().stream()
                .map(f -> f.withNodes(zeroed(f.nodes(), minElements)))
                .toList());
    Graph graph = zeroed.graph();
    Set<String> inputs = new HashSet<>();
    graph.inputs().forEach(i -> inputs.add(i.name()));
    Set<String> taken = Values.everywhere(graph);
    Set<ValueType> made = made(model);
    List<Constant> constants = new ArrayList<>();
    List<Node> zeros = new ArrayList<>();
    for (Constant constant : graph.constants()) {
      if (!inputs.contains(constant.name())
          && constant.data() instanceof Tensor tensor
          && isWeight(tensor, minElements)
          && made.contains(TensorType.of(tensor.elementType(), Shape.UNKNOWN))) {
        String shape = Values.fresh(taken, constant.name() + "_shape");
        long[] dims = tensor.dims();
        constants.add(Constant.of(shape, Tensor.ofLongs(dims, dims.length)));
        zeros.add(
            Node.of(
                "ConstantOfShape",
                List.of(shape),
                List.of(Result.of(constant.name(), tensor.type())),
                Attribute.ofTensor("value", zeros(tensor.elementType(), 1))));
      } else {
        constants.add(constant);
      }
    }
    zeros.addAll(graph.nodes());
    return zeroed.withGraph(graph.withNodes(zeros).withConstants(constants));
  }

  /** The types that ConstantOfShape makes: none before opset 9, and more in later ones. */
  private static Set<ValueType> made(Model model) {
    return OperatorCatalogue.standard()
        .find("", "ConstantOfShape", model.opset("").orElse(0))
        .flatMap(s -> s.output(0).map(p -> s.types().getOrDefault(p.type(), Set.of())))
        .orElse(Set.of());
  }

  private static Graph zeroed(Graph graph, long minElements) {
    return graph
        .withConstants(
            graph.constants().stream()
                .map(
                    c ->
                        c.data() instanceof Tensor tensor && isWeight(tensor, minElements)
                            ? c.withData(zeros(tensor.elementType(), tensor.dims()))
                            : c)
                .toList())
        .withNodes(zeroed(graph.nodes(), minElements));
  }

  private static List<Node> zeroed(List<Node> nodes, long minElements) {
    return nodes.stream().map(n -> n.is("Constant") ? zeroed(n, minElements) : n).toList();
  }

  private static Node zeroed(Node constant, long minElements) {
    return constant.withAttributes(
        constant.attributes().stream()
            .map(
                a ->
                    a.value() instanceof AttributeValue.Tensor t && isWeight(t.value(), minElements)
                        ? a.withValue(
                            new AttributeValue.Tensor(
                                zeros(t.value().elementType(), t.value().dims())))
                        : a)
            .toList());
  }

  private static Tensor zeros(ElementType type, long... dims) {
    return type.bits() < Byte.SIZE
        ? Tensor.of(
            type, dims, Tensor.allocate(type, LongStream.of(dims).reduce(1, (a, b) -> a * b)))
        : Tensor.repeated(Tensor.ofNumbers(type, new double[1], 1), dims);
  }

  private static boolean isWeight(Tensor tensor, long minElements) {
    return tensor.size() >= minElements
        && (tensor.elementType().isFloat() || tensor.elementType().isInteger());
  }
}
