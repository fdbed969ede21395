package dev.sardonyx.training;

import static dev.sardonyx.training.SmallNet.dims;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.AttributeValue;
import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Result;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.backend.Options;
import dev.sardonyx.ir.backend.PreparedModel;
import dev.sardonyx.ir.eval.ReferenceBackend;
import dev.sardonyx.ir.infer.ShapeInference;
import dev.sardonyx.ir.nn.Network;
import dev.sardonyx.ir.nn.Networks;
import dev.sardonyx.training.compile.Lowerings;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What DL4J computes is what ONNX's operators mean: every value, against the reference evaluator.
 */
class AgreementTest {
  private static final int H = 7;
  private static final int W = 9;
  private static final int C = 4;

  private static Attribute ints(String name, long... values) {
    return Attribute.ofInts(name, values);
  }

  private static Attribute text(String name, String value) {
    return Attribute.ofString(name, value);
  }

  /** Adds nodes behind an input "x"; their types are inferred. */
  private interface Body {
    void add(SmallNet net);
  }

  private static Arguments model(String name, long[] example, Body body) {
    SmallNet net = new SmallNet();
    net.input("x", example);
    body.add(net);
    Model untyped = net.untyped();
    Model typed = ShapeInference.infer(untyped).model();
    return Arguments.of(name, typed.withGraph(withOutputTypes(typed.graph())));
  }

  private static Graph withOutputTypes(Graph graph) {
    Map<String, Result> results = new HashMap<>();
    graph.nodes().forEach(n -> n.outputs().forEach(r -> results.put(r.name(), r)));
    return graph.withOutputs(
        graph.outputs().stream().map(o -> o.withType(results.get(o.name()).type())).toList());
  }

  /** One node on images [N,4,7,9], with random weights. */
  private static Arguments images(String opType, List<long[]> weights, Attribute... attributes) {
    return single(opType, dims(C, H, W), weights, attributes);
  }

  /** One node on vectors [N,6], with random weights. */
  private static Arguments vectors(String opType, List<long[]> weights, Attribute... attributes) {
    return single(opType, dims(6), weights, attributes);
  }

  private static Arguments single(
      String opType, long[] example, List<long[]> weights, Attribute... attributes) {
    String name =
        opType
            + weights.stream().map(java.util.Arrays::toString).toList()
            + Stream.of(attributes).map(a -> a.name() + "=" + text(a.value())).toList();
    return model(
        name,
        example,
        net -> {
          List<String> inputs = new ArrayList<>(List.of("x"));
          for (long[] dims : weights) {
            inputs.add(net.positive("w" + inputs.size(), dims));
          }
          net.node(opType, inputs, "y", attributes);
        });
  }

  private static String text(AttributeValue value) {
    return value instanceof AttributeValue.Ints ints
        ? java.util.Arrays.toString(ints.values())
        : value.toString();
  }

  static Stream<Arguments> models() {
    return Stream.of(
            convolutions(),
            pools(),
            dense(),
            activations(),
            arithmetic(),
            shapes(),
            residuals(),
            GradientCase.files().map(c -> Arguments.of(c.toString(), c.typed())))
        .flatMap(s -> s);
  }

  private static Stream<Arguments> convolutions() {
    List<long[]> w3 = List.of(dims(5, C, 3, 3), dims(5));
    return Stream.of(
        images("Conv", w3),
        images("Conv", w3, ints("pads", 1, 1, 1, 1)),
        images("Conv", List.of(dims(5, C, 3, 3)), ints("pads", 1, 2, 0, 1)),
        images("Conv", w3, ints("strides", 2, 3), ints("pads", 2, 0, 2, 0)),
        images("Conv", w3, ints("dilations", 2, 3), ints("pads", 1, 3, 1, 3)),
        images("Conv", w3, text("auto_pad", "SAME_UPPER"), ints("strides", 2, 2)),
        images("Conv", w3, text("auto_pad", "SAME_LOWER"), ints("strides", 2, 3)),
        images("Conv", w3, text("auto_pad", "VALID")),
        images("Conv", List.of(dims(6, C, 1, 1)), ints("strides", 2, 2)),
        images("Conv", List.of(dims(3, C, 2, 5)), ints("pads", 1, 2, 0, 2)),
        images("Conv", List.of(dims(C, 1, 3, 3), dims(C)), Attribute.ofInt("group", C)),
        images(
            "Conv",
            List.of(dims(2 * C, 1, 3, 3), dims(2 * C)),
            Attribute.ofInt("group", C),
            ints("strides", 2, 1),
            ints("pads", 1, 0, 1, 1)),
        images("Conv", List.of(dims(6, 2, 3, 3), dims(6)), Attribute.ofInt("group", 2)));
  }

