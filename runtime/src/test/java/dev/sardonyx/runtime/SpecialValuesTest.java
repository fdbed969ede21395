package dev.sardonyx.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Output;
import dev.sardonyx.ir.Result;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.ValueType;
import dev.sardonyx.ir.backend.PreparedModel;
import dev.sardonyx.ir.backend.UnsupportedModelException;
import dev.sardonyx.ir.eval.ReferenceBackend;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/**
 * Zeros of both signs, infinities, NaN, the largest and smallest numbers and what lies at steps, in
 * every unary and binary operator and every element type that ONNX Runtime has it for: the
 * reference evaluator gives the same, zeros of the same sign included.
 */
class SpecialValuesTest {
  private static final int OPSET = 22;

  private static final List<String> UNARY =
      List.of(
          "Abs",
          "Acos",
          "Acosh",
          "Asin",
          "Asinh",
          "Atan",
          "Atanh",
          "BitwiseNot",
          "Ceil",
          "Celu",
          "Cos",
          "Cosh",
          "Elu",
          "Erf",
          "Exp",
          "Floor",
          "Gelu",
          "HardSigmoid",
          "HardSwish",
          "Identity",
          "IsInf",
          "IsNaN",
          "LeakyRelu",
          "Log",
          "Mish",
          "Neg",
          "Not",
          "Reciprocal",
          "Relu",
          "Round",
          "Selu",
          "Shrink",
          "Sigmoid",
          "Sign",
          "Sin",
          "Sinh",
          "Softplus",
          "Softsign",
          "Sqrt",
          "Tan",
          "Tanh",
          "ThresholdedRelu");

  private static final List<String> BINARY =
      List.of(
          "Add",
          "And",
          "BitwiseAnd",
          "BitwiseOr",
          "BitwiseXor",
          "Div",
          "Equal",
          "Greater",
          "GreaterOrEqual",
          "Less",
          "LessOrEqual",
          "Max",
          "Mean",
          "Min",
          "Mod",
          "Mul",
          "Or",
          "PRelu",
          "Pow",
          "Sub",
          "Sum",
          "Xor");

  private static final List<ElementType> TYPES =
      List.of(
          ElementType.FLOAT,
          ElementType.DOUBLE,
          ElementType.FLOAT16,
          ElementType.BFLOAT16,
          ElementType.INT8,
          ElementType.INT16,
          ElementType.INT32,
          ElementType.INT64,
          ElementType.UINT8,
          ElementType.UINT16,
          ElementType.UINT32,
          ElementType.UINT64,
          ElementType.BOOL);

  /** Where ONNX Runtime gives something else, and why; each occurs. */
  private static final Map<String, String> KNOWN =
      Map.of(
          "Pow of int(32|64): .*", "unspecified: whole powers that overflow, and of 0 below 0",
          "Shrink of (double|u?int\\d+): .*", "theirs: computed in float",
          "Sign of b?float16: \\(NaN.*", "theirs: NaN is no number",
          "(Max|Min) of .*0.0\\) is -?0.0, .* -?0.0", "unspecified: which zero is the larger one",
          "(Relu|Selu) of .*: \\(-0.0.*", "unspecified: which zero it is",
          "(Celu|Elu|Selu|Mish) of float: .*E-(38|42), in ONNX Runtime -?0.0",
              "theirs: tiny numbers are rounded to 0",
          "Sigmoid of (float|double): \\(-\\d+.*", "theirs: an approximation",
          "(Gelu|HardSwish) of float16: \\(5.96.*", "theirs: a product is rounded twice");

  private static double[] specials(ElementType type) {
    if (type == ElementType.BOOL) {
      return new double[] {0, 1};
    }
    if (type.isInteger()) {
      double top = Math.scalb(1.0, type.bits() - (type.isSigned() ? 1 : 0));
      double largest = type.bits() == 64 ? top - 2048 : top - 1;
      return type.isSigned()
          ? new double[] {0, 1, -1, 2, -2, 7, -7, largest, -top, -top + 1}
          : new double[] {0, 1, 2, 7, largest, largest - 1};
    }
    return new double[] {
      0,
      -0.0,
      1,
      -1,
      0.5,
      -0.5,
      1.5,
      -1.5,
      2.5,
      -2.5,
      3,
      -3,
      0.49999997,
      20,
      -20,
      100,
      -100,
      smallest(type),
      -smallest(type),
      largest(type),
      -largest(type),
      Double.POSITIVE_INFINITY,
      Double.NEGATIVE_INFINITY,
      Double.NaN
    };
  }

