package dev.sardonyx.training;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.Constant;
import dev.sardonyx.ir.Dim;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Output;
import dev.sardonyx.ir.Result;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Models for tests, written node by node with the types given by hand. */
final class SmallNet {
  private final List<Input> inputs = new ArrayList<>();
  private final List<Node> nodes = new ArrayList<>();
  private final List<Constant> constants = new ArrayList<>();
  private final Random random = new Random(7);

  /** An input of floats whose batch is N. */
  String input(String name, long... example) {
    inputs.add(Input.of(name, type(example)));
    return name;
  }

  static TensorType type(long... example) {
    List<Dim> dims = new ArrayList<>(List.of(Dim.symbol("N")));
    for (long dim : example) {
      dims.add(Dim.of(dim));
    }
    return TensorType.of(ElementType.FLOAT, Shape.of(dims));
  }

  String constant(String name, Tensor tensor) {
    constants.add(Constant.of(name, tensor));
    return name;
  }

  /** Random numbers around 0, small enough for deep nets. */
  String weights(String name, long... dims) {
    return constant(name, randomTensor(random, 0.3f, dims));
  }

  /** Random numbers in 0.5..1.5. */
  String positive(String name, long... dims) {
    float[] elements = randomTensor(random, 0.5f, dims).toFloats();
    for (int i = 0; i < elements.length; i++) {
      elements[i] = 1 + Math.max(-0.5f, Math.min(0.5f, elements[i]));
    }
    return constant(name, Tensor.ofFloats(elements, dims));
  }

  static Tensor randomTensor(Random random, float scale, long... dims) {
    int size = 1;
    for (long dim : dims) {
      size *= (int) dim;
    }
    float[] elements = new float[size];
    for (int i = 0; i < size; i++) {
      elements[i] = (float) random.nextGaussian() * scale;
    }
    return Tensor.ofFloats(elements, dims);
  }

  /**
   * Adds a node with one result.
   *
   * @param example the dimensions of the result behind the batch
   */
  String node(
      String opType, List<String> inputs, String result, long[] example, Attribute... attributes) {
    nodes.add(
        Node.of(opType, inputs, List.of(Result.of(result, type(example))), attributes)
            .withName(result + "_node"));
    return result;
  }

  /** Adds a node whose types are to be inferred; see {@link #untyped}. */
  String node(String opType, List<String> inputs, String result, Attribute... attributes) {
    nodes(opType, inputs, List.of(result), attributes);
    return result;
  }

  void nodes(String opType, List<String> inputs, List<String> results, Attribute... attributes) {
    nodes.add(
        Node.of(opType, inputs, results.stream().map(Result::of).toList(), attributes)
            .withName(results.get(0) + "_node"));
  }

  /** The model whose outputs are the values that no node uses, without types. */
  Model untyped() {
    List<Output> outputs = new ArrayList<>();
    for (Node node : nodes) {
      for (Result result : node.outputs()) {
        if (nodes.stream().noneMatch(n -> n.inputs().contains(result.name()))) {
          outputs.add(Output.of(result.name(), dev.sardonyx.ir.ValueType.unknown()));
        }
      }
    }
    return Model.of(Graph.of("test", inputs, outputs, nodes, constants), 22);
  }

  static long[] dims(long... dims) {
    return dims;
  }

  /** A 3x3 convolution that keeps height and width, and a bias. */
  String conv3x3(String name, String x, long in, long out, long height, long width) {
    weights(name + "_w", out, in, 3, 3);
    weights(name + "_b", out);
    return node(
        "Conv",
        List.of(x, name + "_w", name + "_b"),
        name,
        dims(out, height, width),
        Attribute.ofInts("kernel_shape", 3, 3),
        Attribute.ofInts("pads", 1, 1, 1, 1));
  }

  String relu(String name, String x, long... example) {
    return node("Relu", List.of(x), name, example);
  }

  /** An identity residual block: two convolutions, sum, Relu. */
  String residual(String name, String x, long channels, long height, long width) {
    String y = conv3x3(name + "_conv1", x, channels, channels, height, width);
    y = relu(name + "_relu1", y, channels, height, width);
    y = conv3x3(name + "_conv2", y, channels, channels, height, width);
    y = node("Add", List.of(y, x), name + "_sum", dims(channels, height, width));
    return relu(name, y, channels, height, width);
  }

  /** Flatten, Gemm, Softmax. */
  String classifier(String x, long features, long classes) {
    String y = node("Flatten", List.of(x), "flat", dims(features));
    // Small enough to keep the softmax away from 0 and 1.
    constant(
        "dense_w",
        randomTensor(random, (float) (1 / Math.sqrt((double) features)), features, classes));
    weights("dense_b", classes);
    y = node("Gemm", List.of(y, "dense_w", "dense_b"), "logits", dims(classes));
    return node("Softmax", List.of(y), "probabilities", dims(classes));
  }

  Model model(String... outputs) {
    List<Output> declared = new ArrayList<>();
    for (String output : outputs) {
      TensorType type =
          nodes.stream()
              .flatMap(n -> n.outputs().stream())
              .filter(r -> r.name().equals(output))
              .map(r -> (TensorType) r.type())
              .findFirst()
              .orElseGet(
                  () ->
                      inputs.stream()
                          .filter(i -> i.name().equals(output))
                          .map(i -> (TensorType) i.type())
                          .findFirst()
                          .orElseThrow());
      declared.add(Output.of(output, type));
    }
    return Model.of(Graph.of("test", inputs, declared, nodes, constants), 17);
  }

  /** 28x28x1, a convolution to some filters, two residual blocks, ten classes. */
  static Model seedNetwork(int filters) {
    SmallNet net = new SmallNet();
    String x = net.input("image", 1, 28, 28);
    x = net.conv3x3("stem_conv", x, 1, filters, 28, 28);
    x = net.relu("stem", x, filters, 28, 28);
    x = net.residual("block1", x, filters, 28, 28);
    x = net.residual("block2", x, filters, 28, 28);
    return net.model(net.classifier(x, filters * 784L, 10));
  }
}
