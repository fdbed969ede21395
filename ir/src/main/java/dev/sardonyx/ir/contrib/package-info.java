/**
 * The operators that ONNX Runtime has beside ONNX's: of the domain {@code com.microsoft}, and those
 * that its optimizer puts into ONNX's own domain. Each is a function that says it in ONNX's own
 * operators; its types, its evaluation and its standard form follow from that one. A function
 * stands in its family, such as {@code QuantizedLayerForms}, and is listed there by name.
 */
@NullMarked
package dev.sardonyx.ir.contrib;

import org.jspecify.annotations.NullMarked;
