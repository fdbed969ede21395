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
  /** How many states it carries. */
  int states();

  /**
   * One step.
   *
   * @param x {@code [N,...]}
   * @return the output, then the new states
   */
  List<Value> step(GraphBuilder b, Value x, List<Value> states);

  /**
   * The states that it begins with if none are given; x is the whole sequence, {@code [T,N,...]}.
   */
  List<Value> zeros(GraphBuilder b, Value x);

  /** What of a step does not depend on the states, over the whole sequence {@code [T,N,...]}. */
  default Value prepare(GraphBuilder b, Value x) {
    return x;
  }

  /** Sequences {@code [N,T,...]} with the axes as the cell has them, and back. */
  default Value in(GraphBuilder b, Value x) {
    return Layout.move(b, x, 1, 0);
  }

  /** Steps {@code [T,N,...]} of the cell as the layer gives them. */
  default Value out(GraphBuilder b, Value y) {
    return Layout.move(b, y, 0, 1);
  }

  /** A state or output of the cell as the layer gives it. */
  default Value outState(GraphBuilder b, Value state) {
    return state;
  }

  /** A state as the layer is given it. */
  default Value inState(GraphBuilder b, Value state) {
    return state;
  }

  /** Whether ONNX has an operator for the whole loop. */
  default boolean hasOperator() {
    return false;
  }

  /** The whole loop by ONNX's operator; steps in the order of time. */
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

  /** A cell by itself. */
  static Cell ofCell(KerasLayer cell, long features) {
    return switch (cell.className()) {
      case "SimpleRNNCell", "GRUCell", "LSTMCell" -> GatedCell.of(cell, features);
      case "StackedRNNCells" -> stacked(cell, features);
      default -> throw cell.refusal("its cell " + cell.className() + " is not one of Keras's own");
    };
  }

  /** Cells one upon the other; those in a file are numbered from the second of a class on. */
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

  /** Cells whose outputs are the next ones' inputs. */
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
