package dev.sardonyx.ir.pass;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.op.OperatorCatalogue;
import dev.sardonyx.ir.op.OperatorSchema;
import dev.sardonyx.ir.op.Parameter;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Takes from nodes the last of their results if these are optional and nobody uses them, so that
 * runtimes need not compute them: the mask of Dropout, the indices of MaxPool, the states of LSTM.
 */
public record UnusedOutputs() implements Pass {
  @Override
  public PassResult apply(Model model) {
    return Walk.through(model, "unused-outputs", UnusedOutputs::rewrite);
  }

  static void rewrite(Node node, Rewriter to) {
    int count = node.outputs().size();
    // What normalisation gives besides says whether it is in training.
    if (count < 2 || node.is("BatchNormalization") || to.isOpen(node) || to.isCall(node)) {
      return;
    }
    OperatorSchema schema =
        OperatorCatalogue.standard().find(node, to.opset(node.domain())).orElse(null);
    int kept = count;
    while (kept > 1 && isOptional(schema, kept - 1) && !isUsed(node, kept - 1, to)) {
      kept--;
    }
    for (int i = 0; i < kept; i++) {
      if (!node.hasOutput(i)) {
        return;
      }
    }
    if (kept == count) {
      return;
    }
    List<Value> results =
        new ArrayList<>(
            to.nodes(
                node.operator(),
                kept,
                to.inputs(node),
                node.attributes().toArray(Attribute[]::new)));
    while (results.size() < count) {
      results.add(Rewriter.ABSENT);
    }
    to.replace(results);
  }

  private static boolean isOptional(@Nullable OperatorSchema schema, int output) {
    return schema != null
        && schema.output(output).map(p -> p.kind() == Parameter.Kind.OPTIONAL).orElse(false);
  }

  private static boolean isUsed(Node node, int output, Rewriter to) {
    String name = node.output(output).name();
    return node.hasOutput(output) && (to.isPinned(name) || to.uses(name) > 0);
  }
}
