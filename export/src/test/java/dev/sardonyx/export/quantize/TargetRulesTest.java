package dev.sardonyx.export.quantize;

import static org.junit.jupiter.api.Assertions.assertEquals;
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
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * Models of layers drawn by chance obey what TensorRT and QNN document. Neither was run.
 *
 * <p>Sources: NVIDIA, TensorRT Developer Guide, Working with Quantized Types, explicit quantization
 * and placement of Q/DQ; ONNX Runtime, QNN Execution Provider, and its {@code get_qnn_qdq_config}.
 */
final class TargetRulesTest {
  private static final int SEEDS = 12;
  private static final Set<String> MOVING = Set.of("MaxPool", "Reshape", "Transpose", "Flatten");

  private static Model network(int seed) {
    Random random = new Random(seed);
    GraphBuilder b = GraphBuilder.of("network" + seed);
    Layers nn = Layers.of(b, seed);
    Value x = b.input("x", TensorType.of(ElementType.FLOAT, Shape.parse("N,3,8,8")));
    Value before = nn.conv(x, 8, 3);
    for (int i = 0; i < 6; i++) {
      Value given = before;
      before =
          switch (random.nextInt(13)) {
            case 0 -> b.relu(nn.conv(given, 8, 3));
            case 1 -> b.clip(nn.batchNorm(nn.conv(given, 8, 3)), 0f, 2f);
            case 2 -> b.relu(b.add(given, nn.conv(given, 8, 1)));
            case 3 -> b.mul(given, b.sigmoid(nn.conv(given, 8, 1)));
            case 4 -> nn.conv(b.concat(1, given, nn.conv(given, 3, 3)), 8, 1);
            case 5 -> b.tanh(nn.conv(given, 8, 3));
            case 6 -> b.transpose(b.transpose(given, 0, 2, 3, 1), 0, 3, 1, 2);
            case 7 -> b.softmax(given, 1);
            case 8 -> b.matMul(given, b.constant(weights(random, 8, 8)));
            case 9 ->
                b.node(
                    "LayerNormalization",
                    List.of(given, b.constant(weights(random, 8)), b.constant(weights(random, 8))));
            case 10 ->
                b.node(
                    "InstanceNormalization",
                    List.of(given, b.constant(weights(random, 8)), b.constant(weights(random, 8))));
            case 11 -> b.node(random.nextBoolean() ? "Abs" : "Exp", given);
            default ->
                b.node(
                    "ConvTranspose",
                    List.of(given, b.constant(weights(random, 8, 8, 1, 1))),
                    Attribute.ofInts("kernel_shape", 1, 1));
          };
    }
    b.output(nn.dense(b.flatten(b.maxPool(before, 2)), 5), "y");
    return b.buildModel();
  }

  private static Tensor weights(Random random, long... dims) {
    int size = 1;
    for (long dim : dims) {
      size *= (int) dim;
    }
    float[] all = new float[size];
    for (int i = 0; i < size; i++) {
      all[i] = (float) random.nextGaussian();
    }
    return Tensor.ofFloats(all, dims);
  }

  private static GraphIndex quantized(int seed, QuantizationOptions options) {
    Model model = network(seed);
    Map<String, Range> ranges = new HashMap<>();
    Random random = new Random(seed);
    Model prepared = StaticQuantization.prepare(model, options).model();
    for (String value : StaticQuantization.values(prepared)) {
      ranges.put(value, new Range(-random.nextDouble(), 3 * random.nextDouble()));
    }
    Model small = new StaticQuantization(ranges, options).quantize(model).model();
    assertEquals(List.of(), Checker.check(small).problems());
    return GraphIndex.of(small.graph());
  }

  private static Tensor constant(GraphIndex index, Node node, int input) {
    return index.constant(node.input(input)).orElseThrow();
  }

  /** The DequantizeLinear that gives a node's input. */
  private static Node dequantize(GraphIndex index, Node node, int input) {
    Node giver = index.producer(node.input(input)).orElseThrow();
    assertTrue(giver.is("DequantizeLinear"), node + " is given " + giver);
    return giver;
  }

  private static boolean isQuantized(GraphIndex index, Node node) {
    return index.producer(node.input(0)).filter(n -> n.is("DequantizeLinear")).isPresent();
  }

  private static void requireWeights(
      GraphIndex index, Node node, boolean perChannel, String place) {
    Node weights = dequantize(index, node, 1);
    Tensor integers = constant(index, weights, 0);
    assertEquals(ElementType.INT8, integers.elementType(), place);
    for (long zero : constant(index, weights, 2).toLongs()) {
      assertEquals(0, zero, place);
    }
    int axis = node.is("Conv") || node.is("Gemm") && node.intAttribute("transB", 0) == 1 ? 0 : 1;
    Tensor scales = constant(index, weights, 1);
    assertEquals(perChannel ? 1 : 0, scales.rank(), place);
    if (perChannel) {
      assertEquals(axis, weights.intAttribute("axis", 1), place);
      assertEquals(integers.dim(axis), scales.size(), place);
    }
  }

