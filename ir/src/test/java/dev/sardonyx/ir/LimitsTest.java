package dev.sardonyx.ir;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.ir.backend.Options;
import dev.sardonyx.ir.backend.PreparedModel;
import dev.sardonyx.ir.backend.UnsupportedModelException;
import dev.sardonyx.ir.check.Checker;
import dev.sardonyx.ir.eval.EvaluationException;
import dev.sardonyx.ir.eval.ReferenceBackend;
import dev.sardonyx.ir.infer.ShapeInference;
import dev.sardonyx.ir.pass.FunctionInlining;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;

/** What a model may cost, and how it is refused. */
class LimitsTest {
  private static final Limits STANDARD = Limits.standard();
  private static final TensorType VECTOR = TensorType.of(ElementType.FLOAT, Shape.parse("3"));
  private static final Map<String, Tensor> INPUT =
      Map.of("x", Tensor.ofFloats(new float[] {1, 2, 3}, 3));

  /** A chain of functions, each of which calls the next so many times. */
  private static Model functions(int length, int calls) {
    List<Function> functions = new ArrayList<>();
    for (int i = 0; i < length; i++) {
      List<Node> nodes = new ArrayList<>();
      for (int c = 0; c < calls; c++) {
        nodes.add(node("f" + (i + 1), "v" + c, "v" + (c + 1)));
      }
      functions.add(function("f" + i, "v0", "v" + calls, nodes));
    }
    functions.add(
        function(
            "f" + length,
            "v0",
            "r",
            List.of(Node.of("Neg", List.of("v0"), List.of(Result.of("r"))))));
    return model(node("f0", "x", "y")).withFunctions(functions).withOpsetImport("my", 1);
  }

  private static Node node(String function, String input, String output) {
    return new Node(
        "my",
        function,
        "",
        "",
        List.of(input),
        List.of(),
        List.of(Result.of(output)),
        Metadata.EMPTY);
  }

  private static Function function(String name, String input, String output, List<Node> nodes) {
    return new Function(
        "my",
        name,
        "",
        List.of(input),
        List.of(output),
        List.of(),
        List.of(),
        nodes,
        List.of(OpsetImport.onnx(20), OpsetImport.of("my", 1)),
        List.of(),
        Metadata.EMPTY);
  }

  private static Model model(Node... nodes) {
    Graph graph =
        Graph.of(
            "main",
            List.of(Input.of("x", VECTOR)),
            List.of(Output.of("y", ValueType.unknown())),
            List.of(nodes),
            List.of());
    return Model.of(graph, 20);
  }

  private static Tensor run(Model model, Limits limits) {
    Options options = Options.DEFAULT.withThreads(1).withLimits(limits);
    try (PreparedModel prepared = new ReferenceBackend().prepare(model, options)) {
      return (Tensor) prepared.run(INPUT).get("y");
    }
  }

  @Test
  void nestingIsMeasured() {
    assertEquals(6, Nesting.of(functions(5, 1)).depth());
    assertEquals(6, Nesting.of(functions(5, 1)).expansions());
    // f5 has one node, and each of the others two nodes besides those of its two calls.
    assertEquals(32 + 62, Nesting.of(functions(5, 2)).expansions());
    assertEquals(Long.MAX_VALUE, Nesting.of(functions(100, 2)).expansions());
    ValueType type = new SequenceType(new OptionalType(VECTOR));
    Node typed = Node.of("Identity", List.of("x"), List.of(Result.of("y", type)));
    assertEquals(2, Nesting.of(model(typed)).depth());
    assertEquals("y", Nesting.of(model(typed)).deepest());
  }

  @Test
  void functionsThatCallEachOtherAreOrderedAsFarAsTheyCan() {
    Model model = functions(3, 1);
    List<Function> functions = new ArrayList<>(model.functions());
    functions.set(3, function("f3", "v0", "r", List.of(node("f1", "v0", "r"))));
    CallOrder order = CallOrder.of(functions);
    assertEquals(
        List.of("f3", "f2", "f1", "f0"), order.functions().stream().map(Function::name).toList());
    assertEquals(
        List.of("my.f1", "my.f2", "my.f3", "my.f1"),
        order.cycle().stream().map(OperatorName::toString).toList());
    assertEquals(1, order.recursive().size());
  }

  /** Whoever has no Java to write is told what else helps. */
  @Test
  void aLargerHeapRaisesWhatFollowsIt() {
    for (String limit : List.of("bytes", "objects")) {
      String message = new LimitExceededException(limit, 10, "model.onnx", "20").getMessage();
      assertTrue(message.contains("-Xmx"), message);
    }
    String expansions = new LimitExceededException("expansions", 10, "f", "20 nodes").getMessage();
    assertFalse(expansions.contains("-Xmx"), expansions);
  }

  @Test
  void whatNestsTooDeepIsOneProblem() {
    Limits limits = STANDARD.withDepth(10);
    for (List<Problem> problems :
        List.of(
            Checker.check(functions(20, 1), limits).problems(),
            ShapeInference.infer(functions(20, 1), limits).problems())) {
      assertEquals(List.of(ProblemCode.LIMIT), problems.stream().map(Problem::code).toList());
      String message = problems.get(0).message();
      assertTrue(message.contains("Limits.withDepth raises it in a Java program"), message);
      assertTrue(message.contains("the command line has no option for it"), message);
    }
    assertTrue(Checker.check(functions(20, 1)).isValid());
  }

