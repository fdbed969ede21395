/** Programs that measure Sardonyx against what else there is, on the machine they run on. */
@NullMarked
package dev.sardonyx.samples.bench;

import org.jspecify.annotations.NullMarked;
