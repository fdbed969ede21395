package dev.sardonyx.samples;

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
import java.util.concurrent.Callable;
import java.util.function.Consumer;
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

  @Parameters(paramLabel = "FILE", arity = "1..*", description = "ONNX files; - is standard input.")
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
    List<Path> others = new ArrayList<>(files);
    others.addAll(given.files());
    ResultFile.requireWritable(spec, others, json, view, report);
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
    Consumer<Model> symbols =
        DimSizes.check(
            files,
            dims.keySet(),
            DimSizes.TypesReader.onnx(spec),
            known -> DimSizes.require(spec, dims, known));
    FileResults results =
        FileResults.of(spec, files, file -> tried(console, file, verifier, symbols));
    if (files.size() > 1) {
      console.result("%d of %d files agree", results.good(), files.size());
    }
    json.write(results.json());
    report.write(this::page);
    return results.exitStatus();
  }

  private FileResults.Found tried(
      Console console, Path file, Verifier verifier, Consumer<Model> symbols) throws IOException {
    try {
      return verified(console, file, verifier, symbols);
    } catch (IOException | RuntimeException | Error e) {
      verdicts.add(Remark.of(false, Failures.message(e, file)));
      throw e;
    }
  }

  private FileResults.Found verified(
      Console console, Path file, Verifier verifier, Consumer<Model> symbols) throws IOException {
    Model model = ModelArgument.read(spec, file);
    symbols.accept(model);
    requireSound(StandardStreams.input(file), model);
    List<Map<String, Datum>> inputs = inputs(model);
    FileResults.Found found = compared(console, file, verifier, model, inputs);
    if (!found.good()) {
      reduce(console, verifier, model, inputs);
    }
    return found;
  }

  private void show(Path file, Model model, VerificationReport found) throws IOException {
    if (view.isGiven()) {
      Marks marks = Marks.ofErrors(found, model.graph().nodes());
      view.write(() -> ModelDrawing.of(String.valueOf(file.getFileName()), model, marks).html());
    }
    if (report.isGiven()) {
      String name = files.size() > 1 ? StandardStreams.input(file) + ": " : "";
      verdicts.add(Remark.of(found.passed(), name + found.verdict()));
      sections.add(VerifyReport.section(StandardStreams.input(file), found, model));
    }
  }

  private ReportPage page() throws IOException {
    List<ReportSection> all = new ArrayList<>(sections);
    all.add(RunEnvironment.section(spec, files));
    String verified =
        files.size() == 1 ? StandardStreams.input(files.get(0)) : Count.of(files.size(), "model");
    return new ReportPage("Verification of " + verified, verdicts, all);
  }

  /** The report, or what happened to the process if it has ended. */
  private FileResults.Found compared(
      Console console, Path file, Verifier verifier, Model model, List<Map<String, Datum>> inputs)
      throws IOException {
    String name = Printable.line(StandardStreams.input(file));
    try {
      VerificationReport found = verifier.against(new ReferenceBackend(), model, inputs);
      console.results(name + "\n" + found.table());
      show(file, model, found);
      return new FileResults.Found(found.passed(), Map.of("report", found));
    } catch (IsolationException e) {
      String message = String.valueOf(e.getMessage());
      console.results("%s\n%s: %s\n".formatted(name, e.kind(), Printable.line(message)));
      verdicts.add(Remark.of(false, "%s: %s: %s".formatted(file, e.kind(), message)));
      return new FileResults.Found(false, Map.of("failure", e.kind(), "error", message));
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

  private static void requireSound(String file, Model model) {
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
    Map<String, Long> its = DimSizes.of(model, dims);
    List<Map<String, Datum>> inputs = new ArrayList<>();
    for (int i = 0; i < batches; i++) {
      inputs.add(MadeUpInputs.beside(read, model, its, given.seed() + i));
    }
    return inputs;
  }
}
