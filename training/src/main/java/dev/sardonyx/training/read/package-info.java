/**
 * From DL4J to the IR: any network, saved or in memory.
 *
 * <pre>{@code
 * SavedNetwork network = SavedNetwork.read(Path.of("net.zip"));
 * Model model = network.model();
 * Verifier.of(OrtBackend.cpu()).against(network.backend(), model, batches);
 * }</pre>
 *
 * <p>{@link dev.sardonyx.training.read.Dl4jImporter} reads networks in memory, and {@code
 * readMasked} those that are fed with masks. The model takes and gives the arrays that the network
 * does. Layers and activations of one's own are refused by name, unless they are SameDiff's. {@link
 * dev.sardonyx.training.read.Readings} lists the classes it knows, each with the function that
 * reads it, as {@code Lowerings} does for the other direction.
 */
@NullMarked
package dev.sardonyx.training.read;

import org.jspecify.annotations.NullMarked;
