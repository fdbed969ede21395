package dev.sardonyx.samples.bench;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.providers.OrtCUDAProviderOptions;
import dev.sardonyx.export.OnnxWriter;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.runtime.session.Binding;
import dev.sardonyx.runtime.session.InferenceSession;
import dev.sardonyx.runtime.session.SessionOptions;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.Map;

/** A way to compute a task's output from arrays of the JVM to an array of the JVM. */
interface GpuWay extends AutoCloseable {
  String name();

  float[] answer() throws OrtException;

  @Override
  void close() throws OrtException;

  /** A call of a session. */
  static GpuWay called(String name, GpuTask task, SessionOptions options) {
    return new Called(name, task, values(task), InferenceSession.of(task.model(), options));
  }

  /** A session whose input and output are bound to buffers. */
  static GpuWay bound(String name, GpuTask task, SessionOptions options) {
    InferenceSession session = InferenceSession.of(task.model(), options);
    Binding binding = session.bind();
    ByteBuffer in = binding.allocateInput(task.inputName(), task.input().dims());
    ByteBuffer out = binding.allocateOutput(task.outputName(), task.expected().dims());
    return new Bound(name, values(task), session, binding, in, out.asFloatBuffer());
  }

  /** ONNX Runtime's own Java API, with the options that a session has. */
  static GpuWay byHand(String name, GpuTask task) throws OrtException {
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions();
        OrtCUDAProviderOptions cuda = new OrtCUDAProviderOptions(0)) {
      cuda.add("use_tf32", "0");
      cuda.add("cudnn_conv_algo_search", "HEURISTIC");
      options.addCUDA(cuda);
      OrtSession session = environment.createSession(OnnxWriter.toBytes(task.model()), options);
      return new ByHand(name, task, values(task), environment, session);
    }
  }

  /** The input's elements, as a {@code float[]} or a {@code long[]}. */
  private static Object values(GpuTask task) {
    Tensor input = task.input();
    return input.elementType() == ElementType.INT64 ? input.toLongs() : input.toFloats();
  }

  /** See {@link #called}. */
  record Called(String name, GpuTask task, Object values, InferenceSession session)
      implements GpuWay {
    @Override
    public float[] answer() {
      return session
          .call()
          .with(task.inputName(), values, task.input().dims())
          .run()
          .tensor(task.outputName())
          .toFloats();
    }

    @Override
    public void close() {
      session.close();
    }
  }

  /** See {@link #bound}. */
  record Bound(
      String name,
      Object values,
      InferenceSession session,
      Binding binding,
      ByteBuffer in,
      FloatBuffer out)
      implements GpuWay {
    @Override
    public float[] answer() {
      if (values instanceof long[] longs) {
        in.asLongBuffer().put(longs);
      } else {
        in.asFloatBuffer().put((float[]) values);
      }
      binding.run();
      float[] found = new float[out.capacity()];
      out.get(0, found);
      return found;
    }

    @Override
    public void close() {
      binding.close();
      session.close();
    }
  }

  /** See {@link #byHand}. */
  record ByHand(
      String name, GpuTask task, Object values, OrtEnvironment environment, OrtSession session)
      implements GpuWay {
    @Override
    public float[] answer() throws OrtException {
      long[] dims = task.input().dims();
      try (OnnxTensor x =
              values instanceof long[] longs
                  ? OnnxTensor.createTensor(environment, LongBuffer.wrap(longs), dims)
                  : OnnxTensor.createTensor(environment, FloatBuffer.wrap((float[]) values), dims);
          OrtSession.Result result = session.run(Map.of(task.inputName(), x))) {
        return ((OnnxTensor) result.get(0)).getFloatBuffer().array();
      }
    }

    @Override
    public void close() throws OrtException {
      session.close();
    }
  }
}
