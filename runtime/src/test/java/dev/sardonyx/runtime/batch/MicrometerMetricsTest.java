package dev.sardonyx.runtime.batch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.export.text.ModelParser;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.runtime.session.InferenceSession;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What a predictor does, as the meters that a server's owner sees. */
class MicrometerMetricsTest {
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();

  private static InferenceSession doubled() {
    return InferenceSession.of(
        ModelParser.parse(
            "<ir_version: 8, opset_import: [\"\" : 17]> g (float[N,3] x) => (float[N,3] y) {"
                + " y = Add(x, x) }"));
  }

  private static Map<String, Tensor> row() {
    return Map.of("x", Tensor.ofFloats(new float[3], 1, 3));
  }

  @Test
  void batchesRowsAndTimes() throws Exception {
    try (InferenceSession session = doubled()) {
      try (BatchingPredictor predictor =
          BatchingPredictor.of(
              session, BatchOptions.of("N", 4).withDelay(Duration.ofSeconds(30)))) {
        MicrometerMetrics.bind(predictor, registry, Tags.of("model", "doubled"));
        List<Future<?>> answers = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
          answers.add(predictor.submit(row()));
        }
        for (Future<?> answer : answers) {
          answer.get(1, TimeUnit.MINUTES);
        }
        assertEquals(0, registry.get("sardonyx.batch.waiting").gauge().value());
      }
    }
    var requests = registry.get("sardonyx.batch.requests").tag("model", "doubled").summary();
    assertEquals(2, requests.count());
    assertEquals(8, requests.totalAmount());
    assertEquals(8, registry.get("sardonyx.batch.rows").summary().totalAmount());
    assertEquals(2, registry.get("sardonyx.batch.wait").timer().count());
    assertTrue(registry.get("sardonyx.batch.compute").timer().totalTime(TimeUnit.NANOSECONDS) > 0);
    assertEquals(0, registry.get("sardonyx.batch.failures").counter().count());
  }

  @Test
  void refusalsAndFailures() {
    try (InferenceSession session = doubled()) {
      BatchingPredictor predictor =
          BatchingPredictor.of(
              session, BatchOptions.of("N", 4).withDelay(Duration.ofSeconds(30)).withCapacity(2));
      MicrometerMetrics.bind(predictor, registry, Tags.empty());
      List<CompletableFuture<?>> answers =
          List.of(predictor.submit(row()), predictor.submit(row()));
      assertEquals(2, registry.get("sardonyx.batch.waiting").gauge().value());
      assertThrows(RejectedExecutionException.class, () -> predictor.submit(row()));
      assertEquals(1, registry.get("sardonyx.batch.refusals").counter().count());
      session.close();
      predictor.close();
      for (var answer : answers) {
        assertThrows(CompletionException.class, answer::join);
      }
      assertEquals(2, registry.get("sardonyx.batch.failures").counter().count());
    }
  }
}
