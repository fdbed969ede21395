package dev.sardonyx.export;

import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Nesting;
import dev.sardonyx.ir.backend.UnsupportedModelException;
import dev.sardonyx.ir.check.Checker;
import dev.sardonyx.ir.check.InvalidModelException;
import dev.sardonyx.ir.edit.ModelEditor;
import dev.sardonyx.ir.pass.PassResult;
import dev.sardonyx.ir.precision.HalfPrecision;
import dev.sardonyx.ir.precision.PrecisionException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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
  private final @Nullable HalfPrecision precision;

  private OnnxExport(
      Model model,
      Target target,
      @Nullable HalfPrecision precision,
      @Nullable Provenance provenance,
      ExternalData externalData) {
    this.model = model;
    this.target = target;
    this.precision = precision;
    this.provenance = provenance;
    this.externalData = externalData;
  }

  /** An export for ONNX Runtime, without provenance, with all tensors in the model file. */
  public static OnnxExport of(Model model) {
    return new OnnxExport(model, Target.onnxRuntime(), null, null, ExternalData.embedded());
  }

  /**
   * Gives a symbolic dimension of the inputs a fixed size, for targets that allow no symbolic ones.
   *
   * @throws dev.sardonyx.ir.edit.EditException if no input has the symbol
   */
  public OnnxExport fixDimension(String symbol, long size) {
    Model fixed = ModelEditor.of(model).fixDimension(symbol, size).model();
    return new OnnxExport(fixed, target, precision, provenance, externalData);
  }

  public OnnxExport target(Target changed) {
    return new OnnxExport(model, changed, precision, provenance, externalData);
  }

  /**
   * Computes in 16 bits, once the model fits the target; what the target has no kernel for in 16
   * bits, as far as its kernels are known, stays in {@code float}.
   */
  public OnnxExport precision(HalfPrecision changed) {
    return new OnnxExport(model, target, changed, provenance, externalData);
  }

  public OnnxExport provenance(Provenance changed) {
    return new OnnxExport(model, target, precision, changed, externalData);
  }

  public OnnxExport externalData(ExternalData changed) {
    return new OnnxExport(model, target, precision, provenance, changed);
  }

  /**
   * The model as it is written.
   *
   * @throws InvalidModelException if the model has errors, listing them
   * @throws UnsupportedModelException if the target cannot express it, naming the node and why
   * @throws PrecisionException if weights are beyond the range of 16 bits and that is to be refused
   */
  public Model toModel() {
    return toResult().model();
  }

  /**
   * The model as it is written, under the conditions of {@link #toModel}, and what its conversion
   * to 16 bits changed, clamped weights among it.
   */
  public PassResult toResult() {
    Checker.require(model);
    PassResult result =
        Nesting.follow(
            model,
            () -> {
              Model fitted = new TargetFit(target).fit(model);
              if (precision == null) {
                return PassResult.unchanged(fitted);
              }
              PassResult half = inPrecision(withKept(fitted, precision), precision);
              return new PassResult(new TargetFit(target).fit(half.model()), half.changes());
            });
    return provenance == null
        ? result
        : new PassResult(provenance.applyTo(result.model(), target), result.changes());
  }

  /** The fitted model, or, if nodes to keep have become others in it, the model as it was. */
  private Model withKept(Model fitted, HalfPrecision wanted) {
    return kept(fitted, wanted).equals(kept(model, wanted)) ? fitted : model;
  }

  /** The operators of the nodes to keep, by the nodes' names. */
  private static Map<String, String> kept(Model model, HalfPrecision wanted) {
    Map<String, String> operators = new HashMap<>();
    new GraphWalk(
            graph -> {},
            node -> {
              if (wanted.keptNodes().contains(node.name())) {
                operators.put(node.name(), node.operator());
              }
            })
        .model(model);
    return operators;
  }

  private PassResult inPrecision(Model fitted, HalfPrecision wanted) {
    if (target.lacksTypes().contains(wanted.type())) {
      throw new UnsupportedModelException(noType(wanted));
    }
    HalfPrecision.Support support = wanted.support();
    return wanted
        .withSupport(
            (node, types, opset) ->
                support.has(node, types, opset)
                    && target.kernels().map(k -> k.hasHalf(node, types, opset)).orElse(true))
        .apply(fitted);
  }

  private String noType(HalfPrecision wanted) {
    return "The target " + target.name() + " has no type " + wanted.type();
  }

  /**
   * Why the target cannot run the model, one entry for each reason, with its node; empty if it can.
   *
   * @throws InvalidModelException if the model has errors, listing them
   */
  public List<String> whyUnsupported() {
    Checker.require(model);
    return Nesting.follow(
        model,
        () -> {
          List<String> reasons = new TargetFit(target).whyUnsupported(model);
          if (precision == null || !reasons.isEmpty()) {
            return reasons;
          }
          if (target.lacksTypes().contains(precision.type())) {
            return List.of(noType(precision));
          }
          Model fitted = new TargetFit(target).fit(model);
          Model half = inPrecision(withKept(fitted, precision), precision).model();
          return new TargetFit(target).whyUnsupported(half);
        });
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
