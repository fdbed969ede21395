package dev.sardonyx.runtime.batch;

import dev.sardonyx.ir.backend.Outputs;
import dev.sardonyx.runtime.session.Cancellation;
import dev.sardonyx.runtime.session.InferenceSession;
import dev.sardonyx.runtime.session.RunOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * The threads that compute the batches of a queue, until it is closed and empty. They do not know
 * their {@link BatchingPredictor}, so that one that nobody closes can be garbage-collected.
 */
final class BatchWorkers {
  private static final System.Logger LOGGER = System.getLogger("dev.sardonyx.runtime");

  private final InferenceSession session;
  private final BatchLayout layout;
  private final BatchQueue queue;
  private final List<Thread> threads = new ArrayList<>();
  private final List<BatchListener> listeners = new CopyOnWriteArrayList<>();
  private final Map<Cancellation, Boolean> running = new ConcurrentHashMap<>();
  private volatile boolean aborted;

  /**
   * @param count how many threads
   */
  BatchWorkers(InferenceSession session, BatchLayout layout, BatchQueue queue, int count) {
    this.session = session;
    this.layout = layout;
    this.queue = queue;
    for (int i = 0; i < count; i++) {
      Thread thread = new Thread(this::work, "sardonyx-batch-" + i);
      thread.setDaemon(true);
      threads.add(thread);
    }
  }

  void start() {
    threads.forEach(Thread::start);
  }

  List<Thread> threads() {
    return threads;
  }

  void listen(BatchListener listener) {
    listeners.add(listener);
  }

  /** Tells all listeners; one that fails harms neither the others nor the requests. */
  void tell(Consumer<BatchListener> news) {
    for (BatchListener listener : listeners) {
      try {
        news.accept(listener);
      } catch (RuntimeException | Error e) {
        LOGGER.log(System.Logger.Level.WARNING, "A listener of batches failed", e);
      }
    }
  }

  private void work() {
    try {
      for (List<Request> batch = queue.take(); batch != null; batch = queue.take()) {
        if (!batch.isEmpty()) {
          compute(batch);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void compute(List<Request> batch) {
    long begun = System.nanoTime();
    List<Outputs> outputs;
    try {
      outputs = layout.split(batch, run(batch));
    } catch (RuntimeException | Error e) {
      if (batch.size() == 1 || aborted || batch.stream().allMatch(r -> r.answer().isDone())) {
        fail(batch, e);
      } else {
        batch.forEach(request -> compute(List.of(request)));
      }
      return;
    }
    report(batch, begun);
    for (int i = 0; i < outputs.size(); i++) {
      batch.get(i).answer().complete(outputs.get(i));
    }
  }

  /** Ends when nobody waits for any of the requests. */
  private Outputs run(List<Request> batch) {
    if (aborted) {
      throw new IllegalStateException("The predictor has been closed");
    }
    Cancellation cancellation = new Cancellation();
    AtomicInteger wanted = new AtomicInteger(batch.size());
    for (Request request : batch) {
      Object unused =
          request
              .answer()
              .whenComplete(
                  (outputs, failure) -> {
                    if (failure != null && wanted.decrementAndGet() == 0) {
                      cancellation.cancel();
                    }
                  });
    }
    running.put(cancellation, true);
    try {
      if (aborted) {
        cancellation.cancel();
      }
      return session.run(layout.join(batch), RunOptions.DEFAULT.withCancellation(cancellation));
    } finally {
      running.remove(cancellation);
    }
  }

  private void fail(List<Request> batch, Throwable failure) {
    for (Request request : batch) {
      request.answer().completeExceptionally(failure);
      tell(listener -> listener.failed(failure));
    }
  }

  private void report(List<Request> batch, long begun) {
    if (listeners.isEmpty()) {
      return;
    }
    long rows = batch.stream().mapToLong(Request::rows).sum();
    Duration waited = Duration.ofNanos(begun - batch.get(0).arrived());
    Duration computed = Duration.ofNanos(System.nanoTime() - begun);
    tell(listener -> listener.computed(batch.size(), rows, waited, computed));
  }

  /** Ends the batches that are being computed, and makes those that wait fail. */
  void abort() {
    aborted = true;
    running.keySet().forEach(Cancellation::cancel);
  }
}