  private static double smallest(ElementType type) {
    return switch (type) {
      case FLOAT16 -> 0x1p-24;
      case BFLOAT16, FLOAT -> 0x1p-126;
      default -> Double.MIN_NORMAL;
    };
  }

  private static double largest(ElementType type) {
    return switch (type) {
      case FLOAT16 -> 65504;
      case BFLOAT16 -> 0x1.FEp127;
      case FLOAT -> Float.MAX_VALUE;
      default -> Double.MAX_VALUE;
    };
  }

  /** All pairs of special numbers, or those numbers. */
  private static Map<String, Datum> inputs(String operator, ElementType type, boolean binary) {
    double[] all = specials(type);
    boolean divides = type.isInteger() && List.of("Div", "Mod").contains(operator);
    List<Double> x = new ArrayList<>();
    List<Double> z = new ArrayList<>();
    for (double a : all) {
      for (double b : binary ? all : new double[] {1}) {
        boolean overflows = a == all[all.length - (type.isSigned() ? 2 : 1)] && b == -1;
        if (!divides || b != 0 && !overflows) {
          x.add(a);
          z.add(b);
        }
      }
    }
    Map<String, Datum> inputs = new LinkedHashMap<>();
    inputs.put("x", tensor(type, x));
    if (binary) {
      inputs.put("z", tensor(type, z));
    }
    return inputs;
  }

  private static Tensor tensor(ElementType type, List<Double> elements) {
    double[] numbers = elements.stream().mapToDouble(Double::doubleValue).toArray();
    return Tensor.ofNumbers(type, numbers, numbers.length);
  }

  private static Model model(String operator, Map<String, Datum> inputs) {
    ElementType type = ((Tensor) inputs.get("x")).elementType();
    Node node = Node.of(operator, List.copyOf(inputs.keySet()), List.of(Result.of("y")));
    if (operator.equals("Mod") && type.isFloat()) {
      node = node.withAttribute(Attribute.ofInt("fmod", 1));
    }
    List<Input> declared =
        inputs.entrySet().stream().map(e -> Input.of(e.getKey(), e.getValue().type())).toList();
    return Model.of(
        Graph.of(
            "g", declared, List.of(Output.of("y", ValueType.unknown())), List.of(node), List.of()),
        OPSET);
  }

  @Test
  void bothGiveTheSame() {
    Set<String> differences = new TreeSet<>();
    int compared = 0;
    Set<String> unseen = new TreeSet<>(KNOWN.keySet());
    for (ElementType type : TYPES) {
      for (String operator : UNARY) {
        compared += compare(operator, inputs(operator, type, false), differences);
      }
      for (String operator : BINARY) {
        compared += compare(operator, inputs(operator, type, true), differences);
      }
    }
    for (String known : KNOWN.keySet()) {
      if (differences.removeIf(difference -> difference.matches(known))) {
        unseen.remove(known);
      }
    }
    assertEquals("", String.join("\n", differences));
    assertEquals(Set.of(), unseen);
    assertTrue(compared > 300, compared + " were compared");
  }

  private static int compare(String operator, Map<String, Datum> inputs, Set<String> differences) {
    Model model = model(operator, inputs);
    Tensor expected;
    Tensor actual;
    try (PreparedModel ort = OrtBackend.cpu().prepare(model)) {
      actual = ort.run(inputs).tensor("y");
    } catch (UnsupportedModelException e) {
      return 0;
    }
    try (PreparedModel reference = new ReferenceBackend().prepare(model)) {
      expected = reference.run(inputs).tensor("y");
    }
    Tensor x = (Tensor) inputs.get("x");
    Tensor z = (Tensor) inputs.getOrDefault("z", x);
    double[] a = actual.toDoubles();
    double[] e = expected.toDoubles();
    for (int i = 0; i < e.length; i++) {
      if (!alike(expected.elementType(), a[i], e[i])) {
        differences.add(
            "%s of %s: (%s, %s) is %s, in ONNX Runtime %s"
                .formatted(
                    operator, x.elementType(), x.toDoubles()[i], z.toDoubles()[i], e[i], a[i]));
      }
    }
    return 1;
  }

  private static boolean alike(ElementType type, double actual, double expected) {
    if (Double.compare(actual, expected) == 0) {
      return true;
    }
    double rtol = new Tolerance(1e-5, 0).roundedTo(type).rtol();
    return Math.abs(actual - expected) <= rtol * Math.abs(expected)
        && (expected != 0 || actual != 0);
  }
}
