package dev.sardonyx.export.hostile;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.AttributeType;
import dev.sardonyx.ir.AttributeValue;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Function;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.Metadata;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.OpsetImport;
import dev.sardonyx.ir.OptionalType;
import dev.sardonyx.ir.Output;
import dev.sardonyx.ir.Result;
import dev.sardonyx.ir.SequenceType;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.ValueType;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** Small models that ask for unbounded time, stack or memory: deep, wide, doubling and cyclic. */
final class HostileModels {
  private static final TensorType VECTOR = TensorType.of(ElementType.FLOAT, Shape.parse("3"));
  private static final TensorType FLAG = TensorType.of(ElementType.BOOL, Shape.SCALAR);
  private static final TensorType COUNT = TensorType.of(ElementType.INT64, Shape.SCALAR);
  private static final String OWN = "my";

  private HostileModels() {}

  /** All of them by name, of a size: levels for what is deep or doubles, nodes for what is wide. */
  static Map<String, Model> all(int levels, int width) {
    Map<String, Model> models = new LinkedHashMap<>();
    models.put("chain of functions", functions(levels, HostileModels::once));
    models.put("functions that call the next twice", functions(levels, HostileModels::twice));
    models.put("functions called with ever new sizes", functions(levels, HostileModels::grown));
    models.put("functions called with ever new attributes", functions(levels, HostileModels::told));
    models.put("functions that call in branches", functions(levels, HostileModels::inBranches));
    models.put("functions that call in loops", functions(levels, HostileModels::inLoop));
    models.put("functions that call each other", functionCycle(levels));
    for (String operators :
        List.of("If", "Loop", "Scan", "SequenceMap", "If Loop", "Loop Scan If")) {
      models.put("nested " + operators, nested(operators, levels));
    }
    models.put("loop whose condition is a cycle", conditionCycle());
    models.put("cycle of nodes", cycle(width));
    models.put("deep types", types(levels));
    models.put("gradients of gradients", gradients(Math.min(levels, 60)));
    models.put("many nodes that use what comes later", backwards(width));
    models.put("node of many inputs", manyInputs(width));
    models.put("shape of many dimensions", manyDimensions(width));
    models.put("long names", longNames(width / 10));
    models.put("nested doubling of a tensor", doubledTensor(200));
    models.put("endless loop", endlessLoop());
    models.put("huge constants", hugeConstants());
    return models;
  }

  private static Node node(String op, String inputs, String outputs, Attribute... attributes) {
    return Node.of(op, names(inputs), results(outputs), attributes);
  }

  private static List<String> names(String list) {
    return list.isEmpty() ? List.of() : List.of(list.split(",", -1));
  }

  private static List<Result> results(String list) {
    return names(list).stream().map(Result::of).toList();
  }

  private static Node call(int function, String input, String output, Attribute... attributes) {
    return new Node(
        OWN,
        "f" + function,
        "",
        "",
        names(input),
        List.of(attributes),
        results(output),
        Metadata.EMPTY);
  }

  private static Graph graph(List<Input> inputs, String outputs, Node... nodes) {
    return Graph.of(
        "body",
        inputs,
        names(outputs).stream().map(o -> Output.of(o, ValueType.unknown())).toList(),
        List.of(nodes),
        List.of());
  }

  private static Model model(List<Node> nodes, List<Function> functions) {
    Graph main =
        Graph.of(
            "main",
            List.of(Input.of("x", VECTOR), Input.of("go", FLAG)),
            List.of(Output.of("y", ValueType.unknown())),
            nodes,
            List.of());
    Model model = Model.of(main, 20).withFunctions(functions);
    return functions.isEmpty() ? model : model.withOpsetImport(OWN, 1);
  }

  // Functions

  private static Node[] once(int i) {
    return new Node[] {call(i + 1, "a", "b"), node("Relu", "b", "r")};
  }

  private static Node[] twice(int i) {
    return new Node[] {call(i + 1, "a", "b"), call(i + 1, "b", "r")};
  }

  private static Node[] grown(int i) {
    Attribute axis = Attribute.ofInt("axis", 0);
    return new Node[] {
      call(i + 1, "a", "b"), node("Concat", "a,a", "c", axis), call(i + 1, "c", "r")
    };
  }

  private static Node[] told(int i) {
    Attribute before = Attribute.ofReference("k", "k", AttributeType.INT);
    return new Node[] {
      call(i + 1, "a", "b", before, Attribute.ofInt("m", 2L * i)),
      call(
          i + 1,
          "b",
          "r",
          Attribute.ofInt("k", 2L * i + 1),
          Attribute.ofReference("m", "k", AttributeType.INT))
    };
  }

  private static Node[] inBranches(int i) {
    return new Node[] {
      node("ReduceSum", "a", "s", Attribute.ofInt("keepdims", 0)),
      node("Cast", "s", "p", Attribute.ofInt("to", ElementType.BOOL.code())),
      node(
          "If",
          "p",
          "r",
          Attribute.ofGraph("then_branch", graph(List.of(), "t", call(i + 1, "a", "t"))),
          Attribute.ofGraph("else_branch", graph(List.of(), "e", call(i + 1, "a", "e"))))
    };
  }

