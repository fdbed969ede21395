/** Compiles the IR to DL4J, trains it, and takes DL4J networks back into the IR. */
@NullMarked
package dev.sardonyx.training;

import org.jspecify.annotations.NullMarked;
