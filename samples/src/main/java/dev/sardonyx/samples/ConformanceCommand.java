package dev.sardonyx.samples;

import dev.sardonyx.ir.backend.Backend;
import dev.sardonyx.runtime.conformance.Conformance;
import dev.sardonyx.runtime.conformance.ConformanceChange;
import dev.sardonyx.runtime.conformance.ConformanceReport;
import dev.sardonyx.runtime.conformance.FormerRun;
import dev.sardonyx.runtime.conformance.Grouping;
import dev.sardonyx.runtime.conformance.Stage;
import dev.sardonyx.runtime.conformance.Stages;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/**
 * {@code sardonyx conformance}: runs the ONNX backend suite, or one in its layout, through stages.
 */
@Command(
    name = "conformance",
    subcommands = GenerateCommand.class,
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

  @Option(
      names = "--by",
      paramLabel = "GROUP",
      split = ",",
      converter = GroupingName.class,
      description = "Print the score of each operator, type or opset as well.")
  private List<Grouping> groupings = new ArrayList<>();

  @Mixin private BackendOption backend;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "How many cases are run at once (default: one for each processor).")
  private int threads = Runtime.getRuntime().availableProcessors();

  @Mixin private ReportOptions reports;

  @Option(
      names = "--compare",
      paramLabel = "FILE",
      description = {
        "Tell what is better, worse, new and gone since the run that wrote this JSON file.",
        "The exit status is then 1 only if something is worse."
      })
  private @Nullable Path compare;

  /** Names for the help text. */
  static final class StageNames implements Iterable<String> {
    @Override
    public java.util.Iterator<String> iterator() {
      return names().iterator();
    }
  }

  /** Groupings in small letters. */
  static final class GroupingName implements ITypeConverter<Grouping> {
    @Override
    public Grouping convert(String name) {
      for (Grouping grouping : Grouping.values()) {
        if (grouping.name().toLowerCase(Locale.ROOT).equals(name)) {
          return grouping;
        }
      }
      throw new TypeConversionException("'" + name + "' is not among operator, type, opset");
    }
  }

  private static List<String> names() {
    return Stages.all().stream().map(Stage::name).toList();
  }

  @Override
  public Integer call() throws Exception {
    requireValid();
    List<Path> read = new ArrayList<>(paths);
    if (compare != null) {
      read.add(compare);
    }
    reports.requireWritable(spec, read);
    String wanted = filter.toLowerCase(Locale.ROOT);
    FormerRun former =
        compare == null
            ? null
            : FormerRun.read(compare)
                .withCases(name -> name.toLowerCase(Locale.ROOT).contains(wanted));
    Console console = Console.of(spec);
    ConformanceReport report = run(console);
    if (report.cases() == 0) {
      throw new IOException(
          "No case of %s has '%s' in its name"
              .formatted(paths.isEmpty() ? "the ONNX backend suite" : paths, filter));
    }
    ConformanceChange change = former == null ? null : ConformanceChange.since(former, report);
    print(console, report, change);
    reports.write(
        spec, "Conformance" + (backend.isGiven() ? " of " + backend.label() : ""), report);
    return (change == null ? report.passed() : change.isGood()) ? 0 : 1;
  }

  private void requireValid() {
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
    if (threads < 1) {
      throw usage("Invalid value for option '--threads': '" + threads + "' is not 1 or more");
    }
    backend.requireBackendOfAccelerator(spec);
    if (backend.isGiven() && !stages.isEmpty()) {
      throw usage("Options '--backend' and '--stage' exclude each other");
    }
  }

  private void print(
      Console console, ConformanceReport report, @Nullable ConformanceChange change) {
    console.results(report.table());
    if (operators && !groupings.contains(Grouping.OPERATOR)) {
      groupings.add(0, Grouping.OPERATOR);
    }
    for (Grouping grouping : groupings) {
      console.out().println();
      console.results(report.groupTable(grouping));
    }
    if (change != null) {
      console.out().println();
      console.results(change.text());
    }
    console.result("%s", report.verdict());
  }

  private ParameterException usage(String message) {
    return new ParameterException(spec.commandLine(), message);
  }

  private ConformanceReport run(Console console) throws Exception {
    Duration limit = Duration.ofSeconds(timeLimit);
    if (!backend.isGiven()) {
      Conformance all = Conformance.of(Stages.all()).withTimeLimit(limit);
      return run(stages.isEmpty() ? all : all.withStages(stages), console);
    }
    Backend opened = backend.open(spec, threads, limit);
    try {
      // A process that takes too long is ended before the case is given up.
      Conformance one =
          Conformance.of(List.of(Stages.run(backend.label(), opened)))
              .withTimeLimit(limit.multipliedBy(2).plusSeconds(10));
      return run(one, console);
    } finally {
      BackendOption.close(opened);
    }
  }

  private ConformanceReport run(Conformance conformance, Console console) throws Exception {
    Conformance filtered = conformance.withFilter(filter).withThreads(threads);
    try (CaseProgress progress = new CaseProgress(console.withBarOnly())) {
      Conformance shown = filtered.withProgress(progress);
      return paths.isEmpty() ? shown.run() : shown.run(paths);
    }
  }

  /** Shows the progress on a terminal; the number of cases is only known after the first. */
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
