package dev.sardonyx.ir.edit;

import dev.sardonyx.ir.Function;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.TrainingInfo;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/** Walks over all that a model holds: its main graph, subgraphs, and bodies of functions. */
final class Everywhere {
  private Everywhere() {}

  /** The model with each graph changed, subgraphs before the graphs around them. */
  static Model graphs(Model model, UnaryOperator<Graph> change) {
    List<TrainingInfo> training =
        model.training().stream()
            .map(
                t ->
                    new TrainingInfo(
                        graph(t.initialization(), change),
                        graph(t.algorithm(), change),
                        t.initializationBinding(),
                        t.updateBinding(),
                        t.metadata()))
            .toList();
    return model
        .withGraph(graph(model.graph(), change))
        .withFunctions(model.functions().stream().map(f -> function(f, change)).toList())
        .withTraining(training);
  }

  static Graph graph(Graph graph, UnaryOperator<Graph> change) {
    return change.apply(
        graph.withNodes(
            graph.nodes().stream()
                .map(n -> n.withSubgraphs(body -> graph(body, change)))
                .toList()));
  }

  private static Function function(Function function, UnaryOperator<Graph> change) {
    return function.withNodes(
        function.nodes().stream().map(n -> n.withSubgraphs(body -> graph(body, change))).toList());
  }

  /** Shows each node of the main graph and the functions, and of their subgraphs. */
  static void nodes(Model model, Consumer<Node> to) {
    nodes(model.graph().nodes(), to);
    model.functions().forEach(f -> nodes(f.nodes(), to));
  }

  /** Shows each node of a graph and its subgraphs. */
  static void nodes(Graph graph, Consumer<Node> to) {
    nodes(graph.nodes(), to);
  }

  private static void nodes(List<Node> nodes, Consumer<Node> to) {
    for (Node node : nodes) {
      to.accept(node);
      node.subgraphs().forEach(body -> nodes(body.nodes(), to));
    }
  }

  /** Shows a graph and all its subgraphs. */
  static void subgraphs(Graph graph, Consumer<Graph> to) {
    to.accept(graph);
    graph.nodes().forEach(n -> n.subgraphs().forEach(body -> subgraphs(body, to)));
  }
}
