package dev.sardonyx.runtime.fuzz;

import dev.sardonyx.export.OnnxWriter;
import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.Dim;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Result;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.ValueType;
import dev.sardonyx.ir.backend.PreparedModel;
import dev.sardonyx.ir.check.Checker;
import dev.sardonyx.ir.check.Report;
import dev.sardonyx.ir.infer.ShapeInference;
import dev.sardonyx.runtime.OrtBackend;
import dev.sardonyx.runtime.conformance.Suite;
import dev.sardonyx.runtime.conformance.SuiteCase;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;

/**
 * A process of its own that hands mutants of the suite's models to ONNX Runtime as far as the
 * checker calls them valid, telling before each what it is: should the process die, the last line
 * names the mutant.
 *
 * <p>Arguments: the first seed, the number of seeds, and a folder for the mutants' files or
 * nothing.
 */
public final class MutantRuns {
  /** Beyond so many elements a value only tells how much memory there is. */
  private static final long MOST_ELEMENTS = 1 << 20;

  private static final long MILLIS = 10_000;

  private MutantRuns() {}

  public static void main(String[] arguments) throws Exception {
    long first = Long.parseLong(arguments[0]);
    long count = Long.parseLong(arguments[1]);
    Path folder = arguments.length > 2 ? Path.of(arguments[2]) : null;
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    try (Suite suite = Suite.onnx()) {
      List<SuiteCase> cases = suite.cases();
      for (long seed = first; seed < first + count; seed++) {
        run(cases.get(new Random(seed).nextInt(cases.size())), seed, folder, out);
      }
    }
    out.println("DONE");
    // Threads that never came back keep nobody waiting.
    Runtime.getRuntime().halt(0);
  }

  private static void run(SuiteCase suiteCase, long seed, Path folder, PrintStream out)
      throws IOException, InterruptedException {
    Model model;
    Map<String, Datum> data;
    try {
      model = suiteCase.model();
      data = suiteCase.dataSets().isEmpty() ? Map.of() : suiteCase.dataSets().get(0).inputs();
    } catch (IOException unreadable) {
      return;
    }
    if (model.graph().nodes().size() > 60) {
      return;
    }
    Mutant mutant = new Mutator(new Random(seed)).mutate(model, data);
    String title = seed + " " + suiteCase.name() + ": " + mutant.change();
    Report report = Checker.check(mutant.model());
    String verdict = report.isValid() ? "VALID" : "INVALID " + report.errors().get(0);
    if (folder != null) {
      Files.write(folder.resolve(seed + ".onnx"), OnnxWriter.toBytes(mutant.model()));
    }
    out.println("MUTANT " + title.replaceAll("\\R", " ") + "\t" + verdict.replaceAll("\\R", " "));
    if (report.isValid() && isSmall(mutant.model())) {
      out.println("  " + inTime(mutant).replaceAll("\\R", " "));
    }
  }

  private static boolean isSmall(Model model) {
    Graph graph = ShapeInference.infer(model).model().graph();
    for (Node node : graph.nodes()) {
      for (Result result : node.outputs()) {
        if (isLarge(result.type())) {
          return false;
        }
      }
    }
    return true;
  }

  private static boolean isLarge(ValueType type) {
    if (!(type instanceof TensorType tensor) || !tensor.shape().isRanked()) {
      return false;
    }
    double size = 1;
    for (Dim dim : tensor.shape().dims()) {
      size *= dim.isFixed() ? dim.value() : 1;
    }
    return size > MOST_ELEMENTS;
  }

  private static String inTime(Mutant mutant) throws InterruptedException {
    AtomicReference<String> outcome = new AtomicReference<>("HANGS");
    Thread thread = new Thread(() -> outcome.set(outcome(mutant)), "mutant");
    thread.setDaemon(true);
    thread.start();
    thread.join(MILLIS);
    return outcome.get();
  }

  private static String outcome(Mutant mutant) {
    try (PreparedModel prepared = OrtBackend.cpu().prepare(mutant.model())) {
      prepared.run(mutant.inputs());
      return "RUNS";
    } catch (RuntimeException e) {
      return "REFUSED " + e.getMessage();
    }
  }
}