  private static Stream<Arguments> pools() {
    List<long[]> none = List.of();
    Attribute k2 = ints("kernel_shape", 2, 2);
    Attribute k3 = ints("kernel_shape", 3, 3);
    Attribute s2 = ints("strides", 2, 2);
    Attribute pads = ints("pads", 1, 1, 1, 1);
    Attribute ceil = Attribute.ofInt("ceil_mode", 1);
    Attribute counted = Attribute.ofInt("count_include_pad", 1);
    List<Arguments> all = new ArrayList<>();
    for (String pool : List.of("MaxPool", "AveragePool")) {
      all.add(images(pool, none, k2));
      all.add(images(pool, none, k2, s2));
      all.add(images(pool, none, k3, s2, pads));
      all.add(images(pool, none, ints("kernel_shape", 2, 3), ints("strides", 1, 2)));
      all.add(images(pool, none, k2, s2, text("auto_pad", "SAME_UPPER")));
      all.add(images(pool, none, k2, s2, ceil));
    }
    all.add(images("AveragePool", none, k3, s2, pads, counted));
    all.add(images("AveragePool", none, k3, s2, ints("pads", 0, 1, 1, 0), counted));
    all.add(
        model(
            "MaxPool with uneven pads behind Relu",
            dims(C, H, W),
            net -> {
              net.node("Relu", List.of("x"), "r");
              net.node("MaxPool", List.of("r"), "y", k3, s2, ints("pads", 0, 1, 2, 0));
            }));
    all.add(images("GlobalAveragePool", none));
    all.add(images("GlobalMaxPool", none));
    all.add(
        model(
            "ReduceMean without keepdims",
            dims(C, H, W),
            net -> {
              net.constant("axes", Tensor.ofLongs(new long[] {-1, 2}, 2));
              net.node("ReduceMean", List.of("x", "axes"), "y", Attribute.ofInt("keepdims", 0));
            }));
    return all.stream();
  }

  private static Stream<Arguments> dense() {
    Attribute transB = Attribute.ofInt("transB", 1);
    return Stream.of(
        vectors("Gemm", List.of(dims(6, 5), dims(5))),
        vectors("Gemm", List.of(dims(5, 6), dims(1, 5)), transB),
        vectors(
            "Gemm",
            List.of(dims(5, 6), dims(5)),
            transB,
            Attribute.ofFloat("alpha", 0.5f),
            Attribute.ofFloat("beta", 3)),
        vectors("Gemm", List.of(dims(6, 5))),
        vectors("MatMul", List.of(dims(6, 5))),
        model(
            "MatMul, Add, Relu, MatMul, Softmax",
            dims(6),
            net -> {
              net.node("MatMul", List.of("x", net.weights("w1", 6, 5)), "a");
              net.node("Add", List.of(net.weights("b1", 5), "a"), "b");
              net.node("Relu", List.of("b"), "c");
              net.node("MatMul", List.of("c", net.weights("w2", 5, 3)), "d");
              net.node("Softmax", List.of("d"), "y");
            }));
  }

  private static Stream<Arguments> activations() {
    List<long[]> none = List.of();
    List<Arguments> all = new ArrayList<>();
    for (String function :
        List.of("Relu", "Sigmoid", "Tanh", "Softplus", "Softsign", "Mish", "Selu", "LeakyRelu")) {
      all.add(images(function, none));
    }
    all.add(images("LeakyRelu", none, Attribute.ofFloat("alpha", 0.3f)));
    all.add(images("Elu", none));
    all.add(images("Elu", none, Attribute.ofFloat("alpha", 0.7f)));
    all.add(images("ThresholdedRelu", none, Attribute.ofFloat("alpha", 0.5f)));
    all.add(images("HardSigmoid", none));
    all.add(vectors("Softmax", none));
    all.add(vectors("Softmax", none, Attribute.ofInt("axis", 1)));
    for (float[] range : new float[][] {{0, 6}, {-1, 1}, {0, Float.MAX_VALUE}}) {
      all.add(
          model(
              "Clip to " + range[0] + ".." + range[1],
              dims(C, H, W),
              net -> {
                net.constant("min", Tensor.scalar(range[0]));
                net.constant("max", Tensor.scalar(range[1]));
                net.node("Clip", List.of("x", "min", "max"), "y");
              }));
    }
    return all.stream();
  }