  private static Node[] inLoop(int i) {
    Graph body =
        graph(
            List.of(Input.of("n", COUNT), Input.of("c", FLAG), Input.of("v", ValueType.unknown())),
            "c2,w",
            node("Identity", "c", "c2"),
            call(i + 1, "v", "u"),
            node("Concat", "u,u", "w", Attribute.ofInt("axis", 0)));
    return new Node[] {
      node("Constant", "", "two", Attribute.ofTensor("value", Tensor.scalar(2L))),
      node("Loop", "two,,a", "r", Attribute.ofGraph("body", body))
    };
  }

  private interface Body {
    Node[] nodes(int i);
  }

  private static Function function(int i, Node... nodes) {
    return new Function(
        OWN,
        "f" + i,
        "",
        List.of("a"),
        List.of("r"),
        List.of(),
        List.of(Attribute.ofInt("k", 0), Attribute.ofInt("m", 0)),
        List.of(nodes),
        List.of(OpsetImport.onnx(20), OpsetImport.of(OWN, 1)),
        List.of(),
        Metadata.EMPTY);
  }

  private static Model functions(int levels, Body body) {
    List<Function> functions = new ArrayList<>();
    for (int i = 0; i < levels; i++) {
      functions.add(function(i, body.nodes(i)));
    }
    functions.add(function(levels, node("Neg", "a", "r")));
    return model(List.of(call(0, "x", "y")), functions);
  }

  private static Model functionCycle(int levels) {
    List<Function> functions = new ArrayList<>();
    for (int i = 0; i < levels; i++) {
      functions.add(function(i, call((i + 1) % levels, "a", "b"), call(i / 2, "b", "r")));
    }
    return model(List.of(call(0, "x", "y")), functions);
  }

  // Graphs in graphs

  private static Model nested(String operators, int levels) {
    List<String> cycle = List.of(operators.split(" "));
    Node inner = node("Concat", "v,v", "w", Attribute.ofInt("axis", 0));
    for (int i = levels; i > 0; i--) {
      inner = around(cycle.get(i % cycle.size()), inner);
    }
    return model(
        List.of(
            node("Constant", "", "two", Attribute.ofTensor("value", Tensor.scalar(2L))),
            node("Identity", "x", "v"),
            inner,
            node("Identity", "w", "y")),
        List.of());
  }

  /** A node that gives {@code w} from {@code v} by another one that does. */
  private static Node around(String operator, Node inner) {
    Input v = Input.of("v", ValueType.unknown());
    return switch (operator) {
      case "If" ->
          node(
              "If",
              "go",
              "w",
              Attribute.ofGraph("then_branch", graph(List.of(), "w", inner)),
              Attribute.ofGraph("else_branch", graph(List.of(), "w", node("Relu", "v", "w"))));
      case "Loop" ->
          node(
              "Loop",
              "two,go,v",
              "w",
              Attribute.ofGraph(
                  "body",
                  graph(
                      List.of(Input.of("i", COUNT), Input.of("c", FLAG), v),
                      "d,w",
                      node("Identity", "c", "d"),
                      inner)));
      case "Scan" ->
          node(
              "Scan",
              "v,x",
              "w,s",
              Attribute.ofInt("num_scan_inputs", 1),
              Attribute.ofGraph(
                  "body",
                  graph(
                      List.of(v, Input.of("e", ValueType.unknown())),
                      "z,e2",
                      inner,
                      node("Identity", "v", "z"),
                      node("Identity", "e", "e2"))));
      default ->
          node("SequenceMap", "v", "w", Attribute.ofGraph("body", graph(List.of(v), "w", inner)));
    };
  }

  // Cycles

  private static Model conditionCycle() {
    Graph body =
        graph(
            List.of(Input.of("i", COUNT), Input.of("c", FLAG), Input.of("v", VECTOR)),
            "d,w",
            node("Identity", "d", "d"),
            node("Relu", "v", "w"));
    return model(
        List.of(
            node("Constant", "", "two", Attribute.ofTensor("value", Tensor.scalar(2L))),
            node("Constant", "", "yes", Attribute.ofTensor("value", Tensor.scalar(true))),
            node("Loop", "two,yes,x", "y", Attribute.ofGraph("body", body))),
        List.of());
  }

  private static Model cycle(int width) {
    List<Node> nodes = new ArrayList<>();
    for (int i = 0; i < width; i++) {
      nodes.add(node("Add", "x,v" + (i + 1) % width, "v" + i));
    }
    nodes.add(node("Identity", "v0", "y"));
    return model(nodes, List.of());
  }

  private static Model backwards(int width) {
    List<Node> nodes = new ArrayList<>();
    for (int i = width; i > 0; i--) {
      nodes.add(node("Relu", i == 1 ? "x" : "v" + (i - 1), i == width ? "y" : "v" + i));
    }
    return model(nodes, List.of());
  }

