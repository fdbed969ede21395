package dev.sardonyx.export.quantize;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.GraphIndex;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.build.GraphBuilder;
import dev.sardonyx.ir.check.Checker;
import dev.sardonyx.ir.nn.Layers;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

final class StaticQuantizationTest {
  private static final QuantizationOptions CPU = QuantizationOptions.cpu();

  private static Model model(BiFunction<GraphBuilder, Value, Value> body) {
    return model(13, body);
  }

  private static Model model(int opset, BiFunction<GraphBuilder, Value, Value> body) {
    GraphBuilder b = GraphBuilder.of("test", opset);
    Value x = b.input("x", TensorType.of(ElementType.FLOAT, Shape.parse("N,4,6,6")));
    b.output(body.apply(b, x), "y");
    return b.buildModel();
  }

  /** Quantises with one range for every value. */
  private static StaticQuantization.Quantized quantize(Model model, QuantizationOptions options) {
    Map<String, Range> ranges = new HashMap<>();
    Model prepared = StaticQuantization.prepare(model, options).model();
    StaticQuantization.values(prepared).forEach(value -> ranges.put(value, new Range(-1, 3)));
    StaticQuantization.Quantized quantized =
        new StaticQuantization(ranges, options).quantize(model);
    assertTrue(Checker.check(quantized.model()).isValid());
    assertEquals(
        model.graph().outputs().get(0).type(), quantized.model().graph().outputs().get(0).type());
    return quantized;
  }

  /** The operators in order; Q and DQ stand for the two of quantisation. */
  private static String operators(Model model) {
    return model.graph().nodes().stream()
        .map(Node::opType)
        .map(op -> op.equals("QuantizeLinear") ? "Q" : op.equals("DequantizeLinear") ? "DQ" : op)
        .collect(Collectors.joining(" "));
  }

  private static Map<String, String> reasons(StaticQuantization.Quantized quantized) {
    Map<String, String> reasons = new HashMap<>();
    quantized
        .report()
        .nodes()
        .forEach(
            line -> {
              reasons.put(line.name(), line.reason());
              reasons.put(line.operator(), line.reason());
            });
    return reasons;
  }

  private static Model residual() {
    return model(
        (b, x) -> {
          Layers nn = Layers.of(b, 1);
          Value left = b.relu(nn.conv(x, 4, 3));
          Value right = nn.conv(left, 4, 3);
          Value sum = b.relu(b.add(left, right));
          return b.softmax(nn.dense(b.flatten(b.maxPool(sum, 2)), 3), 1);
        });
  }

  @Test
  void integersReachFromTheFirstProductToTheLast() {
    StaticQuantization.Quantized quantized = quantize(residual(), CPU);
    assertEquals(
        "Q DQ DQ DQ Conv Relu Q DQ DQ DQ Conv Q DQ Add Relu Q DQ MaxPool Q DQ Flatten Q DQ DQ DQ"
            + " Gemm Softmax",
        operators(quantized.model()));
    assertEquals(9, quantized.report().nodes().size());
    assertEquals(8, quantized.report().quantized());
    assertEquals("the CPU does not compute it in integers", reasons(quantized).get("softmax1"));
    assertEquals("part of Conv conv1", reasons(quantized).get("relu1"));
  }

  @Test
  void weightsAndBiasesAreStoredAsIntegers() {
    Model small = quantize(residual(), CPU).model();
    GraphIndex index = GraphIndex.of(small.graph());
    for (Node node : small.graph().nodes()) {
      if (node.is("Conv") || node.is("Gemm")) {
        Node weights = index.producer(node.input(1)).orElseThrow();
        Tensor integers = index.constant(weights.input(0)).orElseThrow();
        assertEquals(ElementType.INT8, integers.elementType());
        int axis = node.is("Conv") ? 0 : 1;
        assertEquals(axis, weights.intAttribute("axis", -1));
        float[] scales = index.constant(weights.input(1)).orElseThrow().toFloats();
        assertEquals(integers.dim(axis), scales.length);
        Node bias = index.producer(node.input(2)).orElseThrow();
        assertEquals(ElementType.INT32, index.constant(bias.input(0)).orElseThrow().elementType());
        float[] sums = index.constant(bias.input(1)).orElseThrow().toFloats();
        Node input = index.producer(node.input(0)).orElseThrow();
        float given = index.constant(input.input(1)).orElseThrow().toFloats()[0];
        for (int i = 0; i < sums.length; i++) {
          assertEquals(given * scales[i], sums[i]);
        }
      }
    }
    assertTrue(
        small.graph().constants().stream()
            .allMatch(c -> !c.name().endsWith("weight") && !c.name().endsWith("bias")));
  }

  @Test
  void whatMovesElementsKeepsTheirScale() {
    Model small = quantize(residual(), CPU).model();
    GraphIndex index = GraphIndex.of(small.graph());
    for (Node node : small.graph().nodes()) {
      if (node.is("MaxPool") || node.is("Flatten")) {
        Node before = index.producer(node.input(0)).orElseThrow();
        Node after = index.consumers(node.output(0).name()).get(0);
        for (int i = 1; i <= 2; i++) {
          assertEquals(index.constant(before.input(i)), index.constant(after.input(i)));
        }
      }
    }
  }

