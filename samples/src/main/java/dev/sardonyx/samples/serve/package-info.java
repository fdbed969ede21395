/**
 * ONNX models behind HTTP, as a sample of how to embed the runtime: the Open Inference Protocol
 * (KServe's version 2) on the JDK's own server.
 *
 * <p>{@link InferenceServer} is the way in.
 */
@NullMarked
package dev.sardonyx.samples.serve;

import org.jspecify.annotations.NullMarked;
