package dev.sardonyx.runtime.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.export.text.ModelParser;
import dev.sardonyx.ir.Constant;
import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.Limits;
import dev.sardonyx.ir.Metadata;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.SparseTensor;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.backend.Options;
import dev.sardonyx.ir.backend.PreparedModel;
import dev.sardonyx.ir.backend.UnsupportedModelException;
import dev.sardonyx.runtime.OrtBackend;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * No model crashes the JVM: each of those that did is run, or refused with the reason, in a JVM of
 * its own.
 */
class HandoverTest {
  private static final String HEADER = "<ir_version: 8, opset_import: [\"\" : 17]> g ";

  /** Models that crashed the JVM when they were given to ONNX Runtime as they are. */
  private static final List<String> GRAPHS =
      List.of(
          "(float[2,3] a, float[2,3] b) => (float[2,3] y) { y = Max(a, b, \"\") }",
          "(float[2,3] a) => (float[2,3] y) { y = Sum(a, \"\") }",
          "(float[2,3] x, float[3] w) => (float[2,3] y) { y = LayerNormalization(x, w, \"\") }",
          "(float[1,8,1] x) => (float[1,8,2] y) { y = DFT(x, \"\") }",
          "(float[3] x) => (float[3] y) { y = Clip(x, \"\", \"\") }");

