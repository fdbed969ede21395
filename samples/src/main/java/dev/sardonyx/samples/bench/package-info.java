/**
 * Programs that measure Sardonyx's speed, also against other frameworks, on the machine they run
 * on.
 */
@NullMarked
package dev.sardonyx.samples.bench;

import org.jspecify.annotations.NullMarked;
