package dev.sardonyx.runtime;

import ai.onnxruntime.OrtSession.SessionOptions.OptLevel;
import dev.sardonyx.export.Target;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.OpsetImport;
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
 * @param selection what to compute on
 * @param optimization how far ONNX Runtime may rewrite the graph
 */
public record OrtBackend(AcceleratorSelection selection, Optimization optimization)
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
    return new OrtBackend(selection, Optimization.ALL);
  }

  public OrtBackend withOptimization(Optimization changed) {
    return new OrtBackend(selection, changed);
  }

  @Override
  public String name() {
    return "ONNX Runtime " + Environments.shared().getVersion() + " " + selection.label();
  }

  /**
   * Makes a session.
   *
   * @throws UnsupportedModelException if ONNX Runtime does not take the model
   * @throws IllegalArgumentException if an output asked for is no value of the main graph
   */
  @Override
  public PreparedModel prepare(Model model, Options options) {
    return OrtModel.prepare(this, model, options);
  }

  @Override
  public Optional<String> whyUnsupported(Model model) {
    for (OpsetImport imported : model.opsetImports()) {
      if (OpsetImport.canonical(imported.domain()).isEmpty()
          && imported.version() > TARGET.newestOpset()) {
        return Optional.of(
            "opset "
                + imported.version()
                + " is newer than "
                + TARGET.newestOpset()
                + ", the newest that ONNX Runtime "
                + Environments.shared().getVersion()
                + " takes");
      }
    }
    try {
      Bridge.of(model, List.of(), Form.typical(model.graph()));
      return Optional.empty();
    } catch (UnsupportedModelException e) {
      return Optional.ofNullable(e.getMessage());
    }
  }
}
