package dev.sardonyx.runtime.batch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.export.text.ModelParser;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.backend.Outputs;
import dev.sardonyx.runtime.session.InferenceSession;
import dev.sardonyx.runtime.session.ModelRunException;
import dev.sardonyx.runtime.session.SessionOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Requests of many callers in few runs, each answered as if it were alone. */
class BatchingPredictorTest {
  private static final Duration LONG = Duration.ofSeconds(30);

  private static Model parsed(String graph) {
    return ModelParser.parse("<ir_version: 8, opset_import: [\"\" : 17]> g " + graph);
  }

  private static InferenceSession doubled() {
    return InferenceSession.of(parsed("(float[N,3] x) => (float[N,3] y) { y = Add(x, x) }"));
  }

  private static Tensor row(float value) {
    return Tensor.ofFloats(new float[] {value, value, value}, 1, 3);
  }

  private static float[] doubledRow(float value) {
    return new float[] {2 * value, 2 * value, 2 * value};
  }

  /** The sizes of the batches that were computed. */
  private static ConcurrentLinkedQueue<Integer> sizes(BatchingPredictor predictor) {
    ConcurrentLinkedQueue<Integer> sizes = new ConcurrentLinkedQueue<>();
    predictor.listen((requests, rows, waited, computed) -> sizes.add(requests));
    return sizes;
  }

  @Test
  void aFullBatchIsOneRun() throws Exception {
    try (InferenceSession session = doubled();
        BatchingPredictor predictor =
            BatchingPredictor.of(session, BatchOptions.of("N", 8).withDelay(LONG))) {
      ConcurrentLinkedQueue<Integer> sizes = sizes(predictor);
      List<CompletableFuture<Outputs>> answers = new ArrayList<>();
      for (int i = 0; i < 16; i++) {
        answers.add(predictor.submit(Map.of("x", row(i))));
      }
      for (int i = 0; i < 16; i++) {
        Tensor y = answers.get(i).get(1, TimeUnit.MINUTES).tensor("y");
        assertArrayEquals(doubledRow(i), y.toFloats());
        assertEquals(1, y.dim(0));
      }
      predictor.close();
      assertEquals(List.of(8, 8), List.copyOf(sizes));
    }
  }

  @Test
  void aBatchThatIsNotFullGoesAfterItsDelay() throws Exception {
    try (InferenceSession session = doubled();
        BatchingPredictor predictor = BatchingPredictor.of(session, BatchOptions.of("N", 8))) {
      assertArrayEquals(
          doubledRow(3), predictor.predict(Map.of("x", row(3))).tensor("y").toFloats());
    }
  }

  @Test
  void requestsOfSeveralRows() throws Exception {
    try (InferenceSession session = doubled();
        BatchingPredictor predictor =
            BatchingPredictor.of(session, BatchOptions.of("N", 4).withDelay(LONG))) {
      Tensor two = Tensor.ofFloats(new float[] {1, 2, 3, 4, 5, 6}, 2, 3);
      CompletableFuture<Outputs> a = predictor.submit(Map.of("x", row(7)));
      CompletableFuture<Outputs> b = predictor.submit(Map.of("x", two));
      CompletableFuture<Outputs> c = predictor.submit(Map.of("x", two));
      assertArrayEquals(
          new float[] {2, 4, 6, 8, 10, 12}, b.get(1, TimeUnit.MINUTES).tensor().toFloats());
      assertArrayEquals(doubledRow(7), a.join().tensor().toFloats());
      assertFalse(c.isDone(), "it did not fit");
      assertThrows(
          IllegalArgumentException.class,
          () -> predictor.submit(Map.of("x", Tensor.ofFloats(new float[15], 5, 3))));
    }
  }

