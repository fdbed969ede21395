package dev.sardonyx.export.keras;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.build.GraphBuilder;
import dev.sardonyx.ir.build.IndexingOps;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiFunction;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/** Activations: layers of their own, and the {@code activation} setting of other layers. */
final class ActivationReaders {
  /** An activation function. */
  @FunctionalInterface
  interface Activation {
    Value apply(KerasLayer layer, Value x);
  }

  static final Map<String, LayerReader> LAYERS = new TreeMap<>();

  /** The functions by Keras's names, including those of older versions. */
  static final Map<String, Activation> FUNCTIONS = new TreeMap<>();

  static {
    LAYERS.put(
        "Activation",
        LayerReader.keepingMask(l -> apply(l, l.config().element("activation"), l.input())));
    LAYERS.put("ReLU", LayerReader.keepingMask(l -> relu(l, l.input(), l.config())));
    LAYERS.put("LeakyReLU", LayerReader.keepingMask(ActivationReaders::leakyRelu));
    LAYERS.put("ELU", LayerReader.keepingMask(ActivationReaders::elu));
    LAYERS.put("PReLU", LayerReader.keepingMask(ActivationReaders::pRelu));
    LAYERS.put("ThresholdedReLU", LayerReader.keepingMask(ActivationReaders::thresholdedRelu));
    LAYERS.put("Softmax", LayerReader.keepingMask(ActivationReaders::softmaxLayer));

    FUNCTIONS.put("linear", (l, x) -> x);
    function("relu", GraphBuilder::relu);
    function("sigmoid", GraphBuilder::sigmoid);
    function("tanh", GraphBuilder::tanh);
    function("softplus", GraphBuilder::softplus);
    function("softsign", GraphBuilder::softsign);
    function("selu", GraphBuilder::selu);
    function("elu", (b, x) -> b.elu(x, 1));
    function("celu", (b, x) -> b.celu(x, 1));
    function("exponential", GraphBuilder::exp);
    function("mish", GraphBuilder::mish);
    function("gelu", GraphBuilder::gelu);
    function("relu6", (b, x) -> b.clip(x, 0, 6));
    function("hard_tanh", (b, x) -> b.clip(x, -1, 1));
    function("tanh_shrink", (b, x) -> b.sub(x, b.tanh(x)));
    function("log_sigmoid", (b, x) -> b.neg(b.softplus(b.neg(x))));
    function("silu", (b, x) -> b.swish(x, 1));
    function("swish", (b, x) -> b.swish(x, 1));
    function("hard_silu", GraphBuilder::hardSwish);
    function("hard_swish", GraphBuilder::hardSwish);
    function("leaky_relu", (b, x) -> b.leakyRelu(x, 0.2f));
    function("soft_shrink", (b, x) -> softShrink(b, x, 0.5));
    function("hard_shrink", (b, x) -> hardShrink(b, x, 0.5));
    function("squareplus", (b, x) -> squareplus(b, x, 4));
    function("sparse_plus", ActivationReaders::sparsePlus);
    function("sparse_sigmoid", ActivationReaders::sparseSigmoid);
    for (String name : List.of("softmax", "softmax_v2")) { // TensorFlow 2.0's name of tf.nn.softmax
      FUNCTIONS.put(name, (l, x) -> l.builder().softmax(x, KerasLayer.rank(x) - 1));
    }
    FUNCTIONS.put("log_softmax", (l, x) -> l.builder().logSoftmax(x, KerasLayer.rank(x) - 1));
    FUNCTIONS.put("hard_sigmoid", ActivationReaders::hardSigmoid);
    FUNCTIONS.put("sparsemax", (l, x) -> sparsemax(l.builder(), x, -1));
    FUNCTIONS.put("glu", (l, x) -> glu(l.builder(), x, -1));
  }

  private ActivationReaders() {}

  private static void function(String name, BiFunction<GraphBuilder, Value, Value> function) {
    FUNCTIONS.put(name, (layer, x) -> function.apply(layer.builder(), x));
  }

