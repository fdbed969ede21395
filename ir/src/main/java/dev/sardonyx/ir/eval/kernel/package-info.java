/**
 * The reference evaluator's operators, a {@link dev.sardonyx.ir.eval.kernel.Kernel} each, in a
 * class for each family (ConvolutionKernels, ReductionKernels, ...), and what they share. A new
 * operator's kernel is a function in its family, listed there by its name; a new family is listed
 * in {@link dev.sardonyx.ir.eval.kernel.Kernels}. Not part of the API.
 */
@NullMarked
package dev.sardonyx.ir.eval.kernel;

import org.jspecify.annotations.NullMarked;
