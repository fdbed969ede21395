/**
 * The reference evaluator: every operator as one small function with ONNX's exact meaning. {@link
 * dev.sardonyx.ir.eval.ReferenceBackend} runs a whole model or a single node; each operator's
 * {@link dev.sardonyx.ir.eval.Kernel} stands in the class of its family (ElementwiseKernels,
 * ConvolutionKernels, ...), under its name.
 */
@NullMarked
package dev.sardonyx.ir.eval;

import org.jspecify.annotations.NullMarked;
