package dev.sardonyx.ir.eval.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.ir.eval.EvaluationException;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ParallelTest {
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 1000})
  void eachTaskIsDoneOnce(int count) {
    AtomicIntegerArray done = new AtomicIntegerArray(count);
    Parallel.of(0).forEach(count, done::incrementAndGet);
    for (int i = 0; i < count; i++) {
      assertEquals(1, done.get(i), "task " + i);
    }
  }

  @Test
  void tasksHaveTasks() {
    AtomicInteger sum = new AtomicInteger();
    Parallel parallel = Parallel.of(0);
    parallel.forEach(50, i -> parallel.forEach(50, j -> sum.addAndGet(i * j)));
    assertEquals(49 * 25 * 49 * 25, sum.get());
  }

  @Test
  void theFirstFailureIsThrown() {
    for (Parallel parallel : new Parallel[] {Parallel.SEQUENTIAL, Parallel.of(0)}) {
      ArithmeticException e =
          assertThrows(
              ArithmeticException.class,
              () ->
                  parallel.forEach(
                      100,
                      i -> {
                        if (i % 10 == 7) {
                          throw new ArithmeticException("task " + i);
                        }
                      }));
      assertEquals("task 7", e.getMessage());
    }
  }

  @Test
  void anInterruptedThreadStopsAndStaysInterrupted() {
    for (Parallel parallel : new Parallel[] {Parallel.SEQUENTIAL, Parallel.of(0)}) {
      Thread caller = Thread.currentThread();
      AtomicInteger done = new AtomicInteger();
      EvaluationException e =
          assertThrows(
              EvaluationException.class,
              () ->
                  parallel.forEach(
                      1_000_000,
                      i -> {
                        if (done.incrementAndGet() == 10) {
                          caller.interrupt();
                        }
                      }));
      assertTrue(Thread.interrupted(), "the thread is still interrupted");
      assertTrue(e.getMessage().contains("interrupted"), e.getMessage());
      assertTrue(done.get() < 1_000_000, done + " tasks were done");
    }
  }

  @Test
  void piecesCoverAllRowsInOrderOfTheirOwn() {
    for (int elements : new int[] {0, 1, 100, 1 << 20}) {
      int[] seen = new int[40];
      Parallel.of(0)
          .rows(
              seen.length,
              elements,
              (from, to) -> {
                for (int i = from; i < to; i++) {
                  seen[i]++;
                }
              });
      int[] once = new int[seen.length];
      Arrays.fill(once, 1);
      assertArrayEquals(once, seen);
    }
  }
}
