/**
 * Moving a model from one version of ONNX's operators to another, upward and downward. {@link
 * dev.sardonyx.ir.convert.OpsetConversion} is the way in:
 *
 * <pre>{@code
 * Model older = OpsetConversion.to(13).apply(model).model();
 * }</pre>
 *
 * <p>The converter goes one version at a time. For every version of every operator there is a
 * {@link dev.sardonyx.ir.convert.VersionStep}, which says what becomes of the operator's nodes on
 * the way up and on the way down; a test compares the steps with the catalogue. A step keeps the
 * meaning or refuses, and all refusals are told at once.
 */
@NullMarked
package dev.sardonyx.ir.convert;

import org.jspecify.annotations.NullMarked;
