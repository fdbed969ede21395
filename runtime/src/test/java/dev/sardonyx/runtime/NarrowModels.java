package dev.sardonyx.runtime;

import static dev.sardonyx.runtime.Models.floats;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.Constant;
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
import dev.sardonyx.ir.ValueType;
import dev.sardonyx.ir.backend.Options;
import dev.sardonyx.ir.backend.PreparedModel;
import dev.sardonyx.ir.eval.ReferenceBackend;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Random networks that compute in narrow types, each in the forms that converters write: chains of
 * dense layers and activations over an input {@code x} of {@code float[N,8]}.
 */
final class NarrowModels {
  private static final int WIDTH = 8;
  private static final List<String> ACTIVATIONS =
      List.of("Relu", "Tanh", "Sigmoid", "Softmax", "Identity");

  private final Random random;
  private final Map<String, Tensor> sample;
  private final List<Node> nodes = new ArrayList<>();
  private final List<Constant> constants = new ArrayList<>();
  private int names;

  private NarrowModels(long seed) {
    this.random = new Random(seed);
    this.sample = inputs(seed ^ 0x5EED, 16);
  }

  /** Inputs that the networks were calibrated for. */
  static Map<String, Tensor> inputs(long seed, int rows) {
    Random random = new Random(seed);
    double[] elements = new double[rows * WIDTH];
    for (int i = 0; i < elements.length; i++) {
      elements[i] = random.nextDouble() * 4 - 2;
    }
    return Map.of("x", Tensor.ofNumbers(ElementType.FLOAT, elements, rows, WIDTH));
  }

  /** Casts to a type, layers in it, and a cast back, or none. */
  static Model ofType(ElementType type, long seed) {
    NarrowModels m = new NarrowModels(seed);
    String value = m.cast("x", type);
    for (int layer = m.layers(); layer > 0; layer--) {
      Tensor weights = m.weights(type);
      value = m.add("MatMul", value, m.constant(weights));
      value = m.add(m.activation(), value);
    }
    return m.random.nextBoolean()
        ? m.model(m.cast(value, ElementType.FLOAT), ElementType.FLOAT)
        : m.model(value, type);
  }

  /** QuantizeLinear and DequantizeLinear around layers in {@code float}. */
  static Model quantizeDequantize(ElementType type, long seed) {
    NarrowModels m = new NarrowModels(seed);
    String value = m.quantized("x", type);
    for (int layer = m.layers(); layer > 0; layer--) {
      String weights = m.constant(m.weights(ElementType.FLOAT));
      value = m.add("MatMul", value, m.quantized(weights, ElementType.INT8));
      value = m.quantized(m.add(m.activation(), value), type);
    }
    return m.model(value, ElementType.FLOAT);
  }

  /** Layers of QLinearMatMul, whose output is quantised itself or not. */
  static Model quantizedOperators(long seed) {
    NarrowModels m = new NarrowModels(seed);
    ElementType type = m.random.nextBoolean() ? ElementType.UINT8 : ElementType.INT8;
    String plain = "x";
    Quantized value = m.quantize(plain, type);
    for (int layer = m.layers(); layer > 0; layer--) {
      String weights = m.constant(m.weights(ElementType.FLOAT));
      Quantized w = m.quantize(weights, type);
      // What the layer gives in float tells the scale of its output.
      NarrowModels trial = m.copy();
      String range = trial.add("MatMul", trial.dequantize(value), trial.dequantize(w));
      double[] minMax = trial.range(range);
      String scale = m.scale(minMax, type);
      String zero = m.zero(minMax, type);
      String y =
          m.add(
              "QLinearMatMul",
              value.name,
              value.scale,
              value.zero,
              w.name,
              w.scale,
              w.zero,
              scale,
              zero);
      value = new Quantized(y, scale, zero);
    }
    return m.random.nextBoolean()
        ? m.model(m.dequantize(value), ElementType.FLOAT)
        : m.model(value.name, type);
  }