  @TempDir private Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"graphs", "chain 400 1", "chain 2000 1", "chain 20 2", "chain 60 2"})
  void nothingCrashesTheJvm(String models) throws Exception {
    ChildJvm child = ChildJvm.run(folder, Run.class, models.split(" "));
    assertEquals(0, child.status(), child.output());
  }

  /** Runs models; a refusal is as good as a result. */
  static final class Run {
    public static void main(String[] arguments) {
      if (arguments[0].equals("graphs")) {
        for (String graph : GRAPHS) {
          System.out.println(graph + "\n  " + outcome(ModelParser.parse(HEADER + graph)));
        }
      } else {
        int length = Integer.parseInt(arguments[1]);
        int calls = Integer.parseInt(arguments[2]);
        System.out.println(outcome(FunctionChains.of(length, calls)));
      }
    }
  }

  private static String outcome(Model model) {
    try (PreparedModel prepared = OrtBackend.cpu().prepare(model)) {
      return prepared.run(inputs(model)).toString();
    } catch (UnsupportedModelException | ModelRunException e) {
      return String.valueOf(e.getMessage());
    }
  }

  private static Map<String, Datum> inputs(Model model) {
    Map<String, Datum> inputs = new HashMap<>();
    for (Input input : model.graph().inputs()) {
      TensorType type = (TensorType) input.type();
      int size = Math.toIntExact(type.shape().size().value());
      inputs.put(input.name(), Tensor.ofFloats(new float[size], type.shape().toLongs()));
    }
    return inputs;
  }

  @ParameterizedTest
  @CsvSource({"1, 1", "199, 1", "400, 1", "1, 2", "13, 2"})
  void chainsOfFunctionsRun(int length, int calls) {
    double sign = Math.pow(-1, Math.pow(calls, length));
    try (PreparedModel model = OrtBackend.cpu().prepare(FunctionChains.of(length, calls))) {
      assertEquals(
          Tensor.ofFloats(new float[] {(float) sign, (float) (-2 * sign)}, 2),
          model.run(Map.of("x", Tensor.ofFloats(new float[] {1, -2}, 2))).get("y"));
    }
  }

  @Test
  void functionsOfTooManyNodesAreRefusedWithTheirNumber() {
    for (int length : new int[] {20, 40, 200}) {
      Model model = FunctionChains.of(length, 2);
      UnsupportedModelException refusal =
          assertThrows(UnsupportedModelException.class, () -> OrtBackend.cpu().prepare(model));
      assertTrue(
          refusal.getMessage().contains("the limit expansions is 1000000"), refusal.getMessage());
      assertEquals(refusal.getMessage(), OrtBackend.cpu().whyUnsupported(model).orElse(""));
    }
  }

  /** The branches of an If in the branch of an If, and so on. */
  private static Model nested(int levels) {
    String body = "o = Identity(x)";
    for (int level = 1; level <= levels; level++) {
      body =
          ("o = If(c) <then_branch = t%1$d () => (float[2] o%1$d) {%2$s},"
                  + " else_branch = e%1$d () => (float[2] p%1$d) {p%1$d = Relu(x)}>")
              .formatted(level, "o" + level + body.substring(1));
    }
    return ModelParser.parse(HEADER + "(float[2] x, bool c) => (float[2] o) {" + body + "}");
  }

  /** Twenty levels take ONNX Runtime 1.28.0 most of a minute, and thirty most of a day. */
  @ParameterizedTest
  @ValueSource(ints = {20, 30, 70})
  void graphsInGraphsThatItWouldNotBeDoneWithAreRefused(int levels) {
    String refusal = OrtBackend.cpu().whyUnsupported(nested(levels)).orElse("");
    assertTrue(refusal.contains("Loading " + levels + " levels of graphs"), refusal);
  }

  @Test
  void graphsInGraphsOfAFewLevelsRun() {
    Tensor x = Tensor.ofFloats(new float[] {1, -2}, 2);
    Tensor no = Tensor.ofBooleans(new boolean[] {false});
    try (PreparedModel session = OrtBackend.cpu().prepare(nested(6))) {
      assertEquals(
          Tensor.ofFloats(new float[] {1, 0}, 2), session.run(Map.of("x", x, "c", no)).get("o"));
    }
  }

  @Test
  void theLimitOfExpansionsIsTheCallers() {
    Model model = FunctionChains.of(3, 2);
    Options few = Options.DEFAULT.withLimits(Limits.standard().withExpansions(5));
    UnsupportedModelException refusal =
        assertThrows(UnsupportedModelException.class, () -> OrtBackend.cpu().prepare(model, few));
    assertTrue(
        refusal.getMessage().contains("the limit expansions is 5 (Limits.withExpansions"),
        refusal.getMessage());
  }

  @Test
  void theLimitOfBytesIsThatOfSparseConstantsMadeDense() {
    Model dense =
        ModelParser.parse(HEADER + "() => (float[32] y) <float[1] w = {1}> { y = Neg(w) }");
    SparseTensor sparse =
        SparseTensor.of(Tensor.ofFloats(new float[] {1}, 1), Tensor.ofLongs(new long[] {2}, 1), 32);
    Constant constant = new Constant("w", sparse, Metadata.EMPTY);
    Model model = dense.withGraph(dense.graph().withConstants(List.of(constant)));
    Limits fitting = Limits.standard().withBytes(32 * Float.BYTES);
    assertEquals(
        sparse.toDense(),
        Handover.of(model, true, fitting).model().graph().constants().get(0).data());
    Limits tight = Limits.standard().withBytes(32 * Float.BYTES - 1);
    String refusal =
        assertThrows(UnsupportedModelException.class, () -> Handover.of(model, true, tight))
            .getMessage();
    assertTrue(refusal.contains("sparse tensor w"), refusal);
  }

  @Test
  void absentInputsAtTheEndAreLeftOutAtEveryLevel() {
    Model model =
        ModelParser.parse(
            HEADER
                + "(float[N] x, bool c, float[] m) => (float[N] y) {"
                + " a = Clip(x, \"\", \"\") b = Clip(a, \"\", m) y = If(c) <"
                + " then_branch = t () => (float[N] p) { p = Clip(b, m, \"\") },"
                + " else_branch = e () => (float[N] p) { p = Identity(b) }> }");
    List<Node> nodes = Handover.of(model, true, Limits.standard()).model().graph().nodes();
    assertEquals(List.of("x"), nodes.get(0).inputs());
    assertEquals(List.of("a", "", "m"), nodes.get(1).inputs());
    assertEquals(
        List.of(List.of("b", "m"), List.of("b")),
        nodes.get(2).subgraphs().stream().map(g -> g.nodes().get(0).inputs()).toList());
  }

  @Test
  void absentInputsThatHaveToBeWrittenStay() {
    Model model =
        ModelParser.parse(
            HEADER
                + "(int64 n) => (int64[n] y) { y = Loop(n, \"\") <body ="
                + " b (int64 i, bool c) => (bool d, int64 s) { d = Identity(c) s = Neg(i) }> }");
    assertEquals(
        List.of("n", ""),
        Handover.of(model, true, Limits.standard()).model().graph().nodes().get(0).inputs());
  }

  @Test
  void aModelWithErrorsIsRefusedUnlessAskedFor() {
    Model model =
        ModelParser.parse(
            HEADER + "(float[2] x) => (float[2] y) { b = Neg(a) a = Abs(x) y = Neg(b) }");
    UnsupportedModelException refusal =
        assertThrows(UnsupportedModelException.class, () -> OrtBackend.cpu().prepare(model));
    assertTrue(
        refusal
            .getMessage()
            .startsWith("The model has errors, on which ONNX Runtime may crash: SX"),
        refusal.getMessage());
    assertEquals(refusal.getMessage(), OrtBackend.cpu().whyUnsupported(model).orElse(""));
    // ONNX Runtime sorts nodes by itself.
    try (PreparedModel prepared = OrtBackend.cpu().withoutCheck().prepare(model)) {
      assertEquals(1, prepared.run(Map.of("x", Tensor.ofFloats(new float[2], 2))).size());
    }
  }

  @Test
  void functionsThatCallThemselvesAreRefusedWithoutTheCheckerToo() {
    Model model =
        ModelParser.parse(
            "<ir_version: 9, opset_import: [\"\" : 21, \"local\" : 1]>"
                + " g (float[2] x) => (float[2] y) { y = local.F(x) }\n"
                + "<domain: \"local\", opset_import: [\"\" : 21, \"local\" : 1]>"
                + " F (a) => (b) { b = local.F(a) }");
    for (OrtBackend backend :
        Stream.of(OrtBackend.cpu(), OrtBackend.cpu().withoutCheck()).toList()) {
      assertThrows(UnsupportedModelException.class, () -> backend.prepare(model));
    }
  }
}
