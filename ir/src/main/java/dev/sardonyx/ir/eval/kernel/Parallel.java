package dev.sardonyx.ir.eval.kernel;

import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ForkJoinWorkerThread;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Runs independent tasks on so many threads; with one thread, in the caller's. */
public final class Parallel implements AutoCloseable {
  public static final Parallel SEQUENTIAL = new Parallel(1, null);

  private final int threads;
  private final @Nullable ForkJoinPool pool;

  private Parallel(int threads, @Nullable ForkJoinPool pool) {
    this.threads = threads;
    this.pool = pool;
  }

  /**
   * @param threads 0 for one a processor, which is also the most
   */
  public static Parallel of(int threads) {
    int processors = Runtime.getRuntime().availableProcessors();
    int count = threads > 0 ? Math.min(threads, processors) : processors;
    return count == 1 ? SEQUENTIAL : new Parallel(count, new ForkJoinPool(count));
  }

  int threads() {
    return threads;
  }

  /** Runs {@code task} for 0 to {@code count - 1}, in any order, and waits for all. */
  void forEach(int count, IntConsumer task) {
    if (pool == null || count <= 1) {
      for (int i = 0; i < count; i++) {
        task.accept(i);
      }
    } else if (inPool()) {
      IntStream.range(0, count).parallel().forEach(task);
    } else {
      pool.submit(() -> IntStream.range(0, count).parallel().forEach(task)).join();
    }
  }

  private boolean inPool() {
    return Thread.currentThread() instanceof ForkJoinWorkerThread worker
        && worker.getPool() == pool;
  }

  @Override
  public void close() {
    if (pool != null) {
      pool.shutdown();
    }
  }
}
