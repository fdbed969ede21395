package dev.sardonyx.runtime.session;

import dev.sardonyx.ir.IrVersion;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.edit.ModelEditor;
import dev.sardonyx.ir.pass.FixedDefaults;

/**
 * Saves a model as ONNX Runtime rewrites it. A session that runs is made of the model and a {@link
 * Bridge} around it, so one more is made, of the model alone.
 */
final class OptimizedModel {
  private OptimizedModel() {}

  /**
   * Writes the file that the options ask for, if any.
   *
   * @return the options for the session that runs
   * @throws IllegalArgumentException if an output asked for is no value of the main graph
   */
  static SessionOptions write(Model model, SessionOptions options) {
    if (options.optimizedModel() == null) {
      return options;
    }
    Model wanted =
        options.outputs().isEmpty()
            ? model
            : ModelEditor.of(model).outputs(options.outputs().toArray(String[]::new)).model();
    OrtProgram.compileOnly(saveable(wanted), options.withoutProfile());
    return options.withoutOptimizedModel();
  }

  /**
   * ONNX Runtime adds initializers, and leaves the IR version as it is, but before version 4 they
   * had to be inputs, too.
   */
  private static Model saveable(Model model) {
    Model fixed = new FixedDefaults().apply(model).model();
    long version =
        Math.min(
            Math.max(fixed.irVersion(), IrVersion.SEPARATE_INITIALIZERS),
            InferenceSession.TARGET.newestIrVersion());
    return fixed.withVersions(version, fixed.opsetImports());
  }
}