  @Test
  void excludedNodesStayAsTheyAre() {
    Model model = residual();
    StaticQuantization.Quantized quantized = quantize(model, CPU.exclude("conv2"));
    assertEquals("excluded", reasons(quantized).get("conv2"));
    Node conv =
        quantized.model().graph().nodes().stream()
            .filter(n -> n.name().equals("conv2"))
            .findFirst()
            .orElseThrow();
    GraphIndex index = GraphIndex.of(quantized.model().graph());
    assertEquals(
        model.graph().constants().stream()
            .filter(c -> c.name().equals(conv.input(1)))
            .findFirst()
            .orElseThrow()
            .data(),
        index.constant(conv.input(1)).orElseThrow());
    assertEquals("not all it is given are integers", reasons(quantized).get("add1"));
    assertEquals(2, products(quantize(model, CPU.include("conv*"))));
    assertEquals(1, products(quantize(model, CPU.include("conv*").exclude("*2"))));
    assertEquals(1, products(quantize(model, CPU.operators("Gemm"))));
    assertEquals(
        "The model has no node named cnov2 to include or exclude",
        assertThrows(IllegalArgumentException.class, () -> quantize(model, CPU.exclude("cnov2")))
            .getMessage());
  }

  private static long products(StaticQuantization.Quantized quantized) {
    return quantized.report().nodes().stream()
        .filter(line -> List.of("Conv", "Gemm").contains(line.operator()) && line.quantized())
        .count();
  }

  @Test
  void nothingIsDoneWithoutAProduct() {
    Model model = model((b, x) -> b.maxPool(b.add(x, b.relu(x)), 2));
    assertSame(model, new StaticQuantization(Map.of(), CPU).apply(model).model());
    assertEquals("Relu Add MaxPool", operators(quantize(model, CPU).model()));
  }

  @Test
  void floatNodesBesideReadTheFloatValue() {
    Model model =
        model(
            (b, x) -> {
              Value shared = b.elu(x, 1f);
              return b.mul(b.sigmoid(shared), Layers.of(b, 1).conv(shared, 4, 3));
            });
    Model small = quantize(model, CPU).model();
    GraphIndex index = GraphIndex.of(small.graph());
    Node sigmoid = node(small, "Sigmoid");
    assertEquals("Elu", index.producer(sigmoid.input(0)).orElseThrow().opType());
    Node conv = node(small, "Conv");
    assertEquals("DequantizeLinear", index.producer(conv.input(0)).orElseThrow().opType());
  }

  private static Node node(Model model, String operator) {
    return model.graph().nodes().stream().filter(n -> n.is(operator)).findFirst().orElseThrow();
  }

  @Test
  void aValueIsStoredOnceForAllThatReadIt() {
    Model model =
        model(
            (b, x) -> {
              Layers nn = Layers.of(b, 1);
              return b.concat(1, nn.conv(x, 2, 1), nn.conv(x, 2, 3), nn.conv(x, 2, 1));
            });
    long stored =
        quantize(model, CPU).model().graph().nodes().stream()
            .filter(n -> n.is("QuantizeLinear") && n.input(0).equals("x"))
            .count();
    assertEquals(1, stored);
  }

  @Test
  void aClipIsPartOfAProductOnlyIfItsLimitsAreTheIntegers() {
    Model within = model((b, x) -> twoConvolutions(b, x, v -> b.clip(v, -2f, 2f)));
    assertEquals(
        "Q DQ DQ DQ Conv Clip Q DQ DQ DQ Conv Q DQ", operators(quantize(within, CPU).model()));
    Model relu = model((b, x) -> twoConvolutions(b, x, b::relu));
    QuantizationOptions signed =
        CPU.withActivations(QuantizationScheme.symmetric(ElementType.INT8));
    assertEquals(
        "Q DQ DQ DQ Conv Q DQ Relu Q DQ DQ DQ Conv Q DQ",
        operators(quantize(relu, signed).model()));
  }

  private static Value twoConvolutions(
      GraphBuilder b, Value x, java.util.function.UnaryOperator<Value> between) {
    Layers nn = Layers.of(b, 1);
    return nn.conv(between.apply(nn.conv(x, 4, 3)), 4, 3);
  }

  @Test
  void tensorRtQuantisesWhatIsReadAroundZero() {
    Model model = residual();
    StaticQuantization.Quantized quantized = quantize(model, QuantizationOptions.tensorRt());
    assertEquals(
        "Q DQ DQ Conv Relu Q DQ DQ Conv Add Relu MaxPool Flatten Q DQ DQ Gemm Softmax",
        operators(quantized.model()));
    for (Node node : quantized.model().graph().nodes()) {
      if (node.is("QuantizeLinear")) {
        GraphIndex index = GraphIndex.of(quantized.model().graph());
        Tensor zero = index.constant(node.input(2)).orElseThrow();
        assertEquals(Tensor.ofNumbers(ElementType.INT8, new double[] {0}), zero);
      }
    }
  }

