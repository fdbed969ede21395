package dev.sardonyx.runtime.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.sardonyx.export.text.ModelParser;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.backend.PreparedModel;
import dev.sardonyx.runtime.OrtBackend;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Threads inside ONNX Runtime can be interrupted, and the JVM exits without a crash under them. */
class NativeCallsTest {
  private static final long FOR_EVER = Long.MAX_VALUE;

  private static final RunScope SCOPE = new RunScope("test", "g", RunOptions.DEFAULT);

  @TempDir private Path folder;

  private static Model loop() {
    return ModelParser.parse(
        "<ir_version: 8, opset_import: [\"\" : 17]> g (int64 trips, float[64,64] x) =>"
            + " (float[64,64] y) <bool go = {1}> {"
            + " y = Loop <body = b (int64 i, bool c, float[64,64] s) => (bool d, float[64,64] t) {"
            + " d = Identity(c) u = MatMul(s, s) t = Softmax(u) }> (trips, go, x) }");
  }

  private static Map<String, Tensor> inputs(long trips) {
    return Map.of("trips", Tensor.scalar(trips), "x", Tensor.ofFloats(new float[64 * 64], 64, 64));
  }

  @Test
  void anInterruptEndsTheRunAndNotTheModel() throws Exception {
    ExecutorService pool = Executors.newSingleThreadExecutor();
    try (PreparedModel model = OrtBackend.cpu().prepare(loop())) {
      CountDownLatch started = new CountDownLatch(1);
      Future<Boolean> run =
          pool.submit(
              () -> {
                started.countDown();
                ModelRunException failure =
                    assertThrows(ModelRunException.class, () -> model.run(inputs(FOR_EVER)));
                assertEquals("The run was interrupted", failure.getMessage());
                return Thread.currentThread().isInterrupted();
              });
      started.await();
      pool.shutdownNow();
      assertTrue(run.get(2, TimeUnit.MINUTES), "the thread knows that it was interrupted");
      assertEquals(1, model.run(inputs(3)).size());
    } finally {
      pool.shutdownNow();
    }
  }

  @Test
  void aThreadInterruptedBeforeRunsNothing() {
    try (PreparedModel model = OrtBackend.cpu().prepare(loop())) {
      Thread.currentThread().interrupt();
      assertThrows(ModelRunException.class, () -> model.run(inputs(FOR_EVER)));
      assertTrue(Thread.interrupted());
      assertEquals(1, model.run(inputs(3)).size());
    }
  }

  /** As when a run ends just then. */
  @Test
  void anInterruptThatComesTooLateEndsNoOtherRun() throws Exception {
    Model model =
        ModelParser.parse(
            "<ir_version: 8, opset_import: [\"\" : 17]> g (float[1] x) => (float[1] y)"
                + " { y = Relu(x) }");
    Environments.shared();
    try (OrtSession.RunOptions options = new OrtSession.RunOptions();
        OrtSession.SessionOptions sessionOptions = Environments.newSessionOptions();
        OrtSession session = SessionLoader.load(model, sessionOptions);
        OnnxTensor x = OnnxTensor.createTensor(Environments.shared(), new float[] {2f})) {
      String done =
          NativeCalls.run(
              SCOPE,
              options,
              () -> {
                Thread running = Thread.currentThread();
                // Nobody tells a channel of an interrupt by its own thread.
                CompletableFuture<Void> interrupt = CompletableFuture.runAsync(running::interrupt);
                while (!interrupt.isDone()) {
                  Thread.onSpinWait();
                }
                return "done";
              });
      assertEquals("done", done);
      assertTrue(Thread.interrupted());
      try (OrtSession.Result result =
          NativeCalls.run(SCOPE, options, () -> session.run(Map.of("x", x), options))) {
        assertEquals(1, result.size());
      }
    } finally {
      Thread.interrupted();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"loading", "running"})
  void exitUnderBusyThreads(String busy) throws Exception {
    ChildJvm child = ChildJvm.run(folder, Exit.class, busy);
    assertEquals(3, child.status(), child.output());
    assertFalse(child.output().contains("SIG"), child.output());
    try (var files = Files.list(folder)) {
      assertEquals(0, files.count(), "nothing is left in the temporary folder");
    }
  }

  /** Exits with status 3 while threads are inside ONNX Runtime. */
  static final class Exit {
    public static void main(String[] arguments) throws InterruptedException {
      boolean loading = arguments[0].equals("loading");
      Model model = loading ? FunctionChains.of(700, 1) : loop();
      for (int i = 0; i < 2; i++) {
        Thread thread =
            new Thread(
                () -> {
                  if (loading) {
                    load(model);
                  } else {
                    OrtBackend.cpu().prepare(model).run(inputs(FOR_EVER));
                  }
                });
        thread.setDaemon(true);
        thread.start();
      }
      Environments.shared();
      Thread.sleep(500);
      System.exit(3);
    }

    /** As it is, which takes ONNX Runtime long. */
    private static void load(Model model) {
      try {
        SessionLoader.load(model, Environments.newSessionOptions());
      } catch (OrtException e) {
        throw new IllegalStateException(e);
      }
    }
  }
}
