package dev.sardonyx.runtime.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.backend.Backend;
import dev.sardonyx.ir.backend.Options;
import dev.sardonyx.ir.backend.Outputs;
import dev.sardonyx.ir.backend.PreparedModel;
import dev.sardonyx.ir.eval.ReferenceBackend;
import dev.sardonyx.runtime.conformance.generate.CaseGenerator;
import dev.sardonyx.runtime.conformance.generate.CaseShrinker;
import dev.sardonyx.runtime.conformance.generate.Differential;
import dev.sardonyx.runtime.conformance.generate.GeneratedCase;
import dev.sardonyx.runtime.conformance.generate.KnownDisagreements;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Generated cases are a suite like any other, the same for the same seed, and shrink. */
class CaseGeneratorTest {
  @TempDir private Path folder;

  private static List<GeneratedCase> cases(long seed, int each, String... operators)
      throws IOException {
    List<GeneratedCase> all = new ArrayList<>();
    try (CaseGenerator generator = CaseGenerator.of(seed, 26)) {
      for (String operator : operators) {
        for (int i = 0; i < each; i++) {
          generator.next(operator).ifPresent(all::add);
        }
      }
    }
    return all;
  }

  @Test
  void theSameSeedMakesTheSameCases() throws IOException {
    String[] operators = {"Conv", "Gather", "Softmax", "SequenceAt", "ai.onnx.ml.Scaler"};
    List<GeneratedCase> cases = cases(3, 4, operators);
    assertEquals(20, cases.size());
    assertEquals(cases, cases(3, 4, operators));
    assertTrue(!cases.equals(cases(4, 4, operators)));
  }

  @Test
  void theyPassTheReferenceEvaluatorFromTheirFiles() throws IOException {
    List<GeneratedCase> cases =
        cases(5, 2, "Add", "Conv", "Cast", "SequenceInsert", "LSTM", "StringConcat", "Where");
    for (GeneratedCase generated : cases) {
      generated.write(folder);
    }
    ConformanceReport report =
        Conformance.of(
                List.of(Stages.check(), Stages.infer(), Stages.run("r", new ReferenceBackend())))
            .run(List.of(folder));
    assertEquals(cases.size(), report.cases());
    assertEquals("PASS: 14 cases", report.verdict(), report.table());
    assertEquals(14, report.stage("r").orElseThrow().passed(), report.table());
  }

  /** Adds one to every output of a model that has an input of more than two elements. */
  private record Wrong(Backend inner) implements Backend {
    @Override
    public String name() {
      return "wrong";
    }

    @Override
    public Optional<String> whyUnsupported(Model model) {
      return inner.whyUnsupported(model);
    }

    @Override
    public PreparedModel prepare(Model model, Options options) {
      return new WrongModel(inner.prepare(model, options));
    }
  }

  private record WrongModel(PreparedModel inner) implements PreparedModel {
    @Override
    public Outputs run(Map<String, ? extends Datum> inputs) {
      boolean isLarge =
          inputs.values().stream().anyMatch(d -> d instanceof Tensor t && t.size() > 2);
      Map<String, Tensor> outputs = new LinkedHashMap<>();
      inner.run(inputs).forEach((name, d) -> outputs.put(name, moved((Tensor) d, isLarge ? 1 : 0)));
      return Outputs.of(outputs);
    }

    private static Tensor moved(Tensor tensor, double by) {
      double[] numbers = Arrays.stream(tensor.toDoubles()).map(d -> d + by).toArray();
      return Tensor.ofNumbers(tensor.elementType(), numbers, tensor.dims());
    }

    @Override
    public void close() {
      inner.close();
    }
  }

  @Test
  void aCaseThatABackendGetsWrongShrinksToItsCause() throws IOException {
    Differential differential =
        new Differential(new Wrong(new ReferenceBackend()), KnownDisagreements.none());
    GeneratedCase wrong =
        cases(1, 20, "Softmax").stream()
            .filter(c -> differential.outcome(c).status() == Outcome.Status.FAILED)
            .findFirst()
            .orElseThrow();
    try (CaseShrinker shrinker = new CaseShrinker()) {
      GeneratedCase shrunk = differential.shrink(wrong, shrinker);
      assertEquals(Outcome.Status.FAILED, differential.outcome(shrunk).status());
      Tensor input = (Tensor) shrunk.inputs().values().iterator().next();
      assertTrue(input.size() == 3 || input.size() == 4, input.toString());
      assertEquals(0, input.toDoubles()[0]);
      assertEquals(List.of(), shrunk.model().graph().nodes().get(0).attributes());
    }
  }
}
