package dev.sardonyx.runtime.session;

import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.spi.AbstractInterruptibleChannel;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One run of a session, which ends early when its thread is interrupted, its time is up, it is
 * cancelled, its session is closed, or the JVM exits. It is a channel because the JDK notifies
 * interruptible channels when their thread is interrupted.
 */
final class NativeRun extends AbstractInterruptibleChannel {
  /** Why a run ends early. */
  enum End {
    INTERRUPTED,
    CANCELLED,
    TIMED_OUT,
    CLOSED,
    EXIT
  }

  private final RunScope scope;
  private final OrtSession.RunOptions options;
  private @Nullable End end;
  private boolean over;

  /**
   * @param options those that the call runs with; not to be used again after a failure
   */
  NativeRun(RunScope scope, OrtSession.RunOptions options) {
    this.scope = scope;
    this.options = options;
  }

  RunScope scope() {
    return scope;
  }

  /**
   * Makes ONNX Runtime end the run, if it is not over. The first reason given is the one reported.
   */
  synchronized void end(End why) {
    if (over || end != null) {
      return;
    }
    end = why;
    try {
      options.setTerminate(true);
    } catch (OrtException e) {
      throw new IllegalStateException("ONNX Runtime cannot end a run", e);
    }
  }

  /** The exception to throw instead of ONNX Runtime's failure, if the run was ended early. */
  private synchronized Optional<RuntimeException> whyEnded(OrtException failure) {
    return end == null ? Optional.empty() : Optional.of(told(end, failure));
  }

  private RuntimeException told(End why, OrtException failure) {
    return switch (why) {
      case INTERRUPTED ->
          new ModelRunException(
              ModelRunException.Reason.INTERRUPTED, "The run was interrupted", failure);
      case CANCELLED ->
          new ModelRunException(
              ModelRunException.Reason.CANCELLED, "The run was cancelled", failure);
      case TIMED_OUT ->
          new ModelRunException(
              ModelRunException.Reason.TIMED_OUT,
              "The run of model '"
                  + scope.model()
                  + "' took longer than "
                  + text(scope.options().timeout())
                  + " and was ended",
              failure);
      case CLOSED ->
          new IllegalStateException("The model '" + scope.model() + "' has been closed", failure);
      case EXIT -> new IllegalStateException("The JVM exits", failure);
    };
  }

  private static String text(@Nullable Duration timeout) {
    return timeout == null ? "allowed" : timeout.toString().substring(2).toLowerCase(Locale.ROOT);
  }

  /** Makes the call. */
  <T> T during(NativeCalls.NativeCall<T> call) throws OrtException {
    Cancellation cancellation = scope.options().cancellation();
    ScheduledFuture<?> timeout = null;
    begin();
    try {
      if (cancellation != null) {
        cancellation.add(this);
      }
      Duration time = scope.options().timeout();
      if (time != null) {
        timeout = Timer.schedule(() -> end(End.TIMED_OUT), time);
      }
      return call.get();
    } catch (OrtException e) {
      Optional<RuntimeException> why = whyEnded(e);
      if (why.isPresent()) {
        throw why.get();
      }
      throw e;
    } finally {
      if (timeout != null) {
        timeout.cancel(false);
      }
      if (cancellation != null) {
        cancellation.remove(this);
      }
      leave();
    }
  }

  private void leave() {
    try {
      end(true);
    } catch (AsynchronousCloseException e) {
      // The interrupt came too late, or the failure tells of it.
    }
  }

  /** Clears a termination that came too late for this run, so that it does not end the next one. */
  synchronized void finish() throws OrtException {
    over = true;
    if (end != null) {
      options.setTerminate(false);
    }
  }

  @Override
  protected void implCloseChannel() {
    end(End.INTERRUPTED);
  }

  /** One thread that keeps the time of all runs; made when the first has a timeout. */
  private static final class Timer {
    private static final ScheduledThreadPoolExecutor CLOCK = clock();

    private static ScheduledThreadPoolExecutor clock() {
      ScheduledThreadPoolExecutor clock =
          new ScheduledThreadPoolExecutor(
              1,
              task -> {
                Thread thread = new Thread(task, "onnxruntime-timeout");
                thread.setDaemon(true);
                return thread;
              });
      clock.setRemoveOnCancelPolicy(true);
      return clock;
    }

    static ScheduledFuture<?> schedule(Runnable task, Duration after) {
      return CLOCK.schedule(task, nanos(after), TimeUnit.NANOSECONDS);
    }

    private static long nanos(Duration duration) {
      return duration.compareTo(Duration.ofDays(10_000)) > 0
          ? Long.MAX_VALUE / 2
          : duration.toNanos();
    }
  }
}
