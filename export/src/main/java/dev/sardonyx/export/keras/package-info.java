/** Reads Keras files into the IR. */
@NullMarked
package dev.sardonyx.export.keras;

import org.jspecify.annotations.NullMarked;
