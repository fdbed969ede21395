package dev.sardonyx.runtime;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How well a value agrees between two backends, over all batches.
 *
 * @param name the value's name in the model
 * @param kind whether it is an output, and which session computed it
 * @param elements how many elements were compared
 * @param failed how many lie outside the tolerance
 * @param maxAbsolute the largest {@code |a - b|}
 * @param meanAbsolute the mean of {@code |a - b|}
 * @param maxRelative the largest {@code |a - b| / |b|} of the elements with {@code |b|} above the
 *     absolute tolerance
 * @param cosine the cosine similarity of both, all batches taken as one vector
 * @param nanMismatches elements that are NaN on one side only
 * @param worst the element furthest beyond (or nearest to) the tolerance, null if there are no
 *     elements
 * @param top1 how often the largest element of a row was the same, null for intermediate values and
 *     for values without rows
 * @param mismatch what else differs, such as the element type or shape; null if nothing does
 */
public record ValueComparison(
    String name,
    ValueComparison.Kind kind,
    long elements,
    long failed,
    double maxAbsolute,
    double meanAbsolute,
    double maxRelative,
    double cosine,
    long nanMismatches,
    ValueComparison.@Nullable Worst worst,
    ValueComparison.@Nullable Agreement top1,
    @Nullable String mismatch) {

  /** What a value is, and which session of the candidate gave it. */
  public enum Kind {
    /** Not among the graph's outputs; it was asked for, so that nodes around it were not fused. */
    INTERMEDIATE,
    /** An output of the graph, from the session that was asked for intermediate values too. */
    OUTPUT,
    /**
     * An output of the graph, from a session as users deploy it: asked for nothing else, so that
     * the backend fuses what it wants.
     */
    DEPLOYED
  }

  /**
   * An element.
   *
   * @param batch the batch, counted from 0
   * @param part where in a sequence or map it lies, such as {@code item 3}; empty in a tensor
   * @param index its index in the tensor; complex numbers have one more axis for their two parts
   * @param actual what the candidate gave
   * @param expected what the reference gave
   */
  public record Worst(long batch, String part, List<Long> index, String actual, String expected) {
    public Worst {
      index = List.copyOf(index);
    }

    @Override
    public String toString() {
      return (batch == 0 ? "" : "batch " + batch + " ")
          + (part.isEmpty() ? "" : part + " ")
          + index
          + ": "
          + actual
          + " for "
          + expected;
    }
  }

  /** How many rows agree, out of how many. */
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
