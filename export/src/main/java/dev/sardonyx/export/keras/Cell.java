package dev.sardonyx.export.keras;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.build.GraphBuilder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What a recurrent layer does in one step. */
interface Cell {
  /** The number of states. */
  int states();

  /**
   * One step.
   *
   * @param x {@code [N,...]}
   * @return the output, then the new states
   */
  List<Value> step(GraphBuilder b, Value x, List<Value> states);

  /** The initial states if none are given; x is the whole sequence, {@code [T,N,...]}. */
  List<Value> zeros(GraphBuilder b, Value x);

  /**
   * Computes the part of the steps that does not depend on the states, for the whole sequence
   * {@code [T,N,...]} at once.
   */
  default Value prepare(GraphBuilder b, Value x) {
    return x;
  }

  /** Converts a sequence {@code [N,T,...]} to the cell's own layout, {@code [T,N,...]}. */
  default Value in(GraphBuilder b, Value x) {
    return Layout.move(b, x, 1, 0);
  }

  /** Converts the cell's output steps {@code [T,N,...]} to the layer's layout. */
  default Value out(GraphBuilder b, Value y) {
    return Layout.move(b, y, 0, 1);
  }

  /** Converts a state or output of the cell to the layer's layout. */
  default Value outState(GraphBuilder b, Value state) {
    return state;
  }

  /** Converts a state that the layer is given to the cell's layout. */
  default Value inState(GraphBuilder b, Value state) {
    return state;
  }

  /** Whether ONNX has an operator for the whole loop. */
  default boolean hasOperator() {
    return false;
  }

  /** Runs the whole loop by ONNX's operator; steps are in the order of time. */
  default RecurrentReaders.Run operator(Value sequence, List<Value> initial, boolean backwards) {
    throw new IllegalStateException("no operator");
  }

  /** The cell of a recurrent layer. */
  static Cell of(KerasLayer layer, Value sequence) {
    if (layer.className().startsWith("ConvLSTM")) {
      return ConvLstmCell.of(layer, sequence);
    }
    if (layer.className().equals("RNN")) {
      JsonElement cell = layer.config().element("cell");
      if (!cell.isJsonObject()) {
        throw layer.broken("has no cell");
      }
      return ofCell(layer.inner(cell, List.of("cell")), KerasLayer.dim(sequence, -1));
    }
    return GatedCell.of(layer.part("cell"), KerasLayer.dim(sequence, -1));
  }

  /** The cell that a layer of a cell's class describes. */
  static Cell ofCell(KerasLayer cell, long features) {
    return switch (cell.className()) {
      case "SimpleRNNCell", "GRUCell", "LSTMCell" -> GatedCell.of(cell, features);
      case "StackedRNNCells" -> stacked(cell, features);
      default -> throw cell.refusal("its cell " + cell.className() + " is not one of Keras's own");
    };
  }

  /** Stacked cells. Files number the cells of a class from the second one on. */
  private static Cell stacked(KerasLayer stack, long features) {
    JsonElement listed = stack.config().element("cells");
    if (!listed.isJsonArray() || listed.getAsJsonArray().isEmpty()) {
      throw stack.broken("has no cells");
    }
    List<Cell> cells = new ArrayList<>();
    Map<String, Integer> used = new HashMap<>();
    KerasLayer container = stack.part("cells");
    long in = features;
    for (JsonElement element : listed.getAsJsonArray()) {
      JsonObject config = ModelConfig.inner(element).config().json();
      String group = GroupVariables.snakeCase(ModelConfig.inner(element).className());
      int before = used.merge(group, 1, Integer::sum) - 1;
      String name = before == 0 ? group : group + "_" + before;
      cells.add(ofCell(container.inner(element, List.of(name)), in));
      in = new LayerConfig(config).whole("units");
    }
    return new Stacked(cells);
  }

  /** Cells each of which takes the output of the one before. */
  record Stacked(List<Cell> cells) implements Cell {
    @Override
    public int states() {
      return cells.stream().mapToInt(Cell::states).sum();
    }

    @Override
    public List<Value> step(GraphBuilder b, Value x, List<Value> states) {
      List<Value> next = new ArrayList<>();
      Value y = x;
      int at = 0;
      for (Cell cell : cells) {
        List<Value> result = cell.step(b, y, states.subList(at, at + cell.states()));
        at += cell.states();
        y = result.get(0);
        next.addAll(result.subList(1, result.size()));
      }
      List<Value> all = new ArrayList<>(List.of(y));
      all.addAll(next);
      return all;
    }

    @Override
    public List<Value> zeros(GraphBuilder b, Value x) {
      List<Value> all = new ArrayList<>();
      cells.forEach(cell -> all.addAll(cell.zeros(b, x)));
      return all;
    }
  }
}
