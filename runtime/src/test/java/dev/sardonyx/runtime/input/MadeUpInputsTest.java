package dev.sardonyx.runtime.input;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.export.text.ModelParser;
import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.MapDatum;
import dev.sardonyx.ir.MapType;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Output;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.backend.ModelInputs;
import dev.sardonyx.ir.backend.PreparedModel;
import dev.sardonyx.ir.backend.UnsupportedModelException;
import dev.sardonyx.ir.eval.ReferenceBackend;
import dev.sardonyx.runtime.Models;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Made-up inputs are of the declared types, and lie where the model can use them. */
class MadeUpInputsTest {
  private static Model model(String text) {
    return ModelParser.parse("<ir_version: 10, opset_import: [\"\": 21]> g " + text);
  }

  private static Map<String, Datum> made(Model model, long seed) {
    Map<String, Datum> inputs = MadeUpInputs.of(model, Map.of(), seed);
    ModelInputs.of(model.graph()).require(inputs);
    return inputs;
  }

  /** Each would be refused by the evaluator if an index or length were out of range. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "(int64[40] i) => (float[?,?] y) <float[3,2] w = {1, 2, 3, 4, 5, 6}>"
            + " { y = Gather (w, i) }",
        "(int32[4,N] i) => (y) <float[2,5] w = {1, 2, 3, 4, 5, 6, 7, 8, 9, 0}>"
            + " { a = Cast <to = 7> (i) b = Reshape (a, s) y = Gather <axis = 1> (w, b) }",
        "(float[4,9] x, int64[4,20] i) => (y) { y = GatherElements <axis = 1> (x, i) }",
        "(float[5,4,3] x, int64[30,2] i) => (y) { y = GatherND (x, i) }",
        "(float[6,2,3] x, int32[2] lengths) => (y)"
            + " <float[1,4,3] w = {0,0,0,0,0,0,0,0,0,0,0,0},"
            + " float[1,4,4] r = {0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0}>"
            + " { y = RNN <hidden_size = 4> (x, w, r, , lengths) }",
        "(float[6,2] x, int64[2] lengths) => (y) { y = ReverseSequence (x, lengths) }",
        "(float[2,7] x, int64[1] k) => (y, i) { y, i = TopK (x, k) }",
        "(int32[9] x, int32[9] d) => (y) { y = Div (x, d) }",
        "(float[3,1] x, int64[1] axis) => (y) { y = Unsqueeze (x, axis) }",
        "(seq(float[N]) s, int64 at) => (y) { y = SequenceAt (s, at) }",
      })
  void indicesAndLengthsAreInRange(String text) {
    Model model =
        model(
            text.contains("(a, s)")
                ? text.replace("<float[2,5]", "<int64[1] s = {-1}, float[2,5]")
                : text);
    boolean varied = false;
    Map<String, Datum> first = made(model, 0);
    try (PreparedModel prepared = new ReferenceBackend().prepare(model)) {
      for (long seed = 0; seed < 5; seed++) {
        Map<String, Datum> inputs = made(model, seed);
        prepared.run(inputs);
        varied |= !inputs.equals(first);
      }
    }
    assertTrue(varied, "seeds decide");
    assertEquals(first, made(model, 0), "and nothing else does");
  }

  private static final String TEN = "<float[10] w = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9}>";

  /** A value of the main graph may be an index only in a body or a function. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "(bool c, int64[40] i) => (float[40] y) W { y = If (c) <"
            + "then_branch = t () => (float[40] a) { a = Gather (w, i) },"
            + " else_branch = e () => (float[40] b) { b = Gather (w, i) }> }",
        "(bool c, bool d, int64[40] i) => (float[40] y) W { y = If (c) <"
            + "then_branch = t () => (float[40] a) { a = If (d) <"
            + "then_branch = u () => (float[40] p) { j = Identity (i) p = Gather (w, j) },"
            + " else_branch = f () => (float[40] q) { q = Cast <to = 1> (i) }> },"
            + " else_branch = e () => (float[40] b) { b = Cast <to = 1> (i) }> }",
        "(bool c, int64[40] i) => (float[40] y) W { j = If (c) <"
            + "then_branch = t () => (int64[40] a) { a = Identity (i) },"
            + " else_branch = e () => (int64[40] b) { b = Identity (i) }> y = Gather (w, j) }",
        "(int64[40] i) => (float[40] y) <int64 n = {2}, bool g = {1}, float[40] z, W"
            + " { k, y = Loop <body = b (int64 t, bool c, int64[40] s, float[40] o)"
            + " => (bool d, int64[40] r, float[40] p)"
            + " { d = Identity (c) r = Identity (s) p = Gather (w, s) }> (n, g, i, z) }",
        "(int64[40] i) => (float[40] y) <int64 n = {2}, bool g = {1}, int64[40] z, W"
            + " { k, l = Loop <body = b (int64 t, bool c, int64[40] s, int64[40] o)"
            + " => (bool d, int64[40] r, int64[40] p)"
            + " { d = Identity (c) r = Identity (s) p = Identity (s) }> (n, g, i, z)"
            + " y = Gather (w, l) }",
        "(int64[40] i) => (float[40] y) W"
            + " { y = Scan <num_scan_inputs = 1, body = b (int64 s) => (float p)"
            + " { p = Gather (w, s) }> (i) }",
        "(int64[40] i) => (float[40] y) W { y = own.Look (w, i) }",
        "(bool c, int64[40] i) => (float[40] y) W { y = own.Choose (c, w, i) }",
      })
  void indicesInsideBodiesAndFunctionsReachTheWholeAxis(String text) {
    String functions =
        """
        <domain: "own", opset_import: ["": 21]> Look (w, i) => (y) { y = Gather (w, i) }
        <domain: "own", opset_import: ["": 21, "own": 1]> Choose (c, w, i) => (y) {
          y = If (c) <then_branch = t () => (a) { a = own.Look (w, i) },
                      else_branch = e () => (b) { b = own.Look (w, i) }>
        }
        """;
    String zeros = String.join(", ", Collections.nCopies(40, "0"));
    Model model =
        ModelParser.parse(
            "<ir_version: 10, opset_import: [\"\": 21, \"own\": 1]> g "
                + text.replace("[40] z, W", "[40] z = {" + zeros + "}, " + TEN.substring(1))
                    .replace("W", TEN)
                + functions);
    try (PreparedModel prepared = new ReferenceBackend().prepare(model)) {
      for (long seed = 0; seed < 3; seed++) {
        Map<String, Datum> inputs = made(model, seed);
        long[] indices = ((Tensor) inputs.get("i")).toLongs();
        assertTrue(Arrays.stream(indices).max().orElseThrow() > 4, Arrays.toString(indices));
        prepared.run(inputs); // refuses an index beyond the axis
      }
    }
  }

  /** Not only 0 and 1, which would be in range too. */
  @Test
  void indicesReachTheWholeAxis() {
    Model model =
        model(
            "(int64[200] i) => (float[?] y) <float[5] w = {1, 2, 3, 4, 5}>"
                + " { y = Gather (w, i) }");
    long[] indices = ((Tensor) made(model, 1).get("i")).toLongs();
    assertEquals(
        List.of(0L, 1L, 2L, 3L, 4L), Arrays.stream(indices).distinct().sorted().boxed().toList());
  }

