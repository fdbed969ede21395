package dev.sardonyx.samples;

import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.backend.PreparedModel;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.LongStream;

/**
 * Times the runs of a model that a number of threads call at once, each the next run when its last
 * has ended.
 */
final class TimedRuns {
  private final PreparedModel session;
  private final Map<String, Datum> inputs;
  private final int callers;
  private final List<LongStream.Builder> nanos = new ArrayList<>();
  private long wall;

  TimedRuns(PreparedModel session, Map<String, Datum> inputs, int callers) {
    this.session = session;
    this.inputs = inputs;
    this.callers = callers;
  }

  /**
   * How much to run, whichever ends first.
   *
   * @param nanos no run begins after so long, but for each caller's first
   * @param runs of all callers together
   */
  record Amount(long nanos, long runs) {}

  /** Runs without keeping the times. */
  void warmUp(Amount amount) {
    run(amount);
  }

  /** Runs and adds the times to those there are. */
  void measure(Amount amount) {
    List<Share> shares = run(amount);
    shares.forEach(share -> nanos.add(share.nanos));
    long start = shares.stream().mapToLong(Share::start).min().orElseThrow();
    wall += shares.stream().mapToLong(share -> share.end - start).max().orElseThrow();
  }

  /** The times of all that was measured. */
  Measured times() {
    long[] all =
        nanos.stream().map(LongStream.Builder::build).flatMapToLong(share -> share).toArray();
    return new Measured(RunTimes.of(all, wall), all);
  }

  /** The times in short, and of each run in nanoseconds. */
  record Measured(RunTimes times, long[] nanos) {}

  /** What one caller did; the times are those of {@link System#nanoTime}. */
  private record Share(long start, long end, LongStream.Builder nanos) {}

  private List<Share> run(Amount amount) {
    AtomicLong claimed = new AtomicLong();
    CyclicBarrier start = new CyclicBarrier(callers);
    Callable<Share> caller =
        () -> {
          start.await();
          return share(amount, claimed);
        };
    ExecutorService threads = Executors.newFixedThreadPool(callers);
    try {
      List<Share> shares = new ArrayList<>();
      for (Future<Share> done : threads.invokeAll(Collections.nCopies(callers, caller))) {
        shares.add(done.get());
      }
      return shares;
    } catch (ExecutionException e) {
      throw failure(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while measuring", e);
    } finally {
      threads.shutdownNow();
    }
  }

  private Share share(Amount amount, AtomicLong claimed) {
    LongStream.Builder took = LongStream.builder();
    long start = System.nanoTime();
    long now = start;
    while ((now == start || now - start < amount.nanos)
        && claimed.getAndIncrement() < amount.runs) {
      long before = System.nanoTime();
      session.run(inputs);
      now = System.nanoTime();
      took.add(now - before);
    }
    return new Share(start, now, took);
  }

  /** The failure of a run, to be thrown as it would be without threads. */
  private static RuntimeException failure(ExecutionException e) {
    if (e.getCause() instanceof Error error) {
      throw error;
    }
    return e.getCause() instanceof RuntimeException cause ? cause : new IllegalStateException(e);
  }
}
