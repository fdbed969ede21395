package dev.sardonyx.runtime.spark;

/**
 * What a row has for an input.
 *
 * @param elements in row-major order; see {@link ElementArrays}
 * @param dims without the rows
 */
record RowElements(Object elements, long[] dims) {}
