package dev.sardonyx.samples.bench;

import com.sun.management.OperatingSystemMXBean;
import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.backend.Backend;
import dev.sardonyx.ir.backend.Options;
import dev.sardonyx.ir.backend.PreparedModel;
import dev.sardonyx.ir.eval.ReferenceBackend;
import dev.sardonyx.ir.nn.Network;
import dev.sardonyx.ir.nn.Networks;
import dev.sardonyx.runtime.OrtBackend;
import dev.sardonyx.runtime.VerificationReport;
import dev.sardonyx.runtime.Verifier;
import dev.sardonyx.runtime.input.MadeUpInputs;
import dev.sardonyx.training.Dl4jBackend;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * How fast ONNX Runtime is verified layer by layer, and what bounds it: images a second and
 * processor time an image of each side by itself, as deployed and with every value given back, and
 * of the whole. What the whole takes beyond its sides is the comparison. Of several rounds the
 * least counts, since the machine may have other things to do.
 *
 * <p>{@code VerificationBench [NETWORK [dl4j|reference [IMAGES [BATCH [ROUNDS]]]]]}
 */
public final class VerificationBench {
  private static final OperatingSystemMXBean SYSTEM =
      (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

  private final int images;
  private final int rounds;

  private VerificationBench(int images, int rounds) {
    this.images = images;
    this.rounds = rounds;
  }

  public static void main(String[] arguments) {
    Network network = Networks.named(arguments.length > 0 ? arguments[0] : "seed");
    boolean dl4j = arguments.length < 2 || arguments[1].equals("dl4j");
    Backend original = dl4j ? new Dl4jBackend() : new ReferenceBackend();
    int images = number(arguments, 2, 2_000);
    int size = number(arguments, 3, 20);
    int rounds = number(arguments, 4, 5);
    System.out.printf(
        Locale.ROOT,
        "%s against %s, %,d images in batches of %d, the best of %d rounds%n%s%n",
        network.name(),
        original.name(),
        images,
        size,
        rounds,
        "                                images/s  CPU us/image");
    new VerificationBench(images, rounds).run(network.build(42), original, size);
  }

  private static int number(String[] arguments, int at, int otherwise) {
    return arguments.length > at ? Integer.parseInt(arguments[at]) : otherwise;
  }

  private void run(Model model, Backend original, int size) {
    List<Map<String, Datum>> batches = new ArrayList<>();
    for (int from = 0; from < images; from += size) {
      long batch = Math.min(size, images - from);
      batches.add(MadeUpInputs.of(model, Map.of("N", batch), from));
    }
    Backend ort = OrtBackend.cpu();
    List<String> values = original.observableValues(model);
    measure("ONNX Runtime, as deployed", () -> run(ort, model, List.of(), batches));
    measure("ONNX Runtime, every value", () -> run(ort, model, values, batches));
    measure(original.name() + ", every value", () -> run(original, model, values, batches));
    measure(
        "verification of every value",
        () -> {
          VerificationReport report = Verifier.of(ort).against(original, model, batches);
          if (!report.passed()) {
            throw new IllegalStateException(report.verdict());
          }
        });
  }

  private static void run(
      Backend backend, Model model, List<String> values, List<Map<String, Datum>> batches) {
    Options options = Options.DEFAULT.withOutputs(values).withThreads(1);
    try (PreparedModel prepared = backend.prepare(model, options)) {
      batches.forEach(batch -> prepared.borrow(batch).close()); // as the verification does
    }
  }

  private void measure(String what, Runnable work) {
    long best = Long.MAX_VALUE;
    long least = Long.MAX_VALUE;
    for (int round = 0; round <= rounds; round++) {
      long cpu = SYSTEM.getProcessCpuTime();
      long start = System.nanoTime();
      work.run();
      if (round > 0) {
        best = Math.min(best, System.nanoTime() - start);
        least = Math.min(least, SYSTEM.getProcessCpuTime() - cpu);
      }
    }
    System.out.printf(
        Locale.ROOT, "%-30s %,9.0f %,13.0f%n", what, images / (best / 1e9), least / 1e3 / images);
  }
}
