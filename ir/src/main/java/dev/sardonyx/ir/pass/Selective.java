package dev.sardonyx.ir.pass;

import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.OperatorName;
import java.util.Set;

/**
 * A transform that sees the nodes of some operators only.
 *
 * @param needed the operators one of which must be there for anything to be done
 */
record Selective(Set<String> operators, Set<String> needed, NodeTransform transform)
    implements NodeTransform {
  @Override
  public boolean concerns(Graph graph) {
    for (OperatorName operator : graph.operators()) {
      if (needed.contains(operator.opType())) {
        return true;
      }
    }
    return false;
  }

  @Override
  public void begin(Graph graph, Rewriter to) {
    transform.begin(graph, to);
  }

  @Override
  public void rewrite(Node node, Rewriter to) {
    transform.rewrite(node, to);
  }
}
