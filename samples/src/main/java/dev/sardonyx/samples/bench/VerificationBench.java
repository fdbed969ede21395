package dev.sardonyx.samples.bench;

import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.backend.Backend;
import dev.sardonyx.ir.backend.Options;
import dev.sardonyx.ir.backend.PreparedModel;
import dev.sardonyx.ir.nn.Network;
import dev.sardonyx.ir.nn.Networks;
import dev.sardonyx.runtime.OrtBackend;
import dev.sardonyx.runtime.VerificationReport;
import dev.sardonyx.runtime.Verifier;
import dev.sardonyx.training.Dl4jBackend;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * How fast ONNX Runtime is verified against DL4J, layer by layer, and what bounds it: images a
 * second of each side by itself, as deployed and with every value given back, and of the whole.
 *
 * <p>{@code VerificationBench [NETWORK [IMAGES [BATCH [ROUNDS]]]]}, of which the fastest round
 * counts.
 */
public final class VerificationBench {
  private VerificationBench() {}

  public static void main(String[] arguments) {
    Network network = Networks.named(arguments.length > 0 ? arguments[0] : "seed");
    int images = number(arguments, 1, 2_000);
    int size = number(arguments, 2, 50);
    int rounds = number(arguments, 3, 5);
    Model model = network.build(42);
    List<Map<String, Tensor>> batches = batches(model, images, size);
    Backend ort = OrtBackend.cpu();
    Backend dl4j = new Dl4jBackend();
    List<String> values = new ArrayList<>(dl4j.observableValues(model));
    System.out.printf(
        Locale.ROOT,
        "%s, %d values, %,d images in batches of %d; images/s, the best of %d rounds%n",
        network.name(),
        values.size(),
        images,
        size,
        rounds);
    rate("ONNX Runtime, as deployed", images, rounds, () -> run(ort, model, List.of(), batches));
    rate("ONNX Runtime, every value", images, rounds, () -> run(ort, model, values, batches));
    rate("DL4J, every value", images, rounds, () -> run(dl4j, model, values, batches));
    rate(
        "verification of every value",
        images,
        rounds,
        () -> {
          VerificationReport report = Verifier.of(ort).against(dl4j, model, batches);
          if (!report.passed()) {
            throw new IllegalStateException(report.verdict());
          }
        });
  }

  private static int number(String[] arguments, int at, int otherwise) {
    return arguments.length > at ? Integer.parseInt(arguments[at]) : otherwise;
  }

  private static List<Map<String, Tensor>> batches(Model model, int images, int size) {
    SplittableRandom random = new SplittableRandom(1);
    String input = model.graph().inputs().get(0).name();
    long[] dims = Networks_dims(model);
    List<Map<String, Tensor>> batches = new ArrayList<>();
    for (int from = 0; from < images; from += size) {
      dims[0] = Math.min(size, images - from);
      long elements = 1;
      for (long dim : dims) {
        elements *= dim;
      }
      float[] pixels = new float[Math.toIntExact(elements)];
      for (int i = 0; i < pixels.length; i++) {
        pixels[i] = (float) random.nextDouble();
      }
      batches.add(Map.of(input, Tensor.ofFloats(pixels, dims)));
    }
    return batches;
  }

  private static long[] Networks_dims(Model model) {
    var type = (dev.sardonyx.ir.TensorType) model.graph().inputs().get(0).type();
    long[] dims = new long[type.shape().rank()];
    for (int axis = 1; axis < dims.length; axis++) {
      dims[axis] = type.shape().dim(axis).value();
    }
    return dims;
  }

  private static void run(
      Backend backend, Model model, List<String> values, List<Map<String, Tensor>> batches) {
    try (PreparedModel prepared = backend.prepare(model, Options.DEFAULT.withOutputs(values))) {
      batches.forEach(prepared::run);
    }
  }

  private static void rate(String what, int images, int rounds, Runnable work) {
    long best = Long.MAX_VALUE;
    long bestCpu = Long.MAX_VALUE;
    for (int round = 0; round <= rounds; round++) {
      long cpu = cpuNanos();
      long start = System.nanoTime();
      work.run();
      if (round > 0) {
        best = Math.min(best, System.nanoTime() - start);
        bestCpu = Math.min(bestCpu, cpuNanos() - cpu);
      }
    }
    System.out.printf(
        Locale.ROOT, "%-30s %,8.0f %,8.0f%n", what, images / (best / 1e9), bestCpu / 1e3 / images);
  }

  private static long cpuNanos() {
    return ((com.sun.management.OperatingSystemMXBean)
            java.lang.management.ManagementFactory.getOperatingSystemMXBean())
        .getProcessCpuTime();
  }
}
