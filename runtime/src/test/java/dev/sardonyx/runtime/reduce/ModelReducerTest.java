package dev.sardonyx.runtime.reduce;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.export.text.ModelParser;
import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Result;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.backend.Backend;
import dev.sardonyx.ir.backend.Options;
import dev.sardonyx.ir.backend.PreparedModel;
import dev.sardonyx.ir.eval.ReferenceBackend;
import dev.sardonyx.runtime.FailureKind;
import dev.sardonyx.runtime.OrtBackend;
import dev.sardonyx.runtime.conformance.Conformance;
import dev.sardonyx.runtime.conformance.ConformanceReport;
import dev.sardonyx.runtime.conformance.Stages;
import dev.sardonyx.runtime.input.MadeUpInputs;
import dev.sardonyx.runtime.isolated.IsolatedBackend;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Models that a backend fails on become as small as they can be, and fail in the same way. */
class ModelReducerTest {
  /** Convolutions, a product and elementwise operators with several results along the way. */
  private static final Model NETWORK =
      ModelParser.parse(
          """
          <ir_version: 8, opset_import: ["": 17]>
          network (float[N,3,8,8] x) => (float[N,5] y, float[N,4] z)
          <float[4,3,3,3] w = {%s}, float[4,5] p = {%s}> {
            c = Conv <kernel_shape = [3, 3], pads = [1, 1, 1, 1]> (x, w)
            r = Relu (c)
            n = Neg (r)
            e = Exp (n)
            q = Softplus (e)
            g = GlobalAveragePool (q)
            f = Flatten (g)
            m = MatMul (f, p)
            t = Tanh (m)
            y = Sigmoid (t)
            z = Neg (f)
          }
          """
              .formatted(numbers(108), numbers(20)));

