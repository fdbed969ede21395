package dev.sardonyx.ir.infer.rule;

import dev.sardonyx.ir.Dim;
import dev.sardonyx.ir.infer.KnownValues;
import java.util.ArrayList;
import java.util.List;

/** Picks elements out of {@link KnownValues}: slices, permuted axes, gathered indices. */
final class ValueSelection {
  private ValueSelection() {}

  /** The elements at the given indices along one axis. */
  static KnownValues along(KnownValues values, int axis, int[] indices) {
    List<Long> shape = new ArrayList<>(values.shape());
    int inner = 1;
    for (int i = axis + 1; i < shape.size(); i++) {
      inner *= shape.get(i).intValue();
    }
    int length = shape.get(axis).intValue();
    int outer = length == 0 ? 0 : values.size() / (length * Math.max(1, inner));
    List<Dim> elements = new ArrayList<>();
    for (int o = 0; o < outer; o++) {
      for (int index : indices) {
        for (int i = 0; i < inner; i++) {
          elements.add(values.get((o * length + index) * inner + i));
        }
      }
    }
    shape.set(axis, (long) indices.length);
    return new KnownValues(shape, elements, values.denominator());
  }

  static KnownValues transpose(KnownValues values, int[] permutation) {
    int rank = permutation.length;
    int[] strides = new int[rank];
    int stride = 1;
    for (int axis = rank - 1; axis >= 0; axis--) {
      strides[axis] = stride;
      stride *= values.shape().get(axis).intValue();
    }
    List<Long> shape = new ArrayList<>();
    for (int axis : permutation) {
      shape.add(values.shape().get(axis));
    }
    List<Dim> elements = new ArrayList<>(values.size());
    for (int i = 0; i < values.size(); i++) {
      int rest = i;
      int from = 0;
      for (int axis = rank - 1; axis >= 0; axis--) {
        int length = shape.get(axis).intValue();
        from += rest % length * strides[permutation[axis]];
        rest /= length;
      }
      elements.add(values.get(from));
    }
    return new KnownValues(shape, elements, values.denominator());
  }
}