  /**
   * Every caller gets its own answer, whatever the threads; virtual ones where the JDK has them.
   */
  @Test
  void manyCallers() throws Exception {
    ExecutorService callers = callers();
    try (InferenceSession session = doubled();
        BatchingPredictor predictor =
            BatchingPredictor.of(
                session, BatchOptions.of("N", 16).withWorkers(2).withCapacity(20))) {
      List<Future<Boolean>> answers = new ArrayList<>();
      for (int i = 0; i < 400; i++) {
        float value = i;
        answers.add(
            callers.submit(
                () ->
                    Arrays.equals(
                        doubledRow(value),
                        predictor.predict(Map.of("x", row(value))).tensor().toFloats())));
      }
      for (Future<Boolean> answer : answers) {
        assertTrue(answer.get(2, TimeUnit.MINUTES));
      }
    } finally {
      callers.shutdownNow();
    }
  }

  private static ExecutorService callers() {
    try {
      return (ExecutorService)
          Executors.class.getMethod("newVirtualThreadPerTaskExecutor").invoke(null);
    } catch (ReflectiveOperationException e) {
      return Executors.newFixedThreadPool(50);
    }
  }

  /** Means over the words that the mask tells, whatever the padding is. */
  private static InferenceSession means() {
    return InferenceSession.of(
        parsed(
            "(float[N,S] x, float[N,S] mask) => (float[N,1] mean, float[N,S] echo)"
                + " <int64[1] axis = {1}> { echo = Mul(x, mask) s = ReduceSum(echo, axis)"
                + " c = ReduceSum(mask, axis) mean = Div(s, c) }"));
  }

  private static Map<String, Tensor> words(int length) {
    float[] x = new float[length];
    float[] mask = new float[length];
    for (int i = 0; i < length; i++) {
      x[i] = i;
      mask[i] = 1;
    }
    return Map.of("x", Tensor.ofFloats(x, 1, length), "mask", Tensor.ofFloats(mask, 1, length));
  }

  @Test
  void lengthsArePaddedAndCutBack() throws Exception {
    BatchOptions options =
        BatchOptions.of("N", 4).withDelay(LONG).withPadding("S").withFill("x", 99);
    try (InferenceSession session = means();
        BatchingPredictor predictor = BatchingPredictor.of(session, options)) {
      ConcurrentLinkedQueue<Integer> sizes = sizes(predictor);
      List<CompletableFuture<Outputs>> answers = new ArrayList<>();
      for (int length = 1; length <= 4; length++) {
        answers.add(predictor.submit(words(length)));
      }
      for (int length = 1; length <= 4; length++) {
        Outputs outputs = answers.get(length - 1).get(1, TimeUnit.MINUTES);
        assertEquals((length - 1) / 2.0, outputs.tensor("mean").toScalar());
        assertEquals(length, outputs.tensor("echo").dim(1));
        assertEquals(words(length).get("x"), outputs.tensor("echo"));
      }
      predictor.close();
      assertEquals(List.of(4), List.copyOf(sizes));
    }
  }

  @Test
  void bucketsKeepLengthsApart() throws Exception {
    BatchOptions options = BatchOptions.of("N", 2).withDelay(LONG).withPadding("S", 4, 16);
    try (InferenceSession session = means();
        BatchingPredictor predictor = BatchingPredictor.of(session, options)) {
      ConcurrentLinkedQueue<Integer> sizes = sizes(predictor);
      CompletableFuture<Outputs> longer = predictor.submit(words(9));
      CompletableFuture<Outputs> a = predictor.submit(words(2));
      CompletableFuture<Outputs> b = predictor.submit(words(4));
      assertEquals(0.5, a.get(1, TimeUnit.MINUTES).tensor("mean").toScalar());
      assertEquals(1.5, b.join().tensor("mean").toScalar());
      assertFalse(longer.isDone());
      assertThrows(IllegalArgumentException.class, () -> predictor.submit(words(17)));
      predictor.close();
      assertEquals(4, longer.join().tensor("mean").toScalar());
      assertEquals(List.of(2, 1), List.copyOf(sizes));
    }
  }

  @Test
  void stringsAreBatchedToo() throws Exception {
    try (InferenceSession session =
            InferenceSession.of(parsed("(string[N,K] x) => (string[N,K] y) { y = Identity(x) }"));
        BatchingPredictor predictor =
            BatchingPredictor.of(
                session, BatchOptions.of("N", 2).withDelay(LONG).withPadding("K"))) {
      Tensor a = Tensor.ofStrings(List.of("a", "b"), 1, 2);
      Tensor c = Tensor.ofStrings(List.of("c"), 1, 1);
      CompletableFuture<Outputs> first = predictor.submit(Map.of("x", a));
      assertEquals(c, predictor.predict(Map.of("x", c)).tensor());
      assertEquals(a, first.join().tensor());
    }
  }

