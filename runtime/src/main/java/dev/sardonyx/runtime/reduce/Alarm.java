package dev.sardonyx.runtime.reduce;

import java.time.Duration;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Interrupts the thread that set it when its time is up, unless it is closed before. The reference
 * evaluator and ONNX Runtime end their runs then.
 */
final class Alarm implements AutoCloseable {
  private final Thread thread = Thread.currentThread();
  private final ScheduledFuture<?> waiting;
  private boolean over;
  private boolean rung;

  private Alarm(Duration after) {
    waiting = Clock.CLOCK.schedule(this::ring, after.toMillis(), TimeUnit.MILLISECONDS);
  }

  static Alarm after(Duration time) {
    return new Alarm(time);
  }

  private synchronized void ring() {
    if (!over) {
      rung = true;
      thread.interrupt();
    }
  }

  /** Whether the time was up. */
  synchronized boolean hasRung() {
    return rung;
  }

  /** Takes back the interruption, if it was this one's. */
  @Override
  public void close() {
    waiting.cancel(false);
    synchronized (this) {
      over = true;
      if (rung) {
        Thread.interrupted();
      }
    }
  }

  /** The thread that waits for all alarms, made when the first is set. */
  private static final class Clock {
    private static final ScheduledThreadPoolExecutor CLOCK = made();

    private static ScheduledThreadPoolExecutor made() {
      ScheduledThreadPoolExecutor clock =
          new ScheduledThreadPoolExecutor(
              1,
              task -> {
                Thread thread = new Thread(task, "sardonyx-alarm");
                thread.setDaemon(true);
                return thread;
              });
      clock.setRemoveOnCancelPolicy(true);
      return clock;
    }
  }
}
