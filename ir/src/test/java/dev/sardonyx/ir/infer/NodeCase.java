package dev.sardonyx.ir.infer;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.Constant;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.MapType;
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
import dev.sardonyx.ir.op.OperatorCatalogue;
import dev.sardonyx.ir.op.OperatorSchema;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * One node and what it is given. Inputs are named a, b, c, ... and their types written as {@link
 * ValueType} prints them; an empty text is an absent input, {@code "?"} one of unknown type.
 */
final class NodeCase {
  private static final String ML = "ai.onnx.ml.";

  private final String domain;
  private final String opType;
  private final long opset;
  private final List<String> inputs = new ArrayList<>();
  private final List<Input> given = new ArrayList<>();
  private final List<Constant> constants = new ArrayList<>();
  private final List<Attribute> attributes = new ArrayList<>();
  private int outputs = 1;

  private NodeCase(String domain, String opType, long opset) {
    this.domain = domain;
    this.opType = opType;
    this.opset = opset;
  }

  /**
   * @param operator with its domain before it unless it is ONNX's own
   */
  static NodeCase of(String operator, long opset) {
    int dot = operator.lastIndexOf('.');
    return new NodeCase(
        dot < 0 ? "" : operator.substring(0, dot), operator.substring(dot + 1), opset);
  }

  /** A node of {@code ai.onnx.ml}. */
  static NodeCase ml(String operator, long opset) {
    return of(ML + operator, opset);
  }

  /** Demands the same types in every version of an operator from one version to another. */
  static void inVersions(
      String operator, int from, int to, UnaryOperator<NodeCase> build, String types) {
    int dot = operator.lastIndexOf('.');
    List<Integer> versions =
        OperatorCatalogue.standard()
            .versions(dot < 0 ? "" : operator.substring(0, dot), operator.substring(dot + 1))
            .stream()
            .map(OperatorSchema::since)
            .filter(v -> v >= from && v <= to)
            .toList();
    assertEquals(false, versions.isEmpty(), operator + " has no version there");
    for (int version : versions) {
      assertEquals(types, build.apply(of(operator, version)).types(), operator + "-" + version);
    }
  }

  /** Demands the same types in every version of an operator. */
  static void inAllVersions(String operator, UnaryOperator<NodeCase> build, String types) {
    inVersions(operator, 1, Integer.MAX_VALUE, build, types);
  }

  NodeCase in(String... types) {
    for (String type : types) {
      String name = type.isEmpty() ? Node.ABSENT : nextName();
      inputs.add(name);
      if (!type.isEmpty()) {
        given.add(Input.of(name, type(type)));
      }
    }
    return this;
  }

  NodeCase in(Tensor constant) {
    String name = nextName();
    inputs.add(name);
    constants.add(Constant.of(name, constant));
    return this;
  }

  private String nextName() {
    return String.valueOf((char) ('a' + inputs.size()));
  }

  NodeCase outputs(int count) {
    outputs = count;
    return this;
  }

  NodeCase with(Attribute attribute) {
    attributes.add(attribute);
    return this;
  }

  NodeCase with(String name, long value) {
    return with(Attribute.ofInt(name, value));
  }

  NodeCase with(String name, String value) {
    return with(Attribute.ofString(name, value));
  }

  NodeCase with(String name, ElementType value) {
    return with(name, value.code());
  }

  NodeCase ints(String name, long... values) {
    return with(Attribute.ofInts(name, values));
  }

  NodeCase strings(String name, String... values) {
    return with(Attribute.ofStrings(name, values));
  }

  NodeCase floats(String name, float... values) {
    return with(Attribute.ofFloats(name, values));
  }

  private ShapeInference.Inferred infer() {
    List<Result> results =
        IntStream.range(0, outputs).mapToObj(i -> Result.of("y" + (i == 0 ? "" : i))).toList();
    Node node = new Node(domain, opType, "", "node", inputs, attributes, results, Metadata.EMPTY);
    Graph graph =
        Graph.of(
            "main",
            given,
            results.stream().map(r -> Output.of(r.name(), ValueType.unknown())).toList(),
            List.of(node),
            constants);
    Model model = Model.of(graph, domain.isEmpty() ? opset : 21);
    return ShapeInference.infer(
        domain.isEmpty()
            ? model
            : model.withVersions(10, List.of(OpsetImport.onnx(21), OpsetImport.of(domain, opset))));
  }

  /** The outputs' types, separated by semicolons. */
  String types() {
    ShapeInference.Inferred inferred = infer();
    assertEquals(List.of(), inferred.problems(), opType + "-" + opset);
    return inferred.model().graph().outputs().stream()
        .map(o -> o.type().toString())
        .collect(Collectors.joining("; "));
  }

  /** The only problem, as its code, the value it is about, and its message. */
  String problem() {
    ShapeInference.Inferred inferred = infer();
    assertEquals(1, inferred.problems().size(), () -> "problems: " + inferred.problems());
    var problem = inferred.problems().get(0);
    return problem.code().id() + " " + problem.value() + ": " + problem.message();
  }

  /** A type as {@link ValueType} prints it. */
  static ValueType type(String text) {
    if (text.equals("?")) {
      return ValueType.unknown();
    }
    if (text.startsWith("seq(")) {
      return new SequenceType(type(text.substring(4, text.length() - 1)));
    }
    if (text.startsWith("optional(")) {
      return new OptionalType(type(text.substring(9, text.length() - 1)));
    }
    if (text.startsWith("map(")) {
      int comma = text.indexOf(", ");
      return new MapType(
          element(text.substring(4, comma)), type(text.substring(comma + 2, text.length() - 1)));
    }
    int open = text.indexOf('[');
    return open < 0
        ? TensorType.of(element(text), Shape.UNKNOWN)
        : TensorType.of(element(text.substring(0, open)), Shape.parse(text.substring(open)));
  }

  private static ElementType element(String name) {
    return ElementType.named(name).orElseThrow();
  }
}
