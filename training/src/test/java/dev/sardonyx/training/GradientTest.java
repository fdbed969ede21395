package dev.sardonyx.training;

import static dev.sardonyx.training.SmallNet.dims;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.training.compile.CompiledNetwork;
import dev.sardonyx.training.compile.Compiler;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Function;
import java.util.stream.Stream;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.impl.LossSparseMCXENT;

/**
 * The gradients that training uses, helpers included, against finite differences of the loss: for
 * each parameter, the slope along its own gradient must be that gradient's length.
 */
class GradientTest {
  private static final int H = 6;
  private static final int W = 7;
  private static final int C = 4;

  /** Adds something behind a convolution with C channels, 6x7; returns its features. */
  private interface Middle {
    String add(SmallNet net, String x);
  }

  private static Arguments net(String name, long features, Middle middle) {
    Function<SmallNet, Model> build =
        net -> {
          String x = net.conv3x3("first", net.input("x", 2, H, W), 2, C, H, W);
          return net.model(net.classifier(middle.add(net, x), features, 3));
        };
    return Arguments.of(name, build);
  }

  /** One node with weights and attributes that keeps or changes the shape. */
  private static Arguments one(
      String opType, long[] example, List<long[]> weights, Attribute... attributes) {
    long features = 1;
    for (long dim : example) {
      features *= dim;
    }
    return net(
        opType + " " + Stream.of(attributes).map(Attribute::value).toList(),
        features,
        (net, x) -> {
          List<String> inputs = new ArrayList<>(List.of(x));
          for (long[] dims : weights) {
            inputs.add(net.weights("w" + inputs.size(), dims));
          }
          return net.node(opType, inputs, "y", example, attributes);
        });
  }

  private static Attribute ints(String name, long... values) {
    return Attribute.ofInts(name, values);
  }

  static Stream<Arguments> nets() {
    List<long[]> none = List.of();
    Attribute k2 = ints("kernel_shape", 2, 2);
    Attribute k3 = ints("kernel_shape", 3, 3);
    Attribute s2 = ints("strides", 2, 2);
    return Stream.of(
        one("Conv", dims(5, H, W), List.of(dims(5, C, 3, 3), dims(5)), ints("pads", 1, 1, 1, 1)),
        one("Conv", dims(5, H, W), List.of(dims(5, C, 3, 3)), ints("pads", 1, 1, 1, 1)),
        one("Conv", dims(5, 3, 4), List.of(dims(5, C, 1, 1)), s2),
        one("Conv", dims(5, 3, 4), List.of(dims(5, C, 3, 3)), s2, ints("pads", 0, 1, 1, 1)),
        one("Conv", dims(5, 3, 5), List.of(dims(5, C, 2, 3)), ints("dilations", 3, 1)),
        one("Conv", dims(8, 5, 5), List.of(dims(8, 1, 2, 3), dims(8)), group(C)),
        one("Conv", dims(6, 5, 5), List.of(dims(6, 2, 2, 3), dims(6)), group(2)),
        one("Relu", dims(C, H, W), none),
        one("Sigmoid", dims(C, H, W), none),
        one("Tanh", dims(C, H, W), none),
        one("Elu", dims(C, H, W), none),
        one("Selu", dims(C, H, W), none),
        one("LeakyRelu", dims(C, H, W), none, Attribute.ofFloat("alpha", 0.2f)),
        one("Softplus", dims(C, H, W), none),
        one("Softsign", dims(C, H, W), none),
        one("Mish", dims(C, H, W), none),
        one("MaxPool", dims(C, 3, 3), none, k2, s2),
        one("MaxPool", dims(C, 3, 4), none, k3, s2, ints("pads", 1, 1, 1, 1)),
        one("MaxPool", dims(C, 3, 4), none, k3, s2, Attribute.ofString("auto_pad", "SAME_UPPER")),
        one("AveragePool", dims(C, 3, 3), none, k2, s2),
        one("AveragePool", dims(C, 3, 4), none, k3, s2, ints("pads", 1, 1, 1, 1)),
        one(
            "AveragePool",
            dims(C, 3, 4),
            none,
            k3,
            s2,
            ints("pads", 1, 1, 1, 1),
            Attribute.ofInt("count_include_pad", 1)),
        one(
            "AveragePool",
            dims(C, 3, 4),
            none,
            k3,
            s2,
            Attribute.ofString("auto_pad", "SAME_UPPER")),
        one("GlobalAveragePool", dims(C, 1, 1), none),
        one("GlobalMaxPool", dims(C, 1, 1), none),
        one("Neg", dims(C, H, W), none),
        one("LRN", dims(C, H, W), none, Attribute.ofInt("size", 3), Attribute.ofFloat("alpha", 1)),
        net("BatchNormalization", C * H * W, (net, x) -> batchNorm(net, "bn", x)),
        net(
            "BatchNormalization and Relu",
            C * H * W,
            (net, x) -> net.relu("r", batchNorm(net, "bn", x), C, H, W)),
        net("residual block", C * H * W, (net, x) -> net.residual("block", x, C, H, W)),
        net(
            "pre-activation, Relu of a value used twice",
            C * H * W,
            (net, x) -> {
              String y = net.conv3x3("inner", net.relu("r", x, C, H, W), C, C, H, W);
              return net.node("Add", List.of(x, y), "sum", dims(C, H, W));
            }),
        net(
            "Mul with one number for each channel (squeeze and excitation)",
            C * H * W,
            (net, x) -> {
              String y = net.node("GlobalAveragePool", List.of(x), "means", dims(C, 1, 1));
              y = net.node("Sigmoid", List.of(y), "gates", dims(C, 1, 1));
              return net.node("Mul", List.of(x, y), "gated", dims(C, H, W));
            }),
        net(
            "Sub, Concat and Max",
            2 * C * H * W,
            (net, x) -> {
              String y = net.conv3x3("inner", x, C, C, H, W);
              String z = net.node("Sub", List.of(x, y), "z", dims(C, H, W));
              String m = net.node("Max", List.of(x, y), "m", dims(C, H, W));
              return net.node(
                  "Concat", List.of(z, m), "both", dims(2 * C, H, W), Attribute.ofInt("axis", 1));
            }),
        net(
            "Pad and Resize",
            C * 14 * 18,
            (net, x) -> {
              net.constant("pads", Tensor.ofLongs(new long[] {0, 0, 1, 0, 0, 0, 0, 2}, 8));
              String y = net.node("Pad", List.of(x, "pads"), "padded", dims(C, 7, 9));
              net.constant("scales", Tensor.ofFloats(new float[] {1, 1, 2, 2}, 4));
              return net.node("Resize", List.of(y, "", "scales"), "large", dims(C, 14, 18));
            }));
  }

