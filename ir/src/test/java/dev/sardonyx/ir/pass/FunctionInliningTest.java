package dev.sardonyx.ir.pass;

import static dev.sardonyx.ir.pass.SmallModels.VECTOR;
import static dev.sardonyx.ir.pass.SmallModels.after;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.ir.AllocatedBytes;
import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.AttributeType;
import dev.sardonyx.ir.AttributeValue;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Function;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Limits;
import dev.sardonyx.ir.Metadata;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.OpsetImport;
import dev.sardonyx.ir.Output;
import dev.sardonyx.ir.Result;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.build.GraphBuilder;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Putting the bodies of functions in place of calls. */
class FunctionInliningTest {
  private final GraphBuilder b = GraphBuilder.of("main", 18);
  private final Value x = b.input("x", VECTOR);

  @Test
  void functionsAreInlinedWithNamesOfTheirOwn() {
    b.function(
        function(
            "Inner",
            List.of("a"),
            List.of("r"),
            Node.of("Exp", List.of("a"), List.of(Result.of("t"))),
            Node.of("Neg", List.of("t"), List.of(Result.of("r")))));
    b.function(
        function(
            "Outer",
            List.of("a", "b"),
            List.of("r", "a"),
            call("Inner", List.of("b"), "t"),
            Node.of("Add", List.of("a", "t"), List.of(Result.of("r")))));
    Value t = b.named("t").relu(x);
    List<Value> first = b.nodes("my.Outer", 2, List.of(t, x));
    List<Value> second = b.nodes("my.Outer", 2, List.of(first.get(0), first.get(1)));
    b.output(second.get(0), "y");
    assertEquals(
        """
        t_out = Relu(x)
        outer1.Inner.t = Exp(x)
        outer1.t = Neg(outer1.Inner.t)
        outer1_out0 = Add(t_out, outer1.t)
        outer2.Inner.t = Exp(t_out)
        outer2.t = Neg(outer2.Inner.t)
        y = Add(outer1_out0, outer2.t)
        y
        """,
        after(b, new FunctionInlining()));
  }

  /** What a call gives may be what it was given, also through calls in between. */
  @Test
  void valuesPassThroughCallsInCalls() {
    b.function(
        function(
            "Inner",
            List.of("a"),
            List.of("a", "r"),
            Node.of("Neg", List.of("a"), List.of(Result.of("r")))));
    b.function(
        function(
            "Outer",
            List.of("b"),
            List.of("s", "p", "q"),
            call("Inner", List.of("b"), "p", "q"),
            call("Inner", List.of("q"), "", "n"),
            Node.of("Add", List.of("p", "n"), List.of(Result.of("s")))));
    List<Value> all = b.nodes("my.Outer", 3, List.of(b.relu(x)));
    b.output(b.add(all.get(0), b.mul(all.get(1), all.get(2))), "y");
    assertEquals(
        """
        relu1_out = Relu(x)
        outer1_out2 = Neg(relu1_out)
        outer1.n = Neg(outer1_out2)
        outer1_out0 = Add(relu1_out, outer1.n)
        mul1_out = Mul(relu1_out, outer1_out2)
        y = Add(outer1_out0, mul1_out)
        y
        """,
        after(b, new FunctionInlining()));
  }

  /** Each function calls the next; no body is written out but where the main graph needs it. */
  @Test
  void chainsOfCallsCostWhatTheyComeTo() throws ReflectiveOperationException {
    inlinedChain(100); // classes are loaded
    long few = allocated(() -> inlinedChain(500));
    long many = allocated(() -> inlinedChain(2_000));
    assertTrue(many < 8 * few, "4 times the calls: " + few + " and " + many + " bytes");
  }

  private static void inlinedChain(int length) {
    List<Function> functions = new ArrayList<>();
    for (int i = 0; i < length; i++) {
      Node step = Node.of("Relu", List.of("a"), List.of(Result.of("t")));
      Node last =
          i + 1 < length
              ? call("F" + (i + 1), List.of("t"), "r")
              : Node.of("Neg", List.of("t"), List.of(Result.of("r")));
      functions.add(function("F" + i, List.of("a"), List.of("r"), step, last));
    }
    Model model =
        SmallModels.ofNodes(call("F0", List.of("x"), "c"))
            .withFunctions(functions)
            .withOpsetImport("my", 1);
    Limits limits = Limits.standard().withExpansions(2L * length);
    Model inlined = new FunctionInlining(limits).apply(model).model();
    assertEquals(length + 1, inlined.graph().nodes().size());
    assertEquals("Neg", inlined.graph().nodes().get(length).opType());
    assertEquals(List.of(), inlined.functions());
  }

  private static long allocated(Runnable work) throws ReflectiveOperationException {
    long before = AllocatedBytes.soFar();
    work.run();
    return AllocatedBytes.soFar() - before;
  }

  /** A function stays for its own nodes only: what it calls, and what calls it, does not. */
  @Test
  void aFunctionThatStaysIsCalledFromWhereItsCallerWas() {
    Function old =
        function(
                "Old",
                List.of("a"),
                List.of("r"),
                call("Step", List.of("a"), "s"),
                Node.of(
                    "Softmax", List.of("s"), List.of(Result.of("r")), Attribute.ofInt("axis", 1)))
            .withOpsetImports(List.of(OpsetImport.onnx(11), OpsetImport.of("my", 1)));
    Function outer =
        function("Outer", List.of("a"), List.of("r"), call("Old", List.of("a"), "r"))
            .withOpsetImports(List.of(OpsetImport.onnx(11), OpsetImport.of("my", 1)));
    Function step =
        function(
                "Step",
                List.of("a"),
                List.of("r"),
                Node.of("Neg", List.of("a"), List.of(Result.of("r"))))
            .withOpsetImports(List.of(OpsetImport.onnx(11)));
    Model model =
        SmallModels.ofNodes(call("Outer", List.of("x"), "c"))
            .withFunctions(List.of(outer, old, step))
            .withOpsetImport("my", 1);
    Model inlined = new FunctionInlining().apply(model).model();
    assertEquals(List.of("my.Old"), inlined.graph().nodes().stream().map(Node::operator).toList());
    assertEquals(1, inlined.functions().size());
    assertEquals(
        List.of("Neg", "Softmax"),
        inlined.functions().get(0).nodes().stream().map(Node::operator).toList());
  }

