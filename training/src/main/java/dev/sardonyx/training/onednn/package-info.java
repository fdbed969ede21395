/**
 * Steps of training computed by oneDNN 3 in its own blocked layouts, for DL4J networks whose layers
 * it knows. Parameters, updater and loss stay DL4J's: what is computed here is the gradient.
 */
@NullMarked
package dev.sardonyx.training.onednn;

import org.jspecify.annotations.NullMarked;
