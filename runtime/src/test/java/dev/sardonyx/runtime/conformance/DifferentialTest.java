package dev.sardonyx.runtime.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.runtime.OrtBackend;
import dev.sardonyx.runtime.conformance.generate.CaseGenerator;
import dev.sardonyx.runtime.conformance.generate.Differential;
import dev.sardonyx.runtime.conformance.generate.GeneratedCase;
import dev.sardonyx.runtime.isolated.IsolatedBackend;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * Generated cases, one of each operator, on ONNX Runtime: it ends no process, and disagrees only
 * where the table in runtime/README.md says so. {@code -Dsardonyx.generate=N} makes N of each.
 */
class DifferentialTest {
  private static final int EACH = Integer.getInteger("sardonyx.generate", 1);

  private static Set<String> inTheTable() throws IOException {
    return Files.readAllLines(Path.of("README.md")).stream()
        .filter(line -> line.startsWith("| "))
        .map(line -> line.split(" \\| ", -1)[0].substring(2))
        .collect(Collectors.toSet());
  }

  @Test
  void onnxRuntimeDisagreesOnlyWhereItIsKnownTo() throws IOException {
    Set<String> known = inTheTable();
    List<String> unknown = new ArrayList<>();
    int passed = 0;
    try (CaseGenerator generator = CaseGenerator.of(2, OrtBackend.TARGET.newestOpset());
        IsolatedBackend ort = IsolatedBackend.onnxRuntime()) {
      Differential differential = new Differential(ort);
      for (String operator : generator.operators()) {
        for (int i = 0; i < EACH; i++) {
          Optional<GeneratedCase> generated = generator.next(operator);
          Outcome outcome =
              generated.map(differential::outcome).orElse(Outcome.skipped("none was found"));
          passed += outcome.isPassed() ? 1 : 0;
          boolean isWrong = outcome.status() == Outcome.Status.FAILED;
          if (outcome.status().isFailure() && !(isWrong && known.contains(operator))) {
            unknown.add(operator + " " + outcome);
          }
        }
      }
    }
    assertEquals(List.of(), unknown);
    assertTrue(passed > 140 * EACH, passed + " agree");
  }
}
