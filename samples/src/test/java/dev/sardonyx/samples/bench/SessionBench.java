package dev.sardonyx.samples.bench;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.sardonyx.export.OnnxWriter;
import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.backend.Outputs;
import dev.sardonyx.ir.build.GraphBuilder;
import dev.sardonyx.ir.nn.Layers;
import dev.sardonyx.ir.nn.Networks;
import dev.sardonyx.runtime.session.Binding;
import dev.sardonyx.runtime.session.InferenceSession;
import dev.sardonyx.runtime.session.SessionOptions;
import dev.sardonyx.runtime.session.Threads;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * One run of a session and of ONNX Runtime's Java API used by hand, both on one thread: a network
 * so small that what is around it counts, and the seed network.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class SessionBench {
  @Param({"mlp", "seed"})
  public String network;

  private long[] inputDims;
  private float[] pixels;
  private InferenceSession session;
  private Binding binding;
  private Tensor direct;
  private OrtSession.SessionOptions options;
  private OrtSession raw;
  private FloatBuffer input;
  private FloatBuffer output;
  private OnnxTensor pinnedInput;
  private OnnxTensor pinnedOutput;

  /** One hidden layer of 32. */
  static Model mlp() {
    GraphBuilder b = GraphBuilder.of("mlp");
    Layers nn = Layers.of(b, 1);
    Value x = b.input("x", TensorType.of(ElementType.FLOAT, Shape.parse("N,64")));
    b.output(b.softmax(nn.dense(b.relu(nn.dense(x, 32)), 10), 1), "y");
    return b.buildModel();
  }

  static Model model(String network) {
    return network.equals("mlp") ? mlp() : Networks.named("seed").build(42);
  }

  @Setup
  public void prepare() throws OrtException {
    Model model = model(network);
    inputDims = network.equals("mlp") ? new long[] {1, 64} : new long[] {1, 1, 28, 28};
    int size = network.equals("mlp") ? 64 : 784;
    pixels = new float[size];
    String in = model.graph().inputs().get(0).name();
    String out = model.graph().outputs().get(0).name();
    session =
        InferenceSession.of(model, SessionOptions.DEFAULT.withThreads(new Threads(1, 1, true)));
    binding = session.bind();
    binding.allocateInput(in, inputDims);
    binding.allocateOutput(out, 1, 10);
    direct = Tensor.of(ElementType.FLOAT, inputDims, buffer(size));
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    options = new OrtSession.SessionOptions();
    options.setIntraOpNumThreads(1);
    raw = environment.createSession(OnnxWriter.toBytes(model), options);
    input = buffer(size).asFloatBuffer();
    output = buffer(10).asFloatBuffer();
    pinnedInput = OnnxTensor.createTensor(environment, input, inputDims);
    pinnedOutput = OnnxTensor.createTensor(environment, output, new long[] {1, 10});
  }

  private static ByteBuffer buffer(int size) {
    return ByteBuffer.allocateDirect(size * 4).order(ByteOrder.LITTLE_ENDIAN);
  }

  private String in() {
    return session.inputs().get(0).name();
  }

  private String out() {
    return session.outputs().get(0).name();
  }

  @TearDown
  public void close() throws OrtException {
    binding.close();
    session.close();
    pinnedInput.close();
    pinnedOutput.close();
    raw.close();
    options.close();
  }

  /** The least there can be: tensors made beforehand, the output overwritten by the next run. */
  @Benchmark
  public int rawPinned() throws OrtException {
    try (OrtSession.Result result =
        raw.run(Map.of(in(), pinnedInput), Set.of(), Map.of(out(), pinnedOutput))) {
      return result.size();
    }
  }

  /** The same, safely. */
  @Benchmark
  public void binding() {
    binding.run();
  }

  /** A direct buffer in, a copy of ONNX Runtime's own buffer out. */
  @Benchmark
  public FloatBuffer rawBuffers() throws OrtException {
    try (OnnxTensor x = OnnxTensor.createTensor(OrtEnvironment.getEnvironment(), input, inputDims);
        OrtSession.Result result = raw.run(Map.of(in(), x))) {
      return ((OnnxTensor) result.get(0)).getFloatBuffer();
    }
  }

  /** The same, safely. */
  @Benchmark
  public Outputs tensors() {
    Map<String, Datum> inputs = Map.of(in(), direct);
    return session.run(inputs);
  }

  /** An array in, an array out. */
  @Benchmark
  public float[] arrays() {
    return session.call().with(in(), pixels, inputDims).run().tensor().toFloats();
  }
}
