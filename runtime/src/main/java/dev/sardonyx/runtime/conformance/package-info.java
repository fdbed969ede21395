/**
 * Runs test suites in the layout of the ONNX backend suite against the parts of Sardonyx and
 * against any backend.
 */
@NullMarked
package dev.sardonyx.runtime.conformance;

import org.jspecify.annotations.NullMarked;
