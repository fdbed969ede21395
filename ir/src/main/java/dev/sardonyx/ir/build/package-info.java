/**
 * {@link dev.sardonyx.ir.build.GraphBuilder}, and the operators that it offers as typed methods, by
 * theme. Each method says which ONNX operator it stands for, its shapes (images are NCHW: batch,
 * channels, height, width), and its defaults. Where an operator changed between opsets (attributes
 * became inputs, axes moved), the method emits the form of the builder's opset.
 *
 * <p>All methods throw {@link dev.sardonyx.ir.build.GraphBuildException}, naming the caller's line,
 * the values and their shapes, if the inputs contradict the operator or the opset does not have it.
 */
@NullMarked
package dev.sardonyx.ir.build;

import org.jspecify.annotations.NullMarked;