  @Test
  void qnnComputesAllInIntegers() {
    StaticQuantization.Quantized quantized = quantize(residual(), QuantizationOptions.qnn());
    assertEquals(
        quantized.report().nodes().size(), quantized.report().quantized(), "" + quantized.report());
    QuantizationOptions wide =
        QuantizationOptions.qnn()
            .withActivations(QuantizationScheme.asymmetric(ElementType.UINT16));
    Model sixteen = quantize(residual(), wide).model();
    assertEquals(21, sixteen.opset("").orElseThrow());
  }

  @Test
  void oldOpsetsAreRaised() {
    Model small = quantize(model(11, (b, x) -> twoConvolutions(b, x, b::relu)), CPU).model();
    assertEquals(13, small.opset("").orElseThrow());
  }

  @Test
  void aBiasThatFitsNoInt32MakesItsWeightsCoarser() {
    Model model =
        model(
            (b, x) -> {
              float[] weights = new float[16];
              weights[0] = 1e-6f;
              Value w = b.constant(Tensor.ofFloats(weights, 4, 4, 1, 1));
              Value bias = b.constant(Tensor.ofFloats(new float[] {5000, -7, 0, 1e-20f}, 4));
              return b.node("Conv", x, w, bias);
            });
    Model small = quantize(model, CPU).model();
    GraphIndex index = GraphIndex.of(small.graph());
    Node conv = node(small, "Conv");
    Node bias = index.producer(conv.input(2)).orElseThrow();
    long[] integers = index.constant(bias.input(0)).orElseThrow().toLongs();
    float[] scales = index.constant(bias.input(1)).orElseThrow().toFloats();
    float[] wanted = {5000, -7, 0, 1e-20f};
    for (int i = 0; i < 4; i++) {
      assertTrue(Math.abs(integers[i]) <= (1 << 30) + 128, integers[i] + " would overflow");
      assertTrue(scales[i] >= Float.MIN_NORMAL);
      assertEquals(wanted[i], integers[i] * (double) scales[i], Math.abs(wanted[i]) * 1e-6);
    }
  }

  /** Steps of a range below the least normal float cannot be told apart. */
  @Test
  void numbersLessThanAScaleStayInFloat() {
    Model model = residual();
    Map<String, Range> ranges = new HashMap<>();
    Model prepared = StaticQuantization.prepare(model, CPU).model();
    for (String value : StaticQuantization.values(prepared)) {
      ranges.put(value, value.equals("x") ? new Range(-1e-38, 2e-38) : new Range(-1, 3));
    }
    Map<String, String> reasons = reasons(new StaticQuantization(ranges, CPU).quantize(model));
    assertEquals("the numbers of x are less than a scale can be", reasons.get("conv1"));
    assertEquals("", reasons.get("conv2"));
  }

  @Test
  void saysWhyANodeStaysInFloat() {
    Model model =
        model(
            (b, x) -> {
              Value square = b.matMul(x, x);
              Value gemm =
                  b.node(
                      "Gemm",
                      List.of(
                          b.flatten(square),
                          b.constant(Tensor.ofFloats(new float[144 * 2], 144, 2))),
                      Attribute.ofFloat("alpha", 2f));
              return b.add(b.elu(gemm, 1f), b.constant(1f));
            });
    Map<String, String> reasons = reasons(quantize(model, CPU));
    assertEquals("a product of two activations", reasons.get("MatMul"));
    assertEquals("with a constant it is exact in float", reasons.get("Add"));
    Map<String, String> unknown =
        reasons(new StaticQuantization(Map.of(), CPU).quantize(residual()));
    assertEquals("the range of x is not known", unknown.get("conv1"));
  }

  @Test
  void refusesSchemesThatTheTargetLacks() {
    refused(
        "For the CPU, activations are int8 or uint8, not uint16",
        () -> CPU.withActivations(QuantizationScheme.asymmetric(ElementType.UINT16)));
    refused(
        "For TensorRT, activations are quantised symmetrically",
        () ->
            QuantizationOptions.tensorRt()
                .withActivations(QuantizationScheme.asymmetric(ElementType.INT8)));
    refused(
        "For the CPU, weights are int8, or uint8 beside unsigned activations, not int4 beside uint8",
        () -> CPU.withWeights(QuantizationScheme.symmetric(ElementType.INT4), true));
    refused(
        "Weights with a scale for each channel are quantised symmetrically",
        () -> CPU.withWeights(QuantizationScheme.asymmetric(ElementType.INT8), true));
    assertFalse(CPU.withReducedRange().weights().highest() > 64);
  }

  private static void refused(String message, Runnable made) {
    assertEquals(message, assertThrows(IllegalArgumentException.class, made::run).getMessage());
  }
}
