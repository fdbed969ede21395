package dev.sardonyx.export.keras;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.build.GraphBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Recurrent layers: cells run over the steps of sequences {@code [N,T,...]}. */
final class RecurrentReaders {
  static final Map<String, LayerReader> LAYERS = new TreeMap<>();

  static {
    for (String name : List.of("SimpleRNN", "GRU", "LSTM", "RNN")) {
      LAYERS.put(name, RecurrentReaders::layer);
    }
    for (int axes = 1; axes <= 3; axes++) {
      LAYERS.put("ConvLSTM" + axes + "D", RecurrentReaders::layer);
    }
    for (String name : List.of("SimpleRNNCell", "GRUCell", "LSTMCell", "StackedRNNCells")) {
      LAYERS.put(name, RecurrentReaders::cell);
    }
    LAYERS.put("Bidirectional", RecurrentReaders::bidirectional);
  }

  private RecurrentReaders() {}

  private static List<KerasTensor> layer(KerasLayer layer) {
    Run run = run(layer, layer.inputTensor(), initialState(layer), true);
    return outputs(layer, run);
  }

  private static List<KerasTensor> outputs(KerasLayer layer, Run run) {
    List<KerasTensor> outputs = new ArrayList<>();
    boolean sequences = layer.config().truth("return_sequences", false);
    outputs.add(
        sequences ? new KerasTensor(run.steps(), layer.mask()) : KerasTensor.of(run.last()));
    if (layer.config().truth("return_state", false)) {
      run.states().forEach(s -> outputs.add(KerasTensor.of(s)));
    }
    return outputs;
  }

  /** The initial states, which are given by name, or in older files after the sequence. */
  private static List<Value> initialState(KerasLayer layer) {
    List<KerasTensor> named = layer.tensorArguments("initial_state");
    if (!named.isEmpty()) {
      return named.stream().map(KerasTensor::value).toList();
    }
    List<Value> inputs = layer.inputs();
    return inputs.subList(1, inputs.size());
  }

  /**
   * The result of running a cell over a sequence.
   *
   * @param steps {@code [N,T,...]}
   */
  record Run(Value steps, Value last, List<Value> states) {}

  /**
   * Runs a layer.
   *
   * @param flipped whether the output of a sequence that is processed backwards stays in reverse
   *     order, as in Keras, or is put into the order of time
   */
  private static Run run(
      KerasLayer layer, KerasTensor sequence, List<Value> initial, boolean flipped) {
    if (layer.config().truth("stateful", false)) {
      throw layer.refusal(
          "it is stateful, and ONNX keeps nothing from run to run; use return_state and"
              + " initial_state");
    }
    if (layer.config().truth("time_major", false)) {
      throw layer.refusal("its time_major is true, and sequences have the batch first here");
    }
    Value mask = layer.maskOfCall();
    boolean backwards = layer.config().truth("go_backwards", false);
    Cell cell = Cell.of(layer, sequence.value());
    Run run =
        mask == null && cell.hasOperator()
            ? cell.operator(sequence.value(), initial, backwards)
            : CellLoop.run(layer, cell, sequence.value(), mask, initial, backwards);
    if (backwards && flipped && layer.config().truth("return_sequences", false)) {
      return new Run(flip(layer.builder(), run.steps(), 1), run.last(), run.states());
    }
    return run;
  }

  /** Reverses the order along an axis. */
  static Value flip(GraphBuilder b, Value x, int axis) {
    return b.slice(
        x, new long[] {axis}, new long[] {-1}, new long[] {Long.MIN_VALUE + 1}, new long[] {-1});
  }

  /** One step of a cell that is called as a layer: its output, then its states. */
  private static List<KerasTensor> cell(KerasLayer layer) {
    List<Value> inputs = layer.inputs();
    Cell cell = Cell.ofCell(layer, KerasLayer.dim(inputs.get(0), -1));
    List<Value> states = inputs.subList(1, inputs.size());
    if (states.size() != cell.states()) {
      throw layer.broken("takes " + cell.states() + " states, but is called with " + states.size());
    }
    return cell.step(layer.builder(), inputs.get(0), states).stream().map(KerasTensor::of).toList();
  }

  private static List<KerasTensor> bidirectional(KerasLayer layer) {
    LayerConfig config = layer.config();
    JsonElement forward = config.element("layer");
    if (!forward.isJsonObject()) {
      throw layer.broken("has no layer within");
    }
    JsonElement backward =
        config.has("backward_layer") ? config.element("backward_layer") : reversed(forward);
    KerasLayer one = layer.inner(forward, List.of("forward_layer"));
    KerasLayer other = layer.inner(backward, List.of("backward_layer"));
    List<Value> initial = initialState(layer);
    int half = initial.size() / 2;
    KerasTensor sequence = layer.inputTensor();
    GraphBuilder b = layer.builder();
    Run first = b.scope("forward", () -> run(one, sequence, initial.subList(0, half), false));
    Run second =
        b.scope(
            "backward", () -> run(other, sequence, initial.subList(half, initial.size()), false));
    boolean sequences = one.config().truth("return_sequences", false);
    Value y = sequences ? first.steps() : first.last();
    Value z = sequences ? second.steps() : second.last();
    Value mask = sequences ? layer.mask() : null;
    List<KerasTensor> outputs = new ArrayList<>();
    switch (config.has("merge_mode") ? config.text("merge_mode") : "none") {
      case "concat" -> outputs.add(new KerasTensor(b.concat(KerasLayer.rank(y) - 1, y, z), mask));
      case "sum" -> outputs.add(new KerasTensor(b.add(y, z), mask));
      case "ave" -> outputs.add(new KerasTensor(b.mul(b.add(y, z), b.scalarLike(y, 0.5)), mask));
      case "mul" -> outputs.add(new KerasTensor(b.mul(y, z), mask));
      case "none" -> {
        outputs.add(new KerasTensor(y, mask));
        outputs.add(new KerasTensor(z, mask));
      }
      default -> throw layer.broken("its merge_mode is " + config.text("merge_mode"));
    }
    if (one.config().truth("return_state", false)) {
      first.states().forEach(s -> outputs.add(KerasTensor.of(s)));
      second.states().forEach(s -> outputs.add(KerasTensor.of(s)));
    }
    return outputs;
  }

  /** The same layer in the other direction, for files that do not list the backward layer. */
  private static JsonElement reversed(JsonElement layer) {
    JsonObject copy = layer.getAsJsonObject().deepCopy();
    JsonElement config = copy.get("config");
    if (config != null && config.isJsonObject()) {
      boolean backwards = new LayerConfig(config.getAsJsonObject()).truth("go_backwards", false);
      config.getAsJsonObject().add("go_backwards", new JsonPrimitive(!backwards));
    }
    return copy;
  }
}
