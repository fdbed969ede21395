/**
 * The reference evaluator, which runs a model with ONNX's exact meaning, in Java alone.
 *
 * <pre>{@code
 * try (PreparedModel prepared = new ReferenceBackend().prepare(model)) {
 *   Outputs outputs = prepared.run(Map.of("x", Tensor.ofFloats(new float[] {1, 2, 3}, 1, 3)));
 * }
 * }</pre>
 *
 * <p>{@link dev.sardonyx.ir.eval.ReferenceBackend} runs a whole model or, by {@code evaluate}, a
 * single node. It is made to be right, in about five times the time of ONNX Runtime for whole
 * networks; random operators draw other numbers than other runtimes do. An operator of your own
 * brings an {@link dev.sardonyx.ir.eval.OperatorKernel}. The engine stands in {@code
 * dev.sardonyx.ir.eval.program}, the operators in {@code dev.sardonyx.ir.eval.kernel}.
 */
@NullMarked
package dev.sardonyx.ir.eval;

import org.jspecify.annotations.NullMarked;