  /** Applies a layer's {@code activation} setting to its result. */
  static Value activate(KerasLayer layer, Value x) {
    return apply(layer, layer.config().element("activation"), x);
  }

  /** Applies an activation: a function given by its name, or a layer. */
  static Value apply(KerasLayer layer, JsonElement activation, Value x) {
    if (activation.isJsonNull()) {
      return x;
    }
    if (activation.isJsonObject()) {
      JsonObject object = activation.getAsJsonObject();
      JsonElement className = object.get("class_name");
      JsonElement config = object.get("config");
      if (className != null && className.isJsonPrimitive() && config != null) {
        if (config.isJsonObject()) {
          return layer
              .callInner(activation, List.of("activation"), List.of(KerasTensor.of(x)))
              .get(0)
              .value();
        }
        return named(layer, config, x);
      }
    }
    return named(layer, activation, x);
  }

  private static Value named(KerasLayer layer, JsonElement name, Value x) {
    Activation function = name.isJsonPrimitive() ? FUNCTIONS.get(name.getAsString()) : null;
    if (function == null) {
      throw layer.refusal(
          "its activation " + LayerConfig.shortened(name) + " is none of Keras's own");
    }
    return function.apply(layer, x);
  }

  /** The name of a plain activation function, null for a layer or a function with parameters. */
  static @Nullable String name(JsonElement activation) {
    if (activation.isJsonNull()) {
      return "linear";
    }
    if (activation.isJsonPrimitive()) {
      return activation.getAsString();
    }
    if (activation.isJsonObject()
        && activation.getAsJsonObject().get("config") != null
        && activation.getAsJsonObject().get("config").isJsonPrimitive()) {
      return activation.getAsJsonObject().get("config").getAsString();
    }
    return null;
  }

  /** The slope of {@code hard_sigmoid}, which Keras 3 changed. */
  static double hardSigmoidSlope(KerasLayer layer) {
    return layer.generation() >= 3 ? 1.0 / 6 : 0.2;
  }

  private static Value hardSigmoid(KerasLayer layer, Value x) {
    return layer.builder().hardSigmoid(x, (float) hardSigmoidSlope(layer), 0.5f);
  }

  static Value relu(KerasLayer layer, Value x, LayerConfig config) {
    GraphBuilder b = layer.builder();
    double slope = config.number("negative_slope", 0);
    double threshold = config.number("threshold", 0);
    double most = config.number("max_value", Double.POSITIVE_INFINITY);
    Value y;
    if (threshold == 0) {
      if (slope == 0) {
        return Double.isInfinite(most) ? b.relu(x) : b.clip(x, 0, most);
      }
      y = b.leakyRelu(x, (float) slope);
    } else {
      Value edge = b.scalarLike(x, threshold);
      Value below =
          slope == 0
              ? b.scalarLike(x, 0)
              : b.mul(b.min(b.sub(x, edge), b.scalarLike(x, 0)), b.scalarLike(x, slope));
      y = b.where(b.greater(x, edge), x, below);
    }
    return Double.isInfinite(most) ? y : b.min(y, b.scalarLike(x, most));
  }

  private static Value leakyRelu(KerasLayer layer) {
    LayerConfig config = layer.config();
    double slope = config.number("negative_slope", config.number("alpha", 0.3));
    return layer.builder().leakyRelu(layer.input(), (float) slope);
  }

  private static Value elu(KerasLayer layer) {
    return layer.builder().elu(layer.input(), (float) layer.config().number("alpha", 1));
  }

  private static Value pRelu(KerasLayer layer) {
    return layer
        .builder()
        .pRelu(layer.input(), layer.constant("alpha", layer.anyVariable("alpha")));
  }

  private static Value thresholdedRelu(KerasLayer layer) {
    return layer
        .builder()
        .thresholdedRelu(layer.input(), (float) layer.config().number("theta", 1));
  }

