/**
 * Many callers of one session: single requests are gathered into batches, which a session computes
 * faster than one after the other.
 *
 * <pre>{@code
 * try (InferenceSession session = InferenceSession.of(file);
 *     BatchingPredictor predictor = BatchingPredictor.of(session, BatchOptions.of("N", 32))) {
 *   MicrometerMetrics.bind(predictor, registry, Tags.of("model", "digits"));
 *   Outputs outputs = predictor.predict(Map.of("image", image));  // in each of many threads
 * }
 * }</pre>
 *
 * <p>The model needs a symbolic dimension along which requests are put together, in every input and
 * output. Each request gets its own part of the outputs, or its own failure. {@link
 * dev.sardonyx.runtime.batch.BatchOptions} say how many rows, how long to wait for others, how many
 * requests may queue, and which dimensions are padded. Where callers wait for their answer before
 * they ask again, a delay of zero is best.
 */
@NullMarked
package dev.sardonyx.runtime.batch;

import org.jspecify.annotations.NullMarked;
