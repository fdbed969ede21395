package dev.sardonyx.export;

import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Nesting;
import dev.sardonyx.ir.backend.UnsupportedModelException;
import dev.sardonyx.ir.check.Checker;
import dev.sardonyx.ir.check.InvalidModelException;
import dev.sardonyx.ir.edit.ModelEditor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Exports a model for a {@link Target}:
 *
 * <pre>{@code
 * OnnxExport.of(model)
 *     .target(Target.onnxRuntime())
 *     .provenance(Provenance.of("seed network"))
 *     .write(Path.of("model.onnx"));
 * }</pre>
 *
 * <p>The model is checked, fitted to the target (converted to its opsets, operators that it lacks
 * decomposed, functions inlined, attributes spelled out), and written atomically. If the target
 * cannot express the model, the export is refused before anything is written, and the exception
 * names all reasons. Symbolic dimensions, such as the batch's {@code N}, stay symbolic. Use {@link
 * OnnxWriter} to write a model unchanged.
 */
public final class OnnxExport {
  private final Model model;
  private final Target target;
  private final @Nullable Provenance provenance;
  private final ExternalData externalData;

  private OnnxExport(
      Model model, Target target, @Nullable Provenance provenance, ExternalData externalData) {
    this.model = model;
    this.target = target;
    this.provenance = provenance;
    this.externalData = externalData;
  }

  /** An export for ONNX Runtime, without provenance, with all tensors in the model file. */
  public static OnnxExport of(Model model) {
    return new OnnxExport(model, Target.onnxRuntime(), null, ExternalData.embedded());
  }

  /**
   * Gives a symbolic dimension of the inputs a fixed size, for targets that allow no symbolic ones.
   *
   * @throws dev.sardonyx.ir.edit.EditException if no input has the symbol
   */
  public OnnxExport fixDimension(String symbol, long size) {
    Model fixed = ModelEditor.of(model).fixDimension(symbol, size).model();
    return new OnnxExport(fixed, target, provenance, externalData);
  }

  public OnnxExport target(Target changed) {
    return new OnnxExport(model, changed, provenance, externalData);
  }

  public OnnxExport provenance(Provenance changed) {
    return new OnnxExport(model, target, changed, externalData);
  }

  public OnnxExport externalData(ExternalData changed) {
    return new OnnxExport(model, target, provenance, changed);
  }

  /**
   * The model as it is written.
   *
   * @throws InvalidModelException if the model has errors, listing them
   * @throws UnsupportedModelException if the target cannot express it, naming the node and why
   */
  public Model toModel() {
    Checker.require(model);
    Model fitted = Nesting.follow(model, () -> new TargetFit(target).fit(model));
    return provenance == null ? fitted : provenance.applyTo(fitted, target);
  }

  /**
   * Why the target cannot run the model, one entry for each reason, with its node; empty if it can.
   *
   * @throws InvalidModelException if the model has errors, listing them
   */
  public List<String> whyUnsupported() {
    Checker.require(model);
    return Nesting.follow(model, () -> new TargetFit(target).whyUnsupported(model));
  }

  /**
   * Writes the model and returns the model that was written.
   *
   * @throws InvalidModelException if the model has errors, listing them
   * @throws UnsupportedModelException if the target cannot express it, naming the node and why
   * @throws IOException if the file cannot be written; an older file is then unchanged
   */
  public Model write(Path file) throws IOException {
    Model exported = toModel();
    OnnxWriter.write(exported, file, externalData);
    return exported;
  }

  /** The model as the bytes of a file, under the conditions of {@link #toModel}. */
  public byte[] toBytes() {
    return OnnxWriter.toBytes(toModel());
  }
}
