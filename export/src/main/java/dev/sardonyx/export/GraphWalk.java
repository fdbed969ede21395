package dev.sardonyx.export;

import dev.sardonyx.ir.Function;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.TrainingInfo;
import java.util.List;
import java.util.function.Consumer;

/**
 * Visits the graphs and nodes of a model, including those of subgraphs, functions and training
 * information.
 */
final class GraphWalk {
  private final Consumer<Graph> onGraph;
  private final Consumer<Node> onNode;

  GraphWalk(Consumer<Graph> onGraph, Consumer<Node> onNode) {
    this.onGraph = onGraph;
    this.onNode = onNode;
  }

  void model(Model model) {
    graph(model.graph());
    for (Function function : model.functions()) {
      nodes(function.nodes());
    }
    for (TrainingInfo training : model.training()) {
      graph(training.initialization());
      graph(training.algorithm());
    }
  }

  void graph(Graph graph) {
    onGraph.accept(graph);
    nodes(graph.nodes());
  }

  void nodes(List<Node> nodes) {
    for (Node node : nodes) {
      onNode.accept(node);
      node.subgraphs().forEach(this::graph);
    }
  }
}
