package dev.sardonyx.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.export.text.ModelParser;
import dev.sardonyx.ir.Constant;
import dev.sardonyx.ir.Datum;
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
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Where a step lies between two inputs that agree, neither the node that jumps nor what follows
 * from it fails; what is computed wrongly fails nonetheless, before the step, at it and after it.
 */
class StepVerificationTest {
  /** Rounding could do that. */
  private static final float LITTLE = 1e-6f;

  private static final Tensor LESS = vector(0, -LITTLE, 0, 0);

  private static Tensor vector(float... elements) {
    return Tensor.ofFloats(elements, elements.length);
  }

  /** A node that jumps at 2 (or near it), and what uses it. */
  private static Model model(String jump) {
    return ModelParser.parse(
        """
        <ir_version: 10, opset_import: ["": 21]>
        steps (float[4] x) => (y)
        <float half = {0.5}, float two = {2}, int64[1] k = {2}, int64 zero = {0}, int64 three = {3}, float[4] w = {1, -3, 5, 7}> {
          h = Mul (x, half)
          JUMP
        }
        """
            .replace("JUMP", jump));
  }

  private static final String FLOOR = "f = Floor (h) g = Mul (f, w) s = Tanh (g) y = Add (s, g)";

  private static Map<String, Tensor> at(float step) {
    return Map.of("x", vector(-3.3f, 2 * step, 0.9f, 8.7f));
  }

  /** The reference evaluator, in whose computation something is added to a value. */
  private record Adding(String value, Tensor added, boolean deployedOnly) implements Backend {
    @Override
    public String name() {
      return "adding to " + value;
    }

    @Override
    public Optional<String> whyUnsupported(Model model) {
      return Optional.empty();
    }

    @Override
    public PreparedModel prepare(Model model, Options options) {
      return new ReferenceBackend()
          .prepare(
              deployedOnly && !options.outputs().isEmpty() ? model : changed(model, value, added),
              options);
    }
  }

  private static Model changed(Model model, String value, Tensor added) {
    List<Constant> constants = new ArrayList<>(model.graph().constants());
    constants.add(Constant.of(value + "_added", added));
    List<Node> nodes = new ArrayList<>();
    for (Node node : model.graph().nodes()) {
      List<Result> results = new ArrayList<>(node.outputs());
      results.replaceAll(r -> r.name().equals(value) ? r.withName(value + "_right") : r);
      nodes.add(node.withOutputs(results));
      if (!results.equals(node.outputs())) {
        nodes.add(
            Node.of("Add", List.of(value + "_right", value + "_added"), List.of(Result.of(value))));
      }
    }
    return model.withGraph(model.graph().withConstants(constants).withNodes(nodes));
  }

  private static Backend adding(String value, Tensor added) {
    return new Adding(value, added, false);
  }

  private static VerificationReport verified(Backend candidate, Model model, float step) {
    return Verifier.of(candidate).against(new ReferenceBackend(), model, List.of(at(step)));
  }

