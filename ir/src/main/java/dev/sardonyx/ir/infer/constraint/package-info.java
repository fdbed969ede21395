/**
 * What ONNX demands of nodes beyond their signature, types and shapes: words that an attribute
 * takes, lists that are of one length, operands that are vectors. Runtimes rely on it; some crash
 * without. {@link dev.sardonyx.ir.infer.constraint.Constraints} lists the families of operators.
 */
@NullMarked
package dev.sardonyx.ir.infer.constraint;

import org.jspecify.annotations.NullMarked;
