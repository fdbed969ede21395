package dev.sardonyx.ir.eval.kernel;

import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.eval.EvaluationException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/** Sorting, and choosing by order. */
final class SelectionKernels {
  private SelectionKernels() {}

  static void register(Kernels kernels) {
    kernels.add("TopK", SelectionKernels::topK);
    kernels.add("Unique", SelectionKernels::unique);
    kernels.one("NonMaxSuppression", SelectionKernels::nonMaxSuppression);
  }

  /** Compares the elements at two positions. */
  @FunctionalInterface
  private interface Order {
    int compare(int i, int j);
  }

  /** NaN is larger than all else, as NumPy sorts it. */
  private static Order order(Tensor x) {
    if (x.elementType() == ElementType.STRING) {
      List<String> strings = x.strings();
      return (i, j) -> strings.get(i).compareTo(strings.get(j));
    }
    if (x.elementType().isFloat()) {
      double[] values = Elements.doubles(x);
      return (i, j) -> values[i] == values[j] ? 0 : Double.compare(values[i], values[j]);
    }
    long[] values = Elements.longs(x);
    return x.elementType() == ElementType.UINT64
        ? (i, j) -> Long.compareUnsigned(values[i], values[j])
        : (i, j) -> Long.compare(values[i], values[j]);
  }

  /** Of equal elements the first is chosen. */
  private static List<Datum> topK(KernelContext c) {
    Tensor x = c.tensor(0);
    int axis = Dims.axis(c.intAttribute("axis", -1), x.rank());
    long wanted = c.has(1) ? c.longInput(1, 0) : c.intAttribute("k");
    int n = (int) x.dim(axis);
    if (wanted < 0 || wanted > n) {
      throw new EvaluationException("axis " + axis + " of " + n + " has no top " + wanted);
    }
    int k = (int) wanted;
    int sign = c.intAttribute("largest", 1) != 0 ? -1 : 1;
    Order order = order(x);
    long[] dims = Dims.with(x.dims(), axis, k);
    int inner = Dims.product(dims, axis + 1, dims.length);
    int[] index = new int[Dims.size(dims)];
    long[] places = new long[index.length];
    int lines = Dims.product(dims, 0, axis) * inner;
    c.parallel()
        .rows(
            lines,
            n,
            (from, to) -> {
              for (int r = from; r < to; r++) {
                int base = r / inner * n * inner + r % inner;
                Order best =
                    (i, j) -> {
                      int compared = sign * order.compare(base + i * inner, base + j * inner);
                      return compared == 0 ? Integer.compare(i, j) : compared;
                    };
                int[] chosen = first(k, n, best);
                for (int i = 0; i < k; i++) {
                  int at = r / inner * k * inner + i * inner + r % inner;
                  index[at] = base + chosen[i] * inner;
                  places[at] = chosen[i];
                }
              }
            });
    return List.of(Elements.take(x, index, dims), Tensor.ofLongs(places, dims));
  }

  /** The first k of the positions 0 to before n in an order in which none are equal. */
  private static int[] first(int k, int n, Order order) {
    int[] heap = Dims.identity(k);
    for (int i = k / 2 - 1; i >= 0; i--) {
      sink(heap, i, k, order);
    }
    for (int i = k; i < n && k > 0; i++) {
      // At the root is the last of those found.
      if (order.compare(i, heap[0]) < 0) {
        heap[0] = i;
        sink(heap, 0, k, order);
      }
    }
    for (int end = k - 1; end > 0; end--) {
      int last = heap[0];
      heap[0] = heap[end];
      heap[end] = last;
      sink(heap, 0, end, order);
    }
    return heap;
  }

  /** Moves an element of a heap down, to where none below comes after it. */
  private static void sink(int[] heap, int from, int size, Order order) {
    int moved = heap[from];
    int at = from;
    for (int child = 2 * at + 1; child < size; child = 2 * at + 1) {
      if (child + 1 < size && order.compare(heap[child + 1], heap[child]) > 0) {
        child++;
      }
      if (order.compare(heap[child], moved) <= 0) {
        break;
      }
      heap[at] = heap[child];
      at = child;
    }
    heap[at] = moved;
  }

  /** Distinct elements, or slices along an axis: ascending, or in the order they come first. */
  private static List<Datum> unique(KernelContext c) {
    Tensor x = c.tensor(0);
    boolean flat = !c.hasAttribute("axis");
    Tensor source = flat ? x.reshape(x.size()) : x;
    int axis = flat ? 0 : Dims.axis(c.intAttribute("axis"), x.rank());
    int n = (int) source.dim(axis);
    Order slices = sliceOrder(source, axis);
    Integer[] sorted = new Integer[n];
    Arrays.setAll(sorted, i -> i);
    Arrays.sort(sorted, slices::compare);
    List<Integer> firsts = new ArrayList<>();
    int[] group = new int[n];
    for (int i = 0; i < n; i++) {
      // The sort is stable, so the first of equals is the one that comes first.
      if (i == 0 || slices.compare(sorted[i - 1], sorted[i]) != 0) {
        firsts.add(sorted[i]);
      }
      group[sorted[i]] = firsts.size() - 1;
    }
    Integer[] rank = new Integer[firsts.size()];
    Arrays.setAll(rank, i -> i);
    if (c.intAttribute("sorted", 1) == 0) {
      Arrays.sort(rank, Comparator.comparing(firsts::get));
    }
    return uniqueOutputs(source, axis, firsts, group, rank);
  }

