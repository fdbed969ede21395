package dev.sardonyx.runtime;

import static dev.sardonyx.runtime.Models.floats;
import static dev.sardonyx.runtime.Models.node;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.export.text.ModelParser;
import dev.sardonyx.ir.Constant;
import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Output;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.backend.Backend;
import dev.sardonyx.ir.backend.Options;
import dev.sardonyx.ir.backend.Outputs;
import dev.sardonyx.ir.backend.PreparedModel;
import dev.sardonyx.ir.eval.ReferenceBackend;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.function.BiFunction;
import org.junit.jupiter.api.Test;

class VerifierTest {
  private static final Verifier ORT = Verifier.of(OrtBackend.cpu());

  /** x -> MatMul -> hidden -> Tanh -> active -> MatMul -> y, over [N,4]. */
  private static Model network() {
    Random random = new Random(5);
    return Models.of(
        17,
        List.of(Input.of("x", floats("N,4"))),
        List.of(Output.of("y", floats("N,3"))),
        List.of(
            Constant.of("a", Tensor.ofFloats(weights(random, 24), 4, 6)),
            Constant.of("b", Tensor.ofFloats(weights(random, 18), 6, 3))),
        node("MatMul", List.of("x", "a"), "hidden"),
        node("Tanh", List.of("hidden"), "active"),
        node("MatMul", List.of("active", "b"), "y"));
  }

  private static float[] weights(Random random, int count) {
    float[] weights = new float[count];
    for (int i = 0; i < count; i++) {
      weights[i] = (float) random.nextGaussian();
    }
    return weights;
  }

  private static List<Map<String, Tensor>> batches(int... sizes) {
    Random random = new Random(7);
    List<Map<String, Tensor>> batches = new ArrayList<>();
    for (int size : sizes) {
      batches.add(Map.of("x", Tensor.ofFloats(weights(random, size * 4), size, 4)));
    }
    return batches;
  }

  /** The reference backend with some of its values changed. */
  private record Faulty(BiFunction<String, Tensor, Tensor> fault) implements Backend {
    @Override
    public String name() {
      return "faulty";
    }

    @Override
    public Optional<String> whyUnsupported(Model model) {
      return Optional.empty();
    }

    @Override
    public PreparedModel prepare(Model model, Options options) {
      PreparedModel right = new ReferenceBackend().prepare(model, options);
      return new PreparedModel() {
        @Override
        public Outputs run(Map<String, ? extends Datum> inputs) {
          Map<String, Datum> outputs = new LinkedHashMap<>();
          right.run(inputs).forEach((k, v) -> outputs.put(k, fault.apply(k, (Tensor) v)));
          return Outputs.of(outputs);
        }

        @Override
        public void close() {
          right.close();
        }
      };
    }
  }

  /** Adds something to an element of a value. */
  private static Faulty adding(String value, int element, float error) {
    return new Faulty(
        (name, tensor) -> {
          if (!name.equals(value)) {
            return tensor;
          }
          float[] elements = tensor.toFloats();
          elements[element] += error;
          return Tensor.ofFloats(elements, tensor.dims());
        });
  }

  @Test
  void onnxRuntimeAgreesWithTheReferenceInEveryValue() {
    VerificationReport report = ORT.against(new ReferenceBackend(), network(), batches(5, 5, 3));
    assertTrue(report.passed(), report.table());
    assertEquals(
        List.of("hidden INTERMEDIATE", "active INTERMEDIATE", "y OUTPUT", "y DEPLOYED"),
        report.values().stream().map(value -> value.name() + " " + value.kind()).toList());
    assertEquals(3, report.batches());
    ValueComparison y = report.outputs().get(0);
    assertEquals(13 * 3, y.elements());
    assertEquals("13/13", String.valueOf(y.top1()));
    assertEquals(1, y.cosine(), 1e-9);
    assertTrue(y.maxAbsolute() < 1e-5, report.table());
    assertTrue(
        report.table().contains("PASS: 3 values node by node and 1 output as deployed ("),
        report.table());
    assertTrue(report.firstDiverging().isEmpty());
  }

  @Test
  void outputsOnly() {
    VerificationReport report =
        ORT.outputsOnly().against(new ReferenceBackend(), network(), batches(2));
    assertEquals(List.of("y"), report.values().stream().map(ValueComparison::name).toList());
  }

  @Test
  void theFirstDivergingValueIsNamedWithItsElement() {
    // The second batch's row 1, column 2 of `active` is wrong, and so is all that follows.
    Faulty faulty = adding("active", 1 * 6 + 2, 0.25f);
    VerificationReport report =
        Verifier.of(faulty).against(new ReferenceBackend(), network(), batches(4, 4));
    assertFalse(report.passed());
    ValueComparison first = report.firstDiverging().orElseThrow();
    assertEquals("active", first.name());
    assertEquals(2, first.failed());
    assertEquals(0.25, first.maxAbsolute(), 1e-6);
    assertEquals(0.5 / 48, first.meanAbsolute(), 1e-6);
    ValueComparison.Worst worst = first.worst();
    assertTrue(worst != null && worst.index().equals(List.of(1L, 2L)), String.valueOf(worst));
    assertTrue(
        report.verdict().startsWith("FAIL: first diverging value 'active', 2 of 48 elements"),
        report.verdict());
    assertTrue(report.table().contains("FAIL"), report.table());
  }