  /** Gather fails for an index that is out of range, and for the whole batch. */
  @Test
  void onlyTheCulpritFails() throws Exception {
    Model model =
        parsed("(int64[N] i) => (float[N] y) <float[3] t = {5, 6, 7}> { y = Gather(t, i) }");
    try (InferenceSession session = InferenceSession.of(model);
        BatchingPredictor predictor =
            BatchingPredictor.of(session, BatchOptions.of("N", 3).withDelay(LONG))) {
      List<CompletableFuture<Outputs>> answers = new ArrayList<>();
      for (long index : new long[] {1, 9, 2}) {
        answers.add(predictor.submit(Map.of("i", Tensor.ofLongs(new long[] {index}, 1))));
      }
      assertEquals(6, answers.get(0).get(1, TimeUnit.MINUTES).tensor().toScalar());
      assertEquals(7, answers.get(2).get(1, TimeUnit.MINUTES).tensor().toScalar());
      Throwable failure =
          assertThrows(ExecutionException.class, () -> answers.get(1).get(1, TimeUnit.MINUTES))
              .getCause();
      assertTrue(failure instanceof ModelRunException, failure::toString);
    }
  }

  private static Model loop() {
    return parsed(
        "(int64[N] trips) => (int64[N] y) <bool go = {1}, int64[1] zero = {0}> {"
            + " most = ReduceMax <keepdims = 0> (trips) y = Loop"
            + " <body = b (int64 i, bool c, int64[N] s) => (bool d, int64[N] t)"
            + " { d = Identity(c) t = Add(s, zero) }> (most, go, trips) }");
  }

  private static Map<String, Tensor> trips(long number) {
    return Map.of("trips", Tensor.ofLongs(new long[] {number}, 1));
  }

  @Test
  void aRunThatNobodyWaitsForIsEnded() throws Exception {
    try (InferenceSession session = InferenceSession.of(loop());
        BatchingPredictor predictor =
            BatchingPredictor.of(session, BatchOptions.of("N", 2).withDelay(LONG))) {
      CompletableFuture<Outputs> first = predictor.submit(trips(Long.MAX_VALUE));
      CompletableFuture<Outputs> second = predictor.submit(trips(Long.MAX_VALUE));
      while (predictor.waiting() > 0) {
        Thread.onSpinWait();
      }
      first.cancel(true);
      second.orTimeout(20, TimeUnit.MILLISECONDS);
      // The worker is free again, or this would never be answered.
      CompletableFuture<Outputs> third = predictor.submit(trips(2));
      assertEquals(3, predictor.predict(trips(3)).tensor().toScalar());
      assertEquals(2, third.join().tensor().toScalar());
      assertThrows(CompletionException.class, second::join);
    }
  }

  @Test
  void tooManyAreRefusedAndAbortingFailsThoseThatWait() throws Exception {
    try (InferenceSession session = InferenceSession.of(loop())) {
      BatchingPredictor predictor =
          BatchingPredictor.of(
              session, BatchOptions.of("N", 1).withCapacity(2).withDelay(Duration.ZERO));
      Counts counts = new Counts();
      predictor.listen(counts);
      List<CompletableFuture<Outputs>> answers = new ArrayList<>();
      RejectedExecutionException refusal =
          assertThrows(
              RejectedExecutionException.class,
              () -> {
                for (int i = 0; i < 10; i++) {
                  answers.add(predictor.submit(trips(Long.MAX_VALUE)));
                }
              });
      assertEquals(
          "2 requests wait already, and no more may; try again later, or allow more",
          refusal.getMessage());
      assertEquals(2, predictor.waiting());
      assertEquals(1, counts.refused.get());
      predictor.abort();
      predictor.close();
      for (CompletableFuture<Outputs> answer : answers) {
        assertThrows(CompletionException.class, answer::join);
      }
      assertThrows(IllegalStateException.class, () -> predictor.submit(trips(1)));
      assertEquals(answers.size(), counts.failed.get());
    }
  }