  private static Attribute group(int groups) {
    return Attribute.ofInt("group", groups);
  }

  private static String batchNorm(SmallNet net, String name, String x) {
    net.positive(name + "_scale", C);
    net.weights(name + "_bias", C);
    net.weights(name + "_mean", C);
    net.positive(name + "_var", C);
    return net.node(
        "BatchNormalization",
        List.of(x, name + "_scale", name + "_bias", name + "_mean", name + "_var"),
        name,
        dims(C, H, W));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("nets")
  void gradientsAreSlopes(String name, Function<SmallNet, Model> build) {
    Model model = build.apply(new SmallNet());
    CompiledNetwork compiled = Compiler.forTraining(model, new LossSparseMCXENT(), new Sgd(1), 1);
    ComputationGraph network = compiled.network();
    INDArray x =
        Nd4j.createFromArray(SmallNet.randomTensor(new Random(3), 1, 5, 2, H, W).toFloats())
            .reshape(5, 2, H, W);
    INDArray labels = Nd4j.createFromArray(new float[] {0, 1, 2, 0, 1}).reshape(5, 1);
    DataSet batch = new DataSet(x, labels);
    network.setInputs(x.dup());
    network.setLabels(labels);
    network.computeGradientAndScore();
    Map<String, INDArray> gradients = network.gradient().gradientForVariable();
    assertFalse(gradients.isEmpty());
    for (Map.Entry<String, INDArray> entry : gradients.entrySet()) {
      if (entry.getKey().endsWith("_mean") || entry.getKey().endsWith("_var")) {
        continue; // Running statistics: not gradients but updates.
      }
      // DL4J adds up over the batch and divides when it updates.
      assertSlope(network, batch, entry.getKey(), entry.getValue().div(5));
    }
  }

  /** Compares differences of the loss along the gradient's direction with its length. */
  private static void assertSlope(
      ComputationGraph network, DataSet batch, String key, INDArray gradient) {
    double length = gradient.norm2Number().doubleValue();
    INDArray parameter = network.getParam(key);
    INDArray before = parameter.dup();
    // A vanishing gradient (a bias before batch normalisation) has no direction of its own.
    INDArray direction = length > 1e-4 ? gradient.div(length) : Nd4j.onesLike(gradient);
    double slope = Double.NaN;
    double best = Double.POSITIVE_INFINITY;
    // Large steps cross the kinks of Relu and maxima, small ones drown in rounding.
    for (double step : new double[] {2e-2, 5e-3, 2e-3}) {
      parameter.assign(before.add(direction.mul(step)));
      double up = network.score(batch, true);
      parameter.assign(before.sub(direction.mul(step)));
      double down = network.score(batch, true);
      double difference = (up - down) / (2 * step);
      if (Math.abs(difference - length) < best) {
        best = Math.abs(difference - length);
        slope = difference;
      }
    }
    parameter.assign(before);
    assertTrue(Double.isFinite(slope), key + ": the loss is not finite");
    assertEquals(length, slope, 2e-3 + 0.02 * length, key + ": length of the gradient, slope");
  }
}