  private static String numbers(int count) {
    List<String> numbers = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      numbers.add(String.valueOf((i * 37 % 19 - 9) / 10f));
    }
    return String.join(", ", numbers);
  }

  private static Map<String, Datum> inputs(Model model) {
    return MadeUpInputs.of(model, Map.of("N", 4L), 1);
  }

  /** The reference evaluator, which computes other nodes than it is given. */
  private record Faulty(UnaryOperator<List<Node>> fault) implements Backend {
    @Override
    public String name() {
      return "faulty";
    }

    @Override
    public PreparedModel prepare(Model model, Options options) {
      // Like a backend that fuses nodes, it is wrong only if the values between are not asked for.
      Model wrong = model.withGraph(model.graph().withNodes(fault.apply(model.graph().nodes())));
      return new ReferenceBackend().prepare(wrong, options);
    }

    @Override
    public Optional<String> whyUnsupported(Model model) {
      return Optional.empty();
    }

    static Faulty operator(String is, String computedAs) {
      return new Faulty(
          nodes ->
              nodes.stream()
                  .map(node -> node.is(is) ? node.withOperator(computedAs) : node)
                  .toList());
    }
  }

  private static List<String> operators(Model model) {
    return model.graph().nodes().stream().map(Node::opType).toList();
  }

  @Test
  void aWrongOperatorIsLeftAloneWithOneElement() {
    Reduction found =
        ModelReducer.of(Faulty.operator("Softplus", "Softsign"))
            .reduce(NETWORK, inputs(NETWORK))
            .orElseThrow();
    assertEquals(List.of("Softplus"), operators(found.model()));
    assertEquals(FailureKind.ELEMENTS, found.kind());
    Tensor operand = (Tensor) found.inputs().get("e");
    assertEquals("[1,1,1,1]", operand.shape().toString(), "all axes are cut");
    assertEquals(1, operand.toScalar(), "a plain number does");
    assertEquals(11, found.nodesBefore());
  }

  /** A fault of two nodes together, of which neither is wrong by itself. */
  @Test
  void aWrongFusionIsLeftWithItsNodes() {
    Faulty fusion =
        new Faulty(
            nodes -> {
              List<Node> changed = new ArrayList<>(nodes);
              for (int i = 1; i < changed.size(); i++) {
                if (changed.get(i).is("Neg") && changed.get(i - 1).is("Relu")) {
                  changed.set(i, changed.get(i).withOperator("Abs"));
                }
              }
              return changed;
            });
    Reduction found = ModelReducer.of(fusion).reduce(NETWORK, inputs(NETWORK)).orElseThrow();
    assertEquals(List.of("Relu", "Neg"), operators(found.model()));
  }

  @Test
  void aMatrixProductKeepsOneColumn() {
    Reduction found =
        ModelReducer.of(
                new Faulty(
                    nodes ->
                        nodes.stream()
                            .map(
                                node ->
                                    node.is("MatMul")
                                        ? node.withOperator("Gemm")
                                            .withAttribute(Attribute.ofFloat("alpha", 2))
                                        : node)
                            .toList()))
            .reduce(NETWORK, inputs(NETWORK))
            .orElseThrow();
    assertEquals(List.of("MatMul"), operators(found.model()));
    assertEquals("[1,1]", ((Tensor) found.inputs().get("f")).shape().toString());
    assertEquals("float[1,1]", found.model().graph().constants().get(0).type().toString());
  }

  @Test
  void whatDoesNotFailIsNotReduced() {
    assertTrue(ModelReducer.of(new ReferenceBackend()).reduce(NETWORK, inputs(NETWORK)).isEmpty());
    assertTrue(ModelReducer.of(new ReferenceBackend()).culprit(NETWORK, inputs(NETWORK)).isEmpty());
  }

  /** The trials are bounded, and what was found until then is there. */
  @Test
  void trialsAreBounded() {
    Reduction found =
        ModelReducer.of(Faulty.operator("Softplus", "Softsign"))
            .withMostTrials(3)
            .reduce(NETWORK, inputs(NETWORK))
            .orElseThrow();
    assertEquals(3, found.trials());
    assertEquals(List.of("Softplus"), operators(found.model()));
  }

  /** Squares its input until that is at least 100, which for 3 is soon and for 1 is never. */
  private static final Model SQUARES =
      ModelParser.parse(
          """
          <ir_version: 8, opset_import: ["": 17]>
          squares (float x, float bound) => (float z) <int64 many = {9223372036854775807}> {
            go = Less (x, bound)
            y = Loop <body = b (int64 i, bool c, float s) => (bool d, float t) {
              t = Mul (s, s)
              d = Less (t, bound)
            }> (many, go, x)
            z = Abs (y)
          }
          """);

  private static Map<String, Datum> squared(float number) {
    return Map.of("x", Tensor.scalar(number), "bound", Tensor.scalar(100f));
  }

  /** Gives what is negative of each Loop. */
  private static final Faulty NEGATING =
      new Faulty(
          nodes -> {
            List<Node> changed = new ArrayList<>();
            for (Node node : nodes) {
              if (node.is("Loop")) {
                changed.add(node.withOutputs(List.of(Result.of("right"))));
                changed.add(Node.of("Neg", List.of("right"), node.outputs()));
              } else {
                changed.add(node);
              }
            }
            return changed;
          });

  /** Plainer numbers, of which 1 is tried first, would be multiplied for ever. */
  @Test
  @Timeout(60)
  void aSmallerModelThatNeverEndsDoesNotCount() {
    Reduction found =
        ModelReducer.of(NEGATING)
            .withRunTime(Duration.ofSeconds(1))
            .reduce(SQUARES, squared(3.3f))
            .orElseThrow();
    assertEquals(List.of("Loop"), operators(found.model()));
    assertEquals(FailureKind.ELEMENTS, found.kind());
    assertEquals(3, ((Tensor) found.inputs().get("x")).toScalar(), "the nearest that ends");
    assertFalse(Thread.currentThread().isInterrupted());
  }

  @Test
  @Timeout(60)
  void aWholeModelThatNeverEndsIsNotReduced() {
    ModelReducer reducer = ModelReducer.of(NEGATING).withRunTime(Duration.ofMillis(200));
    String message =
        String.valueOf(
            assertThrows(IllegalStateException.class, () -> reducer.reduce(SQUARES, squared(1)))
                .getMessage());
    assertEquals(
        "reference took longer than PT0.2S for model 'squares', which cannot be reduced then",
        message);
    assertThrows(IllegalStateException.class, () -> reducer.culprit(SQUARES, squared(1)));
    assertFalse(Thread.currentThread().isInterrupted());
  }

  /** What never ends in the candidate ends with the time for all. */
  @Test
  @Timeout(60)
  void theTimeForAllIsBounded() {
    Faulty endless =
        new Faulty(
            nodes -> {
              List<Node> changed = new ArrayList<>(nodes);
              changed.replaceAll(
                  node -> node.is("Loop") ? node.withInputs(List.of("many", "go", "one")) : node);
              Tensor one = Tensor.scalar(1f);
              changed.add(
                  0,
                  Node.of(
                      "Constant",
                      List.of(),
                      List.of(Result.of("one")),
                      Attribute.ofTensor("value", one)));
              return changed;
            });
    ModelReducer reducer = ModelReducer.of(endless).withMostTime(Duration.ofSeconds(1));
    assertTrue(reducer.reduce(SQUARES, squared(3.3f)).isEmpty());
    assertEquals(
        "Verifying model 'squares' took longer than PT1S",
        assertThrows(IllegalStateException.class, () -> reducer.culprit(SQUARES, squared(3.3f)))
            .getMessage());
    assertFalse(Thread.currentThread().isInterrupted());
  }

  /** What was found before an interrupt is there. */
  @Test
  @Timeout(60)
  void anInterruptEndsTheReduction() {
    int[] prepared = {0};
    Faulty interrupting =
        new Faulty(
            nodes -> {
              if (++prepared[0] == 6) {
                Thread.currentThread().interrupt();
              }
              return NEGATING.fault().apply(nodes);
            });
    Optional<Reduction> found = ModelReducer.of(interrupting).reduce(SQUARES, squared(3.3f));
    assertTrue(Thread.interrupted(), "it stays");
    assertEquals(FailureKind.ELEMENTS, found.orElseThrow().kind());
  }

  /** Ends its process if a model has a node Softplus. */
  public static final class Crashing implements Supplier<Backend> {
    @Override
    public Backend get() {
      return new Faulty(
          nodes -> {
            if (nodes.stream().anyMatch(node -> node.is("Softplus"))) {
              Runtime.getRuntime().halt(9);
            }
            return nodes;
          });
    }
  }

  @Test
  void aCrashInAProcessOfItsOwnIsReduced() {
    try (IsolatedBackend isolated = IsolatedBackend.of(Crashing.class)) {
      // Each crash costs the start of a JVM.
      Reduction found =
          ModelReducer.of(isolated)
              .withMostTrials(6)
              .reduce(NETWORK, inputs(NETWORK))
              .orElseThrow();
      assertEquals(FailureKind.CRASH, found.kind());
      assertTrue(operators(found.model()).contains("Softplus"), found.toString());
      assertTrue(found.model().graph().nodes().size() <= 3, found.toString());
    }
  }

  /** ONNX Runtime crops first where Pad wraps around and takes away at once. */
  private static final Model WRAPPED =
      ModelParser.parse(
          """
          <ir_version: 8, opset_import: ["": 19]>
          wrapped (float[N,6] x) => (float[?,?] y)
          <int64[4] pads = {0, -2, 0, 3}> {
            a = Abs (x)
            b = Pad <mode = "wrap"> (a, pads)
            y = Sqrt (b)
          }
          """);

  @Test
  void aDisagreementWithOnnxRuntimeIsReducedAndReproduced(@TempDir Path folder) throws IOException {
    ModelReducer reducer = ModelReducer.of(OrtBackend.cpu());
    Reduction found = reducer.reduce(WRAPPED, inputs(WRAPPED)).orElseThrow();
    assertEquals(List.of("Pad"), operators(found.model()));
    Path written = folder.resolve("suite/case");
    found.write(written);
    assertTrue(Files.readString(written.resolve("README.txt")).contains(found.command()));
    ConformanceReport report =
        Conformance.of(
                List.of(
                    Stages.run("ort", OrtBackend.cpu()),
                    Stages.run("reference", new ReferenceBackend())))
            .run(List.of(folder.resolve("suite")));
    assertEquals(1, report.stage("ort").orElseThrow().failed(), report.toString());
    assertEquals(1, report.stage("reference").orElseThrow().passed(), report.toString());
    assertThrows(IOException.class, () -> found.write(written), "it is not empty");
  }

  @Test
  void theCulpritIsTheNodeWithItsOperandsAsTheyAre() {
    Reduction culprit =
        ModelReducer.of(Faulty.operator("Softplus", "Softsign"))
            .culprit(NETWORK, inputs(NETWORK))
            .orElseThrow();
    assertEquals(List.of("Softplus"), operators(culprit.model()));
    assertEquals("[4,4,8,8]", ((Tensor) culprit.inputs().get("e")).shape().toString());
    assertFalse(culprit.expected().isEmpty());
  }

  /**
   * Tanh and Erf of 6 differ by less than the tolerance, but by more than what Sub leaves of them.
   */
  @Test
  void aCulpritThatDoesNotFailByItselfIsNotSaidTo(@TempDir Path folder) throws IOException {
    Model model =
        ModelParser.parse(
            """
            <ir_version: 8, opset_import: ["": 17]>
            less (float[1] x) => (float[1] y) <float one = {1}> { t = Tanh (x) y = Sub (t, one) }
            """);
    Reduction culprit =
        ModelReducer.of(Faulty.operator("Tanh", "Erf"))
            .culprit(model, Map.of("x", Tensor.ofFloats(new float[] {6}, 1)))
            .orElseThrow();
    assertEquals(List.of("Sub"), operators(culprit.model()));
    assertFalse(culprit.alone());
    culprit.write(folder.resolve("case"));
    String readme = Files.readString(folder.resolve("case/README.txt"));
    assertTrue(readme.contains("does not fail"), readme);
    assertFalse(readme.contains("shows it again"), readme);
  }

  @Test
  void namesAreQuotedInTheCommand() {
    Reduction found =
        new Reduction(
            ModelParser.parse(
                "<ir_version: 8, opset_import: [\"\": 17]> g (float x) => (float y)"
                    + " { y = Neg (x) }"),
            Map.of("x", Tensor.scalar(1f)),
            Map.of(),
            FailureKind.ELEMENTS,
            "",
            true,
            "a",
            "b",
            dev.sardonyx.runtime.Tolerance.EXACT,
            1,
            1);
    assertEquals(
        "sardonyx verify --isolated --rtol 0.0 --atol 0.0 --input x=test_data_set_0/input_0.pb"
            + " model.onnx",
        found.command());
  }
}
