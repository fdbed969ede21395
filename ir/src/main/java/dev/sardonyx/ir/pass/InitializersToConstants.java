package dev.sardonyx.ir.pass;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.Constant;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Result;
import dev.sardonyx.ir.Tensor;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Constant nodes in the place of initializers, as functions and some readers of files need them.
 * Defaults of inputs, parameters of quantisation annotations and sparse tensors stay initializers.
 * {@link ConstantsToInitializers} goes the other way.
 */
@SuppressWarnings("ReferenceEquality") // the very same object means: not changed
public record InitializersToConstants() implements Pass {
  private static final String NAME = "initializers-to-constants";

  @Override
  public PassResult apply(Model model) {
    if (!model.training().isEmpty()) {
      return PassResult.unchanged(model);
    }
    List<Change> changes = new ArrayList<>();
    Graph graph = graph(model.graph(), model.graph().name(), changes);
    return changes.isEmpty()
        ? PassResult.unchanged(model)
        : new PassResult(model.withGraph(graph), changes);
  }

  /** A subgraph with Constant nodes for its initializers. */
  static Graph withNodes(Graph body) {
    return graph(body, "", new ArrayList<>());
  }

  private static Graph graph(Graph graph, String path, List<Change> changes) {
    int before = changes.size();
    Set<String> kept = new HashSet<>();
    graph.inputs().forEach(i -> kept.add(i.name()));
    graph.quantization().forEach(q -> kept.addAll(q.parameters().values()));
    List<Node> nodes = new ArrayList<>();
    List<Constant> constants = new ArrayList<>();
    for (Constant constant : graph.constants()) {
      if (constant.data() instanceof Tensor tensor && !kept.contains(constant.name())) {
        nodes.add(node(constant, tensor));
        changes.add(
            Change.of(NAME, path, "replaced initializer " + constant.name() + " by Constant"));
      } else {
        constants.add(constant);
      }
    }
    for (Node node : graph.nodes()) {
      nodes.add(
          node.subgraphs().isEmpty()
              ? node
              : node.withSubgraphs(body -> graph(body, node.pathInside(path), changes)));
    }
    return changes.size() == before ? graph : graph.withNodes(nodes).withConstants(constants);
  }

  private static Node node(Constant constant, Tensor tensor) {
    Result result = new Result(constant.name(), tensor.type(), constant.metadata());
    return Node.of(
        "Constant", List.of(), List.of(result), Attribute.ofTensor("value", tensor.withName("")));
  }
}
