/**
 * Reads Keras files, {@code .keras} of Keras 3 and {@code .h5} of all versions, into the IR,
 * without Python.
 *
 * <pre>{@code
 * Model model = KerasReader.standard().read(Path.of("net.keras"));
 * KerasReader own = KerasReader.standard().withLayer("MyLayer", LayerReader.of(...));
 * }</pre>
 *
 * <p>The model takes and gives the arrays that Keras takes and gives, in Keras's layout. Layers
 * whose computation is Python code (Lambda, subclassed models) are refused, all of them at once, by
 * name; the README of the module lists every layer. A layer is read by a function in its family,
 * such as {@code ConvolutionReaders}.
 */
@NullMarked
package dev.sardonyx.export.keras;

import org.jspecify.annotations.NullMarked;
