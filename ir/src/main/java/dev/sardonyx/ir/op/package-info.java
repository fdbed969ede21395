/**
 * Operators as data: for every operator ONNX knows, in every version, its inputs, outputs,
 * attributes and types. {@link dev.sardonyx.ir.op.OperatorCatalogue} is the way in. Operators of
 * other domains are added by an {@link dev.sardonyx.ir.op.OperatorDefinition}.
 */
@NullMarked
package dev.sardonyx.ir.op;

import org.jspecify.annotations.NullMarked;
