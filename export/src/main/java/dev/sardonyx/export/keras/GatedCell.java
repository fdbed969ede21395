package dev.sardonyx.export.keras;

import com.google.gson.JsonElement;
import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.build.GraphBuilder;
import dev.sardonyx.ir.build.OperatorBuilder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The cells of SimpleRNN, GRU and LSTM. Kernels are {@code [in, gates*units]}; Keras's gates are in
 * the order update, reset, hidden (GRU) and input, forget, cell, output (LSTM).
 */
final class GatedCell implements Cell {
  /** The three kinds of cells. */
  private enum Kind {
    SIMPLE("RNN"),
    GRU("GRU"),
    LSTM("LSTM");

    final String operator;

    Kind(String operator) {
      this.operator = operator;
    }

    /** The indices of Keras's gates in the order in which ONNX has them. */
    int[] onnxGates() {
      return switch (this) {
        case SIMPLE -> new int[] {0};
        case GRU -> new int[] {0, 1, 2};
        case LSTM -> new int[] {0, 3, 1, 2};
      };
    }

    int gates() {
      return onnxGates().length;
    }
  }

  /** ONNX's names for Keras's activation functions without parameters. */
  private static final Map<String, String> ONNX =
      Map.of(
          "tanh", "Tanh",
          "sigmoid", "Sigmoid",
          "relu", "Relu",
          "softsign", "Softsign",
          "softplus", "Softplus",
          "hard_sigmoid", "HardSigmoid");

  private final KerasLayer layer;
  private final Kind kind;
  private final int units;
  private final boolean resetAfter;
  private final Tensor kernel;
  private final Tensor recurrent;
  private final @Nullable Tensor bias;

  private GatedCell(KerasLayer layer, Kind kind, long features) {
    this.layer = layer;
    this.kind = kind;
    this.units = Math.toIntExact(layer.config().whole("units"));
    this.resetAfter =
        kind == Kind.GRU && layer.config().truth("reset_after", layer.generation() >= 3);
    long wide = (long) kind.gates() * units;
    this.kernel = layer.variableData("kernel", features, wide);
    this.recurrent = layer.variableData("recurrent_kernel", units, wide);
    if (!layer.config().truth("use_bias", true)) {
      this.bias = null;
    } else {
      this.bias =
          resetAfter ? layer.variableData("bias", 2, wide) : layer.variableData("bias", wide);
    }
  }

  static GatedCell of(KerasLayer layer, long features) {
    String name = layer.className();
    Kind kind =
        name.startsWith("LSTM") ? Kind.LSTM : name.startsWith("GRU") ? Kind.GRU : Kind.SIMPLE;
    return new GatedCell(layer, kind, features);
  }

  @Override
  public int states() {
    return kind == Kind.LSTM ? 2 : 1;
  }

  @Override
  public List<Value> zeros(GraphBuilder b, Value x) {
    Value shape = b.concat(0, b.shape(x, 1, 2), b.longs("units", units));
    Value zero = b.constantOfShape(shape, Tensor.ofNumbers(layer.computeType(), new double[1], 1));
    return Collections.nCopies(states(), zero);
  }

  // Step by step

  private JsonElement activation() {
    return layer.config().element("activation");
  }

  private JsonElement recurrentActivation() {
    return layer.config().element("recurrent_activation");
  }

  @Override
  public List<Value> step(GraphBuilder b, Value x, List<Value> states) {
    return switch (kind) {
      case SIMPLE -> simpleStep(b, x, states.get(0));
      case GRU -> gruStep(b, x, states.get(0));
      case LSTM -> lstmStep(b, x, states.get(0), states.get(1));
    };
  }

  private Value times(GraphBuilder b, Value x, String role, Tensor weights) {
    return b.matMul(x, layer.constant(role, weights));
  }

  private Value shifted(GraphBuilder b, Value x, int row) {
    if (bias == null) {
      return x;
    }
    int wide = kind.gates() * units;
    double[] all = bias.toDoubles();
    double[] own = Arrays.copyOfRange(all, row * wide, (row + 1) * wide);
    return b.add(x, layer.floats(row == 0 ? "bias" : "recurrent_bias", own, wide));
  }

