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
 * <p>A model that ONNX's syntax can express is printed in it, and read by ONNX's parser. What the
 * syntax has no place for stands in comments, which that parser skips:
 *
 * <ul>
 *   <li>{@code #@{doc_string: "...", metadata_props: ["key": "value"]}} and the end of the line,
 *       after the name of a graph, function, input, output, value or tensor, after a node's inputs,
 *       and after an attribute's value;
 *   <li>in the same comment, {@code quantization_annotation: ["x": ["SCALE_TENSOR": "s"]]} for a
 *       graph, and {@code name: "..."} for a graph or tensor whose name cannot stand in that place;
 *   <li>{@code #@results} before the types of a function's results that the function does not
 *       declare.
 * </ul>
 *
 * <p>These additions can be read only by {@link dev.sardonyx.export.text.ModelParser}:
 *
 * <ul>
 *   <li>{@code training_info} in the head of the model;
 *   <li>quotes around names of operators, domains and attributes that are not identifiers;
 *   <li>{@code sparse_tensor(float[3,4]) s = {float[1] {5.0}, int64[1] {7}}}: values, indices; also
 *       lists of tensors, graphs and types;
 *   <li>{@code ?} for an unknown type within another, {@code undefined} for an unknown element
 *       type;
 *   <li>{@code 0x7fc00001} for a NaN with other bits than the usual ones;
 *   <li>{@code "\}{@code u{dc80}"} in a string for a byte that is not UTF-8; in comments and in
 *       texts for a terminal also for control characters (in names also for line ends and other
 *       invisible characters);
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
