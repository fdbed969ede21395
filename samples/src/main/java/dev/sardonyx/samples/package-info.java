/** The {@code sardonyx} command line and worked examples. */
@NullMarked
package dev.sardonyx.samples;

import org.jspecify.annotations.NullMarked;
