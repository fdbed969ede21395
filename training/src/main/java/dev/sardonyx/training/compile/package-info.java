/**
 * The compiler from the IR to DL4J: a model becomes a {@code ComputationGraph} whose vertices carry
 * the names of the values they compute. {@link dev.sardonyx.training.compile.Lowerings} lists the
 * operators it knows.
 */
@NullMarked
package dev.sardonyx.training.compile;

import org.jspecify.annotations.NullMarked;
