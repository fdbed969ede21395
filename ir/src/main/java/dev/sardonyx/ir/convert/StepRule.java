package dev.sardonyx.ir.convert;

import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.pass.Rewriter;
import org.jspecify.annotations.Nullable;

/** Takes a node across a version of its operator. */
@FunctionalInterface
interface StepRule {
  /**
   * The node as the version on the other side writes it, with the same results; or null where the
   * rule has replaced the node itself. The rewriter makes nodes of the other side's version.
   *
   * @throws RefusedStepException if the meaning cannot be kept
   */
  @Nullable Node apply(Node node, Rewriter to);

  /** The node stays as it is. */
  StepRule SAME = (node, to) -> node;

  /** A rule for a node that has no counterpart. */
  static StepRule refusing(String reason) {
    return (node, to) -> {
      throw new RefusedStepException(reason);
    };
  }

  /** What stands for a node whose only used result it gives. */
  @FunctionalInterface
  interface Decomposition {
    Value of(Node node, Rewriter to);
  }

  /** A rule that puts a value in the place of a node's only used result. */
  static StepRule by(Decomposition decomposition) {
    return (node, to) -> {
      to.replace(decomposition.of(node, to));
      return null;
    };
  }
}
