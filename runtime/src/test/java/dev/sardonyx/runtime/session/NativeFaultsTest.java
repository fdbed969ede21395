package dev.sardonyx.runtime.session;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.export.text.ModelParser;
import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.backend.PreparedModel;
import dev.sardonyx.ir.backend.UnsupportedModelException;
import dev.sardonyx.ir.check.Checker;
import dev.sardonyx.ir.eval.ReferenceBackend;
import dev.sardonyx.runtime.OrtBackend;
import dev.sardonyx.runtime.isolated.IsolatedBackend;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Valid models that ended the process are refused, or fail with the node's name. */
final class NativeFaultsTest {
  private static final String HEADER = "<ir_version: 11, opset_import: [\"\" : 23]> g ";

  /** Each fails if its dimension N is 0, and runs if it is not. */
  private static final List<String> GRAPHS =
      List.of(
          "(float[N,3] x) => (float[] y, int64[] i) <int64[1] k = {1}>"
              + " { [best] y, i = TopK (x, k) }",
          "(float[2,N] x) => (float[] y) { [norm] y = LpNormalization (x) }",
          "(float[N,2,2] x, float[1,9,2] w, float[1,9,3] r) => (float[] y)"
              + " { [state] y = GRU <hidden_size: int = 3> (x, w, r) }",
          "(float[1,2,N] x, float[2,2,3] w) => (float[] y) { [up] y = ConvTranspose (x, w) }",
          "(float[1,N,1] x) => (float[] y) { [freq] y = DFT (x) }",
          "(float[1,N] x) => (float[] y) { h = Cast <to: int = 10> (x)"
              + " [norm] r = ReduceL2 (h) c = Cast <to: int = 1> (r) y = Sign (c) }",
          "(float[2,N] a, float[4,N] b) => (float[] y)"
              + " { [sum] y = Einsum <equation: string = \"ij,kj->ik\"> (a, b) }",
          // The last of many.
          "(float[2] a, float[N] b) => (float[] y) { [many] y = Einsum <equation: string ="
              + " \"i,i,i,i,i,i,i,i,j->ij\"> (a, a, a, a, a, a, a, a, b) }",
          "(float[3,N,2] x, float[1,12,2] w, float[1,12,3] r) => (float[] y)"
              + " { [state] y = LSTM <hidden_size: int = 3> (x, w, r) }",
          "(float[2,N,6] x) => (float[] y) { [heads] y = Attention"
              + " <q_num_heads: int = 2, kv_num_heads: int = 2> (x, x, x) }",
          // What is left of an input that has elements.
          "(float[N,3] x) => (float[] y) <int64[1] first = {3}, int64[1] end = {100}> {"
              + " s = Slice (x, first, end) [norm] y = LpNormalization (s) }",
          // Where the dimension is a matter of the data, and inside a subgraph.
          "(float[N] x) => (float[] y) <int64 zero = {0}, int64[1] k = {1}> {"
              + " s = Size (x) yes = GreaterOrEqual (s, zero)"
              + " z = NonZero (x) t = Transpose (z) f = Cast <to: int = 1> (t)"
              + " y = If (yes) <then_branch: graph = a () => (float[] p)"
              + " { [best] p, i = TopK <axis: int = 0> (f, k) },"
              + " else_branch: graph = b () => (float[] q) { q = Identity (f) }> }");

  @TempDir private Path folder;

  private static Model model(String graph) {
    return ModelParser.parse(HEADER + graph);
  }

  private static Map<String, Datum> inputs(Model model, int length) {
    Map<String, Datum> inputs = new HashMap<>();
    for (Input input : model.graph().inputs()) {
      long[] dims =
          ((TensorType) input.type())
              .shape().dims().stream().mapToLong(d -> d.isFixed() ? d.value() : length).toArray();
      float[] elements = new float[(int) Arrays.stream(dims).reduce(1, (a, b) -> a * b)];
      for (int i = 0; i < elements.length; i++) {
        elements[i] = (i * 7 % 5 + 1) / 4f;
      }
      inputs.put(input.name(), Tensor.ofFloats(elements, dims));
    }
    return inputs;
  }