  private Value act(GraphBuilder b, JsonElement activation, Value x) {
    String name = ActivationReaders.name(activation);
    ActivationReaders.Activation function =
        name == null ? null : ActivationReaders.FUNCTIONS.get(name);
    if (function == null) {
      throw layer.refusal(
          "its activation " + LayerConfig.shortened(activation) + " is none of Keras's own");
    }
    return function.apply(layer.within(b), x);
  }

  private List<Value> simpleStep(GraphBuilder b, Value x, Value h) {
    Value sum =
        b.add(
            shifted(b, times(b, x, "kernel", kernel), 0),
            times(b, h, "recurrent_kernel", recurrent));
    Value y = act(b, activation(), sum);
    return List.of(y, y);
  }

  private List<Value> split(GraphBuilder b, Value x) {
    long[] sizes = new long[kind.gates()];
    Arrays.fill(sizes, units);
    return b.split(x, 1, sizes);
  }

  private List<Value> lstmStep(GraphBuilder b, Value x, Value h, Value c) {
    Value sum =
        shifted(
            b, b.add(times(b, x, "kernel", kernel), times(b, h, "recurrent_kernel", recurrent)), 0);
    List<Value> z = split(b, sum);
    Value i = act(b, recurrentActivation(), z.get(0));
    Value f = act(b, recurrentActivation(), z.get(1));
    Value next = b.add(b.mul(f, c), b.mul(i, act(b, activation(), z.get(2))));
    Value o = act(b, recurrentActivation(), z.get(3));
    Value y = b.mul(o, act(b, activation(), next));
    return List.of(y, y, next);
  }

  private List<Value> gruStep(GraphBuilder b, Value x, Value h) {
    List<Value> fromX = split(b, shifted(b, times(b, x, "kernel", kernel), 0));
    Value hidden;
    Value z;
    if (resetAfter) {
      List<Value> fromH = split(b, shifted(b, times(b, h, "recurrent_kernel", recurrent), 1));
      z = act(b, recurrentActivation(), b.add(fromX.get(0), fromH.get(0)));
      Value r = act(b, recurrentActivation(), b.add(fromX.get(1), fromH.get(1)));
      hidden = b.add(fromX.get(2), b.mul(r, fromH.get(2)));
    } else {
      Value fromH = times(b, h, "recurrent_gates", columns(recurrent, 0, 2));
      List<Value> gates = b.split(fromH, 1, units, units);
      z = act(b, recurrentActivation(), b.add(fromX.get(0), gates.get(0)));
      Value r = act(b, recurrentActivation(), b.add(fromX.get(1), gates.get(1)));
      Value reset = times(b, b.mul(r, h), "recurrent_hidden", columns(recurrent, 2, 3));
      hidden = b.add(fromX.get(2), reset);
    }
    Value proposed = act(b, activation(), hidden);
    Value y = b.add(b.mul(z, h), b.mul(b.sub(b.scalarLike(z, 1), z), proposed));
    return List.of(y, y);
  }

  /** The columns of some gates. */
  private Tensor columns(Tensor weights, int first, int end) {
    int rows = Math.toIntExact(weights.dim(0));
    int wide = Math.toIntExact(weights.dim(1));
    int cut = (end - first) * units;
    double[] all = weights.toDoubles();
    double[] own = new double[rows * cut];
    for (int row = 0; row < rows; row++) {
      System.arraycopy(all, row * wide + first * units, own, row * cut, cut);
    }
    return Tensor.ofNumbers(weights.elementType(), own, rows, cut);
  }

  // All at once

  @Override
  public boolean hasOperator() {
    String name = ActivationReaders.name(activation());
    String gates = ActivationReaders.name(recurrentActivation());
    boolean known = name != null && ONNX.containsKey(name) && !name.equals("hard_sigmoid");
    return known
        && (kind == Kind.SIMPLE || gates != null && ONNX.containsKey(gates))
        && layer.computeType() == ElementType.FLOAT;
  }

