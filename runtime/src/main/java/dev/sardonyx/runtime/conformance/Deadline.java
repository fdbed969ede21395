package dev.sardonyx.runtime.conformance;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Runs tasks one after the other, and leaves behind any that takes too long. */
final class Deadline implements AutoCloseable {
  private final Duration limit;
  private ExecutorService worker = newWorker();

  Deadline(Duration limit) {
    this.limit = limit;
  }

  Duration limit() {
    return limit;
  }

  private static ExecutorService newWorker() {
    return Executors.newSingleThreadExecutor(
        task -> {
          Thread thread = new Thread(task, "conformance");
          thread.setDaemon(true);
          return thread;
        });
  }

  /**
   * The task's result.
   *
   * @throws TimeoutException if there is none in time; the task is interrupted, and if it ignores
   *     that, it goes on in a daemon thread that nobody waits for
   * @throws Throwable what the task throws
   */
  <T> T call(Callable<T> task) throws Throwable {
    Future<T> future = worker.submit(task);
    try {
      return future.get(limit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      worker.shutdownNow();
      worker = newWorker();
      throw e;
    } catch (ExecutionException e) {
      throw e.getCause() == null ? e : e.getCause();
    }
  }

  @Override
  public void close() {
    worker.shutdownNow();
  }
}
