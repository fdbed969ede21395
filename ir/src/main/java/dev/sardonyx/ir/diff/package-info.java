/**
 * What differs between two models in what they say and compute, whatever their values and nodes are
 * called.
 *
 * <pre>{@code
 * for (Difference difference : ModelDiff.between(before, after)) {
 *   System.out.println(difference.place() + ": " + difference.what());
 * }
 * }</pre>
 *
 * <p>No difference means that both compute the same in the same way. Two models may well compute
 * the same in different ways: that is for a verification to find.
 */
@NullMarked
package dev.sardonyx.ir.diff;

import org.jspecify.annotations.NullMarked;
