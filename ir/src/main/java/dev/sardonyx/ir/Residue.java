package dev.sardonyx.ir;

/**
 * What a format's reader keeps beside an element so that the format's writer can give back the very
 * same file: unknown fields, storage forms, the order of entries. The IR never looks inside, and
 * equality ignores it.
 */
public interface Residue {}
