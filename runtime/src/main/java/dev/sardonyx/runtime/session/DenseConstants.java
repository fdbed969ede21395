package dev.sardonyx.runtime.session;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.AttributeValue;
import dev.sardonyx.ir.Constant;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Limits;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.SparseTensor;
import dev.sardonyx.ir.Tensor;

/**
 * Sparse initializers and constants made dense. ONNX Runtime does so itself when it loads a model,
 * but saves them with indices that are no ONNX, and cannot give back what a Constant node holds.
 */
final class DenseConstants {
  private final Limits limits;

  private DenseConstants(Limits limits) {
    this.limits = limits;
  }

  /**
   * A model without functions, and without sparse constants.
   *
   * @throws dev.sardonyx.ir.LimitExceededException if a dense one would be larger than the limits
   *     allow
   * @throws IllegalArgumentException if an index of one is not within its shape
   */
  static Model of(Model model, Limits limits) {
    return anySparse(model.graph())
        ? model.withGraph(new DenseConstants(limits).graph(model.graph()))
        : model;
  }

  private static boolean anySparse(Graph graph) {
    return graph.constants().stream().anyMatch(c -> c.data() instanceof SparseTensor)
        || graph.nodes().stream()
            .anyMatch(
                node ->
                    node.attributes().stream().anyMatch(DenseConstants::isSparse)
                        || node.subgraphs().stream().anyMatch(DenseConstants::anySparse));
  }

  private static boolean isSparse(Attribute attribute) {
    return attribute.value() instanceof AttributeValue.SparseTensor;
  }

  private Graph graph(Graph graph) {
    return graph
        .withConstants(graph.constants().stream().map(this::constant).toList())
        .withNodes(graph.nodes().stream().map(this::node).toList());
  }

  private Constant constant(Constant constant) {
    return constant.data() instanceof SparseTensor sparse
        ? new Constant(constant.name(), dense(sparse, constant.name()), constant.metadata())
        : constant;
  }

  private Node node(Node node) {
    Node inside = node.withSubgraphs(this::graph);
    return inside.is("Constant") && inside.attributes().stream().anyMatch(DenseConstants::isSparse)
        ? inside.withAttributes(
            inside.attributes().stream().map(a -> attribute(a, node.label())).toList())
        : inside;
  }

  private Attribute attribute(Attribute attribute, String node) {
    return attribute.value() instanceof AttributeValue.SparseTensor sparse
        ? Attribute.of("value", new AttributeValue.Tensor(dense(sparse.value(), node)))
        : attribute;
  }

  private Tensor dense(SparseTensor sparse, String name) {
    long elements = 1;
    for (long dim : sparse.dims()) {
      elements = dim != 0 && elements > Long.MAX_VALUE / dim ? Long.MAX_VALUE : elements * dim;
    }
    long width = Math.max(1, sparse.elementType().bits() / 8);
    limits.requireBytes(
        elements > Long.MAX_VALUE / width ? Long.MAX_VALUE : elements * width,
        "sparse tensor " + name);
    return sparse.toDense();
  }
}
