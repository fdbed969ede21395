package dev.sardonyx.runtime.session;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sardonyx.export.text.ModelParser;
import dev.sardonyx.ir.Constant;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Output;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.runtime.Models;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Threads, sessions, bindings, cancelled and closed runs for long, in flat memory, without folders
 * left behind. Short in every build; {@code -Dsardonyx.soak=50} makes it 200,000 runs and 2,000
 * sessions, tells the memory, and looks into the folder for temporary files, where no other program
 * may run ONNX Runtime meanwhile.
 */
class SoakTest {
  private static final int LONGER = Integer.getInteger("sardonyx.soak", 1);
  private static final int THREADS = 8;
  private static final int RUNS = 4_000 * LONGER;
  private static final int SESSIONS = 40 * LONGER;

  private final ExecutorService pool = Executors.newFixedThreadPool(THREADS);

  /** Lets each thread do its part of a number of things. */
  private void share(int number, Task task) throws Exception {
    AtomicInteger next = new AtomicInteger();
    List<Callable<Void>> parts = new ArrayList<>();
    for (int t = 0; t < THREADS; t++) {
      parts.add(
          () -> {
            for (int i = next.getAndIncrement(); i < number; i = next.getAndIncrement()) {
              task.run(i);
            }
            return null;
          });
    }
    for (Future<Void> part : pool.invokeAll(parts)) {
      part.get();
    }
  }

  private interface Task {
    void run(int number) throws Exception;
  }

  @Test
  void runsOfOneSession() throws Exception {
    assumeTrue(NativeMemory.isKnown(), "only Linux tells resident memory");
    try (InferenceSession session = InferenceSession.of(Models.addRelu());
        InferenceSession loop = InferenceSession.of(loop())) {
      share(RUNS / 4, i -> run(session, loop, i));
      long before = NativeMemory.kilobytes();
      Set<Path> files = temporary();
      share(RUNS, i -> run(session, loop, i));
      assertFlat(before, RUNS + " runs");
      assertEquals(files, temporary());
    } finally {
      pool.shutdownNow();
    }
  }

  private static void run(InferenceSession session, InferenceSession loop, int i) {
    float x = i % 1000;
    float[] expected = {x + 1, Math.max(0, x - 2), x + 3};
    float[] row = {x, x, x};
    if (i % 50 == 0) {
      Cancellation cancelled = new Cancellation();
      Call endless = loop.call().with("trips", Long.MAX_VALUE).with("x", new float[64]);
      if (i % 100 == 0) {
        cancelled.cancel();
        endless.cancelledBy(cancelled);
      } else {
        endless.timeout(Duration.ofMillis(1));
      }
      try {
        endless.run();
        throw new AssertionError("an endless run has ended");
      } catch (ModelRunException ended) {
        assertTrue(ended.reason() != ModelRunException.Reason.FAILED, ended.toString());
      }
    } else if (i % 10 == 0) {
      try (Binding binding = session.bind()) {
        FloatBuffer in = binding.allocateInput("x", 1, 3).asFloatBuffer();
        FloatBuffer out = binding.allocateOutput("y", 1, 3).asFloatBuffer();
        in.put(0, row);
        binding.run();
        float[] y = new float[3];
        out.get(0, y);
        assertArrayEquals(expected, y);
      }
    } else {
      assertArrayEquals(expected, session.call().with("x", row).run().tensor().toFloats());
    }
  }

  @Test
  void sessionsThatComeAndGo() throws Exception {
    assumeTrue(NativeMemory.isKnown(), "only Linux tells resident memory");
    Model weights =
        Models.of(
            17,
            List.of(Input.of("x", Models.floats("N,1"))),
            List.of(Output.of("y", Models.floats("N,100000"))),
            List.of(Constant.of("w", Tensor.ofFloats(new float[100_000], 100_000))),
            Models.node("Add", List.of("x", "w"), "y"));
    try {
      share(SESSIONS, i -> comeAndGo(weights, i));
      long before = NativeMemory.kilobytes();
      Set<Path> files = temporary();
      share(SESSIONS, i -> comeAndGo(weights, i));
      assertFlat(before, SESSIONS + " sessions");
      assertEquals(files, temporary());
    } finally {
      pool.shutdownNow();
    }
  }

  private void comeAndGo(Model weights, int i) throws Exception {
    if (i % 4 == 0) {
      InferenceSession session = InferenceSession.of(loop());
      Thread run =
          new Thread(
              () -> {
                try {
                  session.call().with("trips", Long.MAX_VALUE).with("x", new float[64]).run();
                } catch (IllegalStateException closed) {
                  assertTrue(closed.getMessage().endsWith("has been closed"), closed.toString());
                }
              });
      run.start();
      Thread.sleep(i % 3);
      session.close();
      run.join();
      return;
    }
    try (InferenceSession session = InferenceSession.of(weights)) {
      assertEquals(
          100_000, session.run(Map.of("x", Tensor.ofFloats(new float[1], 1, 1))).tensor().size());
    }
  }

  private static Model loop() {
    return ModelParser.parse(
        "<ir_version: 8, opset_import: [\"\" : 17]> g (int64 trips, float[8,8] x) =>"
            + " (float[8,8] y) <bool go = {1}> {"
            + " y = Loop <body = b (int64 i, bool c, float[8,8] s) => (bool d, float[8,8] t) {"
            + " d = Identity(c) u = MatMul(s, s) t = Softmax(u) }> (trips, go, x) }");
  }

  /** What ONNX Runtime and we have put into the folder for temporary files. */
  private static Set<Path> temporary() throws IOException {
    try (Stream<Path> files = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
      return files
          .filter(file -> LONGER > 1 && file.getFileName().toString().matches("(onnx|sardonyx).*"))
          .collect(Collectors.toSet());
    }
  }

  private static void assertFlat(long before, String what) throws IOException {
    long after = NativeMemory.kilobytes();
    if (LONGER > 1) {
      System.out.println(what + ": native memory " + before + " KB, then " + after + " KB");
    }
    // One session's weights are 400 KB, and each of its outputs too.
    assertTrue(after - before < 60_000, what + ": from " + before + " KB to " + after);
  }
}
