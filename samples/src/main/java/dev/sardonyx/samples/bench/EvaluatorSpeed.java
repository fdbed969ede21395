package dev.sardonyx.samples.bench;

import com.sun.management.OperatingSystemMXBean;
import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.backend.Options;
import dev.sardonyx.ir.backend.PreparedModel;
import dev.sardonyx.ir.eval.ReferenceBackend;
import dev.sardonyx.ir.nn.Networks;
import dev.sardonyx.ir.nn.TransformerEncoder;
import dev.sardonyx.ir.nn.TransformerOptions;
import dev.sardonyx.runtime.OrtBackend;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;

/**
 * How long the reference evaluator takes beside ONNX Runtime, on the same processors and threads,
 * in turn: ResNet-50 of one image of 3x224x224, and an encoder of MiniLM's sizes of 128 tokens,
 * both with random weights. Of each the median of the rounds counts, after some to warm up; once in
 * time, and once in time of processors, which tells more while the machine is busy: that of the one
 * thread, or of the whole process, on the average of the rounds, which counts the JIT compiler's
 * and ONNX Runtime's waiting threads, too.
 *
 * <p>{@code EvaluatorSpeed [ROUNDS [THREADS]]}: 15 rounds, and as many threads as processors,
 * unless said otherwise. Exits with 1 if the evaluator takes more than ten times as long.
 */
public final class EvaluatorSpeed {
  private static final double ALLOWED = 10;
  private static final int WARM_UP = 8;
  private static final OperatingSystemMXBean PROCESS =
      (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

  private static final ThreadMXBean THREAD = ManagementFactory.getThreadMXBean();

  /** A network and what it is run on. */
  private record Task(Model model, Map<String, Datum> inputs) {}

  private EvaluatorSpeed() {}

  public static void main(String[] arguments) {
    int rounds = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 15;
    int threads =
        arguments.length > 1
            ? Integer.parseInt(arguments[1])
            : Runtime.getRuntime().availableProcessors();
    System.out.printf(
        "%d threads%n%-10s %12s %8s %6s %15s %8s %6s%n",
        threads, "network", "evaluator ms", "ORT ms", "ratio", "processors ms", "ORT ms", "ratio");
    boolean fastEnough = true;
    for (Map.Entry<String, Task> task : tasks().entrySet()) {
      double ratio = compare(task.getKey(), task.getValue(), rounds, threads);
      fastEnough &= ratio <= ALLOWED;
    }
    System.exit(fastEnough ? 0 : 1);
  }

  private static Map<String, Task> tasks() {
    Map<String, Task> tasks = new LinkedHashMap<>();
    Random random = new Random(1);
    float[] pixels = new float[3 * 224 * 224];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (float) random.nextGaussian();
    }
    tasks.put(
        "resnet50",
        task(Networks.named("resnet50").build(1), Tensor.ofFloats(pixels, 1, 3, 224, 224)));
    long[] tokens = random.longs(128, 0, 20_000).toArray();
    tasks.put("minilm", task(miniLm(), Tensor.ofLongs(tokens, 1, 128)));
    return tasks;
  }

  private static Task task(Model model, Tensor input) {
    return new Task(model, Map.of(model.graph().inputs().get(0).name(), input));
  }

  /** Six blocks of 384 elements and 12 heads, with 1,536 hidden units. */
  static Model miniLm() {
    TransformerOptions options =
        TransformerOptions.of(12, 1536).withActivation(TransformerOptions.Activation.GELU);
    return TransformerEncoder.of(6, 384, 512, options).withOpset(17).build(1);
  }

  private static double compare(String name, Task task, int rounds, int threads) {
    Options options = Options.DEFAULT.withThreads(threads);
    double[][] times = new double[4][rounds];
    try (PreparedModel evaluator = new ReferenceBackend().prepare(task.model(), options);
        PreparedModel session = OrtBackend.cpu().prepare(task.model(), options)) {
      for (int round = -WARM_UP; round < rounds; round++) {
        double[] evaluated = milliseconds(evaluator, task, threads);
        double[] run = milliseconds(session, task, threads);
        for (int i = 0; i < 2 && round >= 0; i++) {
          times[i][round] = evaluated[i];
          times[i + 2][round] = run[i];
        }
      }
    }
    double own = median(times[0]);
    double ort = median(times[2]);
    double ownCpu = processorTime(times[1], threads);
    double ortCpu = processorTime(times[3], threads);
    System.out.printf(
        "%-10s %12.1f %8.1f %6.1f %15.1f %8.1f %6.1f%n",
        name, own, ort, own / ort, ownCpu, ortCpu, ownCpu / ortCpu);
    return own / ort;
  }

  /** A process's is counted in steps that may be longer than a run. */
  private static double processorTime(double[] times, int threads) {
    return threads == 1 ? median(times) : Arrays.stream(times).average().orElse(0);
  }

  /** Of one run: the time, and that of processors. */
  private static double[] milliseconds(PreparedModel model, Task task, int threads) {
    long cpu = processorNanos(threads);
    long start = System.nanoTime();
    model.run(task.inputs());
    long time = System.nanoTime() - start;
    return new double[] {time / 1e6, (processorNanos(threads) - cpu) / 1e6};
  }

  private static long processorNanos(int threads) {
    return threads == 1 ? THREAD.getCurrentThreadCpuTime() : PROCESS.getProcessCpuTime();
  }

  static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }
}
