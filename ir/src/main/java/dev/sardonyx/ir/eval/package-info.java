/**
 * The reference evaluator, which runs a model with ONNX's exact meaning: {@link
 * dev.sardonyx.ir.eval.ReferenceBackend} runs a whole model or a single node. Its engine stands in
 * {@code dev.sardonyx.ir.eval.program}, its operators in {@code dev.sardonyx.ir.eval.kernel}.
 */
@NullMarked
package dev.sardonyx.ir.eval;

import org.jspecify.annotations.NullMarked;
