/** The conformance suite as JUnit 5 tests. Needs {@code junit-jupiter-api} on the class path. */
@NullMarked
package dev.sardonyx.runtime.conformance.junit;

import org.jspecify.annotations.NullMarked;
