/**
 * Operators as data: for every operator ONNX knows, in every version, its inputs, outputs,
 * attributes and types.
 *
 * <pre>{@code
 * OperatorSchema relu = OperatorCatalogue.standard().find("", "Relu", 13).orElseThrow();
 * }</pre>
 *
 * <p>{@link dev.sardonyx.ir.op.OperatorCatalogue} is the way in. Operators of other domains are
 * added by an {@link dev.sardonyx.ir.op.OperatorDefinition}, named in {@code META-INF/services}:
 * one class with the signature and, if you like, the inference and the evaluation.
 */
@NullMarked
package dev.sardonyx.ir.op;

import org.jspecify.annotations.NullMarked;
