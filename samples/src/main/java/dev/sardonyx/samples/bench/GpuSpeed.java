package dev.sardonyx.samples.bench;

import static dev.sardonyx.ir.ElementType.FLOAT16;

import ai.onnxruntime.OrtException;
import dev.sardonyx.export.OnnxExport;
import dev.sardonyx.ir.Dim;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.backend.UnsupportedModelException;
import dev.sardonyx.ir.nn.Networks;
import dev.sardonyx.ir.precision.HalfPrecision;
import dev.sardonyx.runtime.session.Accelerator;
import dev.sardonyx.runtime.session.InferenceSession;
import dev.sardonyx.runtime.session.Provider;
import dev.sardonyx.runtime.session.SessionOptions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * A GPU of Nvidia's beside this machine's CPU: milliseconds from the input in the JVM's memory to
 * the output in it, as the median of the rounds, in which all ways take turns: ONNX Runtime's Java
 * API by hand, a session, one whose buffers are bound, and the same with TensorFloat-32, in
 * float16, and captured as a CUDA graph. {@code differs} is the largest difference from the CPU's
 * output.
 *
 * <p>{@code GpuSpeed [NETWORKS [BATCHES [ROUNDS]]]}, by default {@code seed,resnet50,minilm} with
 * {@code 1,32} inputs and 50 rounds.
 */
public final class GpuSpeed {
  private static final int WARM_UP = 5;
  private static final Provider.Cuda CUDA =
      new Provider.Cuda(0).withSearch(Provider.CudnnSearch.HEURISTIC);

  private GpuSpeed() {}

  public static void main(String[] arguments) throws OrtException {
    String networks = arguments.length > 0 ? arguments[0] : "seed,resnet50,minilm";
    String batches = arguments.length > 1 ? arguments[1] : "1,32";
    int rounds = arguments.length > 2 ? Integer.parseInt(arguments[2]) : 50;
    System.out.println(Accelerator.of("cuda"));
    System.out.printf(
        "%-10s %5s %-14s %10s %12s %9s%n",
        "network", "batch", "way", "median ms", "inputs/s", "differs");
    for (String network : networks.split(",", -1)) {
      for (String batch : batches.split(",", -1)) {
        compare(network, task(network, Integer.parseInt(batch)), rounds);
      }
    }
  }

  private static GpuTask task(String network, int batch) {
    Random random = new Random(1);
    if (network.equals("minilm")) {
      long[] tokens = random.longs(128L * batch, 0, 20_000).toArray();
      return task(EvaluatorSpeed.miniLm(), Tensor.ofLongs(tokens, batch, 128));
    }
    Model model = Networks.named(network).build(42);
    TensorType type = (TensorType) model.graph().inputs().get(0).type();
    long[] dims = type.shape().with(0, Dim.of(batch)).toLongs();
    float[] values = new float[(int) Arrays.stream(dims).reduce(1, Math::multiplyExact)];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return task(model, Tensor.ofFloats(values, dims));
  }

  private static GpuTask task(Model model, Tensor input) {
    String name = model.graph().inputs().get(0).name();
    try (InferenceSession cpu = InferenceSession.of(model)) {
      return new GpuTask(
          model, input, cpu.run(Map.of(name, input)).tensor(model.graph().outputs().get(0).name()));
    }
  }

  private static void compare(String network, GpuTask task, int rounds) throws OrtException {
    List<GpuWay> ways = new ArrayList<>();
    try {
      ways.add(GpuWay.called("CPU", task, SessionOptions.DEFAULT));
      ways.add(GpuWay.byHand("CUDA by hand", task));
      ways.add(GpuWay.called("CUDA", task, on(CUDA)));
      ways.add(GpuWay.bound("CUDA bound", task, on(CUDA)));
      ways.add(GpuWay.bound("CUDA TF32", task, on(CUDA.withTf32())));
      Model half = OnnxExport.of(task.model()).precision(HalfPrecision.of(FLOAT16)).toModel();
      ways.add(GpuWay.bound("CUDA float16", task.with(half), on(CUDA)));
      try {
        ways.add(GpuWay.bound("CUDA graph", task, on(CUDA.withGraph())));
      } catch (UnsupportedModelException e) {
        // It asks for all nodes on the GPU, and those that compute shapes are on the CPU.
        System.out.println(network + " as a CUDA graph: " + e.getMessage());
      }
      measure(network, task, ways, rounds);
    } finally {
      for (GpuWay way : ways) {
        way.close();
      }
    }
  }

  private static SessionOptions on(Provider provider) {
    return SessionOptions.DEFAULT.withProviders(provider);
  }

  private static void measure(String network, GpuTask task, List<GpuWay> ways, int rounds)
      throws OrtException {
    float[] expected = task.expected().toFloats();
    double[][] times = new double[ways.size()][rounds];
    double[] differences = new double[ways.size()];
    for (int round = -WARM_UP; round < rounds; round++) {
      for (int i = 0; i < ways.size(); i++) {
        long start = System.nanoTime();
        float[] found = ways.get(i).answer();
        double time = (System.nanoTime() - start) / 1e6;
        if (round >= 0) {
          times[i][round] = time;
        }
        differences[i] = Math.max(differences[i], difference(expected, found));
      }
    }
    long batch = task.input().dims()[0];
    for (int i = 0; i < ways.size(); i++) {
      double median = EvaluatorSpeed.median(times[i]);
      System.out.printf(
          "%-10s %5d %-14s %10.3f %12.0f %9.1e%n",
          network, batch, ways.get(i).name(), median, batch * 1000 / median, differences[i]);
    }
  }

  private static double difference(float[] expected, float[] found) {
    double largest = 0;
    for (int i = 0; i < expected.length; i++) {
      double difference = Math.abs((double) expected[i] - found[i]);
      // NaN is a difference, too.
      largest = difference <= largest ? largest : difference;
    }
    return largest;
  }
}
