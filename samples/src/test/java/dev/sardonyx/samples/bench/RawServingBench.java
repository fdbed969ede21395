package dev.sardonyx.samples.bench;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.sardonyx.export.OnnxWriter;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.Map;

/** ONNX Runtime's Java API used by hand. */
public class RawServingBench extends ServingBench {
  @Override
  Server open(ServedModel served) throws OrtException {
    return new Raw(served);
  }

  private static final class Raw implements Server {
    private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
    private final OrtSession.SessionOptions options = new OrtSession.SessionOptions();
    private final ServedModel served;
    private final OrtSession session;

    Raw(ServedModel served) throws OrtException {
      this.served = served;
      options.setIntraOpNumThreads(1);
      session = environment.createSession(OnnxWriter.toBytes(served.model()), options);
    }

    @Override
    public float[] answer() throws OrtException {
      try (OnnxTensor x = input();
          OrtSession.Result result = session.run(Map.of(served.input(), x))) {
        return ((OnnxTensor) result.get(0)).getFloatBuffer().array();
      }
    }

    private OnnxTensor input() throws OrtException {
      return served.floats() != null
          ? OnnxTensor.createTensor(environment, FloatBuffer.wrap(served.floats()), served.dims())
          : OnnxTensor.createTensor(environment, LongBuffer.wrap(served.longs()), served.dims());
    }

    @Override
    public void close() throws OrtException {
      session.close();
      options.close();
    }
  }
}
