package dev.sardonyx.ir.eval.kernel;

import dev.sardonyx.ir.eval.EvaluationException;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Runs independent tasks on at most so many threads: the caller's, and those of the JVM's common
 * pool that have time. What the tasks compute must not depend on which thread does which.
 */
public final class Parallel {
  public static final Parallel SEQUENTIAL = new Parallel(1);

  /** Work on elements is cut into pieces of so many, whatever the number of threads. */
  private static final int PIECE = 1 << 14;

  private final int threads;

  private Parallel(int threads) {
    this.threads = threads;
  }

  /**
   * @param threads 0 for one a processor, which is also the most; the pool may have fewer
   */
  public static Parallel of(int threads) {
    int processors = Runtime.getRuntime().availableProcessors();
    // A pool of none would keep the tasks that it is given for ever.
    int most = Math.min(processors, ForkJoinPool.getCommonPoolParallelism() + 1);
    int count = threads > 0 ? Math.min(threads, most) : most;
    return count == 1 ? SEQUENTIAL : new Parallel(count);
  }

  int threads() {
    return threads;
  }

  /**
   * Runs {@code task} for 0 to {@code count - 1}, in any order, and waits for all. Of tasks that
   * fail, the first one's exception is thrown.
   *
   * @throws EvaluationException if the caller's thread is interrupted, which it stays
   */
  void forEach(int count, IntConsumer task) {
    Tasks tasks = new Tasks(count, task, Thread.currentThread());
    for (int i = 1; i < Math.min(threads, count); i++) {
      ForkJoinPool.commonPool().execute(tasks);
    }
    tasks.run();
    tasks.await();
  }

  /** Work on the elements from one position to before another. */
  @FunctionalInterface
  interface Piece {
    void run(int from, int to);
  }

  /** Runs work on so many elements, in pieces. */
  void elements(int count, Piece piece) {
    rows(count, 1, piece);
  }

  /** Runs work on so many rows of so many elements each, some rows at a time. */
  void rows(int rows, int elements, Piece piece) {
    int step = Math.max(1, PIECE / Math.max(1, elements));
    int pieces = rows / step + (rows % step == 0 ? 0 : 1);
    forEach(pieces, p -> piece.run(p * step, Math.min(rows, (p + 1) * step)));
  }

  /** Throws if a thread has been interrupted, so that long runs can be ended. */
  public static void stopIfInterrupted(Thread thread) {
    if (thread.isInterrupted()) {
      throw new EvaluationException("the run was interrupted");
    }
  }

  /** Tasks that several threads take one by one. A thread that comes too late finds none. */
  private static final class Tasks implements Runnable {
    private final int count;
    private final IntConsumer task;
    private final Thread caller;
    private final AtomicInteger next = new AtomicInteger();
    private final AtomicInteger open;
    private int failed = Integer.MAX_VALUE;
    private @Nullable Throwable failure;

    Tasks(int count, IntConsumer task, Thread caller) {
      this.count = count;
      this.task = task;
      this.caller = caller;
      this.open = new AtomicInteger(count);
    }

    @Override
    public void run() {
      for (int i = next.getAndIncrement(); i < count; i = next.getAndIncrement()) {
        try {
          stopIfInterrupted(caller);
          task.accept(i);
        } catch (RuntimeException | Error e) {
          fail(i, e);
        } finally {
          if (open.decrementAndGet() == 0) {
            LockSupport.unpark(caller);
          }
        }
      }
    }

    private synchronized void fail(int i, Throwable e) {
      if (i < failed) {
        failed = i;
        failure = e;
      }
    }

    private void await() {
      boolean interrupted = false;
      while (open.get() > 0) {
        LockSupport.park(this);
        // An interrupted thread does not park.
        interrupted |= Thread.interrupted();
      }
      if (interrupted) {
        caller.interrupt();
      }
      rethrow();
    }

    private synchronized void rethrow() {
      if (failure instanceof Error error) {
        throw error;
      }
      if (failure instanceof RuntimeException e) {
        throw e;
      }
    }
  }
}
