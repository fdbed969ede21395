/**
 * Runs models in ONNX Runtime and verifies that they give the answers they should.
 *
 * <p>{@link dev.sardonyx.runtime.OrtBackend} is ONNX Runtime behind the {@link
 * dev.sardonyx.ir.backend.Backend} contract, on what {@link
 * dev.sardonyx.runtime.session.Accelerator} has found to work:
 *
 * <pre>{@code
 * AcceleratorSelection selection = Accelerator.auto();   // prints why it is not the GPU
 * try (PreparedModel model = OrtBackend.of(selection).prepare(OnnxReader.read(file))) {
 *   Tensor y = (Tensor) model.run(Map.of("x", x)).get("y");
 * }
 * }</pre>
 *
 * <p>A prepared model may be run by any number of threads. Inputs in direct little-endian buffers
 * are not copied, those on the heap are copied once, into a buffer that is kept for later runs.
 * Results belong to the caller.
 *
 * <p>{@link dev.sardonyx.runtime.Verifier} compares two backends value by value and names the first
 * that differs:
 *
 * <pre>{@code
 * VerificationReport report = Verifier.of(OrtBackend.cpu()).against(original, model, batches);
 * System.out.println(report.table());
 * }</pre>
 */
@NullMarked
package dev.sardonyx.runtime;

import org.jspecify.annotations.NullMarked;
