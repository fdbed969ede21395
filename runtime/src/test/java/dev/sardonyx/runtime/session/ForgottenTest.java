package dev.sardonyx.runtime.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtSession;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.runtime.Models;
import dev.sardonyx.runtime.batch.BatchOptions;
import dev.sardonyx.runtime.batch.BatchingPredictor;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What nobody closes is freed once it has been garbage-collected, and told of if asked for. */
class ForgottenTest {
  /** Far longer than any collection takes; passing tests do not wait for it. */
  private static final long PATIENCE_SECONDS = 60;

  private final Logger logger = Logger.getLogger("dev.sardonyx.runtime");
  private final BlockingQueue<LogRecord> warnings = new LinkedBlockingQueue<>();
  private final Handler handler =
      new Handler() {
        @Override
        public void publish(LogRecord warning) {
          warnings.add(warning);
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
      };

  @BeforeEach
  void track() {
    System.setProperty("sardonyx.leaks", "true");
    logger.addHandler(handler);
    logger.setUseParentHandlers(false);
  }

  @AfterEach
  void forget() {
    System.clearProperty("sardonyx.leaks");
    logger.removeHandler(handler);
    logger.setUseParentHandlers(true);
  }

  /** Collects garbage until something is true. */
  private static void await(BooleanSupplier done) throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    while (!done.getAsBoolean()) {
      assertTrue(System.nanoTime() < end, "not within " + PATIENCE_SECONDS + " s");
      System.gc();
      Thread.sleep(5);
    }
  }

  private void assertWarned(String what, String where) throws InterruptedException {
    await(() -> !warnings.isEmpty());
    LogRecord warning = warnings.take();
    String message = warning.getMessage();
    assertTrue(message.startsWith(what + " was never closed; it was made at "), message);
    assertTrue(message.contains("ForgottenTest." + where + "(ForgottenTest.java:"), message);
    StackTraceElement[] stack = warning.getThrown().getStackTrace();
    assertTrue(
        Stream.of(stack).anyMatch(frame -> frame.getMethodName().equals(where)),
        List.of(stack).toString());
  }

  private static OrtSession forgottenSession() {
    InferenceSession session = InferenceSession.of(Models.addRelu());
    return session.within(input -> null, OrtProgram::session);
  }

  @Test
  void session() throws Exception {
    OrtSession session = forgottenSession();
    assertWarned("The InferenceSession of model 'test'", "forgottenSession");
    assertThrows(IllegalStateException.class, session::getInputInfo);
  }

  private static BindingMemory forgottenBinding(InferenceSession session) {
    Binding binding = session.bind();
    binding.allocateInput("x", 1, 3);
    binding.allocateOutput("y", 1, 3);
    binding.run();
    return binding.memory();
  }

  @Test
  void binding() throws Exception {
    try (InferenceSession session = InferenceSession.of(Models.addRelu())) {
      BindingMemory memory = forgottenBinding(session);
      OnnxTensor input = memory.feeds().get("x");
      assertNotNull(input);
      assertWarned("A Binding of model 'test'", "forgottenBinding");
      assertTrue(input.isClosed());
      assertTrue(memory.output("y").isEmpty(), "the last run's outputs are kept");
    }
  }

  /** Leaves a predictor behind, and returns its threads. */
  private static Set<Thread> forgottenPredictor(InferenceSession session) throws Exception {
    Set<Thread> before = Thread.getAllStackTraces().keySet();
    BatchingPredictor predictor =
        BatchingPredictor.of(session, BatchOptions.of("N", 8).withWorkers(2));
    assertEquals(
        1, predictor.predict(Map.of("x", Tensor.ofFloats(new float[3], 1, 3))).tensor().dim(0));
    Set<Thread> threads = new HashSet<>(Thread.getAllStackTraces().keySet());
    threads.removeAll(before);
    threads.removeIf(thread -> !thread.getName().startsWith("sardonyx-batch-"));
    assertEquals(2, threads.size());
    return threads;
  }

  @Test
  void predictor() throws Exception {
    try (InferenceSession session = InferenceSession.of(Models.addRelu())) {
      Set<Thread> threads = forgottenPredictor(session);
      assertWarned("The BatchingPredictor on " + session, "forgottenPredictor");
      await(() -> threads.stream().noneMatch(Thread::isAlive));
    }
  }

  private static boolean[] forgottenThing() {
    boolean[] ended = new boolean[1];
    Object owner = new Object();
    assertNotNull(Lifetime.of(owner, "A thing", () -> ended[0] = true));
    return ended;
  }

  @Test
  void withoutTheOptionItIsFreedInSilence() throws Exception {
    System.clearProperty("sardonyx.leaks");
    boolean[] ended = forgottenThing();
    await(() -> ended[0]);
    assertNull(warnings.poll());
  }

  @Test
  void whatIsClosedIsFreedOnceAndNotToldOf() throws Exception {
    int[] ends = new int[1];
    Object owner = new Object();
    Lifetime lifetime = Lifetime.of(owner, "A thing", () -> ends[0]++);
    lifetime.end();
    lifetime.end();
    assertEquals(1, ends[0]);
    owner = null;
    boolean[] later = forgottenThing();
    await(() -> later[0] && !warnings.isEmpty());
    assertEquals(1, ends[0]);
    assertFalse(warnings.take().getMessage().isEmpty());
    assertNull(warnings.poll(), "a closed one was told of");
  }
}
