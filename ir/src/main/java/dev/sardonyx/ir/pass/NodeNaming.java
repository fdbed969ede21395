package dev.sardonyx.ir.pass;

import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import java.util.List;
import java.util.Locale;

/** Gives nodes without a name one made from their operator and a number: {@code relu_1}. */
public record NodeNaming() implements Pass {
  @Override
  public PassResult apply(Model model) {
    boolean isNamed =
        isNamed(model.graph().nodes())
            && model.functions().stream().allMatch(f -> isNamed(f.nodes()));
    return isNamed
        ? PassResult.unchanged(model)
        : Walk.through(model, "node-naming", NodeNaming::rewrite);
  }

  private static boolean isNamed(List<Node> nodes) {
    for (Node node : nodes) {
      if (node.name().isEmpty()) {
        return false;
      }
      for (Graph body : node.subgraphs()) {
        if (!isNamed(body.nodes())) {
          return false;
        }
      }
    }
    return true;
  }

  private static void rewrite(Node node, Rewriter to) {
    if (node.name().isEmpty()) {
      to.change(node.withName(to.freshNumbered(node.opType().toLowerCase(Locale.ROOT))));
    }
  }
}
