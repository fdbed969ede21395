package dev.sardonyx.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.backend.BorrowedOutputs;
import dev.sardonyx.ir.backend.Outputs;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Both sides of a verification run at once, batches are compared in order, failures get out. */
@Timeout(60)
class PipelineTest {
  private static List<Map<String, Datum>> batches(int count) {
    List<Map<String, Datum>> batches = new ArrayList<>();
    for (long i = 0; i < count; i++) {
      batches.add(Map.of("i", Tensor.scalar(i)));
    }
    return batches;
  }

  private static Pipeline.Values values(Map<String, ? extends Datum> values) {
    BorrowedOutputs outputs = BorrowedOutputs.of(Outputs.of(values));
    return new Pipeline.Values(outputs, outputs);
  }

  /** Each side waits for the other one: one after the other they would never end. */
  @Test
  void bothSidesRunAtOnce() {
    CyclicBarrier both = new CyclicBarrier(2);
    Pipeline.Side side =
        batch -> {
          try {
            both.await(30, TimeUnit.SECONDS);
          } catch (Exception e) {
            throw new IllegalStateException(e);
          }
          return values(batch);
        };
    List<Long> compared = new ArrayList<>();
    try (Pipeline pipeline = new Pipeline(side, side)) {
      pipeline.run(
          batches(5),
          (batch, actual, expected) -> {
            assertEquals(batch, actual.exposed().outputs());
            assertEquals(batch, expected.exposed().outputs());
            compared.add(((Tensor) actual.deployed().outputs().get("i")).toLongs()[0]);
          });
    }
    assertEquals(List.of(0L, 1L, 2L, 3L, 4L), compared);
  }

  /** A side goes on while the other one has not even begun. */
  @Test
  void aSideDoesNotWaitForTheOther() {
    for (boolean first : new boolean[] {true, false}) {
      CountDownLatch ahead = new CountDownLatch(Pipeline.MOST);
      Pipeline.Side fast =
          batch -> {
            ahead.countDown();
            return values(batch);
          };
      Pipeline.Side slow =
          batch -> {
            try {
              assertTrue(ahead.await(30, TimeUnit.SECONDS));
            } catch (InterruptedException e) {
              throw new IllegalStateException(e);
            }
            return values(batch);
          };
      AtomicInteger compared = new AtomicInteger();
      try (Pipeline pipeline = first ? new Pipeline(fast, slow) : new Pipeline(slow, fast)) {
        pipeline.run(
            batches(Pipeline.MOST), (batch, actual, expected) -> compared.incrementAndGet());
      }
      assertEquals(Pipeline.MOST, compared.get());
    }
  }

  /** What a side has lent is given back, whether it is compared or something fails before. */
  @Test
  void whatIsBorrowedIsGivenBack() {
    for (int failing = -1; failing < 3; failing++) {
      AtomicInteger lent = new AtomicInteger();
      int bad = failing;
      Pipeline.Side lending =
          batch -> {
            lent.incrementAndGet();
            BorrowedOutputs all =
                BorrowedOutputs.of(Outputs.of(batch), () -> lent.decrementAndGet());
            return new Pipeline.Values(all, all);
          };
      Pipeline.Side other =
          batch -> {
            if (((Tensor) batch.get("i")).toLongs()[0] == bad) {
              throw new IllegalArgumentException("no");
            }
            return lending.run(batch);
          };
      try (Pipeline pipeline = new Pipeline(other, lending)) {
        pipeline.run(batches(7), (batch, actual, expected) -> assertTrue(lent.get() >= 2));
        assertEquals(-1, bad);
      } catch (IllegalArgumentException e) {
        assertTrue(bad >= 0);
      }
      assertEquals(0, lent.get());
    }
  }

  /** No more than some batches beside the one that is compared, however slow that is. */
  @Test
  void fewBatchesAreInMemory() {
    AtomicInteger started = new AtomicInteger();
    AtomicInteger compared = new AtomicInteger();
    try (Pipeline pipeline =
        new Pipeline(
            batch -> {
              assertTrue(started.incrementAndGet() - compared.get() <= Pipeline.MOST);
              return values(batch);
            },
            PipelineTest::values)) {
      pipeline.run(batches(20), (batch, actual, expected) -> compared.incrementAndGet());
    }
    assertEquals(20, compared.get());
  }

  @Test
  void whatASideThrowsIsThrown() {
    RuntimeException failure = new IllegalArgumentException("no");
    for (boolean first : new boolean[] {true, false}) {
      Pipeline.Side failing =
          batch -> {
            throw failure;
          };
      try (Pipeline pipeline =
          first
              ? new Pipeline(failing, PipelineTest::values)
              : new Pipeline(PipelineTest::values, failing)) {
        assertSame(
            failure,
            assertThrows(
                IllegalArgumentException.class,
                () -> pipeline.run(batches(3), (batch, actual, expected) -> {})));
      }
    }
  }

  /** A side that never ends by itself is interrupted as soon as the other one has failed. */
  @Test
  void aFailureDoesNotWaitForTheOtherSide() {
    Pipeline.Side endless =
        batch -> {
          try {
            new CountDownLatch(1).await();
          } catch (InterruptedException e) {
            throw new IllegalStateException(e);
          }
          return values(batch);
        };
    Pipeline.Side failing =
        batch -> {
          throw new IllegalArgumentException("no");
        };
    for (boolean first : new boolean[] {true, false}) {
      try (Pipeline pipeline =
          first ? new Pipeline(failing, endless) : new Pipeline(endless, failing)) {
        assertThrows(
            IllegalArgumentException.class,
            () -> pipeline.run(batches(1), (batch, actual, expected) -> {}));
      }
    }
  }

  /** A model must not be closed while it runs. */
  @Test
  void closingWaitsForBothSides() throws InterruptedException {
    AtomicBoolean ended = new AtomicBoolean();
    CountDownLatch running = new CountDownLatch(1);
    Pipeline.Side slow =
        batch -> {
          running.countDown();
          long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(200);
          while (System.nanoTime() < end) {
            Thread.onSpinWait();
          }
          ended.set(true);
          return values(batch);
        };
    Pipeline pipeline =
        new Pipeline(
            slow,
            batch -> {
              throw new IllegalStateException("the other side");
            });
    assertThrows(
        IllegalStateException.class,
        () -> pipeline.run(batches(1), (batch, actual, expected) -> {}));
    running.await();
    pipeline.close();
    assertTrue(ended.get());
  }
}
