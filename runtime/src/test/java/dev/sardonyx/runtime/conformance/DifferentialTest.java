package dev.sardonyx.runtime.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import dev.sardonyx.ir.Tensor;
import dev.sardonyx.runtime.OrtBackend;
import dev.sardonyx.runtime.conformance.generate.CaseGenerator;
import dev.sardonyx.runtime.conformance.generate.CaseShrinker;
import dev.sardonyx.runtime.conformance.generate.Differential;
import dev.sardonyx.runtime.conformance.generate.GeneratedCase;
import dev.sardonyx.runtime.isolated.IsolatedBackend;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * Generated cases, one of each operator, on ONNX Runtime: it ends no process, and disagrees only
 * where the table in runtime/README.md says so, and in the way that it says. {@code
 * -Dsardonyx.generate=N} makes N of each.
 */
class DifferentialTest {
  private static final int EACH = Integer.getInteger("sardonyx.generate", 1);

  /** By operator, the ways in which ONNX Runtime may disagree: values, shape, refused. */
  private static Map<String, Set<String>> inTheTable() throws IOException {
    return Files.readAllLines(Path.of("README.md")).stream()
        .takeWhile(line -> !line.equals("# ONNX Runtime Web"))
        .filter(line -> line.startsWith("| "))
        .map(line -> line.substring(2).split(" \\| ", -1))
        .collect(Collectors.toMap(row -> row[0], row -> Set.of(row[2].split(", ", -1))));
  }

  private static String way(Outcome outcome) {
    if (outcome.status() != Outcome.Status.FAILED) {
      return outcome.status().text();
    }
    return outcome.reason().contains("elements differ")
        ? "values"
        : outcome.reason().contains(" instead of ") ? "shape" : "refused";
  }

  @Test
  void onnxRuntimeDisagreesOnlyWhereItIsKnownTo() throws IOException {
    Map<String, Set<String>> known = inTheTable();
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
          if (outcome.status().isFailure()
              && !known.getOrDefault(operator, Set.of()).contains(way(outcome))) {
            unknown.add(operator + " " + way(outcome) + " " + outcome);
          }
        }
      }
    }
    assertEquals(List.of(), unknown);
    assertTrue(passed > 140 * EACH, passed + " agree");
  }

  /** The README's command for one operator: its case is as small as it can be. */
  @Test
  void aDisagreementIsMadeSmall() throws IOException {
    try (CaseGenerator generator = CaseGenerator.of(3, OrtBackend.TARGET.newestOpset());
        CaseShrinker shrinker = new CaseShrinker();
        IsolatedBackend ort = IsolatedBackend.onnxRuntime()) {
      Differential differential = new Differential(ort);
      for (int i = 0; i < 40; i++) {
        GeneratedCase generated = generator.next("NonZero").orElseThrow();
        if (way(differential.outcome(generated)).equals("shape")) {
          GeneratedCase smallest = differential.shrink(generated, shrinker);
          assertEquals("shape", way(differential.outcome(smallest)));
          assertEquals(0, ((Tensor) smallest.inputs().values().iterator().next()).rank());
          return;
        }
      }
    }
    fail("ONNX Runtime gives a scalar's NonZero the right shape: the README says otherwise");
  }
}
