package dev.sardonyx.samples;

import dev.sardonyx.export.OnnxReader;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Printable;
import dev.sardonyx.ir.Problem;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.backend.UnsupportedModelException;
import dev.sardonyx.ir.check.Checker;
import dev.sardonyx.ir.eval.ReferenceBackend;
import dev.sardonyx.runtime.OrtBackend;
import dev.sardonyx.runtime.VerificationReport;
import dev.sardonyx.runtime.Verifier;
import dev.sardonyx.runtime.session.Accelerator;
import dev.sardonyx.samples.view.Marks;
import dev.sardonyx.samples.view.ModelDrawing;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
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
      "Compares ONNX Runtime with the reference evaluator on made-up inputs.",
      "Every value is compared, node by node, and the outputs of the session as it is deployed.",
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
      description =
          "Size of a symbol in the inputs' shapes, also where it is part of an expression; 1 for"
              + " those not named.")
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

  @Mixin private ViewOption view;

  @Override
  public Integer call() throws IOException {
    if (batches < 1) {
      throw new ParameterException(
          spec.commandLine(),
          "Invalid value for option '--batches': '" + batches + "' is not 1 or more");
    }
    if (view.isGiven() && files.size() > 1) {
      throw new ParameterException(spec.commandLine(), "--view goes with one FILE");
    }
    requireKnownDims();
    json.requireWritable(spec, files);
    view.requireWritable(spec, files);
    Console console = Console.of(spec);
    Verifier verifier =
        Verifier.of(OrtBackend.of(Accelerator.of(accelerator.name(spec))))
            .withTolerance(tolerance.tolerance(spec));
    Map<String, Object> results = new LinkedHashMap<>();
    int agree = 0;
    for (Path file : files) {
      try {
        VerificationReport report = verify(file, verifier);
        console.block(Printable.line(file.toString()) + "\n" + report.table());
        results.put(file.toString(), report);
        if (view.isGiven()) {
          Model model = OnnxReader.read(file);
          Marks marks = Marks.ofErrors(report, model.graph().nodes());
          view.write(
              () -> ModelDrawing.of(String.valueOf(file.getFileName()), model, marks).html());
        }
        agree += report.passed() ? 1 : 0;
      } catch (IOException | RuntimeException e) {
        // A bad file does not keep the others from being verified.
        Failures failures = (Failures) spec.commandLine().getExecutionExceptionHandler();
        failures.report(e, file, spec.commandLine());
        results.put(file.toString(), Map.of("error", Failures.message(e)));
      }
    }
    if (files.size() > 1) {
      console.result("%d of %d files agree", agree, files.size());
    }
    json.write(results);
    return agree == files.size() ? 0 : 1;
  }

  private VerificationReport verify(Path file, Verifier verifier) throws IOException {
    Model model = OnnxReader.read(file);
    List<Problem> errors = Checker.check(model).errors();
    if (!errors.isEmpty()) {
      throw new UnsupportedModelException(
          "%s: not verified, for the model has %s %s: %s; `sardonyx check` shows all"
              .formatted(
                  file,
                  errors.size() == 1 ? "an error," : errors.size() + " errors, such as",
                  errors.get(0).code().id(),
                  errors.get(0).message()));
    }
    List<Map<String, Tensor>> inputs =
        LongStream.range(seed, seed + batches)
            .mapToObj(s -> MadeUpInputs.of(model, dims, s))
            .toList();
    return verifier.against(new ReferenceBackend(), model, inputs);
  }

  private void requireKnownDims() {
    Set<String> known = new TreeSet<>();
    try {
      for (Path file : dims.isEmpty() ? List.<Path>of() : files) {
        known.addAll(MadeUpInputs.symbols(OnnxReader.read(file)));
      }
    } catch (IOException | RuntimeException e) {
      return; // its symbols are unknown; the failure is reported when its turn comes
    }
    MadeUpInputs.requireSizes(spec, dims, known);
  }
}
