package dev.sardonyx.ir.build;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.backend.PreparedModel;
import dev.sardonyx.ir.check.Checker;
import dev.sardonyx.ir.eval.ReferenceBackend;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;

/**
 * Tests of typed methods, each at every opset from the first that has it: the model is valid, its
 * result has the expected type, and the forms of all opsets compute the same.
 */
final class TypedMethods {
  private static final int[] OPSETS = {
    7, 8, 9, 10, 11, 12, 13, 14, 15, 17, 18, 19, 20, 21, 23, 24, 26
  };

  /** The type of the input that each case is given. */
  static final String SAME = "float[2,4,6,6]";

  /** The type of what a comparison makes of it. */
  static final String FLAGS = "bool[2,4,6,6]";

  private TypedMethods() {}

  /** Makes the result from the float input {@code [2,4,6,6]}. */
  @FunctionalInterface
  interface Body {
    Value build(GraphBuilder b, Value x);
  }

  /**
   * One way to call a method.
   *
   * @param since the first opset it is there for
   * @param type the result's type; {@code ?} stands for any dimension
   */
  record Case(String method, int since, String type, Body body) {}

  static Case method(String method, int since, String type, Body body) {
    return new Case(method, since, type, body);
  }

  /** A constant of numbers between 0.1 and 1.1, the same for the same size. */
  static Value floats(GraphBuilder b, long... dims) {
    int size = (int) Arrays.stream(dims).reduce(1, Math::multiplyExact);
    float[] elements = new float[size];
    Random random = new Random(size);
    for (int i = 0; i < size; i++) {
      elements[i] = 0.1f + random.nextFloat();
    }
    return b.constant(Tensor.ofFloats(elements, dims));
  }

  /** A test of each case, and one that no method of the theme is left out. */
  static Stream<DynamicTest> tests(Class<?> theme, Case... cases) {
    return Stream.concat(
        IntStream.range(0, cases.length)
            .mapToObj(i -> dynamicTest(i + " " + cases[i].method(), () -> check(cases[i]))),
        Stream.of(
            dynamicTest("no method is left out", () -> assertComplete(theme, List.of(cases)))));
  }

  private static void assertComplete(Class<?> theme, List<Case> cases) {
    Set<String> methods = new TreeSet<>();
    for (Method method : theme.getDeclaredMethods()) {
      if (method.isDefault() && Modifier.isPublic(method.getModifiers()) && !method.isSynthetic()) {
        methods.add(method.getName());
      }
    }
    assertEquals(
        methods, cases.stream().map(Case::method).collect(Collectors.toCollection(TreeSet::new)));
  }

  private static void check(Case c) {
    Map<Integer, Model> models = new TreeMap<>();
    for (int opset : OPSETS) {
      if (opset >= c.since()) {
        String where = c.method() + " at opset " + opset;
        Model model = model(c, opset);
        assertTrue(Checker.check(model).isValid(), () -> where + ": " + Checker.check(model));
        String type = model.graph().outputs().get(0).type().toString();
        assertTrue(matches(type, c.type()), () -> where + " is " + type + ", not " + c.type());
        models.put(opset, model);
      }
    }
    Tensor expected = null;
    for (Map.Entry<Integer, Model> entry : models.entrySet()) {
      Tensor actual = run(entry.getValue());
      expected = expected == null ? actual : expected;
      compare(expected, actual, c.method() + " at opset " + entry.getKey() + " and " + c.since());
    }
  }

  /** The expected type may leave a dimension open. */
  private static boolean matches(String actual, String expected) {
    String[] a = actual.split("[\\[,\\]]", -1);
    String[] e = expected.split("[\\[,\\]]", -1);
    if (a.length != e.length) {
      return false;
    }
    for (int i = 0; i < a.length; i++) {
      if (!e[i].equals("?") && !e[i].equals(a[i])) {
        return false;
      }
    }
    return true;
  }

  private static Model model(Case c, int opset) {
    GraphBuilder b = GraphBuilder.of("typed", opset);
    Value x = b.input("x", TensorType.of(ElementType.FLOAT, Shape.of(2, 4, 6, 6)));
    Value y = c.body().build(b, x);
    b.output(y, "y");
    return b.buildModel();
  }

  private static Tensor run(Model model) {
    float[] elements = new float[2 * 4 * 6 * 6];
    Random random = new Random(7);
    for (int i = 0; i < elements.length; i++) {
      elements[i] = (float) random.nextGaussian();
    }
    try (PreparedModel prepared = new ReferenceBackend().prepare(model)) {
      Map<String, Datum> outputs = prepared.run(Map.of("x", Tensor.ofFloats(elements, 2, 4, 6, 6)));
      return (Tensor) outputs.get("y");
    }
  }

  private static void compare(Tensor expected, Tensor actual, String where) {
    assertEquals(expected.type(), actual.type(), where);
    double[] a = expected.toDoubles();
    double[] b = actual.toDoubles();
    for (int i = 0; i < a.length; i++) {
      if (Double.compare(a[i], b[i]) != 0
          && !(Math.abs(a[i] - b[i]) <= 1e-4 + 1e-4 * Math.abs(a[i]))) {
        fail(where + " differ at " + i + ": " + b[i] + " and " + a[i]);
      }
    }
  }
}
