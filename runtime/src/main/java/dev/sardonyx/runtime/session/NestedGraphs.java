package dev.sardonyx.runtime.session;

import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.LimitExceededException;
import dev.sardonyx.ir.Limits;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * What loading a model costs ONNX Runtime: it resolves a graph within a node twice each time it
 * resolves the graph around it, so that every level of nesting doubles the work. Measured with
 * 1.28.0; 1.30.0 does so no longer.
 */
final class NestedGraphs {
  private record Level(Graph graph, int depth) {}

  private NestedGraphs() {}

  /**
   * Refuses a model, without functions, that ONNX Runtime would take too long to load.
   *
   * @throws LimitExceededException if it visits more nodes than the limit of expansions
   */
  static void requireLoadable(Model model, Limits limits) {
    long visits = 0;
    int levels = 0;
    Deque<Level> open = new ArrayDeque<>();
    open.push(new Level(model.graph(), 0));
    while (!open.isEmpty()) {
      Level level = open.pop();
      levels = Math.max(levels, level.depth);
      visits = saturated(visits, visits(level));
      for (Node node : level.graph.nodes()) {
        node.subgraphs().forEach(body -> open.push(new Level(body, level.depth + 1)));
      }
    }
    if (levels > 0) { // else each node is visited once, however many there are
      limits.requireExpansions(
          visits,
          "Loading " + levels + " levels of graphs within nodes, each of which doubles the work,");
    }
  }

  private static long visits(Level level) {
    long nodes = level.graph.nodes().size();
    return level.depth < Integer.SIZE ? nodes << level.depth : nodes == 0 ? 0 : Long.MAX_VALUE;
  }

  private static long saturated(long a, long b) {
    return a > Long.MAX_VALUE - b ? Long.MAX_VALUE : a + b;
  }
}
