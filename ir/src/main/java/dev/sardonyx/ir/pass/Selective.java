package dev.sardonyx.ir.pass;

import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Node;
import java.util.Set;

/** A transform that sees the nodes of some operators only. */
record Selective(Set<String> operators, NodeTransform transform) implements NodeTransform {
  @Override
  public void begin(Graph graph, Rewriter to) {
    transform.begin(graph, to);
  }

  @Override
  public void rewrite(Node node, Rewriter to) {
    transform.rewrite(node, to);
  }
}
