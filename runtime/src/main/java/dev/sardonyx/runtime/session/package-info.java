/**
 * Sessions of ONNX Runtime, safe to use from Java, for serving models.
 *
 * <pre>{@code
 * try (InferenceSession session = InferenceSession.of(Path.of("model.onnx"))) {
 *   Outputs outputs = session.call().with("image", pixels, 1, 3, 224, 224).run();
 *   List<Ranked> best = TopK.of(outputs.tensor("scores"), 5, labels);
 * }
 * }</pre>
 *
 * <p>A session may be used by any number of threads. {@link
 * dev.sardonyx.runtime.session.SessionOptions} say how it is made, {@link
 * dev.sardonyx.runtime.session.RunOptions} how one run goes, {@link
 * dev.sardonyx.runtime.session.Provider} and {@link dev.sardonyx.runtime.session.Accelerator} what
 * it computes on. A {@link dev.sardonyx.runtime.session.Binding} runs on the caller's buffers.
 */
@NullMarked
package dev.sardonyx.runtime.session;

import org.jspecify.annotations.NullMarked;
