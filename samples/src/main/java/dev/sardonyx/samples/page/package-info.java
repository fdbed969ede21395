/**
 * What the pages for browsers have in common: one file each, without a network, and in one style.
 *
 * <p>{@link PageTemplate} puts a page together from its template, styles, script and data, so that
 * nothing in it runs but its own script.
 */
@NullMarked
package dev.sardonyx.samples.page;

import org.jspecify.annotations.NullMarked;
