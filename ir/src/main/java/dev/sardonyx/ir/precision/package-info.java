/**
 * Models that compute in numbers of 16 bits: {@link dev.sardonyx.ir.precision.HalfPrecision}.
 *
 * <pre>{@code
 * Model half = HalfPrecision.of(ElementType.FLOAT16).keepNodes("dense1").apply(model).model();
 * }</pre>
 *
 * <p>Such a model is half as large. Inputs and outputs stay as they are, and so does what would
 * overflow or round away; what the answers lose is for a verification to tell, for which {@code
 * comparable} gives a model that can be compared value by value.
 */
@NullMarked
package dev.sardonyx.ir.precision;

import org.jspecify.annotations.NullMarked;
