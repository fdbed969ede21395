package dev.sardonyx.runtime.batch;

import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.backend.Outputs;
import dev.sardonyx.runtime.session.InferenceSession;
import dev.sardonyx.runtime.session.Lifetime;
import java.lang.ref.Reference;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;

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
 * <p>One that is never closed ends once it has been garbage-collected, and what was submitted has
 * been computed; {@link Lifetime} can warn of it.
 *
 * <p>A future that is cancelled, or completed by a timeout, gives up its place; a batch that nobody
 * waits for any more is ended. A virtual thread that waits here does not block its carrier thread.
 */
public final class BatchingPredictor implements AutoCloseable {
  private final BatchLayout layout;
  private final BatchQueue queue;
  private final BatchWorkers workers;
  private final Lifetime lifetime;

  private BatchingPredictor(InferenceSession session, BatchOptions options) {
    this.layout = new BatchLayout(session.inputs(), session.outputs(), options);
    this.queue = new BatchQueue(options, layout::key);
    this.workers = new BatchWorkers(session, layout, queue, options.workers());
    this.lifetime = Lifetime.of(this, "The BatchingPredictor on " + session, queue::close);
  }

  /**
   * A predictor on a session, which stays the caller's to close, after the predictor.
   *
   * @throws IllegalArgumentException if an input or output of the session does not have the batch's
   *     dimension
   */
  public static BatchingPredictor of(InferenceSession session, BatchOptions options) {
    BatchingPredictor predictor = new BatchingPredictor(session, options);
    predictor.workers.start();
    return predictor;
  }

  /** Adds a listener for what happens from now on. */
  public BatchingPredictor listen(BatchListener listener) {
    workers.listen(listener);
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
        workers.tell(BatchListener::refused);
        throw new RejectedExecutionException(
            queue.waiting()
                + " requests wait already, and no more may; try again later, or allow more");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RejectedExecutionException("interrupted", e);
    } finally {
      Reference.reachabilityFence(this);
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
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  /**
   * Takes no more requests, and waits until those submitted are computed. Called by what follows an
   * answer, in a thread that computes batches, it does not wait for that thread.
   */
  @Override
  public void close() {
    lifetime.end();
    boolean interrupted = false;
    for (Thread worker : workers.threads()) {
      while (worker.isAlive() && worker != Thread.currentThread()) {
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
    workers.abort();
    lifetime.end();
  }
}
