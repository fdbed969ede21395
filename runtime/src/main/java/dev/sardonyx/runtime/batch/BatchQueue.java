package dev.sardonyx.runtime.batch;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Requests that wait, in one queue for each group that may share a batch. */
final class BatchQueue {
  private final int rows;
  private final long delay;
  private final int capacity;
  private final Function<Request, Object> key;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition arrived = lock.newCondition();
  private final Condition taken = lock.newCondition();
  private final Map<Object, Line> lines = new LinkedHashMap<>();
  private int waiting;
  private boolean closed;

  /** Requests of one kind, the oldest first. */
  private static final class Line {
    final Deque<Request> requests = new ArrayDeque<>();
    long rows;
  }

  BatchQueue(BatchOptions options, Function<Request, Object> key) {
    this.rows = options.rows();
    this.delay = options.delay().toNanos();
    this.capacity = options.capacity();
    this.key = key;
  }

  int waiting() {
    lock.lock();
    try {
      return waiting;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Adds a request.
   *
   * @param patient whether to wait for room
   * @return whether there was room
   * @throws IllegalStateException if the queue has been closed
   */
  boolean add(Request request, boolean patient) throws InterruptedException {
    Object kind = key.apply(request);
    lock.lockInterruptibly();
    try {
      while (!closed && waiting >= capacity) {
        if (!patient) {
          return false;
        }
        taken.await();
      }
      if (closed) {
        throw new IllegalStateException("The predictor has been closed");
      }
      Line line = lines.computeIfAbsent(kind, k -> new Line());
      line.requests.add(request);
      line.rows += request.rows();
      waiting++;
      arrived.signal();
      return true;
    } finally {
      lock.unlock();
    }
  }

  /** The next batch, as soon as it is full or its first request has waited; null at the end. */
  @Nullable List<Request> take() throws InterruptedException {
    lock.lock();
    try {
      while (true) {
        Map.Entry<Object, Line> next = next();
        if (next == null) {
          if (closed) {
            return null;
          }
          arrived.await();
          continue;
        }
        Line line = next.getValue();
        if (isReady(line) || closed) {
          return remove(next.getKey(), line);
        }
        arrived.awaitNanos(delay - waited(line));
      }
    } finally {
      lock.unlock();
    }
  }

  /**
   * The line to give out next: of those that are ready, else of all, the one whose first request
   * has waited longest. So none waits for ever beside a line that is always full.
   */
  private Map.@Nullable Entry<Object, Line> next() {
    Map.Entry<Object, Line> next = null;
    for (Map.Entry<Object, Line> entry : lines.entrySet()) {
      if (next == null || comesBefore(entry.getValue(), next.getValue())) {
        next = entry;
      }
    }
    return next;
  }

  private boolean comesBefore(Line line, Line other) {
    boolean ready = isReady(line);
    return ready == isReady(other) ? waited(line) > waited(other) : ready;
  }

  private boolean isReady(Line line) {
    return line.rows >= rows || waited(line) >= delay;
  }

  private static long waited(Line line) {
    return System.nanoTime() - line.requests.getFirst().arrived();
  }

  private List<Request> remove(Object kind, Line line) {
    List<Request> batch = new ArrayList<>();
    long sum = 0;
    for (Iterator<Request> all = line.requests.iterator(); all.hasNext(); ) {
      Request request = all.next();
      boolean given = request.answer().isDone();
      if (!given && sum + request.rows() > rows) {
        break;
      }
      all.remove();
      line.rows -= request.rows();
      waiting--;
      if (!given) {
        batch.add(request);
        sum += request.rows();
      }
    }
    if (line.requests.isEmpty()) {
      lines.remove(kind);
    } else {
      // Another worker may go on with the rest.
      arrived.signal();
    }
    taken.signalAll();
    return batch;
  }

  /** Takes no more; those that wait are still given out. */
  void close() {
    lock.lock();
    try {
      closed = true;
      arrived.signalAll();
      taken.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
