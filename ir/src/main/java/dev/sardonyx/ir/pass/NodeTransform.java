package dev.sardonyx.ir.pass;

import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Node;

/** What becomes of a graph's nodes, one after the other. */
@FunctionalInterface
public interface NodeTransform {
  /**
   * Sees a node, after all those it depends on and with its subgraphs done. What is not emitted is
   * dropped; whoever drops a node has to {@linkplain Rewriting#replace replace} its results.
   */
  void rewrite(Node node, Rewriting out);

  /** Sees a graph (of a model, or a subgraph) before its nodes. */
  default void begin(Graph graph, Rewriting out) {}
}