  // Types, sizes and names

  private static Model types(int levels) {
    ValueType type = VECTOR;
    for (int i = 0; i < levels; i++) {
      type = i % 2 == 0 ? new SequenceType(type) : new OptionalType(type);
    }
    Node node = node("Optional", "", "o", Attribute.ofType("type", type));
    Node typed = node("Identity", "x", "y").withOutputs(List.of(Result.of("y", type)));
    return model(List.of(node, typed), List.of());
  }

  private static Model gradients(int levels) {
    List<Node> nodes = new ArrayList<>();
    String before = "x";
    for (int i = 0; i < levels; i++) {
      nodes.add(node("Neg", "x", "x" + i));
      nodes.add(node("Mul", "x" + i + "," + before, "m" + i));
      nodes.add(
          new Node(
              "ai.onnx.preview.training",
              "Gradient",
              "",
              "",
              List.of("x" + i),
              List.of(Attribute.ofStrings("xs", "x" + i), Attribute.ofString("y", "m" + i)),
              results("g" + i),
              Metadata.EMPTY));
      before = "g" + i;
    }
    nodes.add(node("Identity", before, "y"));
    return model(nodes, List.of()).withOpsetImport("ai.onnx.preview.training", 1);
  }

  private static Model manyInputs(int width) {
    return model(
        List.of(
            Node.of("Sum", Collections.nCopies(width, "x"), results("s")),
            Node.of(
                "Sum", IntStream.range(0, width).mapToObj(i -> "no" + i).toList(), results("y"))),
        List.of());
  }

  private static Model manyDimensions(int width) {
    long[] ones = new long[width];
    java.util.Arrays.fill(ones, 1);
    List<Node> nodes = new ArrayList<>();
    Tensor shape = Tensor.ofLongs(ones, width);
    nodes.add(node("ConstantOfShape", "shape", "v0"));
    nodes.add(0, node("Constant", "", "shape", Attribute.ofTensor("value", shape)));
    for (int i = 1; i < 20; i++) {
      nodes.add(node("Add", "v" + (i - 1) + ",v" + (i - 1), "v" + i));
    }
    nodes.add(node("Identity", "v19", "y"));
    return model(nodes, List.of());
  }

  private static Model longNames(int width) {
    String name = "n".repeat(500 * width);
    List<Node> inner = new ArrayList<>();
    for (int i = 0; i < width; i++) {
      inner.add(
          node(
              "If",
              "go",
              "w" + i,
              Attribute.ofGraph("then_branch", graph(List.of(), "t", node("Relu", "x", "t"))),
              Attribute.ofGraph("else_branch", graph(List.of(), "e", node("No", "x", "e")))));
    }
    Graph body = graph(List.of(), "w0", inner.toArray(Node[]::new));
    return model(
        List.of(
            node(
                    "If",
                    "go",
                    "y",
                    Attribute.ofGraph("then_branch", body),
                    Attribute.ofGraph("else_branch", body))
                .withName(name)),
        List.of());
  }

  private static Model doubledTensor(int times) {
    List<Node> nodes = new ArrayList<>();
    String before = "x";
    for (int i = 0; i < times; i++) {
      nodes.add(node("Concat", before + "," + before, "d" + i, Attribute.ofInt("axis", 0)));
      before = "d" + i;
    }
    nodes.add(node("Identity", before, "y"));
    return model(nodes, List.of());
  }

  private static Model endlessLoop() {
    Graph body =
        graph(
            List.of(Input.of("i", COUNT), Input.of("c", FLAG), Input.of("v", VECTOR)),
            "c,v",
            new Node[0]);
    return model(
        List.of(
            node("Constant", "", "max", Attribute.ofTensor("value", Tensor.scalar(Long.MAX_VALUE))),
            node("Loop", "max,,x", "y", Attribute.ofGraph("body", body))),
        List.of());
  }

  private static Model hugeConstants() {
    List<Node> nodes = new ArrayList<>();
    Attribute bytes =
        new Attribute(
            "value",
            new AttributeValue.Tensor(Tensor.ofNumbers(ElementType.UINT8, new double[] {1}, 1)),
            Metadata.EMPTY);
    nodes.add(
        node(
            "Constant",
            "",
            "shape",
            Attribute.ofTensor("value", Tensor.ofLongs(new long[] {1L << 15, 1L << 15}, 2))));
    nodes.add(node("ConstantOfShape", "shape", "zeros", bytes));
    nodes.add(node("Expand", "zeros,shape", "more"));
    nodes.add(node("ReduceMax", "more", "max", Attribute.ofInt("keepdims", 0)));
    nodes.add(node("Cast", "max", "as", Attribute.ofInt("to", ElementType.FLOAT.code())));
    nodes.add(node("Add", "x,as", "y"));
    return model(nodes, List.of());
  }
}
