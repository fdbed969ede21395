package dev.sardonyx.ir.pass;

import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import java.util.Locale;

/** Gives nodes without a name one made from their operator and a number: {@code relu_1}. */
public record NodeNaming() implements Pass {
  @Override
  public PassResult apply(Model model) {
    return Streaming.apply("node-naming", model, NodeNaming::rewrite);
  }

  private static void rewrite(Node node, Rewriting out) {
    if (!node.name().isEmpty()) {
      out.emit(node);
      return;
    }
    String name = out.freshNumbered(node.opType().toLowerCase(Locale.ROOT));
    out.emit(node.withName(name));
    out.report("named " + node.label() + " " + name);
  }
}
