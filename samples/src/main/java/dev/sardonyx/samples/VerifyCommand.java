package dev.sardonyx.samples;

import dev.sardonyx.export.OnnxReader;
import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Printable;
import dev.sardonyx.ir.Problem;
import dev.sardonyx.ir.backend.Backend;
import dev.sardonyx.ir.backend.UnsupportedModelException;
import dev.sardonyx.ir.check.Checker;
import dev.sardonyx.ir.eval.ReferenceBackend;
import dev.sardonyx.ir.file.NewFolder;
import dev.sardonyx.runtime.OrtBackend;
import dev.sardonyx.runtime.Tolerance;
import dev.sardonyx.runtime.VerificationReport;
import dev.sardonyx.runtime.Verifier;
import dev.sardonyx.runtime.input.MadeUpInputs;
import dev.sardonyx.runtime.isolated.IsolatedBackend;
import dev.sardonyx.runtime.isolated.IsolationException;
import dev.sardonyx.runtime.reduce.ModelReducer;
import dev.sardonyx.runtime.reduce.Reduction;
import dev.sardonyx.runtime.session.Accelerator;
import dev.sardonyx.samples.report.Remark;
import dev.sardonyx.samples.report.ReportPage;
import dev.sardonyx.samples.report.ReportSection;
import dev.sardonyx.samples.view.Marks;
import dev.sardonyx.samples.view.ModelDrawing;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
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
      "Compares ONNX Runtime with the reference evaluator on given or made-up inputs.",
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

  @Mixin private GivenInputs given;

  @Option(
      names = "--isolated",
      description = {
        "Run ONNX Runtime, on the CPU, in a process of its own, so that a crash is a result",
        "of the verification and not its end."
      })
  private boolean isolated;

  @Option(
      names = "--timeout",
      paramLabel = "SECONDS",
      defaultValue = "60",
      description = "How long an isolated run may take (default: ${DEFAULT-VALUE}).")
  private int timeout;

  @Option(
      names = "--save",
      paramLabel = "FOLDER",
      description = "Write the first node that differs, by itself, with its operands.")
  private @Nullable Path culprit;

  @Option(
      names = "--reduce",
      paramLabel = "FOLDER",
      description = {
        "Write the smallest model that still fails in the same way, with its data. It is a",
        "case of the ONNX backend suite; its README.txt has the command that shows the failure."
      })
  private @Nullable Path reduced;

  @Mixin private AcceleratorOption accelerator;

  @Mixin private ToleranceOptions tolerance;

  @Mixin private JsonOption json;

  @Mixin private ViewOption view;

  @Mixin private ReportOption report;

  /** What the report says of the files that were verified. */
  private final List<Remark> verdicts = new ArrayList<>();

  private final List<ReportSection> sections = new ArrayList<>();

  @Override
  public Integer call() throws IOException {
    if (batches < 1) {
      throw new ParameterException(
          spec.commandLine(),
          "Invalid value for option '--batches': '" + batches + "' is not 1 or more");
    }
    Requirement.on(spec, timeout >= 1, "--timeout", timeout, "1 or more");
    if (view.isGiven() && files.size() > 1) {
      throw new ParameterException(spec.commandLine(), "--view goes with one FILE");
    }
    requireOneFileToReduce();
    requireKnownDims();
    json.requireWritable(spec, files);
    List<Path> others = new ArrayList<>(files);
    others.addAll(json.files());
    view.requireWritable(spec, others);
    others.addAll(view.files());
    report.requireWritable(spec, others);
    requireNewFolders();
    String chosen = accelerator.name(spec);
    Tolerance allowed = tolerance.tolerance(spec);
    if (!isolated) {
      return verify(OrtBackend.of(Accelerator.of(chosen)), allowed);
    }
    requireCpu(chosen);
    try (IsolatedBackend backend =
        IsolatedBackend.onnxRuntime().withTimeout(Duration.ofSeconds(timeout))) {
      return verify(backend, allowed);
    }
  }

  private void requireOneFileToReduce() {
    if ((culprit != null || reduced != null) && files.size() > 1) {
      throw new ParameterException(
          spec.commandLine(), "Options '--save' and '--reduce' go with one FILE only");
    }
  }

  /** Before a search of up to ten minutes, not after it. */
  private void requireNewFolders() throws IOException {
    if (culprit != null && reduced != null) {
      Path one = culprit.toAbsolutePath().normalize();
      Path other = reduced.toAbsolutePath().normalize();
      if (one.startsWith(other) || other.startsWith(one)) {
        throw new ParameterException(
            spec.commandLine(), "Options '--save' and '--reduce' need a folder each");
      }
    }
    for (Path folder : Stream.of(culprit, reduced).filter(Objects::nonNull).toList()) {
      NewFolder.requireNew(folder);
    }
  }

  private void requireCpu(String chosen) {
    if (!chosen.equals("auto") && !chosen.equals("cpu")) {
      throw new ParameterException(
          spec.commandLine(),
          "Option '--isolated' runs on the CPU, not with '--accelerator %s'".formatted(chosen));
    }
  }

  private int verify(Backend backend, Tolerance allowed) throws IOException {
    Console console = Console.of(spec);
    Verifier verifier = Verifier.of(backend).withTolerance(allowed);
    Map<String, Object> results = new LinkedHashMap<>();
    int agree = 0;
    for (Path file : files) {
      try {
        Model model = OnnxReader.read(file);
        requireSound(file, model);
        List<Map<String, Datum>> inputs = inputs(model);
        Object result = verified(console, file, verifier, model, inputs);
        results.put(file.toString(), result);
        if (result instanceof VerificationReport found) {
          show(file, model, found);
        } else {
          verdicts.add(Remark.of(false, file + ": " + result));
        }
        if (result instanceof VerificationReport found && found.passed()) {
          agree++;
        } else {
          reduce(console, verifier, model, inputs);
        }
      } catch (IOException | RuntimeException e) {
        // A bad file does not keep the others from being verified.
        Failures failures = (Failures) spec.commandLine().getExecutionExceptionHandler();
        failures.report(e, file, spec.commandLine());
        results.put(file.toString(), Map.of("error", Failures.message(e)));
        verdicts.add(Remark.of(false, file + ": " + Failures.message(e)));
      }
    }
    if (files.size() > 1) {
      console.result("%d of %d files agree", agree, files.size());
    }
    json.write(results);
    report.write(this::page);
    return agree == files.size() ? 0 : 1;
  }

  private void show(Path file, Model model, VerificationReport found) throws IOException {
    if (view.isGiven()) {
      Marks marks = Marks.ofErrors(found, model.graph().nodes());
      view.write(() -> ModelDrawing.of(String.valueOf(file.getFileName()), model, marks).html());
    }
    if (report.isGiven()) {
      verdicts.add(VerifyReport.verdict(found));
      sections.add(VerifyReport.section(file.toString(), found, model));
    }
  }

  private ReportPage page() throws IOException {
    List<ReportSection> all = new ArrayList<>(sections);
    all.add(RunEnvironment.section(spec, files));
    String verified = files.size() == 1 ? files.get(0).toString() : Count.of(files.size(), "model");
    return new ReportPage("Verification of " + verified, verdicts, all);
  }

  /** The report, or what happened to the process if it has ended. */
  private static Object verified(
      Console console, Path file, Verifier verifier, Model model, List<Map<String, Datum>> inputs) {
    String name = Printable.line(file.toString());
    try {
      VerificationReport report = verifier.against(new ReferenceBackend(), model, inputs);
      console.block(name + "\n" + report.table());
      return report;
    } catch (IsolationException e) {
      console.block(
          "%s\n%s: %s\n".formatted(name, e.kind(), Printable.line(String.valueOf(e.getMessage()))));
      return Map.of("failure", e.kind(), "error", String.valueOf(e.getMessage()));
    }
  }

  /** Reduces with the first inputs on which the model fails. */
  private void reduce(
      Console console, Verifier verifier, Model model, List<Map<String, Datum>> inputs)
      throws IOException {
    ModelReducer reducer =
        ModelReducer.of(verifier.candidate()).withTolerance(verifier.tolerance());
    if (culprit != null) {
      write(console, first(inputs, batch -> reducer.culprit(model, batch)), culprit);
    }
    if (reduced != null) {
      write(console, first(inputs, batch -> reducer.reduce(model, batch)), reduced);
    }
  }

  private static Optional<Reduction> first(
      List<Map<String, Datum>> inputs,
      Function<Map<String, Datum>, Optional<Reduction>> reduction) {
    return inputs.stream().map(reduction).flatMap(Optional::stream).findFirst();
  }

  private static void write(Console console, Optional<Reduction> reduction, Path folder)
      throws IOException {
    if (reduction.isEmpty()) {
      console.result("%s: nothing written, for no smaller model fails by itself", folder);
      return;
    }
    Reduction found = reduction.get();
    found.write(folder);
    String seen = found.alone() ? "to see it, there" : "only within the model; by itself, there";
    console.result("%s: %s; %s: %s", folder, found, seen, found.command());
  }

  private static void requireSound(Path file, Model model) {
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
  }

  /** What is given, and what is made up beside it. */
  private List<Map<String, Datum>> inputs(Model model) throws IOException {
    Map<String, Datum> read = given.read(model);
    List<Map<String, Datum>> inputs = new ArrayList<>();
    for (int i = 0; i < batches; i++) {
      inputs.add(MadeUpInputs.beside(read, model, dims, given.seed() + i));
    }
    return inputs;
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
    DimSizes.require(spec, dims, known);
  }
}
