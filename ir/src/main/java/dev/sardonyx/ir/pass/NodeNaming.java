package dev.sardonyx.ir.pass;

import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import java.util.Locale;

/** Gives nodes without a name one made from their operator and a number: {@code relu_1}. */
public record NodeNaming() implements Pass {
  @Override
  public PassResult apply(Model model) {
    return Walk.through(model, "node-naming", NodeNaming::rewrite);
  }

  private static void rewrite(Node node, Rewriter to) {
    if (node.name().isEmpty()) {
      to.change(node.withName(to.freshNumbered(node.opType().toLowerCase(Locale.ROOT))));
    }
  }
}