  @Test
  void theToleranceDecides() {
    Faulty faulty = adding("y", 0, 0.01f);
    Verifier verifier = Verifier.of(faulty);
    assertFalse(verifier.against(new ReferenceBackend(), network(), batches(1)).passed());
    assertTrue(
        verifier
            .withTolerance(new Tolerance(0, 0.011))
            .against(new ReferenceBackend(), network(), batches(1))
            .passed());
  }

  /** What large terms round to stays where they cancel, so small elements may be off, too. */
  @Test
  void theToleranceOfIntermediateValuesGrowsWithTheirLargestElement() {
    Model model =
        ModelParser.parse(
            "<ir_version: 8, opset_import: [\"\": 17]> g (float[2] x) => (float[2] y)"
                + " { t = Identity (x) y = Identity (t) }");
    List<Map<String, Tensor>> large = List.of(Map.of("x", Tensor.ofFloats(new float[] {0, 8}, 2)));
    for (String value : List.of("t", "y")) {
      VerificationReport report =
          Verifier.of(adding(value, 0, 5e-5f)).against(new ReferenceBackend(), model, large);
      assertEquals(value.equals("t"), report.passed(), report.table());
    }
    assertFalse(
        Verifier.of(adding("t", 0, 1e-4f)).against(new ReferenceBackend(), model, large).passed());
  }

  @Test
  void nanOnOneSideIsAMismatchAndOnBothIsNot() {
    Faulty faulty = adding("y", 1, Float.NaN);
    VerificationReport report =
        Verifier.of(faulty).against(new ReferenceBackend(), network(), batches(2));
    ValueComparison y = report.outputs().get(0);
    assertEquals(1, y.nanMismatches());
    assertEquals(1, y.failed());
    assertEquals(Double.POSITIVE_INFINITY, y.maxAbsolute());
    assertFalse(Double.isNaN(y.meanAbsolute()) || Double.isNaN(y.cosine()), report.table());
    VerificationReport both = Verifier.of(faulty).against(faulty, network(), batches(2));
    assertTrue(both.passed(), both.table());
  }

  @Test
  void anotherShapeIsAMismatch() {
    Faulty faulty =
        new Faulty((name, tensor) -> name.equals("hidden") ? tensor.reshape(6, 2) : tensor);
    VerificationReport report =
        Verifier.of(faulty).against(new ReferenceBackend(), network(), batches(2));
    assertEquals(
        "float[6,2] instead of float[2,6] in batch 0",
        report.firstDiverging().orElseThrow().mismatch());
  }

  @Test
  void valuesThatOnlyOneSideHasAreLeftOutAndCounted() {
    Backend fused =
        new Backend() {
          @Override
          public String name() {
            return "fused";
          }

          @Override
          public PreparedModel prepare(Model model, Options options) {
            assertEquals(Set.of("active", "y"), Set.copyOf(options.outputs()));
            return new ReferenceBackend().prepare(model, options);
          }

          @Override
          public Optional<String> whyUnsupported(Model model) {
            return Optional.empty();
          }

          @Override
          public List<String> observableValues(Model model) {
            return List.of("active", "y");
          }
        };
    VerificationReport report = ORT.against(fused, network(), batches(2));
    assertTrue(report.passed(), report.table());
    assertEquals(List.of("Not compared (not known to fused): hidden"), report.notes());
  }

  @Test
  void recordedOutputs() {
    List<Verifier.Recorded> recorded = new ArrayList<>();
    try (PreparedModel reference = new ReferenceBackend().prepare(network())) {
      for (Map<String, Tensor> batch : batches(2, 3)) {
        recorded.add(new Verifier.Recorded(batch, reference.run(batch)));
      }
    }
    VerificationReport report = ORT.againstRecorded("yesterday", network(), recorded);
    assertTrue(report.passed(), report.table());
    assertEquals(15, report.values().get(0).elements());
    VerificationReport lacking =
        ORT.againstRecorded(
            "yesterday", network(), List.of(new Verifier.Recorded(batches(1).get(0), Map.of())));
    assertEquals(
        "float[1,3] instead of absent in batch 0",
        lacking.firstDiverging().orElseThrow().mismatch());
  }

  @Test
  void nothingToCompareIsNoSuccess() {
    VerificationReport report = ORT.against(new ReferenceBackend(), network(), List.of());
    assertFalse(report.passed());
    assertTrue(report.verdict().startsWith("FAIL: there was nothing"), report.verdict());
  }

  @Test
  void tolerancesAreNotNegative() {
    assertThrows(IllegalArgumentException.class, () -> new Tolerance(-1, 0));
    assertThrows(IllegalArgumentException.class, () -> new Tolerance(0, Double.NaN));
  }
}