  private static List<Datum> uniqueOutputs(
      Tensor source, int axis, List<Integer> firsts, int[] group, Integer[] rank) {
    int count = rank.length;
    int[] place = new int[count];
    int[] chosen = new int[count];
    long[] indices = new long[count];
    for (int i = 0; i < count; i++) {
      place[rank[i]] = i;
      chosen[i] = firsts.get(rank[i]);
      indices[i] = chosen[i];
    }
    long[] inverse = new long[group.length];
    long[] counts = new long[count];
    for (int i = 0; i < group.length; i++) {
      inverse[i] = place[group[i]];
      counts[place[group[i]]]++;
    }
    int[][] along = new int[source.rank()][];
    for (int d = 0; d < along.length; d++) {
      along[d] = d == axis ? chosen : Dims.range(source.dim(d));
    }
    return List.of(
        MovementKernels.gather(source, along),
        Tensor.ofLongs(indices, count),
        Tensor.ofLongs(inverse, group.length),
        Tensor.ofLongs(counts, count));
  }

  /** Compares slices along an axis by their first element that differs. */
  private static Order sliceOrder(Tensor x, int axis) {
    long[] dims = x.dims();
    int n = (int) dims[axis];
    int inner = Dims.product(dims, axis + 1, dims.length);
    int outer = Dims.product(dims, 0, axis);
    Order order = order(x);
    return (i, j) -> {
      for (int o = 0; o < outer; o++) {
        for (int p = 0; p < inner; p++) {
          int base = o * n * inner + p;
          int compared = order.compare(base + i * inner, base + j * inner);
          if (compared != 0) {
            return compared;
          }
        }
      }
      return 0;
    };
  }

  /** Best boxes first, leaving out those that overlap one already chosen too much. */
  private static Tensor nonMaxSuppression(KernelContext c) {
    float[] boxes = c.floats(0);
    float[] scores = c.floats(1);
    int batch = (int) c.tensor(1).dim(0);
    int classes = (int) c.tensor(1).dim(1);
    int count = (int) c.tensor(1).dim(2);
    long most = c.longInput(2, 0);
    double overlap = c.doubleInput(3, 0);
    double threshold = c.doubleInput(4, Double.NEGATIVE_INFINITY);
    boolean centers = c.flag("center_point_box");
    List<Long> selected = new ArrayList<>();
    for (int b = 0; b < batch; b++) {
      for (int k = 0; k < classes; k++) {
        int scoresAt = (b * classes + k) * count;
        int boxesAt = b * count;
        Integer[] candidates = new Integer[count];
        Arrays.setAll(candidates, i -> i);
        Arrays.sort(
            candidates, (i, j) -> Float.compare(scores[scoresAt + j], scores[scoresAt + i]));
        List<Integer> chosen = new ArrayList<>();
        for (int i : candidates) {
          boolean free =
              scores[scoresAt + i] > threshold
                  && chosen.stream()
                      .allMatch(o -> union(boxes, boxesAt + i, boxesAt + o, centers) <= overlap);
          if (free && chosen.size() < most) {
            chosen.add(i);
          }
        }
        for (int i : chosen) {
          selected.addAll(List.of((long) b, (long) k, (long) i));
        }
      }
    }
    long[] result = selected.stream().mapToLong(Long::longValue).toArray();
    return Tensor.ofLongs(result, result.length / 3, 3);
  }

  /** The area two boxes have in common over the area of their union. */
  private static double union(float[] boxes, int i, int j, boolean centers) {
    double[] a = corners(boxes, i * 4, centers);
    double[] b = corners(boxes, j * 4, centers);
    double height = Math.min(a[2], b[2]) - Math.max(a[0], b[0]);
    double width = Math.min(a[3], b[3]) - Math.max(a[1], b[1]);
    if (height <= 0 || width <= 0) {
      return 0;
    }
    double common = height * width;
    double areas = (a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]);
    return common / (areas - common);
  }

  private static double[] corners(float[] boxes, int at, boolean centers) {
    double a = boxes[at];
    double b = boxes[at + 1];
    double c = boxes[at + 2];
    double d = boxes[at + 3];
    return centers
        ? new double[] {b - d / 2, a - c / 2, b + d / 2, a + c / 2}
        : new double[] {Math.min(a, c), Math.min(b, d), Math.max(a, c), Math.max(b, d)};
  }
}
