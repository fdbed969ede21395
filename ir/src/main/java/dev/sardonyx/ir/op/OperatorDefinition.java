package dev.sardonyx.ir.op;

/**
 * An operator of a domain of one's own. One class says all there is to know of it: the signature
 * here, and what it implements besides:
 *
 * <ul>
 *   <li>{@code dev.sardonyx.ir.infer.InferenceRule}: the types of its outputs, where the signature
 *       does not say all of them;
 *   <li>{@code dev.sardonyx.ir.eval.OperatorKernel}: what it computes, for the reference evaluator
 *       and for folding of constants;
 *   <li>a static method that takes an {@code OperatorBuilder} and makes a node, as a typed method.
 * </ul>
 *
 * <p>Definitions are found by {@link java.util.ServiceLoader}, once: the class has a public
 * constructor without parameters and is named in {@code
 * META-INF/services/dev.sardonyx.ir.op.OperatorDefinition}, or provided by a module. Building,
 * checking, inference, passes and evaluation then treat the operator as one of ONNX's own; {@code
 * PairwiseDistance} of the samples is an example. Another version of an operator is another
 * definition. A definition keeps no state, for many threads use it.
 */
public interface OperatorDefinition {
  /**
   * The signature, always the same, made with {@link OperatorSchema#of}. Its domain is none of
   * ONNX's. An operator that draws random numbers says so, or else equal nodes are merged.
   */
  OperatorSchema schema();
}
