package dev.sardonyx.runtime.spark;

import dev.sardonyx.ir.Dim;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.Output;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.ValueType;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Where the rows of a table lie in a model's inputs and outputs: along one symbolic dimension, or,
 * where the inputs' first dimension is a number, along that.
 *
 * @param rows how many rows a run takes exactly; 0 for any number
 * @param inputs by name, in the model's order
 * @param outputs by name, in the model's order
 */
record RowLayout(int rows, Map<String, RowValue> inputs, Map<String, RowValue> outputs) {
  /**
   * @param axis the symbol of the rows; empty for the first dimension of the first input
   * @throws IllegalArgumentException if an input or output has no place for rows
   */
  static RowLayout of(List<Input> inputs, List<Output> outputs, String axis) {
    if (inputs.isEmpty()) {
      throw new IllegalArgumentException("The model has no inputs, so no columns could be theirs");
    }
    String symbol = axis.isEmpty() ? firstSymbol(inputs) : axis;
    int rows = axis.isEmpty() ? fixedRows(inputs) : 0;
    Set<Dim> within = within(inputs, symbol);
    Map<String, RowValue> in = new LinkedHashMap<>();
    for (Input input : inputs) {
      if (!axis.isEmpty() && first(input.type()) instanceof Dim.Symbol) {
        requireSymbol(input, axis);
      }
      in.put(input.name(), value("Input", input.name(), input.type(), symbol, rows, within));
    }
    Map<String, RowValue> out = new LinkedHashMap<>();
    for (Output output : outputs) {
      out.put(output.name(), value("Output", output.name(), output.type(), symbol, rows, within));
    }
    return new RowLayout(rows, in, out);
  }

  /** The symbols of dimensions that the rows themselves have, which are not rows elsewhere. */
  private static Set<Dim> within(List<Input> inputs, String symbol) {
    Set<Dim> within = new HashSet<>();
    for (Input input : inputs) {
      if (input.type() instanceof TensorType type && type.shape().isRanked()) {
        List<Dim> dims = type.shape().dims();
        int axis = Math.max(dims.indexOf(Dim.symbol(symbol)), 0);
        for (int i = 0; i < dims.size(); i++) {
          if (i != axis && dims.get(i) instanceof Dim.Symbol) {
            within.add(dims.get(i));
          }
        }
      }
    }
    return within;
  }

  private static String firstSymbol(List<Input> inputs) {
    for (Input input : inputs) {
      if (first(input.type()) instanceof Dim.Symbol symbol) {
        return symbol.name();
      }
    }
    return "";
  }

  /** The number that is the first dimension of every input, or 0 if that is not so. */
  private static int fixedRows(List<Input> inputs) {
    long rows = 0;
    for (Input input : inputs) {
      if (!(first(input.type()) instanceof Dim.Fixed fixed)
          || (rows != 0 && rows != fixed.size())) {
        return 0;
      }
      rows = fixed.size();
    }
    return Math.toIntExact(rows);
  }

  private static Dim first(ValueType type) {
    return type instanceof TensorType tensor
            && tensor.shape().isRanked()
            && tensor.shape().rank() > 0
        ? tensor.shape().dim(0)
        : Dim.UNKNOWN;
  }

  /** Other symbols are other sizes, if the caller says which one is the rows'. */
  private static void requireSymbol(Input input, String symbol) {
    if (input.type() instanceof TensorType type
        && !type.shape().dims().contains(Dim.symbol(symbol))) {
      throw noRows("Input", input.name(), type, symbol);
    }
  }

  private static IllegalArgumentException noRows(
      String what, String name, ValueType type, String rows) {
    return new IllegalArgumentException(
        "%s '%s' of type %s has no dimension %s for the rows of a table"
            .formatted(what, name, type, rows));
  }

  private static RowValue value(
      String what, String name, ValueType type, String symbol, int rows, Set<Dim> within) {
    if (!(type instanceof TensorType tensor) || !tensor.shape().isRanked()) {
      throw new IllegalArgumentException(
          "%s '%s' of type %s cannot be a column, which holds tensors of a known rank"
              .formatted(what, name, type));
    }
    List<Dim> dims = tensor.shape().dims();
    int axis = dims.indexOf(Dim.symbol(symbol));
    if (axis < 0 && !dims.isEmpty() && !within.contains(dims.get(0))) {
      boolean isRows = rows == 0 ? !dims.get(0).isFixed() : dims.get(0).equals(Dim.of(rows));
      // An output may be of a size that only its computation knows.
      axis = isRows || (rows > 0 && !dims.get(0).isFixed()) ? 0 : -1;
    }
    if (axis < 0) {
      throw noRows(what, name, type, symbol.isEmpty() ? "" + Math.max(rows, 1) : symbol);
    }
    List<Dim> own = new ArrayList<>(dims);
    own.remove(axis);
    return new RowValue(name, tensor, axis, own);
  }

  /**
   * What one row is in an input or output.
   *
   * @param type of the whole
   * @param axis which dimension the rows are
   * @param dims the other dimensions
   */
  record RowValue(String name, TensorType type, int axis, List<Dim> dims) {
    RowValue {
      dims = List.copyOf(dims);
    }

    ElementType elementType() {
      return type.elementType();
    }

    @Override
    public String toString() {
      return "'" + name + "' of type " + type;
    }
  }
}
