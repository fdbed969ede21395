package dev.sardonyx.ir.precision;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.ir.Constant;
import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorData;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.backend.Options;
import dev.sardonyx.ir.backend.PreparedModel;
import dev.sardonyx.ir.build.GraphBuilder;
import dev.sardonyx.ir.check.Checker;
import dev.sardonyx.ir.eval.ReferenceBackend;
import dev.sardonyx.ir.nn.Networks;
import dev.sardonyx.ir.pass.RandomModels;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class HalfPrecisionTest {
  private static final HalfPrecision FLOAT16 = HalfPrecision.of(ElementType.FLOAT16);
  private static final TensorType VECTOR = TensorType.of(ElementType.FLOAT, Shape.of(4));

  /** As files before IR version 4 have all their weights. */
  @Test
  void anInputWithADefaultStaysAsItIs() {
    GraphBuilder b = GraphBuilder.of("main");
    Value x = b.input("x", VECTOR);
    b.output(b.relu(b.add(x, b.constant("w", Tensor.ofFloats(new float[] {1, 2, 3, 4}, 4)))), "y");
    Model model = b.buildModel();
    Model old =
        model.withGraph(
            model
                .graph()
                .withInputs(List.of(model.graph().inputs().get(0), Input.of("w", VECTOR))));
    Model half = FLOAT16.withBorder().apply(old).model();
    assertEquals(List.of(), Checker.check(half).errors());
    assertEquals(
        List.of("float16[4]", "float[4]"),
        half.graph().inputs().stream().map(i -> i.type().toString()).toList());
  }

  private static Map<String, Tensor> images(Model model, long... dims) {
    Random random = new Random(5);
    float[] elements = new float[(int) Shape.of(dims).size().value()];
    for (int i = 0; i < elements.length; i++) {
      elements[i] = random.nextFloat();
    }
    return Map.of(model.graph().inputs().get(0).name(), Tensor.ofFloats(elements, dims));
  }

  private static Map<String, Datum> run(Model model, Map<String, Tensor> inputs, Options options) {
    try (PreparedModel prepared = new ReferenceBackend().prepare(model, options)) {
      return new HashMap<>(prepared.run(inputs));
    }
  }

  private static Map<String, Datum> run(Model model, Map<String, Tensor> inputs) {
    return run(model, inputs, Options.DEFAULT);
  }

  private static void assertNear(Datum expected, Datum actual, double within, String what) {
    if (expected instanceof Tensor e && e.elementType().isFloat()) {
      double[] a = e.toDoubles();
      double[] b = ((Tensor) actual).toDoubles();
      double scale = 1;
      for (double each : a) {
        scale = Math.max(scale, Double.isFinite(each) ? Math.abs(each) : 0);
      }
      for (int i = 0; i < a.length; i++) {
        if (Double.isFinite(a[i])) {
          assertEquals(a[i], b[i], within * scale, what + " at " + i);
        }
      }
    }
  }

  private static long count(Model model, String opType) {
    return model.graph().nodes().stream().filter(n -> n.is(opType)).count();
  }

  @ParameterizedTest
  @EnumSource(names = {"FLOAT16", "BFLOAT16"})
  void aResidualNetworkKeepsItsAnswersAndHalvesItsWeights(ElementType type) {
    Model model = Networks.named("seed").withOpset(22).build(3); // the first with a bfloat16 Conv
    Model half = HalfPrecision.of(type).apply(model).model();
    assertEquals("", Checker.check(half).toString().strip());
    assertEquals(
        Set.of(type),
        half.graph().constants().stream()
            .map(c -> ((Tensor) c.data()).elementType())
            .filter(ElementType::isFloat)
            .collect(Collectors.toSet()));
    // One Cast after the input; those around Softmax, which stays in float, end the network.
    assertEquals(2, count(half, "Cast"));
    assertEquals(names(model), names(half));
    Map<String, Tensor> inputs = images(model, 2, 1, 28, 28);
    double within = type == ElementType.FLOAT16 ? 2e-3 : 2e-2;
    run(model, inputs)
        .forEach((name, value) -> assertNear(value, run(half, inputs).get(name), within, name));
  }

  private static Set<String> names(Model model) {
    Set<String> names = new HashSet<>();
    model.graph().constants().stream().map(Constant::name).forEach(names::add);
    model.graph().nodes().stream().filter(n -> !n.is("Cast")).map(Node::name).forEach(names::add);
    return names;
  }

  @Test
  void theComparableFormHasAllValuesAsFloatAndTheSameAnswers() {
    Model model = Networks.named("seed").build(3);
    Map<String, Tensor> inputs = images(model, 1, 1, 28, 28);
    Model comparable = FLOAT16.comparable(model);
    List<String> values = model.graph().nodes().stream().map(n -> n.output(0).name()).toList();
    Map<String, Datum> original = run(model, inputs, Options.DEFAULT.withOutputs(values));
    Map<String, Datum> compared = run(comparable, inputs, Options.DEFAULT.withOutputs(values));
    for (String name : values) {
      assertEquals(ElementType.FLOAT, ((Tensor) compared.get(name)).elementType(), name);
      assertNear(original.get(name), compared.get(name), 5e-3, name);
    }
    assertEquals(
        run(FLOAT16.apply(model).model(), inputs).get("probabilities"),
        compared.get("probabilities"));
  }

  @Test
  void randomModelsStayValidAndNearlyWhatTheyWere() {
    int converted = 0;
    for (int seed = 0; seed < 80; seed++) {
      Model model = RandomModels.model(seed, 15);
      Model half = FLOAT16.apply(model).model();
      assertTrue(Checker.check(half).isValid(), "seed " + seed + ": " + Checker.check(half));
      assertEquals(model.graph().inputs(), half.graph().inputs());
      assertEquals(model.graph().outputs(), half.graph().outputs());
      Map<String, Tensor> inputs = RandomModels.inputs(model, seed);
      Map<String, Datum> before = RandomModels.run(model, inputs);
      Map<String, Datum> after = RandomModels.run(half, inputs);
      for (String name : before.keySet()) {
        assertNear(before.get(name), after.get(name), 3e-2, "seed " + seed + ", " + name);
      }
      converted += half.equals(model) ? 0 : 1;
    }
    assertTrue(converted > 40, converted + " of 80 models had something to convert");
  }

  @Test
  void theBorderIsConvertedIfAskedFor() {
    Model half = FLOAT16.withBorder().apply(Networks.named("seed").build(1)).model();
    assertEquals(
        ElementType.FLOAT16, ((TensorType) half.graph().inputs().get(0).type()).elementType());
    assertEquals(
        ElementType.FLOAT16, ((TensorType) half.graph().outputs().get(0).type()).elementType());
    assertTrue(Checker.check(half).isValid());
  }

  @Test
  void nodesAndOperatorsAreKeptInFloat() {
    Model model = Networks.named("seed").build(1);
    Model half = FLOAT16.keepNodes("conv1").keepOperators("Gemm").apply(model).model();
    Set<String> floats =
        half.graph().constants().stream()
            .filter(c -> HalfPrecision.isFloat(c.type()))
            .map(Constant::name)
            .collect(Collectors.toSet());
    assertEquals(Set.of("conv1.weight", "conv1.bias", "dense1.weight", "dense1.bias"), floats);
    IllegalArgumentException missing =
        assertThrows(
            IllegalArgumentException.class, () -> FLOAT16.keepNodes("nowhere").apply(model));
    assertEquals("The model has no node named nowhere to keep in float", missing.getMessage());
  }

  /** The question shows a node with the types that it would have, its weights' among them. */
  @Test
  void whatCannotBeRunStaysInFloat() {
    Model model = Networks.named("seed").build(1);
    Set<String> asked = new HashSet<>();
    Model half =
        FLOAT16
            .withSupport(
                (node, types, opset) -> {
                  asked.add(node.opType());
                  List<TensorType> all = new ArrayList<>();
                  node.inputs().forEach(i -> all.add((TensorType) types.get(i)));
                  node.outputs().forEach(r -> all.add((TensorType) r.type()));
                  boolean isHalf =
                      all.stream()
                          .map(TensorType::elementType)
                          .filter(ElementType::isFloat)
                          .allMatch(ElementType.FLOAT16::equals);
                  assertTrue(isHalf, node.label() + ": " + all);
                  return opset != model.opset("").getAsLong() || !node.is("Gemm");
                })
            .apply(model)
            .model();
    assertTrue(asked.containsAll(Set.of("Conv", "Gemm")), asked.toString());
    Set<String> floats =
        half.graph().constants().stream()
            .filter(c -> HalfPrecision.isFloat(c.type()))
            .map(Constant::name)
            .collect(Collectors.toSet());
    assertEquals(Set.of("dense1.weight", "dense1.bias"), floats);
  }

  private static Model scaled(float... weights) {
    GraphBuilder b = GraphBuilder.of("g");
    Value w = b.constant("w", Tensor.ofFloats(weights, weights.length));
    b.output(b.mul(b.input("x", VECTOR), w), "y");
    return b.buildModel();
  }

  @Test
  void weightsBeyondTheRangeAreClampedAndToldOrRefusedByName() {
    Model model = scaled(1e9f, -7e4f, Float.NEGATIVE_INFINITY, 65519f);
    TensorData clamped = FLOAT16.apply(model).model().graph().constants().get(0).data();
    assertEquals(
        List.of(65504.0, -65504.0, Double.NEGATIVE_INFINITY, 65504.0),
        Arrays.stream(((Tensor) clamped).toDoubles()).boxed().toList());
    assertTrue(
        FLOAT16.apply(model).changes().stream()
            .anyMatch(
                c -> c.what().equals("clamped 2 of 4 elements of w, up to 1.000e+09, to 65504")),
        FLOAT16.apply(model).changes().toString());
    PrecisionException refused =
        assertThrows(
            PrecisionException.class,
            () -> FLOAT16.withOverflow(HalfPrecision.Overflow.REFUSE).apply(model));
    assertTrue(refused.getMessage().contains("2 of 4 elements of w"), refused.getMessage());
    Model wide = HalfPrecision.of(ElementType.BFLOAT16).apply(model).model();
    assertEquals(1e9, ((Tensor) wide.graph().constants().get(0).data()).toDoubles()[0], 4e6);
  }

  /** Positions beyond 2048 have no float16, and a mask's large number would be infinite. */
  @Test
  void whatComesOfIntegersIsComputedInFloatAndBoundedBeforeItIsCast() {
    GraphBuilder b = GraphBuilder.of("g");
    Value x = b.input("x", VECTOR);
    Value mask = b.input("mask", TensorType.of(ElementType.INT64, Shape.of(4)));
    Value off = b.sub(b.constant(1f), b.cast(mask, ElementType.FLOAT));
    b.output(b.add(b.sigmoid(x), b.mul(off, b.constant(-Float.MAX_VALUE))), "y");
    Model half = FLOAT16.apply(b.buildModel()).model();
    double[] y =
        ((Tensor)
                run(
                        half,
                        Map.of(
                            "x", Tensor.ofFloats(new float[4], 4),
                            "mask", Tensor.ofLongs(new long[] {1, 0, 1, 0}, 4)))
                    .get("y"))
            .toDoubles();
    assertEquals(0.5, y[0]);
    assertEquals(-65504, y[1], 1, "bounded, not infinite");
    assertFalse(
        half.graph().nodes().stream()
            .filter(n -> n.is("Mul") || n.is("Sub"))
            .anyMatch(n -> !HalfPrecision.isFloat(n.output(0).type())));
  }

  @Test
  void whatHasNothingToConvertIsLeftAlone() {
    GraphBuilder b = GraphBuilder.of("g");
    b.output(b.add(b.input("x", TensorType.of(ElementType.INT64, Shape.of(2))), b.constant(1L)));
    Model model = b.buildModel();
    assertSame(model, FLOAT16.apply(model).model());
    assertThrows(IllegalArgumentException.class, () -> HalfPrecision.of(ElementType.DOUBLE));
  }
}
