package dev.sardonyx.runtime.spark;

/**
 * What a row has for an input.
 *
 * @param elements in row-major order; see {@link Elements}
 * @param dims without the rows
 */
record Cell(Object elements, long[] dims) {}
