package dev.sardonyx.ir.pass;

import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.OpsetImport;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * Rewrites a model into one that means the same. A pass recurses along graphs within nodes; where
 * they nest deeper than files can, {@link dev.sardonyx.ir.Nesting#follow} gives it the stack.
 */
@FunctionalInterface
public interface Pass {
  /** Rounds after which {@link #fixpoint} gives up. */
  int MAX_ROUNDS = 100;

  /**
   * The rewritten model and what was changed; the model itself if nothing was.
   *
   * @throws dev.sardonyx.ir.build.GraphBuildException if the model has an error, which the checker
   *     tells too, in what a node is to be made from; it names the node
   */
  PassResult apply(Model model);

  /** This pass, then another on its result. */
  default Pass andThen(Pass next) {
    return model -> apply(model).then(next);
  }

  /**
   * This pass again and again until it changes nothing.
   *
   * @throws IllegalStateException when applied, if it still changes something after {@link
   *     #MAX_ROUNDS} rounds
   */
  default Pass fixpoint() {
    return model -> {
      List<Change> changes = new ArrayList<>();
      PassResult last = PassResult.unchanged(model);
      for (int round = 0; round < MAX_ROUNDS; round++) {
        last = apply(last.model());
        if (!last.isChanged()) {
          return new PassResult(last.model(), changes);
        }
        changes.addAll(last.changes());
      }
      throw new IllegalStateException(
          "A pass still changes the model after "
              + MAX_ROUNDS
              + " rounds; the last change was "
              + last.changes().get(last.changes().size() - 1));
    };
  }

  /** A pass that takes the nodes of all graphs and functions through a transform. */
  static Pass of(String name, NodeTransform transform) {
    return model -> Walk.through(model, name, transform);
  }

  /**
   * A pass that moves graphs and functions to other versions of their operators. Those whose
   * imports change go through the transform, which sees the nodes as they were and makes nodes of
   * the changed versions; all others stay as they are.
   *
   * @param imports from the imports of the model or of a function to those it is to have
   */
  static Pass of(String name, UnaryOperator<List<OpsetImport>> imports, NodeTransform transform) {
    return model -> Walk.through(model, name, imports, transform);
  }
}
