package dev.sardonyx.samples.spring;

import dev.sardonyx.runtime.batch.BatchingPredictor;
import dev.sardonyx.runtime.session.InferenceSession;
import java.time.Duration;
import org.springframework.boot.health.contributor.AbstractHealthIndicator;
import org.springframework.boot.health.contributor.Health;
import org.springframework.stereotype.Component;

/** Up if the network computes: it is given an image of zeros, which does not wait in the queue. */
@Component
class ClassifierHealth extends AbstractHealthIndicator {
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private final InferenceSession session;
  private final BatchingPredictor predictor;
  private final Classifier classifier;

  ClassifierHealth(InferenceSession session, BatchingPredictor predictor, Classifier classifier) {
    super("The network does not compute");
    this.session = session;
    this.predictor = predictor;
    this.classifier = classifier;
  }

  @Override
  protected void doHealthCheck(Health.Builder builder) {
    session.call().with(session.inputs().get(0).name(), classifier.blank()).timeout(PATIENCE).run();
    builder
        .up()
        .withDetail("model", session.description().graph())
        .withDetail("takes", session.inputs().get(0).type().toString())
        .withDetail("onnxruntime", InferenceSession.runtimeVersion())
        .withDetail("waiting", predictor.waiting());
  }
}
