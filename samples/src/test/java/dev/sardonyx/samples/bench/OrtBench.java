package dev.sardonyx.samples.bench;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtUtil;
import dev.sardonyx.export.OnnxWriter;
import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Output;
import dev.sardonyx.ir.Result;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.backend.Options;
import dev.sardonyx.ir.backend.PreparedModel;
import dev.sardonyx.runtime.OrtBackend;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What it costs to get an image of 1x3x224x224 floats into ONNX Runtime and as many out again, with
 * next to nothing computed between: the backend against ONNX Runtime's Java API used by hand.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class OrtBench {
  private static final long[] DIMS = {1, 3, 224, 224};
  private static final int SIZE = 3 * 224 * 224;

  private PreparedModel prepared;
  private Tensor heap;
  private Tensor direct;
  private OrtEnvironment environment;
  private OrtSession.SessionOptions options;
  private OrtSession session;
  private Object nested;
  private FloatBuffer input;
  private FloatBuffer output;
  private OnnxTensor pinned;

  @Setup
  public void prepare() throws OrtException {
    TensorType type = TensorType.of(ElementType.FLOAT, DIMS);
    Node relu = Node.of("Relu", List.of("x"), List.of(Result.of("y", type)));
    Model model =
        Model.of(
            Graph.of(
                "relu",
                List.of(Input.of("x", type)),
                List.of(Output.of("y", type)),
                List.of(relu),
                List.of()),
            17);
    prepared = OrtBackend.cpu().prepare(model, new Options(List.of(), 1));
    heap = Tensor.ofFloats(new float[SIZE], DIMS);
    ByteBuffer bytes = directBuffer();
    direct = Tensor.of(ElementType.FLOAT, DIMS, bytes);
    environment = OrtEnvironment.getEnvironment();
    options = new OrtSession.SessionOptions();
    options.setIntraOpNumThreads(1);
    session = environment.createSession(OnnxWriter.toBytes(model), options);
    nested = OrtUtil.reshape(new float[SIZE], DIMS);
    input = directBuffer().asFloatBuffer();
    output = directBuffer().asFloatBuffer();
    pinned = OnnxTensor.createTensor(environment, output, DIMS);
  }

  private static ByteBuffer directBuffer() {
    return ByteBuffer.allocateDirect(SIZE * 4).order(ByteOrder.LITTLE_ENDIAN);
  }

  @TearDown
  public void close() throws OrtException {
    prepared.close();
    pinned.close();
    session.close();
    options.close();
  }

  /** The backend, with an ordinary array as input. */
  @Benchmark
  public Map<String, Datum> backendFromHeap() {
    return prepared.run(Map.of("x", heap));
  }

  /** The backend, with a direct buffer as input. */
  @Benchmark
  public Map<String, Datum> backendFromDirectBuffer() {
    return prepared.run(Map.of("x", direct));
  }

  /** As ONNX Runtime's documentation begins: {@code float[][][][]} both ways. */
  @Benchmark
  public Object rawNestedArrays() throws OrtException {
    try (OnnxTensor x = OnnxTensor.createTensor(environment, nested);
        OrtSession.Result result = session.run(Map.of("x", x))) {
      return result.get(0).getValue();
    }
  }

  /** Direct buffer in, a copy of ONNX Runtime's own buffer out. */
  @Benchmark
  public Object rawBuffers() throws OrtException {
    try (OnnxTensor x = OnnxTensor.createTensor(environment, input, DIMS);
        OrtSession.Result result = session.run(Map.of("x", x))) {
      return ((OnnxTensor) result.get(0)).getFloatBuffer();
    }
  }

  /** Direct buffers both ways, the output overwritten by the next run: the least there can be. */
  @Benchmark
  public float rawPinned() throws OrtException {
    try (OnnxTensor x = OnnxTensor.createTensor(environment, input, DIMS);
        OrtSession.Result result = session.run(Map.of("x", x), Set.of(), Map.of("y", pinned))) {
      return output.get(result.size());
    }
  }
}
