package dev.sardonyx.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.export.text.ModelParser;
import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.backend.Backend;
import dev.sardonyx.ir.backend.Options;
import dev.sardonyx.ir.backend.Outputs;
import dev.sardonyx.ir.backend.PreparedModel;
import dev.sardonyx.ir.eval.ReferenceBackend;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/**
 * What a verification compares, what it leaves out, and how exactly it takes each kind of value.
 */
class VerifierScopeTest {
  private static final Map<String, Tensor> X =
      Map.of("x", Tensor.ofFloats(new float[] {1, -2, 3, -4, 5, -6}, 2, 3));
  private static final Verifier ORT = Verifier.of(OrtBackend.cpu());

  private static Model parse(int opset, String graph) {
    return ModelParser.parse(
        "<ir_version: 10, opset_import: [\"\": %d, \"ai.onnx.ml\": 3]> g %s"
            .formatted(opset, graph));
  }

  /** The reference backend, whose deployed session gives other outputs. */
  private record Fused(UnaryOperator<Datum> fault) implements Backend {
    @Override
    public String name() {
      return "fused";
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
          Map<String, Datum> outputs = new LinkedHashMap<>(right.run(inputs));
          if (options.outputs().isEmpty()) {
            outputs.replaceAll((name, datum) -> fault.apply(datum));
          }
          return Outputs.of(outputs);
        }

