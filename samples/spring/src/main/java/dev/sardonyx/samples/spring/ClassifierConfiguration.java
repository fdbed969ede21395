package dev.sardonyx.samples.spring;

import dev.sardonyx.runtime.batch.BatchOptions;
import dev.sardonyx.runtime.batch.BatchingPredictor;
import dev.sardonyx.runtime.batch.MicrometerMetrics;
import dev.sardonyx.runtime.session.InferenceSession;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.io.IOException;
import java.time.Duration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * The model. Spring closes both beans with the context, the predictor before the session that it
 * stands on.
 */
@Configuration(proxyBeanMethods = false)
class ClassifierConfiguration {
  @Bean
  InferenceSession session(ClassifierProperties properties) throws IOException {
    return InferenceSession.of(properties.model());
  }

  /** What is asked while a batch is computed becomes the next batch. */
  @Bean
  BatchingPredictor predictor(InferenceSession session, ClassifierProperties properties) {
    return BatchingPredictor.of(
        session,
        BatchOptions.of("N", properties.batchSize())
            .withDelay(Duration.ZERO)
            .withCapacity(properties.waiting()));
  }

  /** Sizes of batches, times, failures and refusals: the meters {@code sardonyx.batch.*}. */
  @Bean
  MeterBinder batchMeters(BatchingPredictor predictor, ClassifierProperties properties) {
    return registry ->
        MicrometerMetrics.bind(
            predictor, registry, Tags.of("model", properties.model().getFileName().toString()));
  }
}
