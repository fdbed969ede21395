/**
 * Makes models smaller and faster by data: {@link dev.sardonyx.runtime.quantize.Quantizer} finds
 * out by running a model between which numbers its values lie, and lets it compute in 8 bits.
 */
@NullMarked
package dev.sardonyx.runtime.quantize;

import org.jspecify.annotations.NullMarked;
