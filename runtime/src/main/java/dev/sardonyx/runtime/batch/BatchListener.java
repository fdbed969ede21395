package dev.sardonyx.runtime.batch;

import java.time.Duration;

/**
 * Is notified of what a {@link BatchingPredictor} does, in the threads that do it; must return
 * quickly.
 */
public interface BatchListener {
  /**
   * A batch has been computed.
   *
   * @param requests how many requests it had
   * @param rows how large it was
   * @param waited how long its first request had waited
   * @param computed how long it took
   */
  void computed(int requests, long rows, Duration waited, Duration computed);

  /** A request has failed, or was cancelled. */
  default void failed(Throwable failure) {}

  /** A request was refused, since too many are waiting. */
  default void refused() {}
}