  @Override
  public RecurrentReaders.Run operator(Value sequence, List<Value> initial, boolean backwards) {
    GraphBuilder b = layer.builder();
    List<Value> inputs = new ArrayList<>();
    inputs.add(b.transpose(sequence, 1, 0, 2));
    inputs.add(layer.constant("onnx_kernel", gates(kernel)));
    inputs.add(layer.constant("onnx_recurrent_kernel", gates(recurrent)));
    inputs.add(bias == null ? OperatorBuilder.ABSENT : layer.constant("onnx_bias", biases()));
    inputs.add(OperatorBuilder.ABSENT);
    for (Value state : initial) {
      inputs.add(b.unsqueeze(state, 0));
    }
    while (inputs.get(inputs.size() - 1) == OperatorBuilder.ABSENT) {
      inputs.remove(inputs.size() - 1);
    }
    List<Value> results =
        b.nodes(
            kind.operator, 1 + states(), inputs, attributes(backwards).toArray(Attribute[]::new));
    List<Value> states = new ArrayList<>();
    for (Value state : results.subList(1, results.size())) {
      states.add(b.squeeze(state, 0));
    }
    Value steps = b.transpose(b.squeeze(results.get(0), 1), 1, 0, 2);
    return new RecurrentReaders.Run(steps, states.get(0), states);
  }

  /** ONNX's name of a function; empty if it has none. */
  private static String onnxName(JsonElement activation) {
    return ONNX.getOrDefault(String.valueOf(ActivationReaders.name(activation)), "");
  }

  private List<Attribute> attributes(boolean backwards) {
    List<Attribute> attributes = new ArrayList<>();
    attributes.add(Attribute.ofInt("hidden_size", units));
    attributes.add(Attribute.ofString("direction", backwards ? "reverse" : "forward"));
    String own = onnxName(activation());
    String gates = onnxName(recurrentActivation());
    List<String> all =
        switch (kind) {
          case SIMPLE -> List.of(own);
          case GRU -> List.of(gates, own);
          case LSTM -> List.of(gates, own, own);
        };
    attributes.add(Attribute.ofStrings("activations", all.toArray(String[]::new)));
    if (gates.equals("HardSigmoid")) {
      float slope = (float) ActivationReaders.hardSigmoidSlope(layer);
      attributes.add(Attribute.ofFloats("activation_alpha", slope));
      attributes.add(Attribute.ofFloats("activation_beta", 0.5f));
    }
    if (kind == Kind.GRU) {
      attributes.add(Attribute.ofInt("linear_before_reset", resetAfter ? 1 : 0));
    }
    return attributes;
  }

  /** {@code [in, gates*units]} as {@code [1, gates*units, in]}, the gates in ONNX's order. */
  private Tensor gates(Tensor weights) {
    int[] order = kind.onnxGates();
    int in = Math.toIntExact(weights.dim(0));
    int wide = Math.toIntExact(weights.dim(1));
    double[] from = weights.toDoubles();
    double[] to = new double[from.length];
    for (int row = 0; row < wide; row++) {
      int source = order[row / units] * units + row % units;
      for (int i = 0; i < in; i++) {
        to[row * in + i] = from[i * wide + source];
      }
    }
    return Tensor.ofNumbers(weights.elementType(), to, 1, wide, in);
  }

  /**
   * ONNX has an input bias and a recurrent one; Keras has both only if {@code reset_after} is set.
   */
  private Tensor biases() {
    Tensor given = Objects.requireNonNull(bias);
    int[] order = kind.onnxGates();
    int wide = kind.gates() * units;
    double[] from = given.toDoubles();
    double[] to = new double[2 * wide];
    for (int row = 0; row < from.length / wide; row++) {
      for (int i = 0; i < wide; i++) {
        to[row * wide + i] = from[row * wide + order[i / units] * units + i % units];
      }
    }
    return Tensor.ofNumbers(given.elementType(), to, 1, 2L * wide);
  }
}
