package dev.sardonyx.ir.eval.kernel;

import dev.sardonyx.ir.Datum;
import java.util.List;

/** What one operator computes. A kernel keeps no state: the same inputs give the same outputs. */
@FunctionalInterface
public interface Kernel {
  /**
   * The operator's outputs in order. Trailing optional outputs that the node does not ask for may
   * be left out.
   *
   * @throws dev.sardonyx.ir.eval.EvaluationException if the inputs contradict the operator
   */
  List<? extends Datum> evaluate(KernelContext context);

  /** An operator of one output. */
  @FunctionalInterface
  interface One {
    Datum evaluate(KernelContext context);
  }
}
