package dev.sardonyx.runtime.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import dev.sardonyx.ir.Tensor;
import dev.sardonyx.runtime.OrtBackend;
import dev.sardonyx.runtime.conformance.generate.Answer;
import dev.sardonyx.runtime.conformance.generate.CaseGenerator;
import dev.sardonyx.runtime.conformance.generate.CaseShrinker;
import dev.sardonyx.runtime.conformance.generate.Differential;
import dev.sardonyx.runtime.conformance.generate.GeneratedCase;
import dev.sardonyx.runtime.conformance.generate.KnownDisagreements;
import dev.sardonyx.runtime.isolated.IsolatedBackend;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/**
 * Generated cases, one of each operator, on ONNX Runtime: it ends no process, and disagrees only
 * where a rule of {@code onnxruntime.txt} says who is right. {@code -Dsardonyx.generate=N} makes N
 * of each.
 */
class DifferentialTest {
  private static final int EACH = Integer.getInteger("sardonyx.generate", 1);

  @Test
  void everyDisagreementIsClassified() throws IOException {
    List<String> unclassified = new ArrayList<>();
    int passed = 0;
    try (CaseGenerator generator = CaseGenerator.of(2, OrtBackend.TARGET.newestOpset());
        IsolatedBackend ort = IsolatedBackend.onnxRuntime()) {
      Differential differential = new Differential(ort, KnownDisagreements.ofOnnxRuntime());
      for (String operator : generator.operators()) {
        for (int i = 0; i < EACH; i++) {
          Optional<GeneratedCase> generated = generator.next(operator);
          if (generated.isPresent()) {
            Answer answer = differential.answer(generated.get());
            Outcome outcome = differential.outcome(answer);
            passed += outcome.isPassed() ? 1 : 0;
            if (outcome.status().isFailure()) {
              unclassified.add(operator + " " + answer.way() + " " + answer.text());
            }
          }
        }
      }
    }
    assertEquals(List.of(), unclassified);
    assertTrue(passed > 140 * EACH, passed + " agree");
  }

  /** The README's command for one operator: its case is as small as it can be. */
  @Test
  void aDisagreementIsMadeSmall() throws IOException {
    try (CaseGenerator generator = CaseGenerator.of(3, OrtBackend.TARGET.newestOpset());
        CaseShrinker shrinker = new CaseShrinker();
        IsolatedBackend ort = IsolatedBackend.onnxRuntime()) {
      Differential differential = new Differential(ort, KnownDisagreements.ofOnnxRuntime());
      for (int i = 0; i < 40; i++) {
        GeneratedCase generated = generator.next("NonZero").orElseThrow();
        if (differential.outcome(generated).status() == Outcome.Status.THEIRS) {
          GeneratedCase smallest = differential.shrink(generated, shrinker);
          assertEquals(
              "NonZero: a scalar gives [1,N] instead of [0,N]",
              differential.outcome(smallest).reason());
          Tensor input = (Tensor) smallest.inputs().values().iterator().next();
          assertEquals(0, input.rank());
          assertEquals(0, input.toScalar());
          return;
        }
      }
    }
    fail("ONNX Runtime gives a scalar's NonZero the right shape: the README says otherwise");
  }
}