  /** DynamicQuantizeLinear before MatMulInteger, as dynamic quantisation writes it. */
  static Model dynamicallyQuantized(long seed) {
    NarrowModels m = new NarrowModels(seed);
    String value = "x";
    for (int layer = m.layers(); layer > 0; layer--) {
      Quantized w = m.quantize(m.constant(m.weights(ElementType.FLOAT)), ElementType.INT8);
      String y = m.name();
      String scale = m.name();
      String zero = m.name();
      m.nodes.add(
          Node.of(
              "DynamicQuantizeLinear",
              List.of(value),
              List.of(Result.of(y), Result.of(scale), Result.of(zero))));
      String product = m.add("MatMulInteger", y, w.name, zero, w.zero);
      String scales = m.add("Mul", scale, w.scale);
      value = m.add("Mul", m.cast(product, ElementType.FLOAT), scales);
      value = m.add(m.activation(), value);
    }
    return m.model(value, ElementType.FLOAT);
  }

  private record Quantized(String name, String scale, String zero) {}

  private NarrowModels copy() {
    NarrowModels copy = new NarrowModels(0);
    copy.nodes.addAll(nodes);
    copy.constants.addAll(constants);
    copy.names = names + 1000;
    return copy;
  }

  private int layers() {
    return 1 + random.nextInt(4);
  }

  private String activation() {
    return ACTIVATIONS.get(random.nextInt(ACTIVATIONS.size()));
  }

  private Tensor weights(ElementType type) {
    double[] elements = new double[WIDTH * WIDTH];
    for (int i = 0; i < elements.length; i++) {
      elements[i] = random.nextGaussian() / Math.sqrt(WIDTH) * 2;
    }
    return Tensor.ofNumbers(type, elements, WIDTH, WIDTH);
  }

  private String name() {
    return "v" + names++;
  }

  private String constant(Tensor tensor) {
    String name = name();
    constants.add(Constant.of(name, tensor));
    return name;
  }

  private String add(String op, String... inputs) {
    String result = name();
    nodes.add(Node.of(op, List.of(inputs), List.of(Result.of(result))));
    return result;
  }

  private String cast(String value, ElementType type) {
    String result = name();
    nodes.add(
        Node.of(
            "Cast",
            List.of(value),
            List.of(Result.of(result)),
            Attribute.ofInt("to", type.code())));
    return result;
  }

  private String quantized(String value, ElementType type) {
    return dequantize(quantize(value, type));
  }

  private Quantized quantize(String value, ElementType type) {
    double[] minMax = range(value);
    String scale = scale(minMax, type);
    String zero = zero(minMax, type);
    return new Quantized(add("QuantizeLinear", value, scale, zero), scale, zero);
  }

  private String dequantize(Quantized value) {
    return add("DequantizeLinear", value.name, value.scale, value.zero);
  }

  /** Smallest and largest element on the sample, 0 among them. */
  private double[] range(String value) {
    Constant constant =
        constants.stream().filter(c -> c.name().equals(value)).findFirst().orElse(null);
    double[] elements =
        constant != null
            ? ((Tensor) constant.data()).toDoubles()
            : value.equals("x") ? sample.get("x").toDoubles() : evaluated(value).toDoubles();
    double[] range = {0, 0};
    for (double element : elements) {
      range[0] = Math.min(range[0], element);
      range[1] = Math.max(range[1], element);
    }
    return range;
  }

  private Tensor evaluated(String value) {
    Model model = model(value, ElementType.FLOAT);
    try (PreparedModel prepared =
        new ReferenceBackend().prepare(model, Options.DEFAULT.withOutputs(List.of(value)))) {
      return (Tensor) prepared.run(sample).get(value);
    }
  }

  private static double steps(ElementType type) {
    return type.isFloat() ? 2 : (1L << type.bits()) - 1;
  }

  private String scale(double[] range, ElementType type) {
    double spread = type.isUnsigned() ? range[1] - range[0] : 2 * Math.max(range[1], -range[0]);
    return constant(Tensor.scalar((float) Math.max(spread / steps(type), 1e-6)));
  }

  private String zero(double[] range, ElementType type) {
    double spread = range[1] - range[0];
    double zero = type.isUnsigned() && spread > 0 ? Math.rint(-range[0] / spread * steps(type)) : 0;
    return constant(Tensor.ofNumbers(type, new double[] {zero}));
  }

  private Model model(String output, ElementType type) {
    ValueType outputType = TensorType.of(type, Shape.parse("N," + WIDTH));
    return Model.of(
        Graph.of(
            "narrow",
            List.of(Input.of("x", floats("N," + WIDTH))),
            List.of(Output.of(output, outputType)),
            List.copyOf(nodes),
            List.copyOf(constants)),
        21);
  }
}