  @Test
  void nothingEndsTheProcess() throws Exception {
    ChildJvm child = ChildJvm.run(folder, Run.class);
    assertEquals(0, child.status(), child.output());
    List<String> lines = child.output().lines().filter(l -> l.startsWith("Node ")).toList();
    assertEquals(2 * GRAPHS.size(), lines.size(), child.output());
    for (String line : lines) {
      assertTrue(line.contains("cannot run") && line.contains("ends the process"), line);
    }
  }

  /** Runs each on no elements, which it may be given or declares. */
  static final class Run {
    public static void main(String[] arguments) {
      for (String graph : GRAPHS) {
        System.out.println(outcome(model(graph)));
        if (!graph.contains("NonZero")) {
          System.out.println(outcome(model(graph.replaceFirst("\\bN\\b", "0"))));
        }
      }
      System.out.println(
          outcome(
              model(
                  "(int64[4] x) => (float[2] y) { [grams] y = TfIdfVectorizer <mode: string ="
                      + " \"TF\", min_gram_length: int = 1, max_gram_length: int = 2,"
                      + " max_skip_count: int = 2147483647, ngram_counts: ints = [0, 0],"
                      + " ngram_indexes: ints = [0, 1], pool_int64s: ints = [1, 2, 2, 3]> (x) }")));
    }
  }

  private static String outcome(Model model) {
    assertTrue(Checker.check(model).isValid(), () -> Checker.check(model).toString());
    try (PreparedModel prepared = OrtBackend.cpu().prepare(model)) {
      return "RUNS " + prepared.run(inputs(model, 0));
    } catch (UnsupportedModelException | ModelRunException e) {
      return String.valueOf(e.getMessage());
    }
  }

  @Test
  void onElementsTheyRunAsBefore() {
    for (String graph : GRAPHS) {
      Model model = model(graph);
      Map<String, Datum> inputs = inputs(model, 4);
      try (PreparedModel ort = OrtBackend.cpu().prepare(model);
          PreparedModel reference = new ReferenceBackend().prepare(model)) {
        Tensor expected = reference.run(inputs).tensor("y");
        Tensor actual = ort.run(inputs).tensor("y");
        assertEquals(expected.type(), actual.type(), graph);
        for (int i = 0; i < expected.size(); i++) {
          assertEquals(expected.toFloats()[i], actual.toFloats()[i], 1e-4f, graph);
        }
      }
    }
  }

  @Test
  void whatHasElementsForSureIsLeftAlone() {
    Model model =
        model(
            "(float[2,3] x) => (float[2,1] y, int64[2,1] i) <int64[1] k = {1}>"
                + " { y, i = TopK (x, k) }");
    assertEquals(model.graph(), NativeFaults.of(model).model().graph());
  }

  /** Most sizes follow from those of the inputs, and a run that has them pays nothing. */
  @Test
  void guardsAreOnlyForRunsThatMayNeedThem() {
    for (String graph : GRAPHS) {
      Model model = model(graph);
      NativeFaults faults = NativeFaults.of(model);
      boolean isOfTheData = graph.contains("NonZero");
      assertEquals(!isOfTheData, model.graph().equals(faults.model().graph()), graph);
      assertNotEquals(model.graph(), faults.guarded().graph(), graph);
      assertTrue(faults.needed().arePositive(InputSizes.dims(inputs(model, 4))), graph);
      assertEquals(
          isOfTheData, faults.needed().arePositive(InputSizes.dims(inputs(model, 0))), graph);
    }
  }