        @Override
        public void close() {
          right.close();
        }
      };
    }
  }

  @Test
  void whatIsDeployedIsComparedAsWellAsNodeByNode() {
    Model model = parse(17, "(float[N,3] x) => (float[N,3] y) { a = Neg (x) y = Relu (a) }");
    Fused faulty = new Fused(datum -> Tensor.ofFloats(new float[6], 2, 3));
    VerificationReport report =
        Verifier.of(faulty).against(new ReferenceBackend(), model, List.of(X));
    assertFalse(report.passed(), report.table());
    assertTrue(
        report
            .verdict()
            .startsWith("FAIL: first diverging value 'y' as deployed, 3 of 6 elements beyond"),
        report.verdict());
    assertEquals("2 values node by node and 1 output as deployed", report.scope());
    assertTrue(report.maxAbsoluteError() == 6, "the deployed session's error is the model's");
    VerificationReport outputsOnly =
        Verifier.of(faulty).outputsOnly().against(new ReferenceBackend(), model, List.of(X));
    assertFalse(outputsOnly.passed());
    assertEquals("1 output as deployed", outputsOnly.scope());
  }

  private static VerificationReport withOutput(Model model, Datum given) {
    return Verifier.of(new Fused(datum -> given))
        .outputsOnly()
        .against(new ReferenceBackend(), model, List.of(X));
  }

  @Test
  void integersAndElementTypesAreExact() {
    Model model =
        parse(17, "(float[2,3] x) => (int64[1] y) { y = Constant <value = int64[1] {30522}> () }");
    assertTrue(withOutput(model, Tensor.ofLongs(new long[] {30522}, 1)).passed());
    assertFalse(withOutput(model, Tensor.ofLongs(new long[] {30500}, 1)).passed());
    VerificationReport narrower = withOutput(model, Tensor.ofInts(new int[] {30522}, 1));
    assertEquals(
        "int32[1] instead of int64[1] in batch 0",
        narrower.firstDiverging().orElseThrow().mismatch());
  }

  @Test
  void mapsAgreeItemByItem() {
    Map<String, String> labels =
        Map.of(
            "int64", "classlabels_int64s = [7, 8, 9]",
            "string", "classlabels_strings = [\"c\", \"b\", \"a\"]");
    for (Map.Entry<String, String> keys : labels.entrySet()) {
      Model model =
          parse(
              17,
              """
              (float[2,3] x) => (seq(map(%s, float)) y) {
                s = Softmax (x)
                y = ai.onnx.ml.ZipMap <%s> (s)
              }
              """
                  .formatted(keys.getKey(), keys.getValue()));
      VerificationReport report = ORT.against(new ReferenceBackend(), model, List.of(X));
      assertTrue(report.passed(), report.table());
      assertEquals(6, report.outputs().get(0).elements(), report.table());
    }
  }

  @Test
  void randomValuesAndWhatFollowsFromThemDoNotCount() {
    Model model =
        parse(
            17,
            """
            (float[2,3] x) => (float[2,3] y, float[2,3] z, int64[2] size) {
              noise = RandomNormalLike (x)
              y = Add (x, noise)
              size = Shape (y)
              z = Neg (x)
            }
            """);
    assertEquals(Set.of("noise", "y"), RandomValues.of(model));
    VerificationReport report = ORT.against(new ReferenceBackend(), model, List.of(X));
    assertTrue(report.passed(), report.table());
    assertEquals("2 outputs as deployed", report.scope());
    assertEquals(
        List.of("Not compared (random, or computed from random values): y, noise"), report.notes());
  }

  @Test
  void dropoutDropsInTrainingOnly() {
    String dropout =
        """
        (float[2,3] x) => (float[2,3] y) <float r = {0.5}, bool t = {%d}> {
          y = Dropout (x, r, t)
        }
        """;
    assertEquals(Set.of("y"), RandomValues.of(parse(17, dropout.formatted(1))));
    assertEquals(Set.of(), RandomValues.of(parse(17, dropout.formatted(0))));
    assertEquals(
        Set.of("y"),
        RandomValues.of(
            parse(17, "(float[2,3] x, bool t) => (float[2,3] y) { y = Dropout (x, , t) }")));
    assertEquals(
        Set.of(), RandomValues.of(parse(17, "(float[2,3] x) => (float y) { y = Dropout (x) }")));
    assertEquals(
        Set.of("y"), RandomValues.of(parse(6, "(float[2,3] x) => (float y) { y = Dropout (x) }")));
  }

  @Test
  void randomnessComesOutOfBodiesAndFunctions() {
    Model model =
        ModelParser.parse(
            """
            <ir_version: 10, opset_import: ["": 17, "own": 1]>
            g (float[2,3] x, bool c) => (float[2,3] y, float[2,3] z, float[2,3] w) {
              y = If (c) <
                then_branch = t () => (float[2,3] a) { a = RandomNormalLike (x) },
                else_branch = e () => (float[2,3] b) { b = Neg (x) }>
              z = own.outer (x)
              w = own.calm (x)
            }
            <domain: "own", opset_import: ["": 17, "own": 1]>
            outer (x) => (y) { y = own.inner (x) }
            <domain: "own", opset_import: ["": 17]>
            inner (x) => (y) { y = Bernoulli (x) }
            <domain: "own", opset_import: ["": 17]>
            calm (x) => (y) { y = Neg (x) }
            """);
    assertEquals(Set.of("y", "z"), RandomValues.of(model));
  }

  @Test
  void masksThatTheSpecificationLeavesOpenDoNotCount() {
    for (int opset : new int[] {7, 10}) {
      String mask = opset < 10 ? "float" : "bool";
      Model model =
          parse(
              opset,
              "(float[2,3] x) => (float[2,3] y, %s[2,3] m) { y, m = Dropout (x) }".formatted(mask));
      VerificationReport report = ORT.against(new ReferenceBackend(), model, List.of(X));
      assertTrue(report.passed(), report.table());
      assertEquals(
          List.of("Not compared (the mask of a Dropout, whose content its version leaves open): m"),
          report.notes());
    }
  }

  @Test
  void whatNothingUsesDoesNotCount() {
    Model model =
        parse(
            17,
            """
            (float[1,3,4] x) => (float[1,3,3] y) {
              y, places = MaxPool <kernel_shape = [2]> (x)
              idle = Neg (x)
            }
            """);
    VerificationReport report =
        ORT.against(
            new ReferenceBackend(),
            model,
            List.of(Map.of("x", Tensor.ofFloats(new float[12], 1, 3, 4))));
    assertTrue(report.passed(), report.table());
    assertEquals(List.of("Not compared (used by nothing): places, idle"), report.notes());
  }

  @Test
  void aNoteNamesFiveValuesAndCountsTheRest() {
    for (int more = 0; more <= 2; more++) {
      StringBuilder nodes = new StringBuilder();
      for (int i = 1; i <= 5 + more; i++) {
        nodes.append("idle%d = Neg (x) ".formatted(i));
      }
      Model model =
          parse(17, "(float[2,3] x) => (float[2,3] y) { %s y = Relu (x) }".formatted(nodes));
      String named = "Not compared (used by nothing): idle1, idle2, idle3, idle4, idle5";
      assertEquals(
          List.of(named + (more == 0 ? "" : " and " + more + " more")),
          ORT.against(new ReferenceBackend(), model, List.of(X)).notes());
    }
  }

  @Test
  void nothingButRandomOutputsIsNoSuccess() {
    Model model = parse(17, "(float[2,3] x) => (float[2,3] y) { y = RandomNormalLike (x) }");
    VerificationReport report = ORT.against(new ReferenceBackend(), model, List.of(X));
    assertFalse(report.passed(), report.table());
    assertTrue(report.verdict().startsWith("FAIL: there was nothing to compare"), report.verdict());
  }

  @Test
  void theToleranceOfNarrowTypesFollows() {
    assertEquals(new Tolerance(0.01, 0.001), rounded(1e-3, 1e-5));
    assertEquals(new Tolerance(0.1, 0.001), rounded(1e-2, 1e-5));
    assertEquals(Tolerance.EXACT, rounded(0, 0));
    for (ElementType type : List.of(ElementType.FLOAT, ElementType.DOUBLE, ElementType.INT8)) {
      assertEquals(Tolerance.DEFAULT, Tolerance.DEFAULT.roundedTo(type));
    }
  }

  private static Tolerance rounded(double rtol, double atol) {
    return new Tolerance(rtol, atol).roundedTo(ElementType.FLOAT16);
  }
}
