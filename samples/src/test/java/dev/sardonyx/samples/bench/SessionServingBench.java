package dev.sardonyx.samples.bench;

import dev.sardonyx.runtime.session.InferenceSession;
import dev.sardonyx.runtime.session.SessionOptions;
import dev.sardonyx.runtime.session.Threads;

/** An {@link InferenceSession}. */
public class SessionServingBench extends ServingBench {
  @Override
  Server open(ServedModel served) {
    return new Session(served);
  }

  private static final class Session implements Server {
    private final ServedModel served;
    private final InferenceSession session;

    Session(ServedModel served) {
      this.served = served;
      session =
          InferenceSession.of(
              served.model(), SessionOptions.DEFAULT.withThreads(new Threads(1, 1, true)));
    }

    @Override
    public float[] answer() {
      Object input = served.floats() != null ? served.floats() : served.longs();
      return session.call().with(served.input(), input, served.dims()).run().tensor().toFloats();
    }

    @Override
    public void close() {
      session.close();
    }
  }
}
