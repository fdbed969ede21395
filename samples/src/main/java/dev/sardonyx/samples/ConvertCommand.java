package dev.sardonyx.samples;

import dev.sardonyx.export.OnnxExport;
import dev.sardonyx.export.Provenance;
import dev.sardonyx.ir.Constant;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.eval.ReferenceBackend;
import dev.sardonyx.ir.pass.Passes;
import dev.sardonyx.runtime.OrtBackend;
import dev.sardonyx.runtime.VerificationReport;
import dev.sardonyx.runtime.Verifier;
import dev.sardonyx.runtime.session.Accelerator;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code sardonyx convert}: a model of another format as ONNX, verified. */
@Command(
    name = "convert",
    description = {
      "Converts a model to ONNX: Keras (.keras, .h5) or ONNX itself, which is simplified.",
      "ONNX Runtime must compute what the reference evaluator computes of the model as it was"
          + " read, on made-up inputs; otherwise nothing is written.",
      "Exit status: 0 converted, 1 failed, 2 wrong usage."
    })
@SuppressWarnings("NullAway.Init")
final class ConvertCommand implements Callable<Integer> {
  /** What stands for a size that the file leaves open, other than that of the batch. */
  private static final long OPEN_SIZE = 32;

  private static final String BATCH = "N";

  @Spec private CommandSpec spec;

  @Parameters(index = "0", paramLabel = "FILE", description = "The model to convert.")
  private Path file;

  @Parameters(index = "1", paramLabel = "MODEL", description = "The ONNX file to write.")
  private Path output;

  @Option(
      names = "--no-simplify",
      description = "Keep the nodes as they are read, without folding and fusing.")
  private boolean asRead;

  @Option(names = "--no-verify", description = "Write the model without running it.")
  private boolean unverified;

  @Option(
      names = "--dim",
      paramLabel = "NAME=N",
      description =
          "Size of a symbol in the inputs' shapes for the verification; 1 for the batch N and "
              + OPEN_SIZE
              + " for others not named.")
  private Map<String, Long> dims = new LinkedHashMap<>();

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "42",
      description = "Decides the inputs of the verification (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Mixin private AcceleratorOption accelerator;

  @Mixin private ToleranceOptions tolerance;

  @Override
  public Integer call() throws IOException {
    if (Files.exists(output)) {
      Outputs.requireOther(spec, "MODEL", output, List.of(file));
    }
    Console console = Console.of(spec);
    SourceKind kind = SourceKind.of(file);
    Model read = kind.reader().read(file);
    requireKnownDims(read);
    console.result("%s: %s, %s", file, kind.title(), description(read));
    Model lean = asRead ? read : Passes.simplify().apply(read).model();
    OnnxExport export =
        OnnxExport.of(lean).provenance(Provenance.of(String.valueOf(file.getFileName())));
    if (!unverified && !verify(console, export.toModel(), read)) {
      console.result("%s: not written", output);
      return 1;
    }
    Model written = export.write(output);
    console.result("%s: %,d bytes, %s", output, Files.size(output), description(written));
    return 0;
  }

  private static String description(Model model) {
    long parameters =
        model.graph().constants().stream()
            .map(Constant::data)
            .filter(Tensor.class::isInstance)
            .mapToLong(t -> ((Tensor) t).size())
            .sum();
    return "%,d nodes, %,d parameters, [%s] -> [%s]"
        .formatted(
            model.graph().nodes().size(),
            parameters,
            model.graph().inputs().stream()
                .map(i -> i.name() + " " + i.type())
                .collect(Collectors.joining(", ")),
            model.graph().outputs().stream()
                .map(o -> o.name() + " " + o.type())
                .collect(Collectors.joining(", ")));
  }

  private boolean verify(Console console, Model exported, Model read) {
    Map<String, Long> sizes = new LinkedHashMap<>();
    MadeUpInputs.symbols(read).forEach(s -> sizes.put(s, s.equals(BATCH) ? 1 : OPEN_SIZE));
    sizes.putAll(dims);
    VerificationReport report =
        Verifier.of(OrtBackend.of(Accelerator.of(accelerator.name(spec))))
            .withTolerance(tolerance.tolerance(spec))
            .outputsOnly()
            .against(
                new ReferenceBackend(),
                exported,
                read,
                List.of(MadeUpInputs.of(read, sizes, seed)));
    console.results(report.table());
    return report.passed();
  }

  /** A misspelt name would leave a size as it is without a word. */
  private void requireKnownDims(Model model) {
    for (String name : dims.keySet()) {
      if (!MadeUpInputs.symbols(model).contains(name)) {
        throw new ParameterException(
            spec.commandLine(),
            "Invalid value for option '--dim': no input has a symbol '%s' in its shape; there are %s"
                .formatted(name, MadeUpInputs.symbols(model)));
      }
    }
  }
}
