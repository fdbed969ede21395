package dev.sardonyx.samples.bench;

import com.sun.management.OperatingSystemMXBean;
import dev.sardonyx.ir.nn.Network;
import dev.sardonyx.training.Dl4jRuntime;
import dev.sardonyx.training.EpochResult;
import dev.sardonyx.training.Training;
import dev.sardonyx.training.TrainingProgress;
import dev.sardonyx.training.data.LabelledImages;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.weights.WeightInit;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.lossfunctions.impl.LossSparseMCXENT;

/**
 * How fast networks train: Sardonyx, Keras on the same networks and images if there is a Python
 * with TensorFlow, and, for the seed network, stock DL4J with code as its users write it. Each runs
 * in a process of its own, in turn, for some rounds; the fastest run of each counts. Speeds leave
 * out the first images, to warm up; batches are of 64 made-up images. Processor time is that of the
 * whole process, loading of data included, and is more reliable on a busy machine.
 *
 * <p>{@code TrainingSpeed [--python PATH] [IMAGES [ROUNDS]]}: images a round, 3,200 unless said
 * otherwise, a tenth of them for stock DL4J and a twentieth for ResNet-18; 3 rounds; {@code
 * python3} from the PATH. Exits with 1 if Sardonyx is less than twelve times faster than stock
 * DL4J.
 */
public final class TrainingSpeed {
  private static final int BATCH = 64;
  private static final double WANTED = 12;
  private static final String SEED = "seed";
  private static final String CHILD = "--measure";
  private static final String KERAS_SCRIPT = "training_speed.py";

  /** Images a second, and seconds of processor time for 1,000 images. */
  private record Speed(double imagesPerSecond, double cpuSeconds) {
    static final Speed NONE = new Speed(0, Double.POSITIVE_INFINITY);

    static Speed parse(String line) {
      int space = line.indexOf(' ');
      return new Speed(
          Double.parseDouble(line.substring(0, space)),
          Double.parseDouble(line.substring(space + 1)));
    }

    Speed best(Speed other) {
      return new Speed(
          Math.max(imagesPerSecond, other.imagesPerSecond), Math.min(cpuSeconds, other.cpuSeconds));
    }

    @Override
    public String toString() {
      return imagesPerSecond + " " + cpuSeconds;
    }
  }

  /** Measures one of the compared frameworks once. */
  private interface Side {
    Speed measure() throws IOException, InterruptedException;
  }

  private TrainingSpeed() {}

  public static void main(String[] arguments) throws IOException, InterruptedException {
    Deque<String> left = new ArrayDeque<>(List.of(arguments));
    if (CHILD.equals(left.peek())) {
      left.remove();
      boolean stock = left.remove().equals("stock");
      String network = left.remove();
      int images = Integer.parseInt(left.remove());
      System.out.println(stock ? stock(images) : sardonyx(network, images));
      return;
    }
    String python = "python3";
    if ("--python".equals(left.peek())) {
      left.remove();
      python = left.remove();
    }
    int images = left.isEmpty() ? 3200 : Integer.parseInt(left.remove());
    int rounds = left.isEmpty() ? 3 : Integer.parseInt(left.remove());
    boolean fastEnough = compare(python, images, rounds);
    System.exit(fastEnough ? 0 : 1);
  }

  private static boolean compare(String python, int images, int rounds)
      throws IOException, InterruptedException {
    boolean hasKeras = hasKeras(python);
    if (!hasKeras) {
      System.out.println("Keras is left out: " + python + " has no tensorflow (--python PATH)");
    }
    System.out.printf(
        "%-16s %-11s %9s %18s%n", "network", "side", "images/s", "CPU s/1,000 images");
    double ratio = 0;
    for (String network : SpeedNetworks.names()) {
      int count = network.startsWith("resnet") ? Math.max(4 * BATCH, images / 20) : images;
      Map<String, Side> sides = new LinkedHashMap<>();
      if (network.equals(SEED)) {
        int few = Math.max(4 * BATCH, images / 10);
        sides.put("stock DL4J", () -> inJava("stock", network, few));
      }
      sides.put("Sardonyx", () -> inJava("sardonyx", network, count));
      if (hasKeras) {
        sides.put("Keras", () -> inKeras(python, network, count));
      }
      Map<String, Speed> speeds = measure(sides, rounds);
      speeds.forEach(
          (side, speed) ->
              System.out.printf(
                  "%-16s %-11s %9.1f %18.2f%n",
                  network, side, speed.imagesPerSecond, speed.cpuSeconds));
      if (network.equals(SEED)) {
        Speed stock = speeds.getOrDefault("stock DL4J", Speed.NONE);
        ratio = speeds.getOrDefault("Sardonyx", Speed.NONE).imagesPerSecond / stock.imagesPerSecond;
      }
    }
    System.out.printf("Sardonyx is %.1f times as fast as stock DL4J%n", ratio);
    return ratio >= WANTED;
  }

  private static Map<String, Speed> measure(Map<String, Side> sides, int rounds)
      throws IOException, InterruptedException {
    Map<String, Speed> best = new LinkedHashMap<>();
    for (int round = 0; round < rounds; round++) {
      for (Map.Entry<String, Side> side : sides.entrySet()) {
        best.merge(side.getKey(), side.getValue().measure(), Speed::best);
      }
    }
    return best;
  }

