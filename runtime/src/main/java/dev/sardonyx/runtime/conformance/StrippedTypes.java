package dev.sardonyx.runtime.conformance;

import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Output;
import dev.sardonyx.ir.Result;
import dev.sardonyx.ir.ValueType;
import java.util.List;

/** Takes the declared types from a model's main graph, its inputs' aside. */
final class StrippedTypes {
  private StrippedTypes() {}

  static Model of(Model model) {
    Graph graph = model.graph();
    List<Node> nodes =
        graph.nodes().stream().map(node -> node.withOutputs(stripped(node.outputs()))).toList();
    List<Output> outputs =
        graph.outputs().stream().map(output -> output.withType(ValueType.unknown())).toList();
    return model.withGraph(graph.withNodes(nodes).withOutputs(outputs));
  }

  private static List<Result> stripped(List<Result> results) {
    return results.stream().map(result -> result.withType(ValueType.unknown())).toList();
  }
}
