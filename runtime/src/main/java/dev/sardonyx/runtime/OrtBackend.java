package dev.sardonyx.runtime;

import dev.sardonyx.export.Target;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.backend.Backend;
import dev.sardonyx.ir.backend.Options;
import dev.sardonyx.ir.backend.PreparedModel;
import dev.sardonyx.ir.backend.UnsupportedModelException;
import dev.sardonyx.runtime.session.Accelerator;
import dev.sardonyx.runtime.session.AcceleratorSelection;
import dev.sardonyx.runtime.session.InferenceSession;
import dev.sardonyx.runtime.session.Optimization;
import dev.sardonyx.runtime.session.SessionOptions;
import java.util.Optional;

/**
 * ONNX Runtime as a backend. Prepared models may be run by many threads at once; their results are
 * copies that outlive the model. All value kinds and element types that ONNX Runtime computes with
 * go in and out; those that its Java API cannot pass are converted by nodes added around the model.
 *
 * <p>A model with errors may crash the JVM in ONNX Runtime's native code, so every model is checked
 * first. The native libraries are unpacked once, into the user's cache or the folder that the
 * system property {@code sardonyx.cache} names.
 *
 * @param options how its sessions are made; what a caller asks for with {@link Options} takes
 *     precedence
 */
public record OrtBackend(SessionOptions options) implements Backend {
  /** What ONNX Runtime takes: the versions of operators and of the file format. */
  public static final Target TARGET = InferenceSession.TARGET;

  /** ONNX Runtime on the CPU. */
  public static OrtBackend cpu() {
    return new OrtBackend(SessionOptions.DEFAULT);
  }

  /** ONNX Runtime on an accelerator that {@link Accelerator} has found to work. */
  public static OrtBackend of(AcceleratorSelection selection) {
    return new OrtBackend(SessionOptions.of(selection));
  }

  public OrtBackend withOptimization(Optimization changed) {
    return new OrtBackend(options.withOptimization(changed));
  }

  /**
   * Passes models to ONNX Runtime even if the checker finds errors, such as an operator that only
   * ONNX Runtime knows. Only for models from a trusted source: they may crash the JVM.
   */
  public OrtBackend withoutCheck() {
    return new OrtBackend(options.withoutCheck());
  }

  @Override
  public String name() {
    return "ONNX Runtime " + InferenceSession.runtimeVersion() + " " + options.label();
  }

  /**
   * Makes a session.
   *
   * @throws UnsupportedModelException if ONNX Runtime does not take the model, if the model has
   *     errors, or if its functions, inlined, have more nodes than {@link Options#limits} allow
   * @throws IllegalArgumentException if an output asked for is no value of the main graph
   */
  @Override
  public PreparedModel prepare(Model model, Options asked) {
    return InferenceSession.of(model, options.with(asked));
  }

  @Override
  public Optional<String> whyUnsupported(Model model) {
    return InferenceSession.whyUnsupported(model, options);
  }
}
