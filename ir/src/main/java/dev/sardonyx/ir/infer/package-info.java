/**
 * Type and shape inference. {@link dev.sardonyx.ir.infer.ShapeInference} infers a whole model; each
 * operator's {@link dev.sardonyx.ir.infer.InferenceRule} stands in the class of its family
 * (NnInference, MathInference, ...), under its name.
 */
@NullMarked
package dev.sardonyx.ir.infer;

import org.jspecify.annotations.NullMarked;
