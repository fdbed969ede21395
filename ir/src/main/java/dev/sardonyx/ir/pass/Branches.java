package dev.sardonyx.ir.pass;

import dev.sardonyx.ir.AttributeValue;
import dev.sardonyx.ir.Constant;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Output;
import dev.sardonyx.ir.Renaming;
import dev.sardonyx.ir.Result;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.Value;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The branch that is always taken in the place of an If. */
final class Branches {
  static final NodeTransform RULES = NodeTransform.on(Set.of("If"), Branches::rewrite);

  private Branches() {}

  private static void rewrite(Node node, Rewriter to) {
    Graph branch = taken(node, to);
    if (branch == null || !branch.quantization().isEmpty() || !canHold(branch, to)) {
      return;
    }
    Map<String, String> names = new HashMap<>();
    Renaming renaming = Renaming.of(names);
    for (Constant constant : branch.constants()) {
      names.put(constant.name(), to.constant(constant.name(), constant.data()).name());
    }
    for (Node inner : branch.nodes()) {
      Node own = renaming.uses(inner);
      List<Result> results = new ArrayList<>(own.outputs().size());
      for (Result result : own.outputs()) {
        String name = result.isPresent() ? to.fresh(result.name()) : "";
        names.put(result.name(), name);
        results.add(result.withName(name));
      }
      to.addAsIs(own.withOutputs(results));
    }
    List<Value> outputs = new ArrayList<>();
    for (Output output : branch.outputs()) {
      outputs.add(to.value(renaming.name(output.name())));
    }
    to.replace(outputs);
  }

  /** A function has no initializers, and sparse ones cannot become Constant nodes. */
  private static boolean canHold(Graph branch, Rewriter to) {
    return to.hasInitializers()
        || branch.constants().stream().allMatch(constant -> constant.data() instanceof Tensor);
  }

  private static @Nullable Graph taken(Node node, Rewriter to) {
    Tensor condition = node.hasInput(0) ? to.tensor(node.input(0)) : null;
    if (condition == null || condition.size() != 1 || to.isOpen(node)) {
      return null;
    }
    String name = condition.toLongs()[0] != 0 ? "then_branch" : "else_branch";
    return node.attribute(name, AttributeValue.Graph.class).map(a -> a.value()).orElse(null);
  }
}
