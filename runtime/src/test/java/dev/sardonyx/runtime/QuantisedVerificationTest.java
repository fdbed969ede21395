package dev.sardonyx.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.export.text.ModelParser;
import dev.sardonyx.ir.Constant;
import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Result;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.backend.Backend;
import dev.sardonyx.ir.backend.Options;
import dev.sardonyx.ir.backend.PreparedModel;
import dev.sardonyx.ir.eval.ReferenceBackend;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A quantised value that is off by one step is reported as such, and neither it nor what is
 * computed from it fails; what is off by more fails where it begins.
 */
class QuantisedVerificationTest {
  private static final Map<String, Datum> X =
      Map.of(
          "x", Tensor.ofFloats(new float[] {0.3f, -0.7f, 1, 0.25f, -0.1f, 0.9f, -1, 0.02f}, 2, 4));

  /** Two quantised layers with what real networks have between and after them. */
  private static Model network(ElementType type) {
    String name = type == ElementType.INT8 ? "int8" : "uint8";
    int zero = type == ElementType.INT8 ? 0 : 128;
    return ModelParser.parse(
        """
        <ir_version: 10, opset_import: ["": 21]>
        quantised (float[N,4] x) => (float[N,3] y, float[N,3] p)
        <float s = {0.0078125}, TYPE z = {ZERO}, float t = {0.03}, int8[4,3] w =
          {90, -20, 55, -100, 7, 33, 61, -12, -45, 8, 120, -77}, float v = {0.01}, int8 c = {0}> {
          q = QuantizeLinear (x, s, z)
          m = QLinearMatMul (q, s, z, w, v, c, t, z)
          r = DequantizeLinear (m, t, z)
          h = Relu (r)
          a = QuantizeLinear (h, t, z)
          y = DequantizeLinear (a, t, z)
          p = Softmax (y)
        }
        """
            .replace("TYPE", name)
            .replace("ZERO", "" + zero));
  }

  /** The reference evaluator, in whose computation one element of a value is off by some steps. */
  private record Stepping(ElementType type, String value, int steps) implements Backend {
    @Override
    public String name() {
      return "stepping";
    }

    @Override
    public Optional<String> whyUnsupported(Model model) {
      return Optional.empty();
    }

    @Override
    public PreparedModel prepare(Model model, Options options) {
      double[] off = new double[value.equals("q") ? 8 : 6];
      off[1] = steps;
      Tensor added = Tensor.ofNumbers(type, off, 2, off.length / 2);
      List<Constant> constants = new ArrayList<>(model.graph().constants());
      constants.add(Constant.of("steps", added));
      List<Node> nodes = new ArrayList<>();
      for (Node node : model.graph().nodes()) {
        Result right = node.output(0);
        if (right.name().equals(value)) {
          nodes.add(node.withOutputs(List.of(right.withName("right"))));
          nodes.add(Node.of("Add", List.of("right", "steps"), List.of(right)));
        } else {
          nodes.add(node);
        }
      }
      return new ReferenceBackend()
          .prepare(
              model.withGraph(model.graph().withConstants(constants).withNodes(nodes)), options);
    }
  }

  private static VerificationReport report(ElementType type, String value, int steps) {
    return Verifier.of(new Stepping(type, value, steps))
        .against(new ReferenceBackend(), network(type), List.of(X));
  }

  private static ValueComparison of(VerificationReport report, String value) {
    return report.values().stream().filter(v -> v.name().equals(value)).findFirst().orElseThrow();
  }

  @ParameterizedTest
  @CsvSource({"INT8,q", "INT8,m", "INT8,a", "UINT8,q", "UINT8,m", "UINT8,a"})
  void oneStepIsReportedAndNothingFails(ElementType type, String value) {
    VerificationReport report = report(type, value, 1);
    assertTrue(report.passed(), report.table());
    ValueComparison off = of(report, value);
    assertTrue(off.quantised());
    assertEquals("PASS, 1 off by 1 step", off.verdict());
    assertEquals(1, off.maxAbsolute());
    assertEquals(1, off.distances().counts().get(1));
    assertEquals(off.elements() - 1, off.distances().counts().get(0));
    if (!value.equals("q")) {
      // Far more than floats may differ otherwise, and shown.
      ValueComparison output = of(report, "y");
      assertEquals(0.03, output.maxAbsolute(), 1e-6);
      assertTrue(output.passed());
      assertTrue(0 < output.toleranceUsed() && output.toleranceUsed() < 1, report.table());
    }
  }

  @ParameterizedTest
  @CsvSource({"INT8,q", "INT8,m", "UINT8,q", "UINT8,m"})
  void moreStepsFailWhereTheyBegin(ElementType type, String value) {
    VerificationReport report = report(type, value, 3);
    assertFalse(report.passed(), report.table());
    ValueComparison first = report.firstDiverging().orElseThrow();
    assertEquals(value, first.name());
    assertEquals("FAIL ELEMENTS, 1 off by up to 3 steps", first.verdict());
    assertEquals(1, first.failed());
  }

  /** Who wants bits asks for them. */
  @Test
  void withoutToleranceAStepFails() {
    VerificationReport report =
        Verifier.of(new Stepping(ElementType.INT8, "m", 1))
            .withTolerance(Tolerance.EXACT)
            .against(new ReferenceBackend(), network(ElementType.INT8), List.of(X));
    assertEquals("m", report.firstDiverging().orElseThrow().name());
  }

  /** ONNX Runtime's own rounding stays within what is expected. */
  @ParameterizedTest
  @EnumSource(names = {"INT8", "UINT8"})
  void onnxRuntimePasses(ElementType type) {
    VerificationReport report =
        Verifier.of(OrtBackend.cpu()).against(new ReferenceBackend(), network(type), List.of(X));
    assertTrue(report.passed(), report.table());
    assertTrue(of(report, "m").quantised());
  }
}
