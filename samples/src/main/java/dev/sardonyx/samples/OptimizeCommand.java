package dev.sardonyx.samples;

import dev.sardonyx.export.ExternalData;
import dev.sardonyx.export.OnnxReader;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.check.Checker;
import dev.sardonyx.ir.eval.ReferenceBackend;
import dev.sardonyx.runtime.session.InferenceSession;
import dev.sardonyx.runtime.session.Optimization;
import dev.sardonyx.runtime.session.SessionOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code sardonyx optimize}: a model as ONNX Runtime rewrites it when it loads it. */
@Command(
    name = "optimize",
    description = {
      "Writes a model as ONNX Runtime rewrites it for its CPU.",
      "That saves the time of doing so at each start. With EXTENDED or ALL it has ONNX Runtime's own"
          + " operators, and with ALL it is for machines like this one. For other runtimes:"
          + " simplify.",
      "Exit status: 0 written, 1 failed, 2 wrong usage."
    })
@SuppressWarnings("NullAway.Init")
final class OptimizeCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(
      index = "0",
      paramLabel = "FILE",
      description = "The ONNX file to optimise; - is standard input.")
  private Path file;

  @Parameters(
      index = "1",
      paramLabel = "MODEL",
      description = "The ONNX file to write; - is standard output.")
  private Path output;

  @Option(
      names = "--level",
      paramLabel = "LEVEL",
      defaultValue = "EXTENDED",
      description = "How far: ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
  private Optimization level;

  @Mixin private Proof proof;

  @Override
  public Integer call() throws IOException {
    OutputFiles.requireModel(spec, "MODEL", output, List.of(file));
    proof.requireValid(spec);
    Console console = Console.of(spec);
    Model given = Checker.require(ModelArgument.read(spec, file));
    proof.requireKnownDims(spec, given);
    Model optimized = optimized(given);
    if (!proof.holds(spec, console, optimized, given, new ReferenceBackend())) {
      console.result("%s: not written", StandardStreams.output(output));
      return 1;
    }
    long bytes = ModelArgument.write(optimized, output, ExternalData.asRead());
    console.detail(
        "%s: %s, %s -> %s",
        StandardStreams.output(output),
        Sizes.bytes(bytes),
        Count.of(given.graph().nodes().size(), "node"),
        Count.of(optimized.graph().nodes().size(), "node"));
    return 0;
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
