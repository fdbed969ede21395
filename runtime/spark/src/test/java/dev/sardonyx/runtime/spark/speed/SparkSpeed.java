package dev.sardonyx.runtime.spark.speed;

import dev.sardonyx.export.OnnxWriter;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.build.GraphBuilder;
import dev.sardonyx.ir.nn.Layers;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.DoubleSummaryStatistics;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Rows a second by the number of executors: the transformer, ONNX Runtime by hand in {@code
 * mapPartitions} and, where {@code synapseml} names the folder that it is built in, SynapseML. A
 * perceptron of 32 inputs, two layers of 128 and 10 outputs scores vectors in runs of 256 rows. All
 * are started first and then take turns, so that what else this machine does meets each of them
 * alike.
 */
public final class SparkSpeed {
  private static final int CLASSES = 10;

  /** What the ONNX Runtime of SynapseML, 1.8, can read. */
  private static final int OPSET = 13;

  /** Turns that are not counted: Java compiles meanwhile. */
  private static final int WARM_UP = 3;

  private static final int TURNS = 9;

  private static final float TOLERANCE = 1e-5f;

  private SparkSpeed() {}

  /**
   * @param args the number of rows, 400,000 if there is none, and the largest number of executors
   */
  public static void main(String[] args) throws IOException {
    if (System.getProperty("synapseml") != null && Runtime.version().feature() > 17) {
      System.err.println("SynapseML is not measured: its Spark, 3.5, runs up to Java 17");
      System.exit(2);
    }
    long rows = args.length > 0 ? Long.parseLong(args[0]) : 400_000;
    int most = args.length > 1 ? Integer.parseInt(args[1]) : 2;
    System.out.printf(
        Locale.ROOT,
        "%,d rows of %d features; %d turns, of which the median (and the best) count; %d processors,"
            + " load before %.1f%n",
        rows,
        SpeedTable.FEATURES,
        TURNS,
        Runtime.getRuntime().availableProcessors(),
        ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage());
    Path folder = Files.createTempDirectory("spark-speed");
    List<ContenderProcess> processes = new ArrayList<>();
    try {
      Path model = folder.resolve("perceptron.onnx");
      OnnxWriter.write(perceptron(), model);
      for (int executors = 1; executors <= most; executors++) {
        processes.addAll(start(model, rows, executors));
      }
      List<Contender> contenders = new ArrayList<>();
      for (ContenderProcess process : processes) {
        for (String name : process.ask("names")) {
          contenders.add(new Contender(name, process));
        }
      }
      compare(contenders);
      for (int turn = -WARM_UP; turn < TURNS; turn++) {
        for (Contender contender : contenders) {
          contender.takeTurn(turn >= 0);
        }
      }
      report(contenders, rows);
    } finally {
      processes.forEach(ContenderProcess::close);
      try (Stream<Path> files = Files.list(folder)) {
        files.forEach(file -> file.toFile().delete());
      }
      Files.delete(folder);
    }
  }

  private static List<ContenderProcess> start(Path model, long rows, int executors)
      throws IOException {
    List<ContenderProcess> started = new ArrayList<>();
    started.add(ContenderProcess.own(model, rows, executors));
    String synapseMl = System.getProperty("synapseml");
    if (synapseMl != null) {
      started.add(ContenderProcess.synapseMl(Path.of(synapseMl), model, rows, executors));
    }
    return started;
  }

  private static Model perceptron() {
    GraphBuilder b = GraphBuilder.of("perceptron", OPSET);
    Layers nn = Layers.of(b, 1);
    Value x =
        b.input("x", TensorType.of(ElementType.FLOAT, Shape.parse("N," + SpeedTable.FEATURES)));
    x = b.relu(nn.dense(x, 128));
    x = b.relu(nn.dense(x, 128));
    b.output(b.softmax(nn.dense(x, CLASSES), 1), "y");
    return b.buildModel();
  }

  /** All must say the same of the same rows. */
  private static void compare(List<Contender> contenders) throws IOException {
    Map<Long, float[]> expected = contenders.get(0).values();
    float largest = 0;
    DoubleSummaryStatistics range = new DoubleSummaryStatistics();
    for (Contender contender : contenders) {
      Map<Long, float[]> got = contender.values();
      if (!got.keySet().equals(expected.keySet())) {
        throw new IllegalStateException(contender + " scores other rows");
      }
      for (long id : expected.keySet()) {
        float[] a = expected.get(id);
        float[] b = got.get(id);
        for (int i = 0; i < CLASSES; i++) {
          range.accept(a[i]);
          largest = Math.max(largest, Math.abs(a[i] - b[i]));
          if (!(Math.abs(a[i] - b[i]) <= TOLERANCE)) {
            throw new IllegalStateException(
                "%s: row %d is %s, not %s"
                    .formatted(contender, id, Arrays.toString(b), Arrays.toString(a)));
          }
        }
      }
    }
    System.out.printf(
        Locale.ROOT,
        "%d rows compared, with values from %.2g to %.2g: the largest difference is %.1e%n",
        expected.size(),
        range.getMin(),
        range.getMax(),
        largest);
  }

  private static void report(List<Contender> contenders, long rows) {
    System.out.println(
        "executors  scored by              rows/s (best)              processor us/row");
    for (Contender contender : contenders) {
      System.out.printf(
          Locale.ROOT,
          "%9d  %-21s  %,9.0f (%,9.0f)      %15.2f%n",
          contender.process().executors(),
          contender.name(),
          rows / contender.median(Contender.Turn::seconds),
          rows / contender.least(Contender.Turn::seconds),
          1e6 * contender.median(Contender.Turn::processorSeconds) / rows);
    }
  }
}
