package dev.sardonyx.ir.build;

import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Value;
import java.util.List;

/**
 * What an operator of another domain computes, said in ONNX's own operators. An {@link
 * dev.sardonyx.ir.op.OperatorDefinition} that implements it is understood by the pass {@code
 * standard-operators} and by exports to runtimes that have ONNX's operators only.
 */
@FunctionalInterface
public interface StandardForm {
  /**
   * Makes the nodes that stand for one of the operator.
   *
   * @param to makes them, for its opset
   * @param node the node, whose absent attributes have their defaults
   * @param inputs a value for each of the node's inputs, {@link OperatorBuilder#ABSENT} for an
   *     absent one; initializers are {@link dev.sardonyx.ir.Constant}
   * @return the results in order, {@link OperatorBuilder#ABSENT} for one that nobody asks for
   * @throws NoStandardFormException if this node cannot be said so, or too little is known of it
   */
  List<Value> write(StandardOps to, Node node, List<Value> inputs);
}
