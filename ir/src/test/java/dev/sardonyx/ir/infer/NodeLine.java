package dev.sardonyx.ir.infer;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.Constant;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.Metadata;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Result;
import dev.sardonyx.ir.SequenceType;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.ValueType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/**
 * One node and what inference says of it, as a line of text:
 *
 * <pre>Concat-13(float[N,3], float[5,3]) axis=0 -> float[N+5,3]</pre>
 *
 * <p>The number is the opset; an operator of another domain than ONNX's own has the domain before
 * it. Inputs are named a, b, c, ...; each is a type, an int64 constant ({@code {2,-1}} or {@code
 * 2}), a float constant ({@code {0.5,2.0}} or {@code 0.5}), or {@code _} if absent. What follows
 * the arrow are the outputs' types, or {@code !} and a part of the error's message.
 */
record NodeLine(String text, Model model, int outputs, String expected) {

  static NodeLine parse(String text) {
    int arrow = text.lastIndexOf("->");
    if (text.contains("equation=")) {
      arrow = text.indexOf(" -> ");
      arrow = arrow < 0 ? text.lastIndexOf("->") : arrow + 1;
    }
    String expected = text.substring(arrow + 2).strip();
    String call = text.substring(0, arrow).strip();
    int open = call.indexOf('(');
    int close = call.lastIndexOf(')');
    int dash = call.indexOf('-');
    long opset = Long.parseLong(call.substring(dash + 1, open));
    List<Input> inputs = new ArrayList<>();
    List<Constant> constants = new ArrayList<>();
    List<String> names = new ArrayList<>();
    for (String part : split(call.substring(open + 1, close))) {
      String name = part.equals("_") ? "" : String.valueOf((char) ('a' + names.size()));
      names.add(name);
      if (isConstant(part)) {
        constants.add(Constant.of(name, constant(part)));
      } else if (!name.isEmpty()) {
        inputs.add(Input.of(name, type(part)));
      }
    }
    int outputs = expected.startsWith("!") ? 1 : split(expected).size();
    List<Result> results = new ArrayList<>();
    for (int i = 0; i < outputs; i++) {
      results.add(Result.of("out" + i));
    }
    int dot = call.lastIndexOf('.', dash);
    String domain = dot < 0 ? "" : call.substring(0, dot);
    Node node =
        new Node(
            domain,
            call.substring(dot + 1, dash),
            "",
            "",
            names,
            List.of(attributes(call.substring(close + 1))),
            results,
            Metadata.EMPTY);
    Graph graph = Graph.of("test", inputs, List.of(), List.of(node), constants);
    Model model =
        domain.isEmpty()
            ? Model.of(graph, opset)
            : Model.of(graph, 21).withOpsetImport(domain, opset);
    return new NodeLine(text, model, outputs, expected);
  }

  /** Everything that the line expects, as inference has it. */
  String actual() {
    ShapeInference.Inferred inferred = ShapeInference.infer(model);
    if (!inferred.problems().isEmpty()) {
      return "! " + inferred.problems().get(0).message();
    }
    return inferred.model().graph().nodes().get(0).outputs().stream()
        .map(r -> r.type().toString())
        .collect(Collectors.joining(", "));
  }

  boolean holds() {
    String actual = actual();
    return expected.startsWith("!")
        ? actual.startsWith("!") && actual.contains(expected.substring(1).strip())
        : actual.equals(expected);
  }

  /** Parts that commas separate, except within brackets. */
  static List<String> split(String text) {
    List<String> parts = new ArrayList<>();
    int depth = 0;
    int from = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      depth += "[{(".indexOf(c) >= 0 ? 1 : "]})".indexOf(c) >= 0 ? -1 : 0;
      if (c == ',' && depth == 0) {
        parts.add(text.substring(from, i).strip());
        from = i + 1;
      }
    }
    if (!text.isBlank()) {
      parts.add(text.substring(from).strip());
    }
    return parts;
  }

  static boolean isConstant(String text) {
    return text.startsWith("{") || text.matches("-?[0-9.]+");
  }

  static ValueType type(String text) {
    if (text.equals("?")) {
      return ValueType.unknown();
    }
    if (text.startsWith("seq(")) {
      return new SequenceType(type(text.substring(4, text.length() - 1)));
    }
    int open = text.indexOf('[');
    String element = open < 0 ? text : text.substring(0, open);
    return TensorType.of(
        ElementType.named(element).orElseThrow(() -> new IllegalArgumentException(text)),
        open < 0 ? Shape.UNKNOWN : Shape.parse(text.substring(open)));
  }

  static Tensor constant(String text) {
    boolean vector = text.startsWith("{");
    String inner = vector ? text.substring(1, text.length() - 1) : text;
    String[] numbers = inner.isEmpty() ? new String[0] : inner.split(",");
    long[] dims = vector ? new long[] {numbers.length} : new long[0];
    if (text.contains(".")) {
      float[] elements = new float[numbers.length];
      for (int i = 0; i < elements.length; i++) {
        elements[i] = Float.parseFloat(numbers[i]);
      }
      return Tensor.ofFloats(elements, dims);
    }
    return Tensor.ofLongs(Arrays.stream(numbers).mapToLong(Long::parseLong).toArray(), dims);
  }

  static Attribute[] attributes(String text) {
    return Arrays.stream(text.strip().split(" "))
        .filter(a -> !a.isBlank())
        .map(NodeLine::attribute)
        .toArray(Attribute[]::new);
  }

  private static Attribute attribute(String text) {
    int equals = text.indexOf('=');
    String name = text.substring(0, equals);
    String value = text.substring(equals + 1);
    if (value.startsWith("[")) {
      String inner = value.substring(1, value.length() - 1);
      String[] numbers = inner.isEmpty() ? new String[0] : inner.split(",");
      if (inner.contains(".")) {
        float[] elements = new float[numbers.length];
        for (int i = 0; i < elements.length; i++) {
          elements[i] = Float.parseFloat(numbers[i]);
        }
        return Attribute.ofFloats(name, elements);
      }
      if (inner.matches(".*[A-Za-z].*")) {
        return Attribute.ofStrings(name, numbers);
      }
      return Attribute.ofInts(name, Arrays.stream(numbers).mapToLong(Long::parseLong).toArray());
    }
    if (value.matches("-?\\d+")) {
      return Attribute.ofInt(name, Long.parseLong(value));
    }
    return value.matches("-?\\d*\\.\\d+")
        ? Attribute.ofFloat(name, Float.parseFloat(value))
        : Attribute.ofString(name, value);
  }
}
