package dev.sardonyx.samples;

import dev.sardonyx.export.OnnxReader;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Printable;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.eval.ReferenceBackend;
import dev.sardonyx.runtime.Accelerator;
import dev.sardonyx.runtime.OrtBackend;
import dev.sardonyx.runtime.VerificationReport;
import dev.sardonyx.runtime.Verifier;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.LongStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code sardonyx verify}: compares ONNX Runtime with the reference evaluator on any model. */
@Command(
    name = "verify",
    description = {
      "Compares ONNX Runtime with the reference evaluator, value by value, on made-up inputs.",
      "Exit status: 0 all models agree, 1 some do not, 2 wrong usage."
    })
@SuppressWarnings("NullAway.Init")
final class VerifyCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "FILE", arity = "1..*", description = "ONNX files.")
  private List<Path> files;

  @Option(
      names = "--dim",
      paramLabel = "NAME=N",
      description = "Size of a symbolic dimension; 1 for those not named.")
  private Map<String, Long> dims = new LinkedHashMap<>();

  @Option(
      names = "--batches",
      paramLabel = "N",
      defaultValue = "1",
      description = "How many inputs to make up (default: ${DEFAULT-VALUE}).")
  private int batches;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "42",
      description = "Decides the inputs (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Mixin private AcceleratorOption accelerator;

  @Mixin private ToleranceOptions tolerance;

  @Mixin private JsonOption json;

  @Override
  public Integer call() throws IOException {
    if (batches < 1) {
      throw new ParameterException(
          spec.commandLine(),
          "Invalid value for option '--batches': '" + batches + "' is not 1 or more");
    }
    json.requireWritable();
    Console console = Console.of(spec);
    Verifier verifier =
        Verifier.of(OrtBackend.of(Accelerator.of(accelerator.name(spec))))
            .withTolerance(tolerance.tolerance(spec));
    Map<String, VerificationReport> reports = new LinkedHashMap<>();
    for (Path file : files) {
      Model model = OnnxReader.read(file);
      List<Map<String, Tensor>> inputs =
          LongStream.range(seed, seed + batches)
              .mapToObj(s -> MadeUpInputs.of(model, dims, s))
              .toList();
      VerificationReport report = verifier.against(new ReferenceBackend(), model, inputs);
      console.block(Printable.line(file.toString()) + "\n" + report.table());
      reports.put(file.toString(), report);
    }
    json.write(reports);
    return reports.values().stream().allMatch(VerificationReport::passed) ? 0 : 1;
  }
}
