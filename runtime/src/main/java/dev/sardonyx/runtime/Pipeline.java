package dev.sardonyx.runtime;

import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.backend.BorrowedOutputs;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/**
 * Computes batches on both sides at once, each side in a thread of its own, while the caller
 * compares those before. A side that is ahead of the other does not wait for it, so that no
 * processor is idle, but for the batch that is compared: at most {@link #MOST} batches' values are
 * in memory.
 */
final class Pipeline implements AutoCloseable {
  /** The batch that is compared, and those that have been or are computed. */
  static final int MOST = 3;

  private final Side candidate;
  private final Side reference;
  private final ExecutorService candidates = worker("sardonyx-candidate");
  private final ExecutorService references = worker("sardonyx-reference");
  private final Deque<Running> running = new ArrayDeque<>();

  Pipeline(Side candidate, Side reference) {
    this.candidate = candidate;
    this.reference = reference;
  }

  /** One of the two that are compared: the values it gives for a batch. */
  interface Side {
    Values run(Map<String, ? extends Datum> batch);
  }

  /**
   * Values of one side.
   *
   * @param exposed those of the session that gives intermediate values, too
   * @param deployed the graph's outputs, of the session as it is deployed; the same for a reference
   */
  record Values(BorrowedOutputs exposed, BorrowedOutputs deployed) implements AutoCloseable {
    @Override
    public void close() {
      exposed.close();
      deployed.close();
    }
  }

  /** Told the values of each batch in order. */
  interface Comparison {
    void compare(Map<String, ? extends Datum> batch, Values actual, Values expected);
  }

  private record Running(
      Map<String, ? extends Datum> batch,
      CompletableFuture<Values> actual,
      CompletableFuture<Values> expected) {
    /** Gives back what there is; nothing runs any more. */
    void discard() {
      close(actual);
      close(expected);
    }

    private static void close(CompletableFuture<Values> side) {
      if (side.isDone() && !side.isCompletedExceptionally()) {
        side.join().close();
      }
    }
  }

  private static ExecutorService worker(String name) {
    return Executors.newSingleThreadExecutor(
        task -> {
          Thread thread = new Thread(task, name);
          thread.setDaemon(true);
          return thread;
        });
  }

  /** Runs all batches; what a side throws is thrown here. */
  void run(Iterable<? extends Map<String, ? extends Datum>> batches, Comparison comparison) {
    Iterator<? extends Map<String, ? extends Datum>> rest = batches.iterator();
    start(rest);
    while (!running.isEmpty()) {
      Running now = running.getFirst();
      awaitFirst(now);
      // The reference is asked first: what it refuses is wrong with the inputs.
      try (Values expected = result(now.expected());
          Values actual = result(now.actual())) {
        comparison.compare(now.batch(), actual, expected);
      }
      running.removeFirst();
      start(rest);
    }
  }

  private void start(Iterator<? extends Map<String, ? extends Datum>> batches) {
    while (running.size() < MOST && batches.hasNext()) {
      Map<String, ? extends Datum> batch = batches.next();
      running.addLast(
          new Running(
              batch,
              CompletableFuture.supplyAsync(() -> candidate.run(batch), candidates),
              CompletableFuture.supplyAsync(() -> reference.run(batch), references)));
    }
  }

  /** Waits for both sides, or for the first that fails: the other one may never end. */
  private static void awaitFirst(Running running) {
    try {
      CompletableFuture.anyOf(
              CompletableFuture.allOf(running.actual(), running.expected()),
              failure(running.actual()),
              failure(running.expected()))
          .get();
    } catch (InterruptedException e) {
      throw interrupted();
    } catch (ExecutionException e) {
      if (!running.expected().isCompletedExceptionally()) {
        result(running.actual());
      }
    }
  }

  /** Ends with the side if that fails, else never. */
  private static CompletableFuture<Values> failure(CompletableFuture<Values> side) {
    return side.thenCompose(values -> new CompletableFuture<>());
  }

  private static IllegalStateException interrupted() {
    Thread.currentThread().interrupt();
    return new IllegalStateException("The verification was interrupted");
  }

  private static Values result(CompletableFuture<Values> values) {
    try {
      return values.get();
    } catch (InterruptedException e) {
      throw interrupted();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException failure) {
        throw failure;
      }
      if (e.getCause() instanceof Error failure) {
        throw failure;
      }
      throw new IllegalStateException(e.getCause());
    }
  }

  /** Interrupts what is still running, and waits for its end: models must not be closed before. */
  @Override
  public void close() {
    candidates.shutdownNow();
    references.shutdownNow();
    boolean interrupted = false;
    for (ExecutorService worker : new ExecutorService[] {candidates, references}) {
      while (!worker.isTerminated()) {
        try {
          worker.awaitTermination(1, TimeUnit.MINUTES);
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    }
    running.forEach(Running::discard);
    running.clear();
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
