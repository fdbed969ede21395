package dev.sardonyx.samples;

import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.Dim;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.check.Checker;
import dev.sardonyx.runtime.input.MadeUpInputs;
import dev.sardonyx.runtime.session.Accelerator;
import dev.sardonyx.runtime.session.AcceleratorSelection;
import dev.sardonyx.runtime.session.InferenceSession;
import dev.sardonyx.runtime.session.SessionOptions;
import dev.sardonyx.runtime.session.Threads;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code sardonyx bench}: how fast ONNX Runtime computes with models, beside each other. */
@Command(
    name = "bench",
    description = {
      "Measures how fast ONNX Runtime runs models on given or made-up inputs, copies to and from Java"
          + " included.",
      "Each model, accelerator, size and number of threads is a row; all rows take turns, so that"
          + " other load on the machine favours none. The last column compares with the first row.",
      "Exit status: 0 all measured, 1 some failed, 2 wrong usage."
    })
@SuppressWarnings("NullAway.Init")
final class BenchCommand implements Callable<Integer> {
  /** Every row has a turn in each, in changing order. */
  private static final int ROUNDS = 4;

  private static final int MOST_SECONDS = 600;

  /** The first runs slower. */
  private static final int PROFILED_RUNS = 5;

  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "FILE", arity = "1..*", description = "ONNX files; - is standard input.")
  private List<Path> files;

  @Mixin private GivenInputs given;

  @Option(
      names = "--dim",
      paramLabel = "NAME=N[,N...]",
      description = "Sizes of a symbol in the inputs' shapes, each a row; 1 for those not named.")
  private Map<String, String> dims = new LinkedHashMap<>();

  @Option(
      names = "--threads",
      paramLabel = "N",
      split = ",",
      defaultValue = "1",
      description = "Threads that call the model at once, each a row (default: ${DEFAULT-VALUE}).")
  private List<Integer> callers;

  @Option(
      names = "--intra-threads",
      paramLabel = "N",
      defaultValue = "0",
      description =
          "Threads of ONNX Runtime that share the work of a node, 0 for as many as there are cores"
              + " (default: ${DEFAULT-VALUE}).")
  private int intraThreads;

  @Option(
      names = "--accelerator",
      paramLabel = "ACCELERATOR",
      completionCandidates = AcceleratorOption.AcceleratorNames.class,
      split = ",",
      defaultValue = "auto",
      description =
          "What ONNX Runtime computes on, each a row: auto, cpu, cuda, cuda:1, tensorrt, ..."
              + " (default: ${DEFAULT-VALUE}).")
  private List<String> accelerators;

  @Option(
      names = "--seconds",
      paramLabel = "SECONDS",
      description = "How long to measure each row, after a warm-up of a quarter (default: 2).")
  private @Nullable Double seconds;

  @Option(names = "--runs", paramLabel = "N", description = "Runs of each row instead of a time.")
  private @Nullable Long runs;

  @Mixin private JsonOption json;

  @Mixin private ReportOption report;

  /** A model that was read, and the sizes of its symbols, each to be measured. */
  private record Subject(Path file, Model model, List<Map<String, Long>> sizes) {}

  /** What is measured in a row. */
  private record Row(
      Path file,
      Model model,
      AcceleratorSelection selection,
      Map<String, Datum> inputs,
      Map<String, Long> sizes,
      int threads,
      long examples,
      TimedRuns timed) {}

  /** All that is written as JSON. */
  private record Written(
      String environment, int processors, List<MeasuredRow> rows, Map<String, String> errors) {}

  private final Map<String, String> failed = new LinkedHashMap<>();

  @Override
  public Integer call() throws IOException {
    requireValid();
    Map<String, List<Long>> asked = sizes();
    List<Path> others = new ArrayList<>(files);
    others.addAll(given.files());
    ResultFile.requireWritable(spec, others, json, report);
    List<AcceleratorSelection> chosen = accelerators.stream().map(Accelerator::of).toList();
    List<Subject> subjects = subjects(asked);
    List<InferenceSession> sessions = new ArrayList<>();
    List<Row> rows = new ArrayList<>();
    try {
      for (Subject subject : subjects) {
        prepare(subject, chosen, sessions, rows);
      }
      rows = measured(rows);
    } finally {
      sessions.forEach(InferenceSession::close);
    }
    List<TimedRuns.Measured> measured = rows.stream().map(row -> row.timed.times()).toList();
    List<MeasuredRow> results = results(rows, measured);
    if (!results.isEmpty()) {
      Console.of(spec).results(MeasuredRow.table(results));
    }
    json.write(
        new Written(environment(), Runtime.getRuntime().availableProcessors(), results, failed));
    if (report.isGiven()) {
      Map<String, ProviderPlacement> placements = placements(rows);
      BenchReport found =
          new BenchReport(
              results,
              measured.stream().map(TimedRuns.Measured::nanos).toList(),
              placements,
              failed);
      report.write(() -> found.page(RunEnvironment.section(spec, files)));
    }
    return failed.isEmpty() ? 0 : 1;
  }

  private static String environment() {
    return "Sardonyx %s, ONNX Runtime %s, Java %s, %s %s"
        .formatted(
            BuildVersions.sardonyx(),
            InferenceSession.runtimeVersion(),
            Runtime.version(),
            System.getProperty("os.name"),
            System.getProperty("os.arch"));
  }

  private void requireValid() {
    for (int threads : callers) {
      Requirement.on(spec, threads >= 1 && threads <= 1024, "--threads", threads, "from 1 to 1024");
    }
    Requirement.on(
        spec,
        intraThreads >= 0 && intraThreads <= 1024,
        "--intra-threads",
        intraThreads,
        "from 0 to 1024");
    Requirement.on(
        spec,
        seconds == null || (seconds > 0 && seconds <= MOST_SECONDS),
        "--seconds",
        seconds,
        "more than 0 and at most " + MOST_SECONDS);
    Requirement.on(spec, runs == null || runs >= 1, "--runs", runs, "1 or more");
    if (runs != null && seconds != null) {
      throw new ParameterException(spec.commandLine(), "--seconds and --runs exclude each other");
    }
    accelerators.forEach(name -> AcceleratorOption.require(spec, name));
  }

  /** The sizes that are asked for, of each symbol. */
  private Map<String, List<Long>> sizes() {
    Map<String, List<Long>> sizes = new LinkedHashMap<>();
    dims.forEach(
        (name, text) -> {
          Requirement.on(
              spec,
              text.matches("\\d{1,18}(,\\d{1,18})*"),
              "--dim",
              name + "=" + text,
              "a size of 0 or more, or several, as in N=1,8,32");
          sizes.put(name, List.of(text.split(",")).stream().map(Long::valueOf).toList());
        });
    return sizes;
  }

  /** The models that can be read. Symbols that no model has are misspelt. */
  private List<Subject> subjects(Map<String, List<Long>> asked) {
    List<Subject> subjects = new ArrayList<>();
    Set<String> known = new TreeSet<>();
    for (Path file : files) {
      try {
        Model model = Checker.require(ModelArgument.read(spec, file));
        Set<String> symbols = MadeUpInputs.symbols(model);
        known.addAll(symbols);
        Map<String, List<Long>> its = new LinkedHashMap<>(asked);
        its.keySet().retainAll(symbols);
        subjects.add(new Subject(file, model, combinations(its)));
      } catch (IOException | RuntimeException e) {
        report(file, e);
      }
    }
    if (subjects.size() == files.size()) {
      asked.forEach((name, sizes) -> DimSizes.require(spec, Map.of(name, sizes.get(0)), known));
    }
    return subjects;
  }

  private static List<Map<String, Long>> combinations(Map<String, List<Long>> sizes) {
    List<Map<String, Long>> all = List.of(Map.of());
    for (Map.Entry<String, List<Long>> symbol : sizes.entrySet()) {
      List<Map<String, Long>> longer = new ArrayList<>();
      for (Map<String, Long> one : all) {
        for (long size : symbol.getValue()) {
          Map<String, Long> more = new LinkedHashMap<>(one);
          more.put(symbol.getKey(), size);
          longer.add(more);
        }
      }
      all = longer;
    }
    return all;
  }

  /** Adds the sessions of a model and its rows, unless it cannot be run. */
  private void prepare(
      Subject subject,
      List<AcceleratorSelection> chosen,
      List<InferenceSession> sessions,
      List<Row> rows) {
    try {
      Map<String, Datum> read = given.read(subject.model);
      for (AcceleratorSelection selection : chosen) {
        InferenceSession session = InferenceSession.of(subject.model, options(selection));
        sessions.add(session);
        for (Map<String, Long> sizes : subject.sizes) {
          Map<String, Datum> inputs = MadeUpInputs.beside(read, subject.model, sizes, given.seed());
          long examples = examples(subject.model, inputs);
          for (int threads : callers) {
            TimedRuns timed = new TimedRuns(session, inputs, threads);
            rows.add(
                new Row(
                    subject.file,
                    subject.model,
                    selection,
                    inputs,
                    sizes,
                    threads,
                    examples,
                    timed));
          }
        }
      }
    } catch (IOException | RuntimeException e) {
      report(subject.file, e);
    }
  }

  private SessionOptions options(AcceleratorSelection selection) {
    return SessionOptions.of(selection).withThreads(new Threads(intraThreads, 1, true));
  }

  /** Which provider computes which node, of each model on each accelerator. */
  private Map<String, ProviderPlacement> placements(List<Row> rows) {
    Map<String, ProviderPlacement> placements = new LinkedHashMap<>();
    for (Row row : rows) {
      String what = row.file + " on " + row.selection.label();
      if (!placements.containsKey(what)) {
        try {
          List<Map<String, Datum>> runs = Collections.nCopies(PROFILED_RUNS, row.inputs);
          placements.put(what, ProviderPlacement.of(row.model, options(row.selection), runs));
        } catch (IOException | RuntimeException e) {
          report(row.file, e);
        }
      }
    }
    return placements;
  }

  /** The size of the first axis of the first input if that is a symbol, and else 1. */
  private static long examples(Model model, Map<String, Datum> inputs) {
    for (Input input : model.graph().inputs()) {
      if (inputs.get(input.name()) instanceof Tensor tensor) {
        return input.type() instanceof TensorType type
                && type.shape().isRanked()
                && type.shape().rank() > 0
                && type.shape().dim(0) instanceof Dim.Symbol
            ? tensor.dim(0)
            : 1;
      }
    }
    return 1;
  }

  /** Measures the rows in rounds; those that remain have not failed. */
  private List<Row> measured(List<Row> rows) {
    List<Row> left = new ArrayList<>(rows);
    long turns = rows.size() * (ROUNDS + 1L);
    long done = 0;
    try (Progress progress =
        new Progress(Console.of(spec).withBarOnly(), "Measuring", turns, "turns")) {
      for (int round = 0; round <= ROUNDS; round++) {
        List<Row> order = new ArrayList<>(left);
        if (round % 2 == 1) {
          Collections.reverse(order);
        }
        for (Row row : order) {
          try {
            turn(row.timed, round);
          } catch (RuntimeException e) {
            report(row.file, e);
            left.remove(row);
          }
          progress.to(++done);
        }
      }
    }
    return left;
  }

  /** A row's turn; that in round 0 is to warm up. */
  private void turn(TimedRuns timed, int round) {
    if (runs == null) {
      long nanos = (long) ((seconds == null ? 2 : seconds) * 1e9) / ROUNDS;
      TimedRuns.Amount time = new TimedRuns.Amount(nanos, Long.MAX_VALUE);
      if (round == 0) {
        timed.warmUp(time);
      } else {
        timed.measure(time);
      }
    } else if (round == 0) {
      timed.warmUp(new TimedRuns.Amount(Long.MAX_VALUE, runs / ROUNDS + 1));
    } else {
      long share = runs / ROUNDS + (round <= runs % ROUNDS ? 1 : 0);
      timed.measure(new TimedRuns.Amount(Long.MAX_VALUE, share));
    }
  }

  private void report(Path file, Exception failure) {
    Failures failures = (Failures) spec.commandLine().getExecutionExceptionHandler();
    failures.report(failure, file, spec.commandLine());
    failed.put(file.toString(), Failures.message(failure));
  }

  private List<MeasuredRow> results(List<Row> rows, List<TimedRuns.Measured> measured) {
    List<MeasuredRow> results = new ArrayList<>();
    double baseline = Double.NaN;
    for (int i = 0; i < rows.size(); i++) {
      Row row = rows.get(i);
      RunTimes times = measured.get(i).times();
      double rate = times.runsPerSecond() * row.examples;
      baseline = results.isEmpty() ? rate : baseline;
      results.add(
          new MeasuredRow(
              row.file,
              row.selection.label(),
              row.sizes,
              row.threads,
              intraThreads,
              row.examples,
              times,
              rate,
              rate / baseline));
    }
    return results;
  }
}
