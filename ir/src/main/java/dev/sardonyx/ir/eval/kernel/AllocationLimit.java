package dev.sardonyx.ir.eval.kernel;

import dev.sardonyx.ir.LimitExceededException;
import dev.sardonyx.ir.Limits;
import dev.sardonyx.ir.eval.EvaluationException;
import java.util.function.Supplier;

/**
 * What one run may allocate at once. Kernels make arrays in many places, which all ask {@link Dims}
 * for their size, so the limits go with the thread and not through every signature.
 */
public final class AllocationLimit {
  private static final ThreadLocal<Limits> CURRENT = ThreadLocal.withInitial(Limits::standard);

  private AllocationLimit() {}

  /** Runs a task under limits. */
  public static <T> T within(Limits limits, Supplier<T> task) {
    Limits before = CURRENT.get();
    CURRENT.set(limits);
    try {
      return task.get();
    } finally {
      CURRENT.set(before);
    }
  }

  /**
   * @throws EvaluationException if so many elements, of at least so many bytes each, are too many
   */
  public static void require(long elements, long bytes) {
    long limit = CURRENT.get().bytes();
    if (elements > limit / bytes) {
      throw new EvaluationException(
          elements
              + " elements take more than the limit bytes, which is "
              + limit
              + " ("
              + LimitExceededException.howToRaise("bytes")
              + ")");
    }
  }
}
