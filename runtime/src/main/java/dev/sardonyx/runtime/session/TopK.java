package dev.sardonyx.runtime.session;

import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Tensor;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/** The best of a classifier's scores. */
public final class TopK {
  private TopK() {}

  /**
   * A class that was found.
   *
   * @param index its number, from 0
   * @param label its name; the number, if it has none
   * @param score what the model gave for it
   */
  public record Ranked(int index, String label, double score) {}

  /**
   * The highest scores of one example, the highest first; of equal ones the one with the lower
   * index. NaN is below all numbers.
   *
   * @param scores {@code [classes]} or {@code [1,classes]}
   * @param labels the names of the classes, none or one for each
   * @throws IllegalArgumentException if there are several examples, or another number of labels
   */
  public static List<Ranked> of(Tensor scores, int k, List<String> labels) {
    List<List<Ranked>> rows = ofRows(scores, k, labels);
    if (rows.size() != 1) {
      throw new IllegalArgumentException(
          "Scores " + scores.type() + " are those of " + rows.size() + " examples, not of one");
    }
    return rows.get(0);
  }

  /**
   * The same for each of several examples.
   *
   * @param scores {@code [...,classes]}
   */
  public static List<List<Ranked>> ofRows(Tensor scores, int k, List<String> labels) {
    if (scores.rank() == 0 || k < 1) {
      throw new IllegalArgumentException(
          "There are no " + k + " best among scores " + scores.type());
    }
    int classes = Math.toIntExact(scores.dim(scores.rank() - 1));
    if (!labels.isEmpty() && labels.size() != classes) {
      throw new IllegalArgumentException(
          "Scores " + scores.type() + " take " + classes + " labels, not " + labels.size());
    }
    double[] values = scores.toDoubles();
    long[] exact = inOrder(scores);
    List<List<Ranked>> rows = new ArrayList<>();
    for (int start = 0; start < values.length; start += classes) {
      rows.add(best(values, exact, start, classes, k, labels));
    }
    return rows;
  }

  /** What orders integers of 64 bits that are equal as doubles. */
  private static long[] inOrder(Tensor scores) {
    long[] exact = scores.toLongs();
    if (scores.elementType() == ElementType.UINT64) {
      for (int i = 0; i < exact.length; i++) {
        exact[i] ^= Long.MIN_VALUE;
      }
    }
    return exact;
  }

  private static List<Ranked> best(
      double[] values, long[] exact, int start, int classes, int k, List<String> labels) {
    Comparator<Ranked> worstFirst =
        Comparator.comparing((Ranked r) -> !Double.isNaN(r.score))
            .thenComparingDouble(Ranked::score)
            .thenComparingLong(r -> exact[start + r.index])
            .thenComparing(Comparator.comparingInt(Ranked::index).reversed());
    PriorityQueue<Ranked> best = new PriorityQueue<>(worstFirst);
    for (int i = 0; i < classes; i++) {
      String label = labels.isEmpty() ? Integer.toString(i) : labels.get(i);
      best.add(new Ranked(i, label, values[start + i]));
      if (best.size() > k) {
        best.remove();
      }
    }
    List<Ranked> sorted = new ArrayList<>(best);
    sorted.sort(worstFirst.reversed());
    return List.copyOf(sorted);
  }
}