  /** Such a call does nothing; expanding it again and again would never end. */
  @Test
  void aCallWithoutOutputsStays() {
    Function function =
        function(
            "Copy",
            List.of("a"),
            List.of("r"),
            Node.of("Identity", List.of("a"), List.of(Result.of("r"))));
    Model model = SmallModels.ofNodes(call("Copy", List.of("x")), call("Copy", List.of("x"), "c"));
    Model inlined =
        new FunctionInlining()
            .apply(model.withFunctions(List.of(function)).withOpsetImport("my", 1))
            .model();
    assertEquals(
        List.of("my.Copy", "Identity"),
        inlined.graph().nodes().stream().map(Node::operator).toList());
  }

  @Test
  void absentInputsStayAbsent() {
    b.function(
        function(
            "Limit",
            List.of("a", "low", "high"),
            List.of("r"),
            Node.of("Clip", List.of("a", "low", "high"), List.of(Result.of("r")))));
    b.output(b.node("my.Limit", List.of(x, GraphBuilder.ABSENT, b.constant(1f))), "y");
    Node clip = new FunctionInlining().apply(b.buildModel()).model().graph().nodes().get(0);
    assertEquals(List.of("x", "", "const1"), clip.inputs());
  }

  @Test
  void functionsOfAnOpsetThatMeansOtherwiseStay() {
    Function old =
        new Function(
            "my",
            "Old",
            "",
            List.of("a"),
            List.of("r"),
            List.of(),
            List.of(),
            List.of(
                Node.of(
                    "Softmax", List.of("a"), List.of(Result.of("r")), Attribute.ofInt("axis", 1))),
            List.of(OpsetImport.onnx(11)),
            List.of(),
            Metadata.EMPTY);
    b.function(old);
    b.output(b.node("my.Old", List.of(x)), "y");
    Model model = b.buildModel();
    assertSame(model, new FunctionInlining().apply(model).model());
  }

  @Test
  void functionsThatCallEachOtherAreRefused() {
    b.output(b.relu(x), "y");
    Model model =
        b.buildModel()
            .withFunctions(
                List.of(
                    function("A", List.of("a"), List.of("r"), call("B", List.of("a"), "r")),
                    function("B", List.of("a"), List.of("r"), call("A", List.of("a"), "r"))));
    assertEquals(
        "Functions call each other in a cycle, so they cannot be inlined: my.A -> my.B -> my.A",
        assertThrows(IllegalArgumentException.class, () -> new FunctionInlining().apply(model))
            .getMessage());
  }

  @Test
  void attributesOfFunctionsReachIntoBodies() {
    Node leak =
        Node.of(
            "LeakyRelu",
            List.of("a"),
            List.of(Result.of("leaked")),
            Attribute.ofReference("alpha", "slope", AttributeType.FLOAT));
    Graph body =
        Graph.of("then", List.of(), List.of(Output.of("leaked", VECTOR)), List.of(leak), List.of());
    Graph other =
        Graph.of(
            "else",
            List.of(),
            List.of(Output.of("copy", VECTOR)),
            List.of(Node.of("Identity", List.of("a"), List.of(Result.of("copy")))),
            List.of());
    Node branch =
        Node.of(
            "If",
            List.of("flag"),
            List.of(Result.of("r")),
            Attribute.ofGraph("then_branch", body),
            Attribute.ofGraph("else_branch", other));
    b.function(
        new Function(
            "my",
            "Maybe",
            "",
            List.of("a", "flag"),
            List.of("r"),
            List.of("slope"),
            List.of(),
            List.of(branch),
            List.of(OpsetImport.onnx(18)),
            List.of(),
            Metadata.EMPTY));
    Value flag = b.input("flag", TensorType.of(ElementType.BOOL, Shape.SCALAR));
    b.output(b.node("my.Maybe", List.of(x, flag), Attribute.ofFloat("slope", 0.5f)), "y");
    Model model = new FunctionInlining().apply(b.buildModel()).model();
    assertEquals(
        """
        y = If(flag)
          maybe1.leaked = LeakyRelu(x)
          maybe1.leaked
          maybe1.copy = Identity(x)
          maybe1.copy
        y
        """,
        Listing.of(model));
    Graph then =
        model
            .graph()
            .nodes()
            .get(0)
            .attribute("then_branch", AttributeValue.Graph.class)
            .orElseThrow()
            .value();
    assertEquals(0.5f, then.nodes().get(0).floatAttribute("alpha", 0));
  }

  private static Function function(
      String name, List<String> inputs, List<String> outputs, Node... nodes) {
    return new Function(
        "my",
        name,
        "",
        inputs,
        outputs,
        List.of(),
        List.of(),
        List.of(nodes),
        List.of(OpsetImport.onnx(18), OpsetImport.of("my", 1)),
        List.of(),
        Metadata.EMPTY);
  }

  private static Node call(String operator, List<String> inputs, String... outputs) {
    return new Node(
        "my",
        operator,
        "",
        "",
        inputs,
        List.of(),
        List.of(outputs).stream().map(Result::of).toList(),
        Metadata.EMPTY);
  }
}
