package dev.sardonyx.runtime.batch;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;

/**
 * What a {@link BatchingPredictor} does as meters of Micrometer, which has to be on the class path:
 * {@code sardonyx.batch.waiting}, {@code .requests}, {@code .rows}, {@code .wait}, {@code
 * .compute}, {@code .failures} and {@code .refusals}.
 */
public final class MicrometerMetrics implements BatchListener {
  private static final String PREFIX = "sardonyx.batch.";

  private final DistributionSummary requests;
  private final DistributionSummary rows;
  private final Timer wait;
  private final Timer compute;
  private final Counter failures;
  private final Counter refusals;

  private MicrometerMetrics(MeterRegistry registry, Tags tags) {
    this.requests =
        DistributionSummary.builder(PREFIX + "requests")
            .description("Requests of a batch")
            .tags(tags)
            .register(registry);
    this.rows =
        DistributionSummary.builder(PREFIX + "rows")
            .description("Rows of a batch")
            .tags(tags)
            .register(registry);
    this.wait =
        Timer.builder(PREFIX + "wait")
            .description("How long the first request of a batch waited")
            .tags(tags)
            .register(registry);
    this.compute =
        Timer.builder(PREFIX + "compute")
            .description("How long a batch was computed")
            .tags(tags)
            .register(registry);
    this.failures =
        Counter.builder(PREFIX + "failures")
            .description("Requests that failed or were cancelled while they were computed")
            .tags(tags)
            .register(registry);
    this.refusals =
        Counter.builder(PREFIX + "refusals")
            .description("Requests that were refused")
            .tags(tags)
            .register(registry);
  }

  /** Has a predictor report to a registry. */
  public static void bind(BatchingPredictor predictor, MeterRegistry registry, Tags tags) {
    predictor.listen(new MicrometerMetrics(registry, tags));
    Gauge.builder(PREFIX + "waiting", predictor, BatchingPredictor::waiting)
        .description("Requests that wait")
        .tags(tags)
        .register(registry);
  }

  @Override
  public void computed(int requestCount, long rowCount, Duration waited, Duration computed) {
    requests.record(requestCount);
    rows.record((double) rowCount);
    wait.record(waited);
    compute.record(computed);
  }

  @Override
  public void failed(Throwable failure) {
    failures.increment();
  }

  @Override
  public void refused() {
    refusals.increment();
  }
}