  private static Value softmaxLayer(KerasLayer layer) {
    GraphBuilder b = layer.builder();
    Value x = layer.input();
    Value mask =
        layer.tensorArgument("mask", 1).map(KerasTensor::value).orElse(layer.inputTensor().mask());
    int rank = KerasLayer.rank(x);
    long[] axes = layer.config().has("axis") ? layer.config().wholes("axis") : new long[] {-1};
    if (mask != null) {
      if (KerasLayer.rank(mask) != rank) {
        throw layer.refusal("its mask has another rank than its input");
      }
      x = b.where(mask, x, b.scalarLike(x, -1e9));
    }
    Value y;
    if (axes.length == 1) {
      y = b.softmax(x, KerasLayer.axis(axes[0], rank));
    } else {
      long[] all = LongStream.of(axes).map(a -> KerasLayer.axis(a, rank)).toArray();
      y = b.exp(b.sub(x, b.reduceLogSumExp(x, true, all)));
    }
    return mask == null ? y : b.where(mask, y, b.scalarLike(y, 0));
  }

  // Functions that ONNX has no operator for

  static Value softShrink(GraphBuilder b, Value x, double threshold) {
    return b.node(
        "Shrink",
        List.of(x),
        Attribute.ofFloat("bias", (float) threshold),
        Attribute.ofFloat("lambd", (float) threshold));
  }

  static Value hardShrink(GraphBuilder b, Value x, double threshold) {
    return b.node(
        "Shrink",
        List.of(x),
        Attribute.ofFloat("bias", 0),
        Attribute.ofFloat("lambd", (float) threshold));
  }

  static Value squareplus(GraphBuilder b, Value x, double offset) {
    Value root = b.sqrt(b.add(b.mul(x, x), b.scalarLike(x, offset)));
    return b.mul(b.add(x, root), b.scalarLike(x, 0.5));
  }

  private static Value sparsePlus(GraphBuilder b, Value x) {
    Value one = b.scalarLike(x, 1);
    Value quarter = b.mul(b.mul(b.add(x, one), b.add(x, one)), b.scalarLike(x, 0.25));
    Value middle = b.where(b.less(x, one), quarter, x);
    return b.where(b.lessOrEqual(x, b.scalarLike(x, -1)), b.scalarLike(x, 0), middle);
  }

  private static Value sparseSigmoid(GraphBuilder b, Value x) {
    return b.clip(b.mul(b.add(x, b.scalarLike(x, 1)), b.scalarLike(x, 0.5)), 0, 1);
  }

  static Value gelu(GraphBuilder b, Value x, boolean approximate) {
    return approximate
        ? b.node("Gelu", List.of(x), Attribute.ofString("approximate", "tanh"))
        : b.gelu(x);
  }

  static Value glu(GraphBuilder b, Value x, long axis) {
    List<Value> halves = b.splitEvenly(x, KerasLayer.axis(axis, KerasLayer.rank(x)), 2);
    return b.mul(halves.get(0), b.sigmoid(halves.get(1)));
  }

  /** Sparsemax (Martins and Astudillo 2016) as Keras computes it. */
  static Value sparsemax(GraphBuilder b, Value x, long axis) {
    int rank = KerasLayer.rank(x);
    int at = KerasLayer.axis(axis, rank);
    int size = Math.toIntExact(KerasLayer.dim(x, at));
    IndexingOps.TopK sorted = b.topK(x, size, at);
    double[] ranks = new double[size];
    long[] shape = LongStream.range(0, rank).map(i -> i == at ? size : 1).toArray();
    for (int i = 0; i < size; i++) {
      ranks[i] = i + 1;
    }
    Value one = b.scalarLike(x, 1);
    Value count = b.constant(Tensor.ofNumbers(KerasLayer.type(x), ranks, shape));
    Value sums = b.cumSum(sorted.values(), at);
    Value kept =
        b.greater(b.sub(sorted.values(), b.div(b.sub(sums, one), count)), b.scalarLike(x, 0));
    Value number = b.reduceSum(b.castLike(kept, x), true, at);
    // Keras adds up the cumulative sums here, where the paper adds up the kept values.
    Value total = b.reduceSum(b.where(kept, sums, b.scalarLike(x, 0)), true, at);
    Value threshold = b.div(b.sub(total, one), number);
    return b.relu(b.sub(x, threshold));
  }
}
