package dev.sardonyx.runtime.reduce;

import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * Halves the axes of inputs and initializers as long as the model still fails: first all axes of
 * one size together, since they may have to agree, then each by itself.
 */
final class SizeReduction {
  private final Search search;

  SizeReduction(Search search) {
    this.search = search;
  }

  /** Which elements of which axis. */
  private record Cut(String value, int axis, long from, long to) {}

  void run() {
    boolean smaller = true;
    while (smaller && !search.isOver()) {
      smaller = false;
      for (long size : sizes()) {
        smaller |= halved(axes(size), size);
      }
      for (long size : sizes()) {
        for (Cut axis : axes(size)) {
          smaller |= halved(List.of(axis), size);
        }
      }
    }
  }

  /** The sizes that there are, from the largest, without 1. */
  private List<Long> sizes() {
    TreeSet<Long> sizes = new TreeSet<>();
    for (Datum value : search.smallest().values().values()) {
      if (isCut(value)) {
        for (long size : ((Tensor) value).dims()) {
          sizes.add(size);
        }
      }
    }
    return sizes.descendingSet().stream().filter(size -> size > 1).toList();
  }

  private static boolean isCut(Datum value) {
    return value instanceof Tensor tensor && !tensor.elementType().isPacked();
  }

  /** All axes of a size, whole. */
  private List<Cut> axes(long size) {
    List<Cut> axes = new ArrayList<>();
    search
        .smallest()
        .values()
        .forEach(
            (name, value) -> {
              for (int axis = 0; isCut(value) && axis < ((Tensor) value).rank(); axis++) {
                if (((Tensor) value).dim(axis) == size) {
                  axes.add(new Cut(name, axis, 0, size));
                }
              }
            });
    return axes;
  }

  private boolean halved(List<Cut> axes, long whole) {
    boolean smaller = false;
    long size = whole;
    while (size > 1 && !search.isOver()) {
      long half = size / 2;
      long now = size;
      if (keeps(axes, 0, 1)) {
        return true;
      }
      if (keeps(axes, 0, half)) {
        size = half;
      } else if (keeps(axes, half, now)) {
        size = now - half;
      } else if (now > 3 && keeps(axes, 0, now - 1)) {
        size = now - 1;
      } else {
        return smaller;
      }
      smaller = true;
    }
    return smaller;
  }

  private boolean keeps(List<Cut> axes, long from, long to) {
    return search.keep(
        search
            .smallest()
            .withTensors(
                values -> {
                  for (Cut axis : axes) {
                    Tensor tensor = (Tensor) values.get(axis.value);
                    if (tensor == null || tensor.dim(axis.axis) < to) {
                      return Map.of();
                    }
                    values.put(axis.value, TensorSlices.of(tensor, axis.axis, from, to));
                  }
                  return values;
                }));
  }
}
