package dev.sardonyx.ir.infer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.Dim;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.eval.EvaluationException;
import dev.sardonyx.ir.eval.ReferenceBackend;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * What inference says of shapes and elements over symbols holds for every size that the symbols may
 * stand for, empty ones included: random graphs are inferred once and evaluated for several sizes.
 *
 * <p>One thing is taken on trust: a symbol in the shape that Reshape is given stands for at least
 * 1. A 0 there would mean another dimension, and nothing could be said of any reshaped value.
 */
class SymbolicValuesTest {
  private static final int GRAPHS = 500;
  private static final int NODES = 14;
  private static final int[] SIZES = {0, 1, 2, 3, 4, 7};

  /** Evaluating with larger numbers and values takes long and shows nothing more. */
  private static final int LARGEST = 300;

  private int claims;

  /** By operator and kind, the first of each. */
  private final Map<String, String> mistakes = new TreeMap<>();

  @Test
  void whatIsInferredHoldsForEverySize() {
    for (int seed = 0; seed < GRAPHS; seed++) {
      Random random = new Random(seed);
      SymbolicGraph graph = new SymbolicGraph(random, NODES);
      for (int round = 0; round < 5; round++) {
        Map<String, Dim> sizes = new TreeMap<>();
        for (String symbol : List.of("N", "S", "T")) {
          sizes.put(symbol, Dim.of(SIZES[random.nextInt(SIZES.length)]));
        }
        check(graph, sizes, seed);
      }
    }
    assertEquals("", String.join("\n", mistakes.values()));
    assertTrue(claims > 20 * GRAPHS, "only " + claims + " claims were checked");
  }

  private void check(SymbolicGraph graph, Map<String, Dim> sizes, int seed) {
    Map<String, Tensor> values = new TreeMap<>(graph.constants());
    SymbolicGraph.INPUTS.forEach(
        (name, shape) ->
            values.put(name, numbered(Shape.parse(shape).map(d -> d.substitute(sizes)).toLongs())));
    for (Node node : graph.nodes()) {
      List<Tensor> results = evaluate(node, values, graph, sizes);
      for (int i = 0; results != null && i < results.size(); i++) {
        String name = node.outputs().get(i).name();
        String where = "seed " + seed + ", " + sizes + ", " + describe(node, graph) + ": " + name;
        String type = typeMistake(graph.fact(name), results.get(i), sizes);
        String element = elementMistake(graph.fact(name), results.get(i), sizes);
        if (type.isEmpty() && element.isEmpty()) {
          values.put(name, results.get(i));
        } else {
          mistake(node, type.isEmpty() ? "element" : "type", where + " " + type + element);
        }
      }
    }
    for (Node node : graph.refused()) {
      if (reducesScalar(node, values)) {
        continue;
      }
      List<Tensor> results = evaluate(node, values, graph, sizes);
      // Where there is nothing to compute, the evaluator does not look at the rest.
      if (results != null && results.stream().anyMatch(r -> r.size() > 0)) {
        mistake(node, "refused", "seed " + seed + ", " + sizes + ": " + describe(node, graph));
      }
    }
  }

  /** A scalar has no axis for ONNX; ONNX Runtime, and the evaluator with it, takes it for [1]. */
  private static boolean reducesScalar(Node node, Map<String, Tensor> values) {
    Tensor reduced = values.get(node.input(0));
    return node.opType().startsWith("Reduce") && reduced != null && reduced.rank() == 0;
  }

  private static Tensor numbered(long[] dims) {
    int size = 1;
    for (long dim : dims) {
      size *= (int) dim;
    }
    float[] elements = new float[size];
    for (int i = 0; i < size; i++) {
      elements[i] = i;
    }
    return Tensor.ofFloats(elements, dims);
  }

  /** The results, or null if the node cannot be run with these sizes. */
  private static @Nullable List<Tensor> evaluate(
      Node node, Map<String, Tensor> values, SymbolicGraph graph, Map<String, Dim> sizes) {
    List<@Nullable Datum> inputs = new ArrayList<>();
    for (String name : node.inputs()) {
      Tensor value = values.get(name);
      if (value == null && !name.isEmpty()) {
        return null;
      }
      if (value != null && isLarge(value)) {
        return null;
      }
      inputs.add(value);
    }
    if (node.is("Reshape") && isOnTrust(graph.fact(node.input(1)).known(), sizes)) {
      return null;
    }
    try {
      List<Tensor> results = new ArrayList<>();
      for (Datum result : ReferenceBackend.evaluate(node, SymbolicGraph.IMPORTS, inputs)) {
        results.add((Tensor) result);
      }
      return results;
    } catch (EvaluationException e) {
      return null;
    }
  }

  private static boolean isLarge(Tensor value) {
    long product = value.size();
    for (long element : value.elementType().isInteger() ? value.toLongs() : new long[0]) {
      product *= Math.max(1, Math.min(LARGEST + 1, Math.abs(element)));
    }
    return product > LARGEST;
  }

  private static boolean isOnTrust(@Nullable KnownValues target, Map<String, Dim> sizes) {
    return target != null
        && target.elements().stream()
            .filter(d -> !d.isFixed())
            .map(d -> d.substitute(sizes))
            .anyMatch(d -> d.isFixed() && d.value() < 1);
  }

  private void mistake(Node node, String kind, String text) {
    mistakes.putIfAbsent(node.opType() + " " + kind, kind + ": " + text);
  }

  private String typeMistake(Fact fact, Tensor actual, Map<String, Dim> sizes) {
    if (!(fact.type() instanceof TensorType type)) {
      return "";
    }
    Shape shape = type.shape().map(d -> d.substitute(sizes));
    claims += shape.isRanked() ? (int) shape.dims().stream().filter(Dim::isKnown).count() : 0;
    boolean holds =
        type.elementType() == actual.elementType() && shape.isCompatibleWith(actual.shape());
    return holds ? "" : "is inferred as " + type + ", but is " + actual.type();
  }

  private String elementMistake(Fact fact, Tensor actual, Map<String, Dim> sizes) {
    KnownValues known = fact.known();
    if (known == null) {
      return "";
    }
    String mistake = "is thought to be " + known + ", but is " + actual.type();
    if (!known.shape().equals(Arrays.stream(actual.dims()).boxed().toList())) {
      return mistake;
    }
    double[] elements = actual.toDoubles();
    for (int i = 0; i < elements.length; i++) {
      Dim element = known.get(i).substitute(sizes);
      claims += element.isKnown() ? 1 : 0;
      double expected = element.isKnown() ? (double) element.value() / known.denominator() : 0;
      // A third is rounded in any float.
      if (element.isKnown() && Math.abs(expected - elements[i]) > 1e-6 * Math.abs(expected)) {
        return mistake + " with " + elements[i] + " at " + i;
      }
    }
    return "";
  }

  private static String describe(Node node, SymbolicGraph graph) {
    StringBuilder text = new StringBuilder(node.opType());
    for (String input : node.inputs()) {
      Fact fact = graph.fact(input);
      text.append(' ').append(input).append(' ').append(fact.type());
      if (fact.known() != null) {
        text.append(fact.known().elements());
      }
    }
    return text.append(' ').append(node.attributes()).toString();
  }
}
