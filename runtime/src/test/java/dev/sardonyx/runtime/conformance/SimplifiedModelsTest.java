package dev.sardonyx.runtime.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.export.OnnxWriter;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Problem;
import dev.sardonyx.ir.backend.Backend;
import dev.sardonyx.ir.backend.Options;
import dev.sardonyx.ir.backend.PreparedModel;
import dev.sardonyx.ir.check.Checker;
import dev.sardonyx.ir.eval.ReferenceBackend;
import dev.sardonyx.ir.pass.PassResult;
import dev.sardonyx.ir.pass.Passes;
import dev.sardonyx.runtime.OrtBackend;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * Simplified, models still give the outputs that were recorded for them: in the build a part of the
 * ONNX backend suite; with {@code -Dsardonyx.models=FOLDER} all models in a folder of the suite's
 * layout, such as those of other exporters, which then go through the usual stages as well.
 */
class SimplifiedModelsTest {
  private static final String FOLDER = System.getProperty("sardonyx.models", "");

  /** Every so many cases of the suite are run in the build. */
  private static final int STRIDE = 6;

  /** A backend that is given models simplified. */
  private record Simplifying(Backend inner) implements Backend {
    @Override
    public String name() {
      return inner.name();
    }

    @Override
    public PreparedModel prepare(Model model, Options options) {
      return inner.prepare(simplified(model), options);
    }

    @Override
    public Optional<String> whyUnsupported(Model model) {
      return inner.whyUnsupported(simplified(model));
    }
  }

  private static Model simplified(Model model) {
    return Passes.simplify().apply(model).model();
  }

  /** Whatever the checker said before, it says nothing new, and there is nothing left to do. */
  private static Outcome simplify(SuiteCase suiteCase) throws IOException {
    Model model = suiteCase.model();
    Model once = simplified(model);
    List<Problem> errors = Checker.check(once).errors();
    if (!errors.isEmpty() && Checker.check(model).isValid()) {
      return Outcome.failed(String.valueOf(errors.get(0)));
    }
    PassResult again = Passes.simplify().apply(once);
    return again.isChanged()
        ? Outcome.failed("a second time it changes " + again.changes())
        : Outcome.passed();
  }

  private static Outcome sameBytes(SuiteCase suiteCase) throws IOException {
    byte[] written = OnnxWriter.toBytes(suiteCase.model());
    return Arrays.equals(written, suiteCase.modelBytes())
        ? Outcome.passed()
        : Outcome.failed("the bytes written are not those read");
  }

  /** The evaluator on the simplified suite is a test of its own, next to the passes. */
  private static List<Stage> inTheBuild() {
    return List.of(
        Stages.run("run", OrtBackend.cpu()),
        new Stage("simplify", SimplifiedModelsTest::simplify),
        Stages.run("run simplified", new Simplifying(OrtBackend.cpu())));
  }

  private static List<Stage> all() {
    List<Stage> all = new ArrayList<>(Stages.all().subList(0, 4));
    all.add(new Stage("same bytes", SimplifiedModelsTest::sameBytes));
    all.add(Stages.run("evaluate", new ReferenceBackend()));
    all.add(Stages.run("evaluate simplified", new Simplifying(new ReferenceBackend())));
    all.addAll(inTheBuild());
    return all;
  }

  private static Set<String> notPassed(ConformanceReport report, String stage) {
    return report.findings().stream()
        .filter(f -> f.stage().equals(stage) && f.status() != Outcome.Status.PASSED)
        .map(ConformanceReport.Finding::caseName)
        .collect(Collectors.toSet());
  }

  /** What fails, or is refused, after simplifying only. */
  private static List<String> worse(ConformanceReport report, String before, String after) {
    Set<String> known = notPassed(report, before);
    return report.findings().stream()
        .filter(f -> f.stage().equals(after) && f.status() != Outcome.Status.PASSED)
        .filter(f -> !known.contains(f.caseName()))
        .map(f -> f.caseName() + ": " + f.reason())
        .toList();
  }

  @Test
  void whatPassesStillPasses() throws IOException {
    ConformanceReport report;
    if (FOLDER.isEmpty()) {
      int[] next = {0};
      report = Conformance.of(inTheBuild()).withFilter(name -> next[0]++ % STRIDE == 0).run();
    } else {
      report = Conformance.of(all()).run(List.of(Path.of(FOLDER)));
      System.out.println(report.table());
      report.findings().stream()
          .filter(finding -> finding.status() != Outcome.Status.PASSED)
          .forEach(System.out::println);
    }
    assertTrue(report.cases() > 0);
    assertEquals(Set.of(), notPassed(report, "simplify"), report.table());
    assertEquals(List.of(), worse(report, "evaluate", "evaluate simplified"));
    assertEquals(List.of(), worse(report, "run", "run simplified"));
  }
}
