/**
 * Models that compute in numbers of 16 bits: {@link dev.sardonyx.ir.precision.HalfPrecision}. Such
 * a model is half as large; what its answers lose is for a verification to tell.
 */
@NullMarked
package dev.sardonyx.ir.precision;

import org.jspecify.annotations.NullMarked;
