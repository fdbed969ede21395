package dev.sardonyx.ir.convert;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.pass.Rewriter;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Recurrent layers whose batch is the first axis, which came with opset 14. */
final class RecurrentSteps {
  private RecurrentSteps() {}

  static void addTo(StepTable table) {
    table.down("GRU 14\nLSTM 14\nRNN 14", Effect.DECOMPOSED, RecurrentSteps::batchSecond);
  }

  private static @Nullable Node batchSecond(Node node, Rewriter to) {
    Node plain = node.withoutAttribute("layout");
    if (node.intAttribute("layout", 0) == 0) {
      return plain;
    }
    List<Value> inputs = new ArrayList<>(to.inputs(node));
    for (int i : new int[] {0, 5, 6}) { // X, initial_h and initial_c
      if (node.hasInput(i)) {
        inputs.set(i, to.transpose(inputs.get(i), 1, 0, 2));
      }
    }
    List<Value> results =
        new ArrayList<>(
            to.nodes(
                node.opType(),
                node.outputs().size(),
                inputs,
                plain.attributes().toArray(Attribute[]::new)));
    for (int i = 0; i < results.size(); i++) {
      if (node.hasOutput(i)) {
        results.set(
            i,
            i == 0
                ? to.transpose(results.get(i), 2, 0, 1, 3)
                : to.transpose(results.get(i), 1, 0, 2));
      }
    }
    to.replace(results);
    return null;
  }
}
