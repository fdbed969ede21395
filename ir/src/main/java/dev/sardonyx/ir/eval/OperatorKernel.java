package dev.sardonyx.ir.eval;

import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.Node;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What an operator of a domain of one's own computes; see {@link
 * dev.sardonyx.ir.op.OperatorDefinition}. It keeps no state: the same inputs give the same outputs,
 * in several threads at once.
 */
@FunctionalInterface
public interface OperatorKernel {
  /**
   * Computes the outputs.
   *
   * @param node the node, whose absent attributes have their defaults
   * @param inputs a value for each of the node's inputs, null for an absent one; not to be changed
   * @return the outputs in order; trailing optional ones that the node does not have may be left
   *     out
   * @throws EvaluationException if the inputs contradict the operator
   */
  List<? extends Datum> evaluate(Node node, List<@Nullable Datum> inputs);
}
