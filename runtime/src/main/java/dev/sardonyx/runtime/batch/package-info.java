/**
 * Many callers of one session: single requests are gathered into batches, which a session computes
 * faster than one after the other.
 */
@NullMarked
package dev.sardonyx.runtime.batch;

import org.jspecify.annotations.NullMarked;
