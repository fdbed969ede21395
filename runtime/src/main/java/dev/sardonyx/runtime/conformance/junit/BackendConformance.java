package dev.sardonyx.runtime.conformance.junit;

import dev.sardonyx.ir.backend.Backend;
import dev.sardonyx.runtime.conformance.Baseline;
import dev.sardonyx.runtime.conformance.CaseResult;
import dev.sardonyx.runtime.conformance.Conformance;
import dev.sardonyx.runtime.conformance.ConformanceReport;
import dev.sardonyx.runtime.conformance.Outcome;
import dev.sardonyx.runtime.conformance.Stages;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.opentest4j.TestAbortedException;

/**
 * A test class that puts a backend through the ONNX backend suite, a test for each case, grouped by
 * operator:
 *
 * <pre>{@code
 * class MyRuntimeTest implements BackendConformance {
 *   @Override
 *   public Backend backend() {
 *     return new MyRuntime();
 *   }
 * }
 * }</pre>
 *
 * <p>Cases that the backend is known to fail or not to support stand in a {@link Baseline}, a file
 * to be checked in. They are reported as skipped, with their cause. A case that fails and is not
 * there fails the test; so does one that is there and passes, or comes out otherwise. Run with
 * {@code -Dsardonyx.conformance=accept}, the tests write the file.
 *
 * <p>Run a backend that may end the process in {@link
 * dev.sardonyx.runtime.isolated.IsolatedBackend}.
 */
public interface BackendConformance {
  /** The backend; it is closed afterwards if it can be. */
  Backend backend();

  /**
   * The baseline's file; none there means that every case must pass. By default named after the
   * class, in {@code src/test/resources} in the folder of its package.
   */
  default Path baseline() {
    return Path.of("src/test/resources", getClass().getName().replace('.', '/') + ".txt");
  }

  /** Folders and zip files in the suite's layout; by default none, for the suite itself. */
  default List<Path> suites() {
    return List.of();
  }

  /** Whether a case is taken; by default all are. */
  default boolean takes(String caseName) {
    return true;
  }

  /** How many cases are run at once; by default one for each processor. */
  default int threads() {
    return Runtime.getRuntime().availableProcessors();
  }

  /** How long a case may take; by default a minute. */
  default Duration timeLimit() {
    return Duration.ofMinutes(1);
  }

  /**
   * The tests.
   *
   * @throws IOException if a suite or the baseline cannot be read
   */
  @TestFactory
  default Stream<DynamicNode> conformance() throws Exception {
    Backend backend = backend();
    String stage = backend.name();
    Conformance conformance =
        Conformance.of(List.of(Stages.run(stage, backend)))
            .withFilter(this::takes)
            .withThreads(threads())
            .withTimeLimit(timeLimit());
    ConformanceReport report;
    try {
      report = suites().isEmpty() ? conformance.run() : conformance.run(suites());
    } finally {
      if (backend instanceof AutoCloseable closeable) {
        closeable.close();
      }
    }
    Path file = baseline();
    Baseline known = Files.exists(file) ? Baseline.read(file) : Baseline.empty();
    if (System.getProperty("sardonyx.conformance", "").equals("accept")) {
      known = known.accepting(report.results(), stage);
      known.write(file);
    }
    return tests(report, known, file);
  }

  private static Stream<DynamicNode> tests(ConformanceReport report, Baseline known, Path file) {
    Map<String, List<DynamicTest>> groups = new TreeMap<>();
    for (CaseResult result : report.results()) {
      Outcome outcome = result.stages().get(0).outcome();
      groups
          .computeIfAbsent(group(result), name -> new ArrayList<>())
          .add(
              DynamicTest.dynamicTest(
                  result.name(), () -> require(result.name(), outcome, known, file)));
    }
    List<DynamicNode> nodes = new ArrayList<>();
    groups.forEach((name, tests) -> nodes.add(DynamicContainer.dynamicContainer(name, tests)));
    nodes.add(DynamicTest.dynamicTest("baseline", () -> requireThere(report, known, file)));
    return nodes.stream();
  }

  private static String group(CaseResult result) {
    return result.operators().size() == 1 ? result.operators().get(0) : "models";
  }

  private static void require(String name, Outcome outcome, Baseline known, Path file) {
    Optional<String> objection = known.objection(name, outcome);
    if (objection.isPresent()) {
      throw new AssertionError(name + " " + objection.get() + howToAccept(file));
    }
    if (!outcome.isPassed()) {
      throw new TestAbortedException(
          "known as " + outcome.status().text() + ": " + known.of(name).cause());
    }
  }

  private static void requireThere(ConformanceReport report, Baseline known, Path file) {
    Set<String> names = report.results().stream().map(CaseResult::name).collect(Collectors.toSet());
    List<String> gone = known.gone(names);
    if (!gone.isEmpty()) {
      throw new AssertionError("The suite has no case " + gone + howToAccept(file));
    }
  }

  private static String howToAccept(Path file) {
    return System.lineSeparator()
        + "To accept what the backend does now, run this test with -Dsardonyx.conformance=accept"
        + " and check in "
        + file;
  }
}
