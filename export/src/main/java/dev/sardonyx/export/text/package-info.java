/**
 * Models as text: ONNX's own text syntax, as {@code onnx.printer} writes and {@code onnx.parser}
 * reads it, so that tests, reports of bugs and differences between models can be read.
 *
 * <pre>{@code
 * <
 *   ir_version: 10,
 *   opset_import: ["": 21]
 * >
 * agraph (float[N,3] x) => (float[N,2] y)
 * <
 *   float[3,2] w = {1.0, 2.0, 3.0, 4.0, 5.0, 6.0},
 *   float[N,2] t
 * >
 * {
 *   [product] t = MatMul (x, w)
 *   y = LeakyRelu <alpha: float = 0.5> (t)
 * }
 * }</pre>
 *
 * <p>A model that ONNX's syntax can express is printed in it, and read by ONNX's parser. What it
 * has no room for is said in comments, which that parser skips:
 *
 * <ul>
 *   <li>{@code #@{doc_string: "...", metadata_props: ["key": "value"]}} and the end of the line,
 *       after the name of a graph, function, input, output, value or tensor, after a node's inputs,
 *       and after an attribute's value;
 *   <li>there {@code quantization_annotation: ["x": ["SCALE_TENSOR": "s"]]} for a graph, and {@code
 *       name: "..."} for a graph or tensor whose name cannot stand at that place;
 *   <li>{@code #@results} before the types of a function's results that are not declared ones.
 * </ul>
 *
 * <p>The rest makes a text that only {@link dev.sardonyx.export.text.ModelParser} reads:
 *
 * <ul>
 *   <li>{@code training_info} in the head of the model;
 *   <li>quotes around an operator's name, its domain and an attribute's name that are no
 *       identifiers;
 *   <li>{@code sparse_tensor(float[3,4]) s = {float[1] {5.0}, int64[1] {7}}}: values, indices; also
 *       lists of tensors, graphs and types;
 *   <li>{@code ?} for an unknown type within another, {@code undefined} for an unknown element
 *       type;
 *   <li>{@code 0x7fc00001} for a NaN with other bits than the usual ones;
 *   <li>{@code "\}{@code u{dc80}"} in a string for a byte that is not UTF-8; in comments and in
 *       texts for a terminal also for control characters (in names line ends too, and what else
 *       cannot be seen);
 *   <li>{@code attribute = @""} for an attribute without a value.
 * </ul>
 *
 * <p>As in ONNX's syntax, {@code float} is a scalar and {@code float[]} a tensor of unknown rank;
 * float16 and narrower floats are given by their bits, and elements of 4 and 2 bits by the bytes
 * that they share.
 */
@NullMarked
package dev.sardonyx.export.text;

import org.jspecify.annotations.NullMarked;
