package dev.sardonyx.runtime.spark;

import dev.sardonyx.ir.Dim;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.backend.Outputs;
import dev.sardonyx.runtime.spark.RowLayout.RowValue;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Rows of a table put together to a model's inputs, and its outputs taken apart again. */
final class RowBatch {
  private final RowLayout layout;
  private final List<InputColumn> inputs;
  private final List<OutputColumn> outputs;
  private final RowPadding padding;

  /** Whether all rows are of the same size, so that nothing has to be compared. */
  private final boolean isUniform;

  RowBatch(
      RowLayout layout, List<InputColumn> inputs, List<OutputColumn> outputs, RowPadding padding) {
    this.layout = layout;
    this.inputs = List.copyOf(inputs);
    this.outputs = List.copyOf(outputs);
    this.padding = padding;
    this.isUniform =
        inputs.stream().allMatch(input -> input.input().dims().stream().allMatch(Dim::isFixed));
  }

  /**
   * A row's cells in the order of the inputs, with the sizes of the symbols in their types.
   *
   * @param key what rows of one run have in common
   */
  record Cells(List<RowElements> cells, Map<String, Long> sizes, List<Long> key) {}

  /**
   * @param values of the row, in the order of the inputs
   * @throws IllegalArgumentException if one does not fit, or two contradict each other
   */
  Cells cells(List<?> values) {
    List<RowElements> cells = new ArrayList<>(inputs.size());
    for (int i = 0; i < inputs.size(); i++) {
      cells.add(inputs.get(i).cell(values.get(i)));
    }
    return isUniform ? new Cells(cells, Map.of(), List.of()) : sized(cells);
  }

  private Cells sized(List<RowElements> cells) {
    Map<String, Long> sizes = new HashMap<>();
    List<Long> key = new ArrayList<>();
    for (int i = 0; i < inputs.size(); i++) {
      InputColumn input = inputs.get(i);
      List<Dim> declared = input.input().dims();
      for (int axis = 0; axis < declared.size(); axis++) {
        long size = cells.get(i).dims()[axis];
        if (declared.get(axis) instanceof Dim.Symbol symbol) {
          Long before = sizes.putIfAbsent(symbol.name(), size);
          if (before != null && before != size) {
            throw new IllegalArgumentException(
                "Column '%s' has %d for %s, but another column has %d"
                    .formatted(input.column(), size, symbol.name(), before));
          }
          key.add(padding.isPadded(symbol.name()) ? padding.padded(symbol.name(), size) : size);
        } else if (!declared.get(axis).isFixed()) {
          key.add(size);
        }
      }
    }
    return new Cells(cells, sizes, key);
  }

  /** The inputs of a run of rows with the same key. */
  Map<String, Tensor> join(List<Cells> rows) {
    Map<String, Tensor> batch = new LinkedHashMap<>();
    for (int i = 0; i < inputs.size(); i++) {
      batch.put(inputs.get(i).input().name(), joined(rows, i));
    }
    return batch;
  }

  private Tensor joined(List<Cells> rows, int index) {
    RowValue input = inputs.get(index).input();
    ElementArrays kind = ElementArrays.of(input.elementType());
    long[] own = rows.get(0).cells().get(index).dims().clone();
    for (int axis = 0; axis < own.length; axis++) {
      if (input.dims().get(axis) instanceof Dim.Symbol symbol && padding.isPadded(symbol.name())) {
        long longest = 0;
        for (Cells row : rows) {
          longest = Math.max(longest, row.cells().get(index).dims()[axis]);
        }
        own[axis] = Math.max(longest, padding.padded(symbol.name(), longest));
      }
    }
    int count = Math.max(rows.size(), layout.rows());
    long[] whole = Blocks.inserted(own, input.axis(), count);
    Object elements = kind.array(Blocks.size(whole));
    double fill = padding.fill().getOrDefault(input.name(), 0.0);
    if (fill != 0) {
      kind.fill(elements, fill);
    }
    int stride = Blocks.stride(whole, input.axis());
    for (int row = 0; row < count; row++) {
      // A model of a fixed number of rows gets the last one again.
      RowElements cell = rows.get(Math.min(row, rows.size() - 1)).cells().get(index);
      if (input.axis() == 0 && Arrays.equals(cell.dims(), own)) {
        System.arraycopy(cell.elements(), 0, elements, row * stride, stride);
      } else {
        long[] block = Blocks.inserted(cell.dims(), input.axis(), 1);
        Blocks.copy(cell.elements(), 0, block, elements, row * stride, whole, block);
      }
    }
    return kind.tensor(input.elementType(), elements, whole);
  }

  /**
   * The values of the output columns, row by row.
   *
   * @throws IllegalArgumentException if an output does not have as many rows as the inputs
   */
  List<Object[]> split(List<Cells> rows, Outputs run) {
    List<Object[]> values = new ArrayList<>(rows.size());
    for (int row = 0; row < rows.size(); row++) {
      values.add(new Object[outputs.size()]);
    }
    for (int i = 0; i < outputs.size(); i++) {
      split(rows, run.tensor(outputs.get(i).output().name()), i, values);
    }
    return values;
  }

  private void split(List<Cells> rows, Tensor tensor, int index, List<Object[]> values) {
    OutputColumn column = outputs.get(index);
    RowValue output = column.output();
    ElementArrays kind = ElementArrays.of(output.elementType());
    int count = Math.max(rows.size(), layout.rows());
    long[] whole = tensor.dims();
    if (whole.length != output.dims().size() + 1 || whole[output.axis()] != count) {
      throw new IllegalArgumentException(
          "Output %s is of type %s for %d rows".formatted(output, tensor.type(), count));
    }
    Object elements = kind.of(tensor);
    int stride = Blocks.stride(whole, output.axis());
    long[] all = Blocks.removed(whole, output.axis());
    for (int row = 0; row < rows.size(); row++) {
      long[] own = cut(output, all, rows.get(row).sizes());
      Object part = kind.array(Blocks.size(own));
      if (output.axis() == 0 && own == all) {
        System.arraycopy(elements, row * stride, part, 0, stride);
      } else {
        long[] block = Blocks.inserted(own, output.axis(), 1);
        Blocks.copy(elements, row * stride, whole, part, 0, block, block);
      }
      values.get(row)[index] = column.value(part, own);
    }
  }

  /** The dimensions without padding; the same array if there is none. */
  private long[] cut(RowValue output, long[] dims, Map<String, Long> sizes) {
    long[] cut = dims;
    for (int axis = 0; axis < dims.length; axis++) {
      if (output.dims().get(axis) instanceof Dim.Symbol symbol && padding.isPadded(symbol.name())) {
        long own = sizes.getOrDefault(symbol.name(), dims[axis]);
        if (own < dims[axis]) {
          cut = cut == dims ? dims.clone() : cut;
          cut[axis] = own;
        }
      }
    }
    return cut;
  }
}
