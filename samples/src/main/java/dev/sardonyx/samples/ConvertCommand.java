package dev.sardonyx.samples;

import dev.sardonyx.export.OnnxExport;
import dev.sardonyx.export.Provenance;
import dev.sardonyx.export.Safetensors;
import dev.sardonyx.export.Target;
import dev.sardonyx.ir.Constant;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.backend.Backend;
import dev.sardonyx.ir.check.Checker;
import dev.sardonyx.ir.eval.ReferenceBackend;
import dev.sardonyx.ir.pass.Change;
import dev.sardonyx.ir.pass.PassResult;
import dev.sardonyx.ir.pass.Passes;
import dev.sardonyx.ir.precision.HalfPrecision;
import dev.sardonyx.samples.ChangedFiles.Changed;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code sardonyx convert}: converts models of other formats to ONNX and verifies them. */
@Command(
    name = "convert",
    description = {
      "Converts models of Keras, DL4J, SameDiff, XGBoost, LightGBM or ONNX itself to ONNX,"
          + " simplified; for a runtime or opset, and in 16 bits, if asked for.",
      "Which of them a file is, its name says: .keras, .h5 and .hdf5, .zip, .fb, .json and .ubj, .txt, or"
          + " .onnx; models of XGBoost and LightGBM may have any other.",
      "ONNX Runtime must compute what the original computes (DL4J or SameDiff itself, else the"
          + " reference evaluator), on made-up inputs; otherwise nothing is written.",
      "Exit status: 0 converted, 1 failed (the others are converted), 2 wrong usage."
    })
@SuppressWarnings("NullAway.Init")
final class ConvertCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Mixin private ChangedFiles files;

  @Option(
      names = "--target",
      paramLabel = "TARGET",
      completionCandidates = TargetNames.class,
      description = "What the model is for, such as onnxruntime-1.20, opencv or opset-13.")
  private @Nullable String target;

  @Option(
      names = "--precision",
      paramLabel = "TYPE",
      description =
          "Compute in float16 or bfloat16 what does not overflow or round away, and what the target"
              + " has kernels for; ONNX Runtime's CPU has few in bfloat16: for other targets in"
              + " bfloat16 add --no-verify.")
  private @Nullable String precision;

  @Option(
      names = "--keep",
      paramLabel = "NODE",
      description = "With --precision: a node that stays in float; may be repeated.")
  private List<String> kept = new ArrayList<>();

  @Option(
      names = "--weights",
      paramLabel = "FILE",
      description = "A .safetensors file, or its .index.json: weights by the initializers' names.")
  private @Nullable Path weights;

  @Option(
      names = "--no-simplify",
      description = "Keep the nodes as they are read, without folding and fusing.")
  private boolean asRead;

  @Mixin private Proof proof;

  @Override
  public Integer call() throws IOException {
    Target chosen = chosenTarget();
    ElementType type = chosenType();
    proof.requireValid(spec);
    files.requireWritable(spec, weights == null ? List.of() : List.of(weights));
    Consumer<Model> symbols =
        DimSizes.check(
            files.inputs(),
            proof.symbols(),
            file -> source(file).model(),
            known -> proof.requireKnownDims(spec, known));
    Safetensors tensors = weights == null ? null : Safetensors.read(weights);
    return files.write(
        spec,
        (console, file) -> {
          SourceKind.Source source = source(file);
          Model read = Checker.require(withWeights(console, tensors, source.model()));
          symbols.accept(read);
          console.detail(
              "%s: %s, %s",
              StandardStreams.input(file), SourceKind.of(file).title(), description(read));
          Model simple = asRead ? read : Passes.simplify().apply(read).model();
          Model exported = exported(console, file, simple, chosen, type);
          Backend original = tensors == null ? source.original() : new ReferenceBackend();
          boolean same = proof.holds(spec, console, exported, read, original);
          return Changed.of(read, same ? Optional.of(exported) : Optional.empty());
        });
  }

  private SourceKind.Source source(Path file) throws IOException {
    return StandardStreams.isMeant(file)
        ? SourceKind.Source.of(ModelArgument.read(spec, file))
        : SourceKind.of(file).reader().read(file);
  }

  private Target chosenTarget() {
    try {
      return target == null ? Target.onnxRuntime() : Target.named(target);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(
          spec.commandLine(), "Invalid value for option '--target': " + e.getMessage(), e);
    }
  }

  private Model withWeights(Console console, @Nullable Safetensors tensors, Model model)
      throws IOException {
    if (weights == null || tensors == null) {
      return model;
    }
    try {
      Safetensors.Loaded loaded = tensors.into(model);
      console.detail(
          "%s: initializers replaced: %,d, kept: %,d; tensors not used: %,d",
          weights, loaded.taken().size(), loaded.untouched().size(), loaded.unknown().size());
      return loaded.model();
    } catch (IllegalArgumentException e) {
      throw new IOException(weights + ": " + e.getMessage(), e);
    }
  }

  private @Nullable ElementType chosenType() {
    if (precision == null) {
      if (Failures.isTyped(spec, "--keep")) {
        throw new ParameterException(spec.commandLine(), "--keep goes with --precision");
      }
      return null;
    }
    ElementType type = ElementType.named(precision).orElse(ElementType.UNDEFINED);
    if (type != ElementType.FLOAT16 && type != ElementType.BFLOAT16) {
      throw new ParameterException(
          spec.commandLine(),
          "Invalid value for option '--precision': '%s' is neither float16 nor bfloat16"
              .formatted(precision));
    }
    return type;
  }

  private Model exported(
      Console console, Path file, Model model, Target chosen, @Nullable ElementType type) {
    OnnxExport export =
        OnnxExport.of(model)
            .target(chosen)
            .provenance(
                Provenance.of(
                    StandardStreams.isMeant(file) ? "" : String.valueOf(file.getFileName())));
    if (type == null) {
      return export.toModel();
    }
    HalfPrecision half = HalfPrecision.of(type).keepNodes(kept.toArray(String[]::new));
    PassResult result = export.precision(half).toResult();
    result.changes().stream()
        .map(Change::what)
        .filter(what -> what.startsWith("clamped"))
        .forEach(what -> console.result("%s", what));
    return result.model();
  }

  private static String description(Model model) {
    long parameters =
        model.graph().constants().stream()
            .map(Constant::data)
            .filter(Tensor.class::isInstance)
            .mapToLong(t -> ((Tensor) t).size())
            .sum();
    return "%s, %s, [%s] -> [%s]"
        .formatted(
            Count.of(model.graph().nodes().size(), "node"),
            Count.of(parameters, "parameter"),
            model.graph().inputs().stream()
                .map(i -> i.name() + " " + i.type())
                .collect(Collectors.joining(", ")),
            model.graph().outputs().stream()
                .map(o -> o.name() + " " + o.type())
                .collect(Collectors.joining(", ")));
  }
}
