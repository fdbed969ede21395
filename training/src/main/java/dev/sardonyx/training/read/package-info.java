/**
 * From DL4J to the IR: {@link dev.sardonyx.training.read.Dl4jImporter} reads any network, saved or
 * in memory. {@link dev.sardonyx.training.read.Readings} lists the classes it knows, each with the
 * function that reads it, as {@code Lowerings} does for the other direction.
 */
@NullMarked
package dev.sardonyx.training.read;

import org.jspecify.annotations.NullMarked;
