/** Makes small models of large ones that a backend fails on. */
@NullMarked
package dev.sardonyx.runtime.reduce;

import org.jspecify.annotations.NullMarked;
