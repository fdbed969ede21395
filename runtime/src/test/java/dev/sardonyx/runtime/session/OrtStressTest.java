package dev.sardonyx.runtime.session;

import static dev.sardonyx.runtime.Models.floats;
import static dev.sardonyx.runtime.Models.node;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sardonyx.ir.Constant;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Output;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.backend.PreparedModel;
import dev.sardonyx.runtime.Models;
import dev.sardonyx.runtime.OrtBackend;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** One model under many threads, and many runs in little memory. */
class OrtStressTest {
  private static final OrtBackend ORT = OrtBackend.cpu();

  @Test
  void manyThreadsShareAModel() throws Exception {
    int threads = 8;
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    try (PreparedModel model = ORT.prepare(Models.addRelu())) {
      List<Callable<Void>> tasks = new ArrayList<>();
      for (int t = 0; t < threads; t++) {
        int thread = t;
        tasks.add(
            () -> {
              for (int i = 0; i < 300; i++) {
                int n = 1 + (thread + i) % 4;
                float[] x = new float[n * 3];
                Arrays.fill(x, thread * 1000 + i);
                Tensor y = (Tensor) model.run(Map.of("x", Tensor.ofFloats(x, n, 3))).get("y");
                for (int k = 0; k < x.length; k++) {
                  x[k] = Math.max(0, x[k] + new float[] {1, -2, 3}[k % 3]);
                }
                assertEquals(Tensor.ofFloats(x, n, 3), y);
              }
              return null;
            });
      }
      for (Future<Void> future : pool.invokeAll(tasks)) {
        future.get();
      }
    } finally {
      pool.shutdownNow();
    }
  }

  @Test
  void closingWaitsForRunsAndStopsLaterOnes() throws Exception {
    ExecutorService pool = Executors.newFixedThreadPool(4);
    try {
      for (int round = 0; round < 20; round++) {
        PreparedModel model = ORT.prepare(Models.addRelu());
        AtomicBoolean started = new AtomicBoolean();
        List<Future<Integer>> runs = new ArrayList<>();
        for (int t = 0; t < 4; t++) {
          runs.add(pool.submit(() -> runUntilClosed(model, started)));
        }
        while (!started.get()) {
          Thread.onSpinWait();
        }
        model.close();
        for (Future<Integer> run : runs) {
          assertTrue(run.get() >= 0);
        }
      }
    } finally {
      pool.shutdownNow();
    }
  }

  private static int runUntilClosed(PreparedModel model, AtomicBoolean started) {
    Tensor x = Tensor.ofFloats(new float[300], 100, 3);
    for (int done = 0; ; done++) {
      try {
        model.run(Map.of("x", x));
        started.set(true);
      } catch (IllegalStateException closed) {
        assertEquals("The model 'test' has been closed", closed.getMessage());
        return done;
      }
    }
  }

  @Test
  void tenThousandRunsKeepToTheirMemory() throws Exception {
    assumeTrue(NativeMemory.isKnown(), "only Linux tells resident memory");
    // The outputs' shape is known in advance in the first model, and not in the second.
    for (String output : List.of("N,1024", "?,1024")) {
      Model model = Models.unary("Neg", 17, floats("N,1024"), floats(output));
      try (PreparedModel prepared = ORT.prepare(model)) {
        run(prepared, 20_000);
        long before = NativeMemory.kilobytes();
        run(prepared, 10_000);
        long grown = NativeMemory.kilobytes() - before;
        // 10,000 inputs or outputs of 4 KB would be 40 MB.
        assertTrue(grown < 20_000, "native memory grew by " + grown + " KB, output " + output);
      }
    }
  }

  @Test
  void preparingAndClosingKeepsToItsMemory() throws Exception {
    assumeTrue(NativeMemory.isKnown(), "only Linux tells resident memory");
    Tensor weights = Tensor.ofFloats(new float[250_000], 250_000);
    Model model =
        Models.of(
            17,
            List.of(Input.of("x", floats("N,1"))),
            List.of(Output.of("y", floats("N,250000"))),
            List.of(Constant.of("w", weights)),
            node("Add", List.of("x", "w"), "y"));
    prepareAndClose(model, 30);
    long before = NativeMemory.kilobytes();
    prepareAndClose(model, 100);
    long grown = NativeMemory.kilobytes() - before;
    // Weights and output of 100 sessions would be 200 MB.
    assertTrue(grown < 60_000, "native memory grew by " + grown + " KB over 100 sessions");
  }

  private static void prepareAndClose(Model model, int times) {
    for (int i = 0; i < times; i++) {
      try (PreparedModel prepared = ORT.prepare(model)) {
        prepared.run(Map.of("x", Tensor.ofFloats(new float[1], 1, 1)));
      }
    }
  }

  private static void run(PreparedModel model, int times) {
    for (int i = 0; i < times; i++) {
      Tensor x = Tensor.ofFloats(new float[1024], 1, 1024);
      model.run(Map.of("x", x));
    }
  }
}
