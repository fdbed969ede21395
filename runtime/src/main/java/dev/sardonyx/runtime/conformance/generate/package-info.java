/**
 * New cases in the layout of the ONNX backend suite: nodes drawn from the operators' signatures and
 * varied, with the outputs that the reference evaluator gives; and smaller ones of those on which a
 * backend fails.
 */
@NullMarked
package dev.sardonyx.runtime.conformance.generate;

import org.jspecify.annotations.NullMarked;
