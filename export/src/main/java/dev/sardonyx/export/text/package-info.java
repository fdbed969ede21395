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
 * <p>A model that ONNX's syntax can express is printed in it. What it has no room for is added:
 *
 * <ul>
 *   <li>{@code @{doc_string: "...", metadata_props: ["key": "value"]}} after the name of a graph,
 *       input, output, value or tensor, after a node's inputs, and after an attribute's value; a
 *       graph's may also have {@code quantization_annotation: ["x": ["SCALE_TENSOR": "s"]]};
 *   <li>{@code metadata_props} in the head of a function, {@code training_info} in that of the
 *       model;
 *   <li>quotes around any name that is no identifier, an operator's, its domain's and an
 *       attribute's too;
 *   <li>{@code sparse_tensor(float[3,4]) s = {float[1] {5.0}, int64[1] {7}}}: values, indices;
 *   <li>{@code ?} for an unknown type within another, {@code undefined} for an unknown element
 *       type;
 *   <li>{@code 0x7fc00001} for a NaN with other bits than the usual ones;
 *   <li>{@code "\}{@code u{dc80}"} in a string for a byte that is not UTF-8, and in the same way
 *       control characters (in names also line ends and what else cannot be seen), lest a terminal
 *       act on them;
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