  private static Speed inJava(String side, String network, int images)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-D" + Dl4jRuntime.HELPERS_DISABLE + "=" + side.equals("stock"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(List.of(TrainingSpeed.class.getName(), CHILD, side, network));
    command.add(Integer.toString(images));
    ProcessBuilder builder = new ProcessBuilder(command);
    Map<String, String> environment = builder.environment();
    if (side.equals("stock")) {
      environment.keySet().removeAll(List.of("OMP_WAIT_POLICY", "OPENBLAS_THREAD_TIMEOUT"));
    } else {
      environment.put("OMP_WAIT_POLICY", "passive");
      environment.put("OPENBLAS_THREAD_TIMEOUT", "4");
    }
    return Speed.parse(lastLine(builder.redirectError(ProcessBuilder.Redirect.INHERIT)));
  }

  private static boolean hasKeras(String python) throws InterruptedException {
    try {
      Process process =
          new ProcessBuilder(python, "-c", "import tensorflow, keras")
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      return process.waitFor() == 0;
    } catch (IOException e) {
      return false;
    }
  }

  private static Speed inKeras(String python, String network, int images)
      throws IOException, InterruptedException {
    Path script = Files.createTempFile("training_speed", ".py");
    try (InputStream source = TrainingSpeed.class.getResourceAsStream(KERAS_SCRIPT)) {
      Files.write(script, Objects.requireNonNull(source).readAllBytes());
      return Speed.parse(
          lastLine(
              new ProcessBuilder(
                      python,
                      script.toString(),
                      network,
                      Integer.toString(images),
                      Integer.toString(BATCH))
                  .redirectError(ProcessBuilder.Redirect.DISCARD)));
    } finally {
      Files.delete(script);
    }
  }

  private static String lastLine(ProcessBuilder builder) throws IOException, InterruptedException {
    Process child = builder.start();
    String last = "";
    try (BufferedReader lines = child.inputReader()) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        last = line;
      }
    }
    if (child.waitFor() != 0) {
      throw new IOException("It failed: " + String.join(" ", builder.command()));
    }
    return last;
  }

  private static LabelledImages images(int count, int channels, int size) {
    Random random = new Random(1);
    byte[] pixels = new byte[count * channels * size * size];
    byte[] labels = new byte[count];
    random.nextBytes(pixels);
    for (int i = 0; i < count; i++) {
      labels[i] = (byte) random.nextInt(10);
    }
    return LabelledImages.of("noise", pixels, labels, channels, size, size);
  }

  /** Measures the second of two epochs. */
  private static Speed sardonyx(String name, int images) throws IOException {
    Network network = SpeedNetworks.named(name);
    LabelledImages noise = images(images, (int) network.channels(), (int) network.height());
    Clock clock = new Clock(images);
    Training.of(network.build(1)).epochs(2).batchSize(BATCH).progress(clock).run(noise);
    return clock.speed();
  }

  /** Measures all but the first two batches. */
  private static Speed stock(int images) {
    ComputationGraph network = stockNetwork();
    DataSetIterator batches = images(images, 1, 28).batches(BATCH);
    network.fit(batches.next());
    network.fit(batches.next());
    Clock clock = new Clock(images - 2 * BATCH);
    clock.start();
    while (batches.hasNext()) {
      network.fit(batches.next());
    }
    clock.stop();
    return clock.speed();
  }

  /** Measures the elapsed and processor time of an epoch. */
  private static final class Clock implements TrainingProgress {
    private final OperatingSystemMXBean process =
        ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
    private final int images;
    private long start;
    private long startCpu;
    private Speed speed = Speed.NONE;

    Clock(int images) {
      this.images = images;
    }

    void start() {
      start = System.nanoTime();
      startCpu = process.getProcessCpuTime();
    }

    void stop() {
      double seconds = (System.nanoTime() - start) / 1e9;
      double cpu = (process.getProcessCpuTime() - startCpu) / 1e9;
      speed = new Speed(images / seconds, cpu / images * 1000);
    }

    Speed speed() {
      return speed;
    }

    @Override
    public void epochStarted(int epoch, int epochs) {
      start();
    }

    @Override
    public void epochDone(EpochResult result) {
      stop();
    }

    @Override
    public void note(String line) {
      System.err.println(line);
    }
  }

  private static ComputationGraph stockNetwork() {
    GraphBuilder graph =
        new NeuralNetConfiguration.Builder()
            .seed(1)
            .updater(new Adam(1e-3))
            .weightInit(WeightInit.XAVIER_UNIFORM)
            .graphBuilder()
            .addInputs("image")
            .setInputTypes(InputType.convolutional(28, 28, 1));
    graph.addLayer("stem", convolution(Activation.RELU), "image");
    String x = "stem";
    for (int block = 1; block <= 2; block++) {
      String name = "block" + block;
      graph.addLayer(name + "a", convolution(Activation.RELU), x);
      graph.addLayer(name + "b", convolution(Activation.IDENTITY), name + "a");
      graph.addVertex(name + "sum", new ElementWiseVertex(ElementWiseVertex.Op.Add), name + "b", x);
      graph.addLayer(name, new ActivationLayer(Activation.RELU), name + "sum");
      x = name;
    }
    OutputLayer output =
        new OutputLayer.Builder(new LossSparseMCXENT())
            .nOut(10)
            .activation(Activation.SOFTMAX)
            .build();
    ComputationGraph network =
        new ComputationGraph(graph.addLayer("output", output, x).setOutputs("output").build());
    network.init();
    return network;
  }

  private static ConvolutionLayer convolution(Activation activation) {
    return new ConvolutionLayer.Builder(3, 3).nOut(32).padding(1, 1).activation(activation).build();
  }
}
