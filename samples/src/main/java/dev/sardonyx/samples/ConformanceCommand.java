package dev.sardonyx.samples;

import dev.sardonyx.runtime.conformance.Conformance;
import dev.sardonyx.runtime.conformance.ConformanceReport;
import dev.sardonyx.runtime.conformance.Stage;
import dev.sardonyx.runtime.conformance.Stages;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * {@code sardonyx conformance}: runs the ONNX backend suite, or one in its layout, through stages.
 */
@Command(
    name = "conformance",
    description = {
      "Puts every case of the ONNX backend suite, or of any suite in its layout, through stages.",
      "Exit status: 0 no case failed (skipped ones allowed), 1 some failed, 2 wrong usage."
    })
@SuppressWarnings("NullAway.Init")
final class ConformanceCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(
      paramLabel = "PATH",
      arity = "0..*",
      description = {
        "Folders or zip files; each folder in them with a model.onnx is a case.",
        "Without any, the ONNX backend suite that comes with Sardonyx."
      })
  private List<Path> paths = new ArrayList<>();

  @Option(
      names = "--stage",
      paramLabel = "NAME",
      split = ",",
      completionCandidates = StageNames.class,
      description = "Only these stages: ${COMPLETION-CANDIDATES}.")
  private List<String> stages = new ArrayList<>();

  @Option(
      names = "--filter",
      paramLabel = "TEXT",
      defaultValue = "",
      description = "Only cases whose names contain the text.")
  private String filter;

  @Option(
      names = "--time-limit",
      paramLabel = "SECONDS",
      defaultValue = "60",
      description = "For a case in a stage (default: ${DEFAULT-VALUE}).")
  private int timeLimit;

  @Option(names = "--operators", description = "Print the score of each operator as well.")
  private boolean operators;

  @Mixin private JsonOption json;

  @Option(
      names = {"-q", "--quiet"},
      description = "Print no progress.")
  private boolean quiet;

  /** Names for the help text. */
  static final class StageNames implements Iterable<String> {
    @Override
    public java.util.Iterator<String> iterator() {
      return names().iterator();
    }
  }

  private static List<String> names() {
    return Stages.all().stream().map(Stage::name).toList();
  }

  @Override
  public Integer call() throws Exception {
    if (timeLimit < 1) {
      throw usage("Invalid value for option '--time-limit': '" + timeLimit + "' is not 1 or more");
    }
    List<String> unknown = stages.stream().filter(name -> !names().contains(name)).toList();
    if (!unknown.isEmpty()) {
      throw usage(
          "Invalid value for option '--stage': "
              + "'%s' is not among ".formatted(unknown.get(0))
              + String.join(", ", names()));
    }
    json.requireWritable(spec, paths);
    Console console = Console.of(spec, quiet);
    ConformanceReport report = run(console);
    if (report.cases() == 0) {
      throw new IOException(
          "No case of %s has '%s' in its name"
              .formatted(paths.isEmpty() ? "the ONNX backend suite" : paths, filter));
    }
    console.results(report.table());
    if (operators) {
      console.out().println();
      console.results(report.operatorTable());
    }
    console.result("%s", report.verdict());
    json.write(
        Map.of("version", BuildVersions.sardonyx(), "passed", report.passed(), "report", report));
    return report.passed() ? 0 : 1;
  }

  private ParameterException usage(String message) {
    return new ParameterException(spec.commandLine(), message);
  }

  private ConformanceReport run(Console console) throws Exception {
    Conformance conformance =
        Conformance.of(Stages.all())
            .withFilter(filter)
            .withTimeLimit(Duration.ofSeconds(timeLimit));
    if (!stages.isEmpty()) {
      conformance = conformance.withStages(stages);
    }
    try (CaseProgress progress = new CaseProgress(console)) {
      conformance = conformance.withProgress(progress);
      return paths.isEmpty() ? conformance.run() : conformance.run(paths);
    }
  }

  /** Shows the progress; the number of cases is only known after the first. */
  private static final class CaseProgress implements Conformance.Progress, AutoCloseable {
    private final Console console;
    private final long start = System.nanoTime();
    private @Nullable Progress progress;

    CaseProgress(Console console) {
      this.console = console;
    }

    @Override
    public void onCase(String name, long done, long total) {
      if (progress == null) {
        progress = new Progress(console, "Conformance", total, "cases", start);
      }
      progress.to(done, name);
    }

    @Override
    public void close() {
      if (progress != null) {
        progress.close();
      }
    }
  }
}
