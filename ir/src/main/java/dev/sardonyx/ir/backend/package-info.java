/**
 * What every backend has in common: how a model is made ready and run.
 *
 * <p>A {@link dev.sardonyx.ir.backend.Backend} prepares a model, and what it prepared is run with
 * tensors by name, any number of times, by any number of threads. The reference evaluator, ONNX
 * Runtime and DL4J are backends, and so may be a runtime of yours:
 *
 * <pre>{@code
 * try (PreparedModel prepared = backend.prepare(model)) {
 *   Tensor scores = prepared.run(Map.of("image", image)).tensor("scores");
 * }
 * }</pre>
 *
 * <p>{@link dev.sardonyx.ir.backend.Backend#whyUnsupported} says what a backend cannot run before
 * it is asked to; {@link dev.sardonyx.ir.backend.Options} ask for intermediate values as outputs
 * and bound the work. The verifier and the conformance suite take any backend as it is.
 */
@NullMarked
package dev.sardonyx.ir.backend;

import org.jspecify.annotations.NullMarked;