  @Test
  void theEvaluatorRefusesBeforeItRuns() {
    Limits limits = STANDARD.withDepth(10);
    UnsupportedModelException deep =
        assertThrows(UnsupportedModelException.class, () -> run(functions(20, 1), limits));
    assertTrue(deep.getMessage().contains("21 levels; the limit depth is 10"), deep.getMessage());
    UnsupportedModelException doubling =
        assertThrows(UnsupportedModelException.class, () -> run(functions(60, 2), STANDARD));
    assertTrue(doubling.getMessage().contains("limit expansions"), doubling.getMessage());
  }

  @Test
  void chainsOfFunctionsRunOnAnyStack() throws Exception {
    // 1,500 calls of the next, then one negation.
    FutureTask<Tensor> result = new FutureTask<>(() -> run(functions(1_500, 1), STANDARD));
    new Thread(null, result, "small", 128 << 10).start();
    assertArrayEquals(new float[] {-1, -2, -3}, result.get().toFloats());
  }

  @Test
  void functionsThatDoubleAreCompiledOnceAndRunAsOftenAsTheyAreCalled() {
    // 2^12 negations of negations
    assertArrayEquals(new float[] {1, 2, 3}, run(functions(12, 2), STANDARD).toFloats());
  }

  @Test
  void inliningIsRefusedBeforeItBegins() {
    LimitExceededException e =
        assertThrows(
            LimitExceededException.class, () -> new FunctionInlining().apply(functions(60, 2)));
    assertEquals("expansions", e.limit());
  }

  @Test
  void valuesAreNotAllocatedBeyondTheLimit() {
    Tensor shape = Tensor.ofLongs(new long[] {1 << 20, 3}, 2);
    Model model =
        model(
            Node.of(
                "Constant", List.of(), List.of(Result.of("s")), Attribute.ofTensor("value", shape)),
            Node.of("Expand", List.of("x", "s"), List.of(Result.of("big"))).withName("grow"),
            Node.of("ReduceMax", List.of("big"), List.of(Result.of("y"))));
    EvaluationException e =
        assertThrows(EvaluationException.class, () -> run(model, STANDARD.withBytes(1 << 20)));
    assertTrue(e.getMessage().contains("Expand (grow)"), e.getMessage());
    assertTrue(e.getMessage().contains("limit bytes"), e.getMessage());
    assertEquals(1, run(model, STANDARD).length());
  }

  @Test
  void valuesThatALoopCollectsAreBounded() {
    assertThrows(
        EvaluationException.class, () -> run(loop(1L << 40, true), STANDARD.withBytes(1 << 20)));
  }

  /** A loop whose steps hand on the state, and collect it if asked to. */
  private static Model loop(long steps, boolean scan) {
    List<Output> outputs = new ArrayList<>();
    outputs.add(Output.of("c", ValueType.unknown()));
    outputs.add(Output.of("v", ValueType.unknown()));
    if (scan) {
      outputs.add(Output.of("v", ValueType.unknown()));
    }
    Graph body =
        Graph.of(
            "body",
            List.of(
                Input.of("i", TensorType.of(ElementType.INT64, Shape.SCALAR)),
                Input.of("c", TensorType.of(ElementType.BOOL, Shape.SCALAR)),
                Input.of("v", VECTOR)),
            outputs,
            List.of(),
            List.of());
    List<Result> results = new ArrayList<>(List.of(Result.of("y")));
    if (scan) {
      results.add(Result.of("all"));
    }
    return model(
        Node.of(
            "Constant",
            List.of(),
            List.of(Result.of("steps")),
            Attribute.ofTensor("value", Tensor.scalar(steps))),
        Node.of("Loop", List.of("steps", "", "x"), results, Attribute.ofGraph("body", body)));
  }

  @Test
  void anEndlessRunIsInterrupted() throws Exception {
    FutureTask<Tensor> result = new FutureTask<>(() -> run(loop(Long.MAX_VALUE, false), STANDARD));
    Thread thread = new Thread(result);
    thread.start();
    thread.interrupt();
    ExecutionException e = assertThrows(ExecutionException.class, result::get);
    assertTrue(e.getCause() instanceof EvaluationException, e.toString());
    assertTrue(e.getCause().getMessage().contains("interrupted"), e.toString());
  }

  private static boolean isRunning(Thread thread) {
    return Arrays.stream(thread.getStackTrace())
        .anyMatch(f -> f.getClassName().endsWith("Program"));
  }

  @Test
  void aRunThatHasBegunFinishesAfterClose() throws Exception {
    Node[] products = new Node[400];
    for (int i = 0; i < products.length; i++) {
      String from = i == 0 ? "x" : "p" + (i - 1);
      String to = i == products.length - 1 ? "y" : "p" + i;
      products[i] = Node.of("MatMul", List.of(from, "x"), List.of(Result.of(to)));
    }
    Graph graph =
        model(products)
            .graph()
            .withInputs(
                List.of(Input.of("x", TensorType.of(ElementType.FLOAT, Shape.parse("96,96")))));
    PreparedModel prepared =
        new ReferenceBackend().prepare(Model.of(graph, 20), Options.DEFAULT.withThreads(2));
    FutureTask<Map<String, Datum>> run =
        new FutureTask<>(
            () -> prepared.run(Map.of("x", Tensor.ofFloats(new float[96 * 96], 96, 96))));
    Thread thread = new Thread(run);
    thread.start();
    while (!run.isDone() && !isRunning(thread)) {
      Thread.onSpinWait();
    }
    prepared.close();
    assertEquals(1, run.get().size());
    assertThrows(IllegalStateException.class, () -> prepared.run(INPUT));
  }
}
