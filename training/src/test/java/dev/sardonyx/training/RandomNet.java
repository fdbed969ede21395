package dev.sardonyx.training;

import static dev.sardonyx.training.SmallNet.dims;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * A small network made at random: nodes over values of one shape, most of them used several times,
 * some twice by the same node.
 */
final class RandomNet {
  static final int C = 3;
  static final int H = 4;
  static final int W = 5;
  static final int CLASSES = 3;
  private static final int NODES = 9;
  private static final long[] SHAPE = dims(C, H, W);
  private static final List<String> UNARY =
      List.of(
          "Relu",
          "Sigmoid",
          "Tanh",
          "Elu",
          "LeakyRelu",
          "Softplus",
          "Softsign",
          "Neg",
          "Identity",
          "HardSigmoid");
  private static final List<String> BINARY = List.of("Add", "Sub", "Mul", "Max", "Sum", "Mean");

  private final Random random;
  private final SmallNet net = new SmallNet();
  private final List<String> values = new ArrayList<>();
  private final List<String> unused = new ArrayList<>();

  private RandomNet(long seed) {
    random = new Random(seed);
  }

  static Model of(long seed) {
    return new RandomNet(seed).model();
  }

  private Model model() {
    String image = net.input("x", 2, H, W);
    made(net.conv3x3("first", image, 2, C, H, W));
    for (int i = 0; i < NODES; i++) {
      made(node("v" + i));
    }
    String x = unused.remove(0);
    while (!unused.isEmpty()) {
      x = net.node("Add", List.of(x, unused.remove(0)), "sum" + unused.size(), SHAPE);
    }
    return net.model(net.classifier(net.node("Softsign", List.of(x), "end", SHAPE), 60, CLASSES));
  }

  private void made(String value) {
    values.add(value);
    unused.add(value);
  }

  private String any() {
    String value = values.get(random.nextInt(values.size()));
    unused.remove(value);
    return value;
  }

  private String node(String name) {
    return switch (random.nextInt(10)) {
      case 0, 1 -> net.node(UNARY.get(random.nextInt(UNARY.size())), List.of(any()), name, SHAPE);
      case 2, 3 ->
          net.node(BINARY.get(random.nextInt(BINARY.size())), List.of(any(), any()), name, SHAPE);
      case 4, 5 -> dropout(name);
      case 6 -> net.conv3x3(name, any(), C, C, H, W);
      case 7 -> pool(name);
      case 8 -> random.nextBoolean() ? joined(name) : split(name);
      default -> random.nextBoolean() ? rows(name) : lrn(name);
    };
  }

  private String dropout(String name) {
    net.constant(name + "_ratio", Tensor.scalar(random.nextBoolean() ? 0.5f : 0.25f));
    return net.node("Dropout", List.of(any(), name + "_ratio"), name, SHAPE);
  }

  private String pool(String name) {
    return net.node(
        random.nextBoolean() ? "MaxPool" : "AveragePool",
        List.of(any()),
        name,
        SHAPE,
        Attribute.ofInts("kernel_shape", 3, 3),
        Attribute.ofInts("pads", 1, 1, 1, 1));
  }

  private String lrn(String name) {
    return net.node(
        "LRN",
        List.of(any()),
        name,
        SHAPE,
        Attribute.ofInt("size", 3),
        Attribute.ofFloat("alpha", 2));
  }

  private String joined(String name) {
    List<String> inputs = List.of(any(), any());
    String both =
        net.node("Concat", inputs, name + "_both", dims(2 * C, H, W), Attribute.ofInt("axis", 1));
    return net.conv3x3(name, both, 2 * C, C, H, W);
  }

  private String split(String name) {
    List<String> parts = List.of(name + "_a", name + "_b");
    net.constant(name + "_sizes", Tensor.ofLongs(new long[] {1, 2}, 2));
    Attribute axis = Attribute.ofInt("axis", 1);
    net.nodes("Split", List.of(any(), name + "_sizes"), parts, axis);
    return net.node("Concat", List.of(parts.get(1), parts.get(0)), name, SHAPE, axis);
  }

  /** A reshape to rows, whose array DL4J shares with the images, and something on the rows. */
  private String rows(String name) {
    net.constant(name + "_back", Tensor.ofLongs(new long[] {-1, C, H, W}, 4));
    String rows = net.node("Flatten", List.of(any()), name + "_rows", dims(60));
    net.constant(name + "_ratio", Tensor.scalar(0.5f));
    String changed =
        random.nextBoolean()
            ? net.node("Dropout", List.of(rows, name + "_ratio"), name + "_dropped", dims(60))
            : net.node("Tanh", List.of(rows), name + "_tanh", dims(60));
    return net.node("Reshape", List.of(changed, name + "_back"), name, SHAPE);
  }
}
