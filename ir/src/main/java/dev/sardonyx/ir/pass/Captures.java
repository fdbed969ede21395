package dev.sardonyx.ir.pass;

import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Result;
import java.util.LinkedHashMap;
import java.util.Map;

/** What a subgraph takes from the graphs around it. */
final class Captures {
  private Captures() {}

  /** How often a subgraph, with those inside it, uses each value that is not its own. */
  static Map<String, Integer> of(Graph body) {
    Map<String, Integer> uses = new LinkedHashMap<>();
    for (Node node : body.nodes()) {
      for (String input : node.inputs()) {
        uses.merge(input, 1, Integer::sum);
      }
      for (Graph inner : node.subgraphs()) {
        of(inner).forEach((value, count) -> uses.merge(value, count, Integer::sum));
      }
    }
    body.outputs().forEach(o -> uses.merge(o.name(), 1, Integer::sum));
    body.inputs().forEach(i -> uses.remove(i.name()));
    body.constants().forEach(c -> uses.remove(c.name()));
    for (Node node : body.nodes()) {
      for (Result result : node.outputs()) {
        uses.remove(result.name());
      }
    }
    return uses;
  }
}
