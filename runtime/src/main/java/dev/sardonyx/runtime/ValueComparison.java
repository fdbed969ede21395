package dev.sardonyx.runtime;

import java.util.List;
import java.util.Optional;
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
 * @param decibels the signal-to-noise ratio {@code 10 log10(sum b^2 / sum (a - b)^2)}; infinite if
 *     nothing differs
 * @param toleranceUsed the largest {@code |a - b|} in proportion to what was allowed for it: the
 *     value would pass under the tolerance times this; infinite if none would do
 * @param quantised whether these are whole numbers computed from quantised ones, which may be off
 *     by a quantisation step or more, each of them 1 in {@code distances} and {@code maxAbsolute}
 * @param distances how many elements are how many units in the last place, or steps, apart
 * @param nanMismatches elements that are NaN on one side only
 * @param acrossSteps elements beyond the tolerance that do not count as failed, since a node before
 *     them jumps between two inputs that agree, see {@link Verifier}
 * @param worst the element furthest beyond (or nearest to) the tolerance, null if there are no
 *     elements
 * @param top1 how often the largest element of a row was the same, null for intermediate values and
 *     for values without rows
 * @param top5 how often the five largest elements of a row were the same, in any order; null for
 *     the same and for values without rows of more than five
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
    double decibels,
    double toleranceUsed,
    boolean quantised,
    Distances distances,
    long nanMismatches,
    long acrossSteps,
    ValueComparison.@Nullable Worst worst,
    ValueComparison.@Nullable Agreement top1,
    ValueComparison.@Nullable Agreement top5,
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

  /** In what way the value differs; empty if it agrees. */
  public Optional<FailureKind> failure() {
    if (passed()) {
      return Optional.empty();
    }
    return Optional.of(
        mismatch != null
            ? FailureKind.TYPE
            : nanMismatches > 0 ? FailureKind.NAN : FailureKind.ELEMENTS);
  }

  /**
   * The result in words, such as {@code PASS}, {@code PASS, 3 off by 1 step} for a quantised value,
   * or {@code PASS, 3 across a step} where a node jumps.
   */
  public String verdict() {
    long off = distances.elements() - distances.counts().get(0);
    String steps = maxAbsolute <= 1 ? "1 step" : "up to " + (long) maxAbsolute + " steps";
    return failure().map(kind -> "FAIL " + kind).orElse("PASS")
        + (quantised && off > 0 ? ", %d off by %s".formatted(off, steps) : "")
        + (acrossSteps > 0 ? ", %d across a step".formatted(acrossSteps) : "");
  }

  /** Whether every element is within the tolerance and nothing else differs. */
  public boolean passed() {
    return failed == 0 && mismatch == null;
  }
}
