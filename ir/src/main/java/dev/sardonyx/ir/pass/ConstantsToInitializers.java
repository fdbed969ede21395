package dev.sardonyx.ir.pass;

import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Tensor;

/**
 * Initializers in the place of Constant nodes, except for outputs, in functions, and in files so
 * old that each initializer has to be an input, too. {@link Passes#simplify} does this by {@link
 * ConstantFolding}; see {@link InitializersToConstants} for the other way.
 */
public record ConstantsToInitializers() implements Pass {
  @Override
  public PassResult apply(Model model) {
    return Walk.through(model, "constants-to-initializers", ConstantsToInitializers::rewrite);
  }

  static void rewrite(Node node, Rewriter to) {
    if (!node.is("Constant") || !node.hasOutput(0) || to.staysNode(node.output(0))) {
      return;
    }
    Tensor tensor =
        node.attributes().size() == 1
            ? node.attributes().get(0).value().toTensor().orElse(null)
            : null;
    if (tensor != null) {
      to.replace(node.output(0), to.constant(node.output(0).name(), tensor));
    }
  }
}
