/**
 * Inputs to run a model on: read from files by {@link dev.sardonyx.runtime.input.InputFile}, or
 * made up by {@link dev.sardonyx.runtime.input.MadeUpInputs}.
 */
@NullMarked
package dev.sardonyx.runtime.input;

import org.jspecify.annotations.NullMarked;
