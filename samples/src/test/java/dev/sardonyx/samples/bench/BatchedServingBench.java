package dev.sardonyx.samples.bench;

import dev.sardonyx.ir.Dim;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.runtime.batch.BatchOptions;
import dev.sardonyx.runtime.batch.BatchingPredictor;
import dev.sardonyx.runtime.session.InferenceSession;
import dev.sardonyx.runtime.session.SessionOptions;
import dev.sardonyx.runtime.session.Threads;
import java.time.Duration;
import java.util.Map;
import org.openjdk.jmh.annotations.Param;

/** A {@link BatchingPredictor}, which computes the requests of several threads together. */
public class BatchedServingBench extends ServingBench {
  /** How many requests go into a batch at most. */
  static final int ROWS = 32;

  /** How long the first request of a batch waits for others while nothing is computed. */
  @Param({"0", "1000"})
  public long delayMicros;

  @Override
  Server open(ServedModel served) {
    return new Batched(served, Duration.ofNanos(delayMicros * 1000));
  }

  private static final class Batched implements Server {
    private final ServedModel served;
    private final InferenceSession session;
    private final BatchingPredictor predictor;

    Batched(ServedModel served, Duration delay) {
      this.served = served;
      session =
          InferenceSession.of(
              served.model(), SessionOptions.DEFAULT.withThreads(new Threads(1, 1, true)));
      TensorType type = (TensorType) session.inputs().get(0).type();
      Dim axis = type.shape().dim(0);
      predictor =
          BatchingPredictor.of(session, BatchOptions.of(axis.toString(), ROWS).withDelay(delay));
    }

    @Override
    public float[] answer() throws InterruptedException {
      Tensor input =
          served.floats() != null
              ? Tensor.ofFloats(served.floats(), served.dims())
              : Tensor.ofLongs(served.longs(), served.dims());
      return predictor.predict(Map.of(served.input(), input)).tensor().toFloats();
    }

    @Override
    public void close() {
      predictor.close();
      session.close();
    }
  }
}