  private static Stream<Arguments> arithmetic() {
    List<Arguments> all = new ArrayList<>();
    for (String op : List.of("Add", "Sub", "Mul", "Div")) {
      all.add(
          model(
              op + " with a number",
              dims(C, H, W),
              net -> {
                net.constant("c", Tensor.scalar(0.7f));
                net.node(op, List.of("x", "c"), "y");
              }));
    }
    all.add(
        model(
            "Sub from a number",
            dims(C, H, W),
            net -> {
              net.constant("c", Tensor.scalar(0.7f));
              net.node("Sub", List.of("c", "x"), "y");
            }));
    for (String op : List.of("Add", "Sub", "Mul")) {
      all.add(
          model(
              op + " with a number for each channel",
              dims(C, H, W),
              net -> net.node(op, List.of("x", net.positive("c", 1, C, 1, 1)), "y")));
      all.add(
          model(
              op + " with a vector",
              dims(6),
              net -> net.node(op, List.of("x", net.positive("c", 6)), "y")));
    }
    for (String op : List.of("Add", "Sub", "Mul", "Sum", "Mean", "Max")) {
      all.add(
          model(
              op + " of two values",
              dims(C, H, W),
              net -> {
                net.node("Tanh", List.of("x"), "t");
                net.node(op, List.of("x", "t"), "y");
              }));
    }
    all.add(
        model(
            "Mul of values that broadcast",
            dims(C, H, W),
            net -> {
              net.node("GlobalAveragePool", List.of("x"), "means");
              net.node("Sigmoid", List.of("means"), "gates");
              net.node("Mul", List.of("x", "gates"), "y");
            }));
    all.add(images("Neg", List.of()));
    all.add(
        images(
            "LRN",
            List.of(),
            Attribute.ofInt("size", 3),
            Attribute.ofFloat("alpha", 0.5f),
            Attribute.ofFloat("beta", 0.6f),
            Attribute.ofFloat("bias", 2)));
    all.add(images("BatchNormalization", List.of(dims(C), dims(C), dims(C), dims(C))));
    all.add(
        vectors(
            "BatchNormalization",
            List.of(dims(6), dims(6), dims(6), dims(6)),
            Attribute.ofFloat("epsilon", 0.01f)));
    return all.stream();
  }

  private static Stream<Arguments> shapes() {
    Attribute axis = Attribute.ofInt("axis", 1);
    return Stream.of(
        images("Flatten", List.of()),
        images("Identity", List.of()),
        model(
            "Dropout of a value that Relu uses, too",
            dims(C, H, W),
            net -> {
              net.node("Neg", List.of("x"), "n");
              net.node("Dropout", List.of("n"), "d");
              net.node("Relu", List.of("d"), "r");
              net.node("Add", List.of("r", "n"), "y");
            }),
        model(
            "Reshape to rows and back, with every sign ONNX has",
            dims(C, H, W),
            net -> {
              net.constant("flat", Tensor.ofLongs(new long[] {0, -1}, 2));
              net.constant("images", Tensor.ofLongs(new long[] {-1, C, H, W}, 4));
              net.node("Reshape", List.of("x", "flat"), "rows");
              net.node("Reshape", List.of("rows", "images"), "y");
            }),
        model(
            "Squeeze and Unsqueeze",
            dims(C, H, W),
            net -> {
              net.constant("axes", Tensor.ofLongs(new long[] {2, 3}, 2));
              net.node("GlobalAveragePool", List.of("x"), "means");
              net.node("Squeeze", List.of("means", "axes"), "vector");
              net.node("Unsqueeze", List.of("vector", "axes"), "y");
            }),
        model(
            "Split and Concat",
            dims(C, H, W),
            net -> {
              net.constant("sizes", Tensor.ofLongs(new long[] {1, 3}, 2));
              net.nodes("Split", List.of("x", "sizes"), List.of("a", "b"), axis);
              net.node("Concat", List.of("b", "a"), "y", axis);
            }),
        model(
            "Pad",
            dims(C, H, W),
            net -> {
              net.constant("pads", Tensor.ofLongs(new long[] {0, 0, 1, 2, 0, 0, 0, 3}, 8));
              net.node("Pad", List.of("x", "pads"), "y");
            }),
        model(
            "Resize",
            dims(C, H, W),
            net -> {
              net.constant("scales", Tensor.ofFloats(new float[] {1, 1, 2, 3}, 4));
              net.node("Resize", List.of("x", "", "scales"), "y");
            }),
        model(
            "Relu of the input, of a view and of a value used twice",
            dims(C, H, W),
            net -> {
              net.node("Flatten", List.of("x"), "rows");
              net.node("Relu", List.of("rows"), "positive");
              net.node("Relu", List.of("x"), "r");
              net.node("Neg", List.of("x"), "n");
              net.node("Tanh", List.of("n"), "t");
              net.node("Add", List.of("n", "t"), "y");
            }));
  }