  /** Inputs of one symbol may differ; what is declared inside a model nobody holds to. */
  @Test
  void whatIsDeclaredMayNotHold() {
    Model model =
        model(
            "(float[N] a, float[N] b) => (float[1] y, int64[1] i) <int64[1] k = {1}, float[4] r> {"
                + " r = Relu (a) y, i = TopK (r, k) }");
    Map<String, Datum> inputs =
        Map.of("a", Tensor.ofFloats(new float[0], 0), "b", Tensor.ofFloats(new float[] {1, 2}, 2));
    NativeFaults faults = NativeFaults.of(model);
    assertEquals(model.graph(), faults.model().graph());
    assertFalse(faults.needed().arePositive(InputSizes.dims(inputs)));
  }

  @Test
  void aRunOnNoElementsHarmsNoOther() {
    Model model = model(GRAPHS.get(0));
    try (PreparedModel ort = OrtBackend.cpu().prepare(model)) {
      ort.run(inputs(model, 2));
      // Rows there are none of, and a row to look for the best in.
      assertThrows(ModelRunException.class, () -> ort.run(inputs(model, 0)));
      ort.run(inputs(model, 3));
    }
  }

  @Test
  void stringsAreNotScattered() {
    Model model =
        ModelParser.parse(
            "<ir_version: 11, opset_import: [\"\" : 24]> g (string[1,1,1] x) => (string[1,1,1] y)"
                + " { y = TensorScatter (x, x) }");
    String why = OrtBackend.cpu().whyUnsupported(model).orElse("");
    assertTrue(why.contains("it scatters strings"), why);
  }

  @Test
  void aMaskBesideLengthsIsOfTheQuerysType() {
    for (String mask : List.of("float", "float16", "bool")) {
      Model model =
          ModelParser.parse(
              "<ir_version: 13, opset_import: [\"\" : 24]> g (float16[1,1,2,4] q, "
                  + mask
                  + "[2,2] m, int64[1] n) => (float16[1,1,2,4] y)"
                  + " { y = Attention (q, q, q, m, \"\", \"\", n) }");
      String why = OrtBackend.cpu().whyUnsupported(model).orElse("");
      assertEquals(mask.equals("float"), why.contains("its mask is of float"), why);
    }
  }

  @Test
  void aDistributionNeedsASpread() {
    for (String node :
        List.of(
            "RandomNormalLike <scale: float = 0.0> (x)",
            "RandomNormal <scale: float = 0.0, shape: ints = [2]> ()")) {
      Model model = model("(float[2] x) => (float[2] y) { r = " + node + " y = Add (x, r) }");
      assertTrue(Checker.check(model).isValid(), () -> Checker.check(model).toString());
      String why = OrtBackend.cpu().whyUnsupported(model).orElse("");
      assertTrue(why.contains("its scale is 0.0"), why);
    }
  }

  /** It ends the process when it is loaded if the constant is a float16, and is made a Cast. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "h = CastLike (m, x) y = Mul (x, h)",
        "n = Identity (m) h = CastLike (n, x) y = Mul (x, h)",
        "s = Exp (x) h = CastLike (m, s) y = Mul (x, h)",
        "b = Cast <to: int = 9> (i) y = If (b) <then_branch: graph = t () => (float[] p)"
            + " { h = CastLike (m, x) p = Mul (x, h) },"
            + " else_branch: graph = e () => (float[] q) { q = Identity (x) }>"
      })
  void aConstantIsCastLikeAnotherValue(String nodes) throws Exception {
    Model model =
        model("(float[2] x, float i) => (float[] y) <float16 m = {16896}> { " + nodes + " }");
    try (IsolatedBackend ort = IsolatedBackend.onnxRuntime();
        PreparedModel prepared = ort.prepare(model)) {
      Map<String, Datum> inputs =
          Map.of("x", Tensor.ofFloats(new float[] {2, -1}, 2), "i", Tensor.scalar(1f));
      assertArrayEquals(new float[] {6, -3}, prepared.run(inputs).tensor("y").toFloats());
    }
  }
}
