/**
 * Inputs to run a model on, read from files or made up, and files for what it computes.
 *
 * <pre>{@code
 * Datum x = InputFile.of(Path.of("x.npy")).read(model.graph().inputs().get(0));
 * OutputFile.of(Path.of("y.npy")).write("y", outputs.get("y"));
 * Map<String, Datum> made = MadeUpInputs.of(model, Map.of("N", 8L), 42);  // within what it can use
 * }</pre>
 *
 * <p>{@link dev.sardonyx.runtime.input.InputFile} knows {@code .npy}, {@code .npz}, {@code .pb},
 * {@code .json}, lines of text and pictures, and makes them fit the input's type or says why they
 * do not; {@link dev.sardonyx.runtime.input.OutputFile} writes most of them. {@link
 * dev.sardonyx.runtime.input.MadeUpInputs} draws indices within their tables, lengths within their
 * sequences and numbers from a seed.
 */
@NullMarked
package dev.sardonyx.runtime.input;

import org.jspecify.annotations.NullMarked;
