/**
 * Inputs to run a model on: read from files, or made up.
 *
 * <pre>{@code
 * Datum x = InputFile.of(Path.of("x.npy")).read(model.graph().inputs().get(0));
 * Map<String, Datum> made = MadeUpInputs.of(model, Map.of("N", 8L), 42);  // within what it can use
 * }</pre>
 *
 * <p>{@link dev.sardonyx.runtime.input.InputFile} knows {@code .npy}, {@code .npz}, {@code .pb},
 * {@code .json}, lines of text and pictures, and makes them fit the input's type or says why they
 * do not. {@link dev.sardonyx.runtime.input.MadeUpInputs} draws indices within their tables,
 * lengths within their sequences and numbers from a seed.
 */
@NullMarked
package dev.sardonyx.runtime.input;

import org.jspecify.annotations.NullMarked;