  private static boolean isProduct(Node node) {
    return Set.of("Conv", "ConvTranspose", "Gemm", "MatMul").contains(node.opType());
  }

  @Test
  void tensorRt() {
    int products = 0;
    for (int seed = 0; seed < SEEDS; seed++) {
      GraphIndex index = quantized(seed, QuantizationOptions.tensorRt());
      for (Node node : index.graph().nodes()) {
        String place = "seed " + seed + ", " + node.described();
        if (node.is("QuantizeLinear")) {
          // Around zero, one scale, and before what is quantised only: never at a result
          assertEquals(Tensor.ofNumbers(ElementType.INT8, new double[1]), constant(index, node, 2));
          assertEquals(0, constant(index, node, 1).rank(), place);
          Node pair = index.soleConsumer(node.output(0).name()).orElseThrow();
          assertTrue(pair.is("DequantizeLinear"), place);
          for (Node reader : index.consumers(pair.output(0).name())) {
            assertTrue(
                QuantizationTarget.tensorRt().rules().containsKey(reader.opType()),
                place + " is read by " + reader);
          }
          assertTrue(!index.isOutput(pair.output(0).name()), place);
        }
        if (isProduct(node) && isQuantized(index, node)) {
          products++;
          requireWeights(index, node, true, place);
          if (node.hasInput(2)) { // biases are float
            assertEquals(ElementType.FLOAT, constant(index, node, 2).elementType(), place);
          }
        }
        if (node.is("Add") && isQuantized(index, node)) { // both branches
          dequantize(index, node, 1);
        }
      }
    }
    assertTrue(products > 3 * SEEDS, products + " products");
  }

  @Test
  void qnn() {
    QuantizationOptions eight = QuantizationOptions.qnn();
    QuantizationOptions sixteen =
        eight.withActivations(QuantizationScheme.asymmetric(ElementType.UINT16));
    for (int seed = 0; seed < SEEDS; seed++) {
      QuantizationOptions options = seed % 2 == 0 ? eight : sixteen;
      GraphIndex index = quantized(seed, options);
      for (Node node : index.graph().nodes()) {
        if (!node.is("QuantizeLinear") && !node.is("DequantizeLinear")) {
          requireUnit(index, node, options, "seed " + seed + ", " + node.described());
        }
      }
    }
  }

  /** Every node stands between DequantizeLinear and QuantizeLinear, but for a Relu after one. */
  private static void requireUnit(
      GraphIndex index, Node node, QuantizationOptions options, String place) {
    Node giver = index.producer(node.input(0)).orElseThrow();
    boolean isFused = Set.of("Relu", "Clip").contains(node.opType()) && isUnit(index, giver);
    if (isFused) {
      assertEquals(1, index.uses(node.input(0)), place);
    } else {
      Node input = dequantize(index, node, 0);
      assertEquals(options.activations().type(), constant(index, input, 2).elementType(), place);
    }
    List<Node> readers = index.consumers(node.output(0).name());
    assertEquals(1, readers.size(), place);
    Node after = readers.get(0);
    if (Set.of("Relu", "Clip").contains(after.opType())) {
      return;
    }
    assertTrue(after.is("QuantizeLinear"), place + " is read by " + after);
    float scale = constant(index, after, 1).toFloats()[0];
    long zero = constant(index, after, 2).toLongs()[0];
    if (MOVING.contains(node.opType())) {
      Node input = dequantize(index, node, 0);
      assertEquals(constant(index, input, 1), constant(index, after, 1), place);
      assertEquals(constant(index, input, 2), constant(index, after, 2), place);
    }
    if (options.activations().type() == ElementType.UINT16) {
      if (node.is("Sigmoid") || node.is("Softmax")) {
        assertEquals(List.of(1f / 65536, 0L), List.of(scale, zero), place);
      } else if (node.is("Tanh")) {
        assertEquals(List.of(1f / 32768, 32768L), List.of(scale, zero), place);
      }
    }
    boolean isNormalization = node.is("LayerNormalization") || node.is("InstanceNormalization");
    if ((isProduct(node) || isNormalization)
        && index.constant(index.producer(node.input(1)).orElseThrow().input(0)).isPresent()) {
      requireWeights(index, node, !node.is("MatMul") && !isNormalization, place);
      if (node.hasInput(2)) {
        requireBias(index, node, place);
      }
    }
  }

  private static boolean isUnit(GraphIndex index, Node node) {
    return !node.is("DequantizeLinear") && isQuantized(index, node);
  }

  private static void requireBias(GraphIndex index, Node node, String place) {
    Node bias = dequantize(index, node, 2);
    assertEquals(ElementType.INT32, constant(index, bias, 0).elementType(), place);
    float given = constant(index, dequantize(index, node, 0), 1).toFloats()[0];
    float[] weights = constant(index, dequantize(index, node, 1), 1).toFloats();
    float[] sums = constant(index, bias, 1).toFloats();
    for (int i = 0; i < sums.length; i++) {
      assertEquals(given * weights[i], sums[i], place);
    }
  }
}