  private static Stream<Arguments> residuals() {
    Stream<Network> ready =
        Stream.of("seed", "projection", "resnet18", "resnet50", "cifar20", "mobilenetv2")
            .map(name -> Networks.named(name).withImage(3, 32, 32));
    return Stream.concat(ResidualForms.all(3, 5), ready)
        .map(network -> Arguments.of(network.name(), network.build(4)));
  }

  private static Map<String, Tensor> inputs(Model model) {
    Map<String, Tensor> inputs = new HashMap<>();
    Random random = new Random(11);
    for (var input : model.graph().inputs()) {
      long[] dims =
          ((dev.sardonyx.ir.TensorType) input.type())
              .shape().dims().stream().mapToLong(d -> d.asLong().orElse(3)).toArray();
      inputs.put(input.name(), SmallNet.randomTensor(random, 1.5f, dims));
    }
    return inputs;
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("models")
  void everyValueAgrees(String name, Model model) {
    List<String> all = new Dl4jBackend().observableValues(model);
    Map<String, Tensor> inputs = inputs(model);
    Map<String, Tensor> before = inputs(model);
    Map<String, Datum> expected = run(new ReferenceBackend(), model, all, inputs);
    // With everything to be seen nothing is fused; with the output alone everything is.
    agree(expected, run(new Dl4jBackend(), model, all, inputs));
    agree(expected, run(new Dl4jBackend(), model, List.of(), inputs));
    assertEquals(before, inputs, "the inputs are left as they were");
  }

  private static Map<String, Datum> run(
      dev.sardonyx.ir.backend.Backend backend,
      Model model,
      List<String> outputs,
      Map<String, Tensor> inputs) {
    try (PreparedModel prepared = backend.prepare(model, Options.DEFAULT.withOutputs(outputs))) {
      prepared.run(inputs);
      return prepared.run(inputs); // A second run finds nothing of the first.
    }
  }

  private static void agree(Map<String, Datum> expected, Map<String, Datum> actual) {
    actual.forEach(
        (value, datum) -> {
          Tensor e = (Tensor) expected.get(value);
          Tensor a = (Tensor) datum;
          assertArrayEquals(e.dims(), a.dims(), value + ": dimensions");
          float[] want = e.toFloats();
          float[] got = a.toFloats();
          // Sums of many numbers round as their largest ones do.
          double largest = 1;
          for (float number : want) {
            largest = Math.max(largest, Math.abs(number));
          }
          for (int i = 0; i < want.length; i++) {
            double tolerance = 1e-5 * largest + 1e-4 * Math.abs(want[i]);
            if (!(Math.abs(want[i] - got[i]) <= tolerance)) {
              fail("%s[%d]: expected %s, DL4J has %s".formatted(value, i, want[i], got[i]));
            }
          }
        });
  }

  @Test
  void everyOperatorIsTried() {
    Set<String> tried =
        models()
            .flatMap(a -> ((Model) a.get()[1]).graph().nodes().stream())
            .map(Node::opType)
            .collect(Collectors.toCollection(HashSet::new));
    Set<String> untried = new HashSet<>(Lowerings.operators());
    untried.removeAll(tried);
    // Upsample is Resize's name before opset 10; Swish came with opset 24.
    assertEquals(Set.of("Upsample", "Swish"), untried);
  }
}
