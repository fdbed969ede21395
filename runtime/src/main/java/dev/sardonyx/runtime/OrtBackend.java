package dev.sardonyx.runtime;

import ai.onnxruntime.OrtSession.SessionOptions.OptLevel;
import dev.sardonyx.export.Target;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.backend.Backend;
import dev.sardonyx.ir.backend.Options;
import dev.sardonyx.ir.backend.PreparedModel;
import dev.sardonyx.ir.backend.UnsupportedModelException;
import java.util.List;
import java.util.Optional;

/**
 * ONNX Runtime as a backend. Prepared models may be run by many threads at once; their results are
 * copies that outlive the model. All value kinds and element types that ONNX Runtime computes with
 * go in and out, those that its Java API cannot pass by nodes around the model.
 *
 * <p>A model with errors may crash the JVM in ONNX Runtime's native code, so the checker sees every
 * model first. The native libraries are unpacked once, into the user's cache or the folder that the
 * system property {@code sardonyx.cache} names.
 *
 * @param selection what to compute on
 * @param optimization how far ONNX Runtime may rewrite the graph
 * @param checked whether models that the checker finds errors in are refused
 */
public record OrtBackend(AcceleratorSelection selection, Optimization optimization, boolean checked)
    implements Backend {
  /** What ONNX Runtime takes: the versions of operators and of the file format. */
  public static final Target TARGET = Target.onnxRuntime();

  /** ONNX Runtime's levels of graph optimisation. */
  public enum Optimization {
    /** The graph as it is, each node computed by itself. */
    NONE(OptLevel.NO_OPT),
    /** Constants folded, redundant nodes removed. */
    BASIC(OptLevel.BASIC_OPT),
    /** Nodes fused as well. */
    EXTENDED(OptLevel.EXTENDED_OPT),
    /** Layouts changed as well. */
    ALL(OptLevel.ALL_OPT);

    private final OptLevel level;

    Optimization(OptLevel level) {
      this.level = level;
    }

    OptLevel level() {
      return level;
    }
  }

  /** ONNX Runtime on the CPU. */
  public static OrtBackend cpu() {
    return of(AcceleratorSelection.cpu());
  }

  /** ONNX Runtime on an accelerator that {@link Accelerator} has found to work. */
  public static OrtBackend of(AcceleratorSelection selection) {
    return new OrtBackend(selection, Optimization.ALL, true);
  }

  public OrtBackend withOptimization(Optimization changed) {
    return new OrtBackend(selection, changed, checked);
  }

  /**
   * Hands over models with errors too, such as one with an operator that only ONNX Runtime knows.
   * Only for models from a trusted source: they may crash the JVM.
   */
  public OrtBackend withoutCheck() {
    return new OrtBackend(selection, optimization, false);
  }

  @Override
  public String name() {
    return "ONNX Runtime " + Environments.shared().getVersion() + " " + selection.label();
  }

  /**
   * Makes a session.
   *
   * @throws UnsupportedModelException if ONNX Runtime does not take the model, if the model has
   *     errors, or if its function calls come to more nodes than {@link Options#limits} allow
   * @throws IllegalArgumentException if an output asked for is no value of the main graph
   */
  @Override
  public PreparedModel prepare(Model model, Options options) {
    return OrtModel.prepare(this, model, options);
  }

  @Override
  public Optional<String> whyUnsupported(Model model) {
    try {
      Model fit = Handover.of(model, checked, Options.DEFAULT.limits()).model();
      Bridge.of(fit, List.of(), Form.typical(fit.graph()));
      return Optional.empty();
    } catch (UnsupportedModelException e) {
      return Optional.ofNullable(e.getMessage());
    }
  }
}
