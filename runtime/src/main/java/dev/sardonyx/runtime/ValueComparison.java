package dev.sardonyx.runtime;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How a value agreed between two backends, over all batches.
 *
 * @param name the value's name in the model
 * @param output whether it is one of the graph's outputs, otherwise an intermediate value
 * @param elements how many numbers were compared
 * @param failed how many lie outside the tolerance
 * @param maxAbsolute the largest {@code |a - b|}
 * @param meanAbsolute the mean of {@code |a - b|}
 * @param maxRelative the largest {@code |a - b| / |b|} of the elements with {@code |b|} above the
 *     absolute tolerance
 * @param cosine the cosine of the angle between both, all batches as one vector
 * @param nanMismatches elements that are NaN on one side only
 * @param worst the element furthest beyond (or nearest to) the tolerance, null if there are no
 *     elements
 * @param top1 how often the largest element of a row was the same, null for intermediate values and
 *     for values without rows
 * @param mismatch what else differs, such as the shape; null if nothing does
 */
public record ValueComparison(
    String name,
    boolean output,
    long elements,
    long failed,
    double maxAbsolute,
    double meanAbsolute,
    double maxRelative,
    double cosine,
    long nanMismatches,
    @Nullable Worst worst,
    @Nullable Agreement top1,
    @Nullable String mismatch) {

  /**
   * An element.
   *
   * @param batch the batch, counted from 0
   * @param index its index in the batch's tensor
   * @param actual what the candidate gave
   * @param expected what the reference gave
   */
  public record Worst(long batch, List<Long> index, double actual, double expected) {
    public Worst {
      index = List.copyOf(index);
    }

    @Override
    public String toString() {
      return (batch == 0 ? "" : "batch " + batch + " ")
          + index
          + ": "
          + actual
          + " for "
          + expected;
    }
  }

  /** So many of so many rows. */
  public record Agreement(long same, long rows) {
    @Override
    public String toString() {
      return same + "/" + rows;
    }
  }

  /** Whether every element is within the tolerance and nothing else differs. */
  public boolean passed() {
    return failed == 0 && mismatch == null;
  }
}
