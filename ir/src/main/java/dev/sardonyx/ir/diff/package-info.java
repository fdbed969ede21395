/**
 * What differs between two models in what they say and compute, whatever their values and nodes are
 * called: {@link dev.sardonyx.ir.diff.ModelDiff}.
 */
@NullMarked
package dev.sardonyx.ir.diff;

import org.jspecify.annotations.NullMarked;
