package dev.sardonyx.runtime.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.export.text.ModelParser;
import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.SequenceDatum;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.backend.PreparedModel;
import dev.sardonyx.runtime.OrtBackend;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** One session for each form of the inputs, made once and holding up nobody else. */
class OrtProgramsTest {
  private static final Model MODEL =
      ModelParser.parse(
          "<ir_version: 8, opset_import: [\"\" : 17]> g (seq(float[N]) x) => (float[M] y) {"
              + " y = ConcatFromSequence <axis = 0> (x) }");

  private static final RunScope SCOPE = new RunScope("test", "g", RunOptions.DEFAULT);

  private final AtomicInteger made = new AtomicInteger();

  private OrtProgram compile(Map<String, Form> forms) {
    made.incrementAndGet();
    return OrtProgram.compile(MODEL, SessionOptions.DEFAULT, forms);
  }

  private static Map<String, Form> forms(int length) {
    return Map.of("x", new Form.Items(Collections.nCopies(length, Form.LEAF)));
  }

  private static SequenceDatum items(int length) {
    List<Datum> items = new ArrayList<>();
    for (int i = 0; i < length; i++) {
      items.add(Tensor.ofFloats(new float[] {i}, 1));
    }
    return new SequenceDatum(TensorType.of(ElementType.FLOAT, Shape.UNKNOWN), items);
  }

  private static void run(OrtPrograms programs, int length) {
    Tensor y = (Tensor) programs.run(forms(length), Map.of("x", items(length)), SCOPE).get("y");
    assertEquals(length, y.dim(0));
    assertEquals(length - 1.0, y.toDoubles()[length - 1]);
  }

  @Test
  void lengthsThatGoRoundInACycleAreRarelyMadeAgain() {
    try (OrtPrograms programs = new OrtPrograms(this::compile, 8)) {
      for (int round = 0; round < 20; round++) {
        for (int length = 1; length <= 9; length++) {
          run(programs, length);
        }
      }
    }
    assertTrue(made.get() <= 90, made + " sessions were made for 180 runs");
  }

  @Test
  void aSmallModelKeepsManySessions() {
    try (PreparedModel model = OrtBackend.cpu().prepare(MODEL)) {
      for (int length = 1; length <= 40; length++) {
        assertEquals(1, model.run(Map.of("x", items(length))).size());
      }
    }
  }

  @Test
  void makingOneHoldsUpNoOther() throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch others = new CountDownLatch(1);
    ExecutorService pool = Executors.newSingleThreadExecutor();
    try (OrtPrograms programs =
        new OrtPrograms(
            forms -> {
              if (forms.equals(forms(2))) {
                begun.countDown();
                await(others);
              }
              return compile(forms);
            },
            8)) {
      run(programs, 1);
      Future<?> slow = pool.submit(() -> run(programs, 2));
      await(begun);
      // These would wait for the slow one, and it for them.
      run(programs, 1);
      run(programs, 3);
      others.countDown();
      slow.get();
    } finally {
      pool.shutdownNow();
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      assertTrue(latch.await(2, TimeUnit.MINUTES), "held up");
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void aFailureIsForItsFormAlone() {
    try (OrtPrograms programs =
        new OrtPrograms(
            forms -> {
              if (made.get() == 0) {
                made.incrementAndGet();
                throw new IllegalArgumentException("not today");
              }
              return compile(forms);
            },
            8)) {
      assertThrows(IllegalArgumentException.class, () -> run(programs, 1));
      run(programs, 1);
    }
  }

  @Test
  void closedWhileThreadsCycleThroughLengths() throws Exception {
    ExecutorService pool = Executors.newFixedThreadPool(4);
    try {
      for (int round = 0; round < 3; round++) {
        OrtPrograms programs = new OrtPrograms(this::compile, 3);
        CountDownLatch warm = new CountDownLatch(40);
        List<Future<?>> runs = new ArrayList<>();
        for (int thread = 0; thread < 4; thread++) {
          int first = thread;
          runs.add(pool.submit(() -> runUntilClosed(programs, first, warm)));
        }
        await(warm);
        programs.close();
        for (Future<?> run : runs) {
          run.get();
        }
      }
    } finally {
      pool.shutdownNow();
    }
  }

  private static void runUntilClosed(OrtPrograms programs, int first, CountDownLatch warm) {
    for (int i = first; ; i++) {
      try {
        run(programs, 1 + i % 5);
        warm.countDown();
      } catch (IllegalStateException closed) {
        assertEquals("The model has been closed", closed.getMessage());
        return;
      }
    }
  }

  /** Whatever fails after the native session was made, nothing of it stays open. */
  @Test
  void aSessionIsOpenedWhollyOrNotAtAll() {
    AtomicInteger open = new AtomicInteger();
    OrtPrograms programs = new OrtPrograms(this::compile, 8);
    IllegalStateException fault =
        assertThrows(
            IllegalStateException.class,
            () ->
                InferenceSession.opened(
                    programs,
                    () -> {
                      programs.prepare(forms(2));
                      open.set(programs.within(forms(2), program -> 1));
                      throw new IllegalStateException("no metadata");
                    }));
    assertEquals("no metadata", fault.getMessage());
    assertEquals(1, open.get());
    assertEquals(
        "The model has been closed",
        assertThrows(IllegalStateException.class, () -> run(programs, 2)).getMessage());
  }
}
