/**
 * Type and shape inference. {@link dev.sardonyx.ir.infer.ShapeInference} infers a whole model; an
 * {@link dev.sardonyx.ir.infer.InferenceRule} says what one operator gives, and an {@link
 * dev.sardonyx.ir.infer.InferenceContext} is what a rule sees of its node. The rules of ONNX's
 * operators stand in {@code dev.sardonyx.ir.infer.rule}.
 */
@NullMarked
package dev.sardonyx.ir.infer;

import org.jspecify.annotations.NullMarked;