  private static ValueComparison of(VerificationReport report, String value) {
    return report.values().stream().filter(v -> v.name().equals(value)).findFirst().orElseThrow();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "Floor; 2; f = Floor (h) y = Mul (f, w)",
        "Ceil; 2; n = Neg (h) f = Ceil (n) y = Mul (f, w)",
        "Round; 3.5; f = Round (h) y = Mul (f, w)",
        "Sign; 0; f = Sign (h) y = Mul (f, w)",
        "Mod; 2; f = Mod <fmod = 1> (h, two) y = Mul (f, w)",
        "Cast; 2; f = Cast <to = 7> (h) g = Clip (f, zero, three) y = Gather (w, g)",
        "Cast; 0; f = Cast <to = 9> (h) y = Where (f, w, x)",
        "GreaterOrEqual; 2; f = GreaterOrEqual (h, two) n = NonZero (f) y = Cast <to = 1> (n)",
        "ArgMax; 4.35; f = ArgMax (h) y = Gather (w, f)",
        "Hardmax; 4.35; f = Hardmax (h) y = Mul (f, w)",
        "TopK; 4.35; t, f = TopK (h, k) g = Gather (w, f) y = Mul (g, t)",
        "ThresholdedRelu; 1.0000005; f = ThresholdedRelu (h) y = Mul (f, w)",
        "Cast; 0; n = Abs (h) m = ReduceMin <keepdims = 0> (n) f = Cast <to = 9> (m)"
            + " y = If (f) <then_branch = a () => (p) { p = Exp (h) },"
            + " else_branch = b () => (q) { q = Neg (h) }>"
      })
  void aStepIsReportedAndNothingFails(String operator, float step, String jump) {
    VerificationReport report = verified(adding("h", LESS), model(jump), step);
    assertTrue(report.passed(), report.table());
    ValueComparison across = of(report, "f");
    assertTrue(across.acrossSteps() > 0, report.table());
    assertEquals("PASS, " + across.acrossSteps() + " across a step", across.verdict());
    assertTrue(across.toleranceUsed() <= 1, report.table());
    assertTrue(report.outputs().get(0).acrossSteps() > 0, report.table());
    assertEquals(
        "A step lies between both sides in 1 batch at 'f' ("
            + operator
            + "): its inputs agree, each side's value is right for its own, and so is what follows"
            + " from it across the step",
        report.notes().get(report.notes().size() - 1));
  }

  /** The step of one element hides nothing of the others, nor of the same one. */
  @ParameterizedTest
  @CsvSource({"f,0,1", "f,1,-2", "g,0,0.1", "g,1,0.1", "s,2,0.1", "y,1,0.3"})
  void whatIsWrongFailsWhereItBegins(String value, int element, float error) {
    float[] added = new float[4];
    added[element] = error;
    Model model = model(FLOOR);
    Backend candidate =
        new Backend() {
          @Override
          public String name() {
            return "wrong";
          }

          @Override
          public Optional<String> whyUnsupported(Model of) {
            return Optional.empty();
          }

          @Override
          public PreparedModel prepare(Model given, Options options) {
            return new Adding("h", LESS, false)
                .prepare(changed(given, value, vector(added)), options);
          }
        };
    VerificationReport report = verified(candidate, model, 2);
    assertFalse(report.passed(), report.table());
    assertEquals(value, report.firstDiverging().orElseThrow().name(), report.table());
  }

  /** Two sides that disagree about the very same input. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aWrongJumpOfEitherSideFails(boolean reference) {
    Backend wrong = adding("f", vector(0, -1, 0, 0));
    Backend right = new ReferenceBackend();
    VerificationReport report =
        Verifier.of(reference ? right : wrong)
            .against(reference ? wrong : right, model(FLOOR), List.of(at(2)));
    assertEquals("f", report.firstDiverging().orElseThrow().name(), report.table());
    assertEquals(0, of(report, "f").acrossSteps());
  }

  /** What follows from an input beyond the tolerance is no matter of steps. */
  @Test
  void anInputThatDiffersFailsWithWhatFollows() {
    VerificationReport report = verified(adding("h", vector(0, -0.5f, 0, 0)), model(FLOOR), 2);
    assertEquals("h", report.firstDiverging().orElseThrow().name(), report.table());
    assertFalse(of(report, "f").passed(), report.table());
    assertEquals(0, of(report, "f").acrossSteps());
  }

  @Test
  void withoutToleranceThereAreNoSteps() {
    VerificationReport report =
        Verifier.of(adding("h", LESS))
            .withTolerance(Tolerance.EXACT)
            .against(new ReferenceBackend(), model(FLOOR), List.of(at(2)));
    assertEquals("h", report.firstDiverging().orElseThrow().name(), report.table());
    assertTrue(report.values().stream().allMatch(v -> v.acrossSteps() == 0), report.table());
  }

  /** A continuous node that magnifies what its inputs differ by is off, step or not. */
  @Test
  void whatIsMagnifiedIsNoStep() {
    VerificationReport report =
        verified(adding("h", LESS), model("f = Sub (h, two) g = Mul (f, w) y = Exp (g)"), 2);
    assertTrue(report.passed(), report.table());
    VerificationReport large =
        verified(
            adding("h", LESS),
            model("f = Sub (h, two) g = Reciprocal (f) y = Mul (g, w)"),
            2.000002f);
    assertEquals("g", large.firstDiverging().orElseThrow().name(), large.table());
  }

  /** The session as it is deployed may not be wrong in another way than the other one. */
  @Test
  void aDeployedOutputThatIsLikeNeitherSideFails() {
    Backend candidate =
        new Backend() {
          @Override
          public String name() {
            return "wrong as deployed";
          }

          @Override
          public Optional<String> whyUnsupported(Model of) {
            return Optional.empty();
          }

          @Override
          public PreparedModel prepare(Model given, Options options) {
            return new Adding("h", LESS, false)
                .prepare(
                    options.outputs().isEmpty() ? changed(given, "g", vector(0, 0, 1, 0)) : given,
                    options);
          }
        };
    VerificationReport report = verified(candidate, model(FLOOR), 2);
    assertEquals(
        ValueComparison.Kind.DEPLOYED,
        report.firstDiverging().orElseThrow().kind(),
        report.table());
    // One that does not jump agrees with the reference.
    VerificationReport fused = verified(new Exposed(), model(FLOOR), 2);
    assertTrue(fused.passed(), fused.table());
    assertEquals(0, fused.outputs().get(0).acrossSteps());
  }

  /** Jumps only in the session that gives all values. */
  private record Exposed() implements Backend {
    @Override
    public String name() {
      return "exposed";
    }

    @Override
    public Optional<String> whyUnsupported(Model model) {
      return Optional.empty();
    }

    @Override
    public PreparedModel prepare(Model model, Options options) {
      return new ReferenceBackend()
          .prepare(options.outputs().isEmpty() ? model : changed(model, "h", LESS), options);
    }
  }

  /** Outputs alone, of which one is computed from the other. */
  @Test
  void recordedOutputsShowTheirSteps() {
    Model model =
        ModelParser.parse(
            """
            <ir_version: 10, opset_import: ["": 21]>
            classes (float[4] x) => (float[4] h, int64[1] f) <float half = {0.5}> {
              h = Mul (x, half)
              f = ArgMax (h)
            }
            """);
    try (PreparedModel reference = new ReferenceBackend().prepare(model)) {
      Map<String, Datum> recorded = Map.copyOf(reference.run(at(4.35f)));
      VerificationReport report =
          Verifier.of(adding("h", LESS))
              .againstRecorded(
                  "yesterday", model, List.of(new Verifier.Recorded(at(4.35f), recorded)));
      assertTrue(report.passed(), report.table());
      assertEquals(1, of(report, "f").acrossSteps());
      VerificationReport wrong =
          Verifier.of(adding("f", Tensor.ofLongs(new long[] {1}, 1)))
              .againstRecorded(
                  "yesterday", model, List.of(new Verifier.Recorded(at(4.35f), recorded)));
      assertFalse(wrong.passed(), wrong.table());
    }
  }

  /** A step in the first batch does not cover a failure in the second. */
  @Test
  void eachBatchIsJudgedByItself() {
    Model model = model(FLOOR);
    Map<String, Tensor> far = Map.of("x", vector(1, 1.5f, 1, 1));
    Backend candidate = adding("f", vector(0, 1, 0, 0));
    VerificationReport report =
        Verifier.of(adding("h", LESS))
            .against(new ReferenceBackend(), model, List.of(at(2), far, at(2)));
    assertTrue(report.passed(), report.table());
    assertEquals(2, of(report, "f").acrossSteps());
    assertTrue(report.notes().get(0).contains("in 2 batches"), report.table());
    VerificationReport wrong =
        Verifier.of(candidate).against(new ReferenceBackend(), model, List.of(at(2), far));
    assertEquals(2, of(wrong, "f").failed(), wrong.table());
  }

  /** Whatever is wrong by itself is found, wherever steps lie. */
  @Test
  void noFaultHidesBehindAStep() {
    Random random = new Random(3);
    String[] values = {"h", "f", "g", "s", "y"};
    for (int i = 0; i < 60; i++) {
      String value = values[random.nextInt(values.length)];
      float[] added = new float[4];
      added[random.nextInt(4)] = value.equals("f") ? random.nextInt(2) * 2 - 1 : 0.25f;
      float[] x = new float[4];
      float[] little = new float[4];
      for (int k = 0; k < 4; k++) {
        x[k] = 2 * random.nextInt(5);
        little[k] = random.nextInt(3) * -LITTLE;
      }
      Backend candidate =
          new Backend() {
            @Override
            public String name() {
              return "faulty";
            }

            @Override
            public Optional<String> whyUnsupported(Model of) {
              return Optional.empty();
            }

            @Override
            public PreparedModel prepare(Model given, Options options) {
              Model stepping = value.equals("h") ? given : changed(given, value, vector(added));
              return new Adding("h", value.equals("h") ? vector(added) : vector(little), false)
                  .prepare(stepping, options);
            }
          };
      VerificationReport report =
          Verifier.of(candidate)
              .against(new ReferenceBackend(), model(FLOOR), List.of(Map.of("x", vector(x))));
      assertEquals(value, report.firstDiverging().orElseThrow().name(), report.table());
    }
  }

  /** Sums of tenths, many of which are whole numbers but for their rounding. */
  @Test
  void onnxRuntimePasses() {
    Model model =
        ModelParser.parse(
            """
            <ir_version: 10, opset_import: ["": 21]>
            sums (float[N,16] x, float[16,8] w) => (float[N,8] y, int64[N,8] i) {
              m = MatMul (x, w)
              f = Floor (m)
              d = Sub (m, f)
              y = Exp (d)
              i = Cast <to = 7> (f)
            }
            """);
    Random random = new Random(1);
    Map<String, Tensor> tenths = Map.of("x", tenths(random, 400, 16), "w", tenths(random, 16, 8));
    VerificationReport report =
        Verifier.of(OrtBackend.cpu()).against(new ReferenceBackend(), model, List.of(tenths));
    assertTrue(of(report, "f").acrossSteps() > 0, report.table());
    assertTrue(report.passed(), report.table());
  }

  private static Tensor tenths(Random random, int rows, int columns) {
    float[] elements = new float[rows * columns];
    for (int i = 0; i < elements.length; i++) {
      elements[i] = random.nextInt(30) / 10f;
    }
    return Tensor.ofFloats(elements, rows, columns);
  }
}
