package dev.sardonyx.runtime.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The ONNX backend suite's models are read, written, checked and inferred. */
class OnnxSuiteTest {
  private static ConformanceReport report;

  @BeforeAll
  static void runTheSuite() throws IOException {
    report = Conformance.of(Stages.all().subList(0, 4)).withThreads(2).run();
  }

  @Test
  void noCaseIsMissing() {
    assertEquals(1612, report.cases());
  }

  @ParameterizedTest
  @ValueSource(strings = {"read", "round trip", "check", "infer"})
  void everyModelPasses(String stage) {
    List<String> failures =
        report.findings().stream()
            .filter(f -> f.stage().equals(stage) && f.status() != Outcome.Status.PASSED)
            .map(f -> f.caseName() + ": " + f.reason())
            .toList();
    assertEquals(List.of(), failures);
    assertEquals(report.cases(), report.stage(stage).orElseThrow().passed(), report.table());
  }
}
