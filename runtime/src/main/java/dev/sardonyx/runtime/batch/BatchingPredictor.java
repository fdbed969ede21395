package dev.sardonyx.runtime.batch;

import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.backend.Outputs;
import dev.sardonyx.runtime.session.Cancellation;
import dev.sardonyx.runtime.session.InferenceSession;
import dev.sardonyx.runtime.session.RunOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Gathers the requests of many callers of one session and computes them in batches.
 *
 * <pre>{@code
 * try (InferenceSession session = InferenceSession.of(file);
 *     BatchingPredictor predictor = BatchingPredictor.of(session, BatchOptions.of("N", 32))) {
 *   // in each of many threads, virtual ones too:
 *   Outputs outputs = predictor.predict(Map.of("image", image)); // [1,3,224,224]
 * }
 * }</pre>
 *
 * <p>A request has the batch's dimension itself, mostly with the size 1. Its outputs are its own
 * part of the batch's, as if it had been computed alone. When a batch fails, each of its requests
 * is run by itself, so that only the requests that cause the failure fail.
 *
 * <p>A future that is cancelled, or completed by a timeout, gives up its place; a batch that nobody
 * waits for any more is ended. A virtual thread that waits here does not block its carrier thread.
 */
public final class BatchingPredictor implements AutoCloseable {
  private final InferenceSession session;
  private final BatchLayout layout;
  private final BatchQueue queue;
  private final List<Thread> workers = new ArrayList<>();
  private final List<BatchListener> listeners = new CopyOnWriteArrayList<>();
  private final Map<Cancellation, Boolean> running = new ConcurrentHashMap<>();
  private volatile boolean aborted;

  private BatchingPredictor(InferenceSession session, BatchOptions options) {
    this.session = session;
    this.layout = new BatchLayout(session.inputs(), session.outputs(), options);
    this.queue = new BatchQueue(options, layout::key);
    for (int i = 0; i < options.workers(); i++) {
      Thread worker = new Thread(this::work, "sardonyx-batch-" + i);
      worker.setDaemon(true);
      workers.add(worker);
    }
  }

  /**
   * A predictor on a session, which stays the caller's to close, after the predictor.
   *
   * @throws IllegalArgumentException if an input or output of the session does not have the batch's
   *     dimension
   */
  public static BatchingPredictor of(InferenceSession session, BatchOptions options) {
    BatchingPredictor predictor = new BatchingPredictor(session, options);
    predictor.workers.forEach(Thread::start);
    return predictor;
  }

  /** Adds a listener for what happens from now on. */
  public BatchingPredictor listen(BatchListener listener) {
    listeners.add(listener);
    return this;
  }

  /** How many requests wait to be computed. */
  public int waiting() {
    return queue.waiting();
  }

  /**
   * Submits a request and returns at once.
   *
   * @return its outputs, or why it failed
   * @throws IllegalArgumentException if an input is missing, not known, of the wrong type, or too
   *     large for a batch
   * @throws RejectedExecutionException if too many requests wait already
   * @throws IllegalStateException if the predictor has been closed
   */
  public CompletableFuture<Outputs> submit(Map<String, Tensor> inputs) {
    Request request = layout.request(inputs);
    try {
      if (!queue.add(request, false)) {
        listeners.forEach(BatchListener::refused);
        throw new RejectedExecutionException(
            queue.waiting()
                + " requests wait already, and no more may; try again later, or allow more");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RejectedExecutionException("interrupted", e);
    }
    return request.answer();
  }

  /**
   * Submits a request and waits for its outputs; if the queue is full, waits for room in it first.
   *
   * @throws InterruptedException if the thread is interrupted; the request is then cancelled
   */
  public Outputs predict(Map<String, Tensor> inputs) throws InterruptedException {
    Request request = layout.request(inputs);
    queue.add(request, true);
    try {
      return request.answer().get();
    } catch (InterruptedException e) {
      request.answer().cancel(true);
      throw e;
    } catch (ExecutionException e) {
      throw e.getCause() instanceof RuntimeException failure ? failure : new CompletionException(e);
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
      listeners.forEach(listener -> listener.failed(failure));
    }
  }

  private void report(List<Request> batch, long begun) {
    if (listeners.isEmpty()) {
      return;
    }
    long rows = batch.stream().mapToLong(Request::rows).sum();
    Duration waited = Duration.ofNanos(begun - batch.get(0).arrived());
    Duration computed = Duration.ofNanos(System.nanoTime() - begun);
    listeners.forEach(listener -> listener.computed(batch.size(), rows, waited, computed));
  }

  /** Takes no more requests, and waits until those submitted are computed. */
  @Override
  public void close() {
    queue.close();
    boolean interrupted = false;
    for (Thread worker : workers) {
      while (worker.isAlive()) {
        try {
          worker.join();
        } catch (InterruptedException e) {
          interrupted = true;
          abort();
        }
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Takes no more requests, and makes those submitted fail. */
  public void abort() {
    aborted = true;
    queue.close();
    running.keySet().forEach(Cancellation::cancel);
  }
}
