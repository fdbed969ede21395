/**
 * Type and shape inference.
 *
 * <pre>{@code
 * ShapeInference.Inferred inferred = ShapeInference.infer(model);
 * inferred.problems().forEach(System.out::println);
 * ValueType type = GraphIndex.of(inferred.model().graph()).type("conv1_out");  // float[N,32,28,28]
 * }</pre>
 *
 * <p>{@link dev.sardonyx.ir.infer.ShapeInference} infers a whole model, with symbols and what is
 * computed of them ({@code N+2}), through subgraphs and functions. An {@link
 * dev.sardonyx.ir.infer.InferenceRule} says what one operator gives, and an {@link
 * dev.sardonyx.ir.infer.InferenceContext} is what a rule sees of its node. The rules of ONNX's
 * operators stand in {@code dev.sardonyx.ir.infer.rule}.
 */
@NullMarked
package dev.sardonyx.ir.infer;

import org.jspecify.annotations.NullMarked;
