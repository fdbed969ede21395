package dev.sardonyx.ir.eval.kernel;

import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Tensor;
import java.util.Arrays;
import java.util.List;

/**
 * The classes of a classifier.
 *
 * @param names a tensor of strings or integers, one a class; empty if classes have no names
 */
record Labels(Tensor names) {
  /**
   * @param integers the attribute that holds integer labels
   */
  static Labels of(KernelContext c, String integers) {
    List<String> strings = c.stringsAttribute("classlabels_strings");
    if (strings != null && !strings.isEmpty()) {
      return new Labels(Tensor.ofStrings(strings, strings.size()));
    }
    long[] numbers = c.intsAttribute(integers, new long[0]);
    return new Labels(Tensor.ofLongs(numbers, numbers.length));
  }

  int count() {
    return names.length();
  }

  /** The labels at the given places; a place without a name is its own. */
  Tensor at(int[] places) {
    boolean named = Arrays.stream(places).allMatch(p -> p < count());
    return named
        ? Elements.take(names, places, places.length)
        : Tensor.ofLongs(Arrays.stream(places).asLongStream().toArray(), places.length);
  }

  /** Rows of equal length as a matrix. */
  static Tensor rows(ElementType type, List<double[]> rows) {
    int width = rows.isEmpty() ? 0 : rows.get(0).length;
    double[] all = new double[Dims.size(rows.size(), width)];
    for (int i = 0; i < rows.size(); i++) {
      System.arraycopy(rows.get(i), 0, all, i * width, width);
    }
    return Elements.of(type, all, rows.size(), width);
  }
}
