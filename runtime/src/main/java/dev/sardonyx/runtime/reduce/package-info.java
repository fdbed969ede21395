/**
 * Makes small models of large ones that a backend fails on.
 *
 * <pre>{@code
 * Optional<Reduction> found = ModelReducer.of(OrtBackend.cpu()).reduce(model, inputs);
 * found.orElseThrow().write(Path.of("smallest"));  // model, data and the command that shows it
 * }</pre>
 *
 * <p>{@link dev.sardonyx.runtime.reduce.ModelReducer} takes away nodes, sizes and numbers as long
 * as the failure stays the same (values that differ, a crash, a refusal), within a budget of time.
 * What it leaves is as small as it found, not the smallest there is.
 */
@NullMarked
package dev.sardonyx.runtime.reduce;

import org.jspecify.annotations.NullMarked;
