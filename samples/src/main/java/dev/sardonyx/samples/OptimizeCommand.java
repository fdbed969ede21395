package dev.sardonyx.samples;

import dev.sardonyx.export.OnnxReader;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.check.Checker;
import dev.sardonyx.ir.eval.ReferenceBackend;
import dev.sardonyx.runtime.session.InferenceSession;
import dev.sardonyx.runtime.session.Optimization;
import dev.sardonyx.runtime.session.SessionOptions;
import dev.sardonyx.samples.ChangedFiles.Changed;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code sardonyx optimize}: a model as ONNX Runtime rewrites it when it loads it. */
@Command(
    name = "optimize",
    description = {
      "Writes models as ONNX Runtime rewrites them for its CPU.",
      "That saves the time of doing so at each start. With EXTENDED or ALL they have ONNX Runtime's own"
          + " operators, and with ALL they are for machines like this one. For other runtimes:"
          + " simplify.",
      "Exit status: 0 written, 1 failed (the others are written), 2 wrong usage."
    })
@SuppressWarnings("NullAway.Init")
final class OptimizeCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Mixin private ChangedFiles files;

  @Option(
      names = "--level",
      paramLabel = "LEVEL",
      defaultValue = "EXTENDED",
      description = "How far: ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
  private Optimization level;

  @Mixin private Proof proof;

  @Override
  public Integer call() throws IOException {
    proof.requireValid(spec);
    files.requireWritable(spec, List.of());
    Consumer<Model> symbols =
        DimSizes.check(
            files.inputs(),
            proof.symbols(),
            DimSizes.TypesReader.onnx(spec),
            known -> proof.requireKnownDims(spec, known));
    return files.write(
        spec,
        (console, file) -> {
          Model given = Checker.require(ModelArgument.read(spec, file));
          symbols.accept(given);
          Model optimized = optimized(given);
          boolean same = proof.holds(spec, console, optimized, given, new ReferenceBackend());
          return Changed.of(given, same ? Optional.of(optimized) : Optional.empty());
        });
  }

  /** ONNX Runtime writes where it is told to, half a file too if it fails, so not into place. */
  private Model optimized(Model given) throws IOException {
    Path folder = Files.createTempDirectory("sardonyx-optimize");
    Path rewritten = folder.resolve("model.onnx");
    try {
      SessionOptions options =
          SessionOptions.DEFAULT.withOptimization(level).withOptimizedModel(rewritten);
      InferenceSession.of(given, options).close();
      return OnnxReader.read(rewritten);
    } finally {
      Files.deleteIfExists(rewritten);
      Files.delete(folder);
    }
  }
}
