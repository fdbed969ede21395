package dev.sardonyx.samples;

import dev.sardonyx.ir.OnnxRelease;
import dev.sardonyx.ir.backend.Backend;
import dev.sardonyx.ir.file.NewFolder;
import dev.sardonyx.runtime.OrtBackend;
import dev.sardonyx.runtime.conformance.CaseResult;
import dev.sardonyx.runtime.conformance.ConformanceReport;
import dev.sardonyx.runtime.conformance.Outcome;
import dev.sardonyx.runtime.conformance.generate.CaseGenerator;
import dev.sardonyx.runtime.conformance.generate.CaseShrinker;
import dev.sardonyx.runtime.conformance.generate.Differential;
import dev.sardonyx.runtime.conformance.generate.GeneratedCase;
import dev.sardonyx.runtime.conformance.generate.KnownDisagreements;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code sardonyx conformance generate}: new cases, or those that a backend gets wrong. */
@Command(
    name = "generate",
    description = {
      "Makes random cases of ONNX's operators, with the reference evaluator's outputs,",
      "in the layout of the ONNX backend suite. With a backend, writes only cases in which it",
      "disagrees, one of each kind and operator, made as small as they can be, into folders",
      "'theirs', 'unspecified' and 'unclassified': what is known of the backend says which.",
      "Exit status: 0 no case is unclassified, 1 some are, 2 wrong usage."
    })
@SuppressWarnings("NullAway.Init")
final class GenerateCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  /** What went wrong so far: one case of each kind is enough. */
  private final Set<String> kinds = new HashSet<>();

  private final List<CaseResult> results = new ArrayList<>();

  @Parameters(paramLabel = "FOLDER", description = "Takes the cases; new or empty.")
  private Path folder;

  @Option(
      names = "--seed",
      paramLabel = "SEED",
      defaultValue = "1",
      description = "The same seed makes the same cases (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Option(
      names = "--count",
      paramLabel = "N",
      defaultValue = "1000",
      description = "How many cases are tried for, in all (default: ${DEFAULT-VALUE}).")
  private int count;

  @Option(
      names = "--operator",
      paramLabel = "NAME",
      split = ",",
      description = "Only these operators, such as Conv or ai.onnx.ml.Scaler.")
  private List<String> operators = new ArrayList<>();

  @Option(
      names = "--opset",
      paramLabel = "N",
      description = "The newest opset of ONNX's own operators (default: ${DEFAULT-VALUE}).")
  private long opset = OrtBackend.TARGET.newestOpset();

  @Option(
      names = "--time-limit",
      paramLabel = "SECONDS",
      defaultValue = "60",
      description = "For a case (default: ${DEFAULT-VALUE}).")
  private int timeLimit;

  @Mixin private BackendOption backend;

  @Option(
      names = "--known",
      paramLabel = "FILE",
      description = {
        "Where the backend is known to disagree, and who is right: a line for each kind, as in",
        "runtime/README.md (default: what is known of ONNX Runtime with ort, else nothing)."
      })
  private @Nullable Path known;

  @Mixin private ReportOptions reports;

  @Override
  public Integer call() throws Exception {
    if (count < 1 || timeLimit < 1) {
      String option = count < 1 ? "--count" : "--time-limit";
      throw usage("Invalid value for option '%s': it is not 1 or more".formatted(option));
    }
    if (opset < 7 || opset > OnnxRelease.newest().opset()) {
      throw usage(
          "Invalid value for option '--opset': '"
              + opset
              + "' is not 7 to "
              + OnnxRelease.newest().opset());
    }
    backend.requireBackendOfAccelerator(spec);
    if (!backend.isGiven() && (known != null || reports.areGiven())) {
      throw usage("Without '--backend' there is nothing to report");
    }
    List<Path> read = known == null ? List.of() : List.of(known);
    reports.requireWritable(spec, read);
    KnownDisagreements rules = known();
    NewFolder.requireNew(folder);
    Console console = Console.of(spec);
    if (!backend.isGiven()) {
      run(console, Optional.empty());
      return 0;
    }
    Backend opened = backend.open(spec, 1, Duration.ofSeconds(timeLimit));
    try {
      run(console, Optional.of(new Differential(opened, rules)));
    } finally {
      BackendOption.close(opened);
    }
    ConformanceReport report = ConformanceReport.of(List.of(backend.label()), results);
    console.results(report.table());
    console.result("%s", report.verdict());
    reports.write(spec, "Generated cases on " + backend.label(), report);
    return results.isEmpty() || report.passed() ? 0 : 1;
  }

  private KnownDisagreements known() throws IOException {
    if (known != null) {
      return KnownDisagreements.read(known);
    }
    return backend.isOnnxRuntime() ? KnownDisagreements.ofOnnxRuntime() : KnownDisagreements.none();
  }

  private ParameterException usage(String message) {
    return new ParameterException(spec.commandLine(), message);
  }

  private void run(Console console, Optional<Differential> differential) throws IOException {
    int made = 0;
    try (CaseGenerator generator = CaseGenerator.of(seed, opset);
        CaseShrinker shrinker = new CaseShrinker();
        Progress progress = new Progress(console, "Generating", count, "cases")) {
      List<String> chosen = chosen(generator);
      Files.createDirectories(folder);
      for (int i = 0; i < count; i++) {
        Optional<GeneratedCase> next = generator.next(chosen.get(i % chosen.size()));
        if (next.isPresent()) {
          made++;
          keep(next.get(), differential, shrinker, console);
        }
        progress.to(i + 1);
      }
    }
    console.result("%,d cases of %,d tries, seed %d, in %s", made, count, seed, folder);
  }

  private List<String> chosen(CaseGenerator generator) {
    List<String> all = generator.operators();
    for (String operator : operators) {
      if (!all.contains(operator)) {
        throw usage(
            "Invalid value for option '--operator': opset %d has no operator '%s'"
                .formatted(opset, operator));
      }
    }
    return operators.isEmpty() ? all : operators;
  }

  private void keep(
      GeneratedCase generated,
      Optional<Differential> differential,
      CaseShrinker shrinker,
      Console console)
      throws IOException {
    if (differential.isEmpty()) {
      generated.write(folder);
      return;
    }
    long start = System.nanoTime();
    Outcome outcome = differential.get().outcome(generated);
    results.add(
        CaseResult.of(generated.name(), generated.model())
            .withStages(
                List.of(
                    new CaseResult.StageResult(
                        backend.label(), outcome, (System.nanoTime() - start) / 1000))));
    Outcome.Status status = outcome.status();
    boolean disagrees = status.isFailure() || status.isKnown();
    String kind = status.isKnown() ? outcome.reason() : outcome.kind();
    if (disagrees && kinds.add(generated.operator() + status + kind)) {
      GeneratedCase smallest = differential.get().shrink(generated, shrinker);
      smallest.write(folder.resolve(status.isKnown() ? status.text() : "unclassified"));
      console.result(
          "%s %s: %s",
          smallest.name(),
          status.text().toUpperCase(Locale.ROOT),
          differential.get().outcome(smallest).reason());
    }
  }
}
