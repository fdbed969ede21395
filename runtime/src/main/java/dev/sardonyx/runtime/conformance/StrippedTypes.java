package dev.sardonyx.runtime.conformance;

import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Output;
import dev.sardonyx.ir.Result;
import dev.sardonyx.ir.ValueType;
import java.util.List;

/** Removes the declared types of a model's values, except those of graph inputs. */
final class StrippedTypes {
  private StrippedTypes() {}

  static Model of(Model model) {
    return model.withGraph(graph(model.graph()));
  }

  private static Graph graph(Graph graph) {
    List<Node> nodes = graph.nodes().stream().map(StrippedTypes::node).toList();
    List<Output> outputs =
        graph.outputs().stream().map(output -> output.withType(ValueType.unknown())).toList();
    return graph.withNodes(nodes).withOutputs(outputs);
  }

  private static Node node(Node node) {
    List<Result> results =
        node.outputs().stream().map(result -> result.withType(ValueType.unknown())).toList();
    return node.withOutputs(results).withSubgraphs(StrippedTypes::graph);
  }
}
