/**
 * Backends in a process of their own, for models on which native code may crash, hang or run out of
 * memory: what ends that process is an exception in this one.
 *
 * <pre>{@code
 * try (IsolatedBackend backend = IsolatedBackend.onnxRuntime();
 *     PreparedModel model = backend.prepare(stranger)) {
 *   model.run(inputs);  // an IsolationException, where the JVM would have ended
 * }
 * }</pre>
 *
 * <p>{@link dev.sardonyx.runtime.isolated.IsolatedBackend} takes any backend by its class. The
 * child is a JVM with this one's class path, so the application must lie there as jars or folders,
 * not as jars within a jar. Tensors are copied through a local socket.
 */
@NullMarked
package dev.sardonyx.runtime.isolated;

import org.jspecify.annotations.NullMarked;