  @Test
  void rootsAndLogarithmsGetPositiveNumbers() {
    Model model = model("(float[50] x) => (float[50] y) { y = Log (x) }");
    try (PreparedModel prepared = new ReferenceBackend().prepare(model)) {
      for (float element : prepared.run(made(model, 2)).tensor("y").toFloats()) {
        assertTrue(Float.isFinite(element), "" + element);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "UNDEFINED")
  void everyElementType(ElementType type) {
    Model model =
        Models.of(
            21,
            List.of(Input.of("x", TensorType.of(type, 3, 4))),
            List.of(Output.of("y", TensorType.of(type, 3, 4))),
            List.of(),
            Models.node("Identity", List.of("x"), "y"));
    assertEquals("[3,4]", ((Tensor) made(model, 1).get("x")).shape().toString());
  }

  @Test
  void sequencesMapsAndOptionals() {
    Model model =
        model(
            "(seq(string[N]) s, optional(float[2]) o) => (y, z)"
                + " { y = Identity (s) z = OptionalGetElement (o) }");
    Map<String, Datum> inputs = made(model, 1);
    assertEquals(2, inputs.size());
    Model mapped =
        model.withGraph(
            model
                .graph()
                .withInputs(
                    List.of(
                        Input.of(
                            "m",
                            new MapType(ElementType.STRING, TensorType.of(ElementType.FLOAT)))))
                .withNodes(List.of())
                .withOutputs(List.of()));
    assertEquals(3, ((MapDatum) made(mapped, 1).get("m")).keys().size());
    assertThrows(
        UnsupportedModelException.class,
        () -> made(model("(sparse_tensor(float[3]) x) => (y) { y = Identity (x) }"), 1));
  }

  /** Sizes are the smallest with which no dimension, given or computed, is empty. */
  @Test
  void expressionsAreSolved() {
    assertEquals("[1]", shape("(float[\"N-5\"] x) => (float[\"N-5\"] y) { y = Neg (x) }", "x"));
    assertEquals(
        "[1,6]", shape("(float[\"N/4\",\"N+2\"] x) => (y) { y = Neg (x) }", "x"), "N is 4");
    String conv =
        "(float[1,1,H,W] x) => (y) <float[1,1,3,3] w = {1,1,1,1,1,1,1,1,1}>"
            + " { y = Conv (x, w) }";
    assertEquals("[1,1,4,4]", shape(conv, "x"), "a window needs room");
  }

  private static String shape(String text, String input) {
    Model model = model(text);
    Map<String, Datum> inputs = MadeUpInputs.of(model, Map.of(), 1);
    return ((Tensor) inputs.get(input)).shape().toString();
  }

  @Test
  void whatIsGivenStaysAndDecidesSizes() {
    Model model = model("(float[N,2] a, float[N,3] b) => (y, z) { y = Neg (a) z = Neg (b) }");
    Tensor a = Tensor.ofFloats(new float[8], 4, 2);
    Map<String, Datum> inputs = MadeUpInputs.beside(Map.of("a", a), model, Map.of(), 1);
    assertEquals(a, inputs.get("a"));
    assertEquals("[4,3]", ((Tensor) inputs.get("b")).shape().toString());
    String message =
        String.valueOf(
            assertThrows(
                    IllegalArgumentException.class,
                    () -> MadeUpInputs.beside(Map.of("a", a), model, Map.of("N", 3L), 1))
                .getMessage());
    assertEquals("Input 'a' is float[4,2], so N would be 4, but elsewhere it is 3", message);
  }

  @Test
  void sizesThatCannotBeAreRefused() {
    Model model = model("(float[\"N-5\"] x) => (y) { y = Neg (x) }");
    String message =
        String.valueOf(
            assertThrows(
                    UnsupportedModelException.class,
                    () -> MadeUpInputs.of(model, Map.of("N", 3L), 1))
                .getMessage());
    assertTrue(message.contains("N-5 would be -2 with N=3"), message);
    assertThrows(
        UnsupportedModelException.class,
        () -> MadeUpInputs.of(model, Map.of("N", Long.MAX_VALUE), 1));
    assertEquals(
        List.of("N"), Stream.of(MadeUpInputs.symbols(model)).flatMap(s -> s.stream()).toList());
  }

  /** As of a convolutional network whose dense layer takes 4 by 4 windows: 10 or 11. */
  @Test
  void oneSizeThatTheModelTakesIsFound() {
    Model model =
        model(
            "(float[N,1,H,W] x) => (float[N,16] y) <int64[2] s = {0, 16}>"
                + " { a = MaxPool <kernel_shape = [3, 3]> (x)"
                + " b = MaxPool <kernel_shape = [2, 2], strides = [2, 2]> (a) y = Reshape (b, s) }");
    assertEquals(List.of(1L, 1L, 10L, 10L), dims(made(model, 1)));
    assertEquals(List.of(5L, 1L, 10L, 10L), dims(MadeUpInputs.of(model, Map.of("N", 5L), 1)));
    assertTrue(MadeUpInputs.fit(model, Map.of("N", 1L, "H", 11L, "W", 10L)));
    assertFalse(MadeUpInputs.fit(model, Map.of("N", 1L, "H", 12L, "W", 10L)));
  }

  private static List<Long> dims(Map<String, Datum> inputs) {
    return Arrays.stream(((Tensor) inputs.get("x")).dims()).boxed().toList();
  }
}