  @Test
  void aListenerThatFailsHarmsNoRequest() throws Exception {
    try (InferenceSession session = doubled();
        BatchingPredictor predictor =
            BatchingPredictor.of(session, BatchOptions.of("N", 1).withDelay(Duration.ZERO))) {
      predictor.listen(
          (requests, rows, waited, computed) -> {
            throw new IllegalStateException("the listener's own failure");
          });
      for (int i = 0; i < 2; i++) {
        Outputs outputs = predictor.submit(Map.of("x", row(i))).get(1, TimeUnit.MINUTES);
        assertArrayEquals(doubledRow(i), outputs.tensor("y").toFloats());
      }
    }
  }

  @Test
  void whatFollowsAnAnswerMayClose() throws Exception {
    try (InferenceSession session = doubled()) {
      BatchingPredictor predictor =
          BatchingPredictor.of(session, BatchOptions.of("N", 8).withDelay(Duration.ofMillis(20)));
      CompletableFuture<Outputs> answer = predictor.submit(Map.of("x", row(1)));
      answer.thenRun(predictor::close).get(1, TimeUnit.MINUTES);
      assertThrows(IllegalStateException.class, () -> predictor.submit(Map.of("x", row(1))));
    }
  }

  @Test
  void anOutputWithoutAPlaceForEachRowIsRefused() {
    Model model = parsed("(float[N,3] x) => (float[N,3] y) { y = Concat <axis = 0> (x, x) }");
    try (InferenceSession session =
            InferenceSession.of(model, SessionOptions.DEFAULT.withoutCheck());
        BatchingPredictor predictor = BatchingPredictor.of(session, BatchOptions.of("N", 2))) {
      CompletableFuture<Outputs> answer = predictor.submit(Map.of("x", row(1)));
      Throwable failure =
          assertThrows(ExecutionException.class, () -> answer.get(1, TimeUnit.MINUTES)).getCause();
      assertEquals(
          "Output 'y' has shape [2,3] for a batch of 1, which its type float[N,3] does not allow",
          failure.getMessage());
    }
  }

  /** Requests of another kind come first if they have waited longer, however full the batch is. */
  @Test
  void aFullBatchMakesNobodyWaitForEver() throws Exception {
    BatchQueue queue =
        new BatchQueue(BatchOptions.of("N", 2).withDelay(Duration.ZERO), Request::sizes);
    for (long kind : new long[] {1, 2, 2, 2, 2}) {
      assertTrue(queue.add(new Request(Map.of(), Map.of("S", kind), 1), false));
    }
    for (long kind : new long[] {1, 2, 2}) {
      List<Request> batch = queue.take();
      assertEquals(Map.of("S", kind), batch.get(0).sizes());
    }
  }

  /** Counts what it is told of. */
  private static final class Counts implements BatchListener {
    final AtomicInteger refused = new AtomicInteger();
    final AtomicInteger failed = new AtomicInteger();

    @Override
    public void computed(int requests, long rows, Duration waited, Duration computed) {}

    @Override
    public void failed(Throwable failure) {
      failed.incrementAndGet();
    }

    @Override
    public void refused() {
      refused.incrementAndGet();
    }
  }

  @Test
  void whatCannotBeBatchedIsRefused() {
    try (InferenceSession session =
        InferenceSession.of(
            parsed("(float[N,3] x) => (float y) { y = ReduceSum <keepdims = 0> (x) }"))) {
      String message =
          assertThrows(
                  IllegalArgumentException.class,
                  () -> BatchingPredictor.of(session, BatchOptions.of("N", 2)))
              .getMessage();
      assertTrue(
          message.startsWith("Output 'y' of type float[] cannot be part of a batch"), message);
    }
    assertThrows(IllegalArgumentException.class, () -> BatchOptions.of("N", 0));
    assertThrows(
        IllegalArgumentException.class, () -> BatchOptions.of("N", 1).withPadding("S", 4, 4));
  }
}
