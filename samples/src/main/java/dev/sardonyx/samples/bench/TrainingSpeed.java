package dev.sardonyx.samples.bench;

import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.nn.Networks;
import dev.sardonyx.training.Dl4jRuntime;
import dev.sardonyx.training.Training;
import dev.sardonyx.training.TrainingResult;
import dev.sardonyx.training.data.LabelledImages;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
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
 * How fast the seed network trains: DL4J as it comes, written down as its users do, against
 * Sardonyx on the same DL4J. Each runs in a JVM of its own, one after the other; speeds are those
 * of images after the first ones, batches of 64, on made-up images of MNIST's size.
 *
 * <p>{@code TrainingSpeed [IMAGES]}: images that Sardonyx learns from, 3,200 unless said otherwise;
 * stock DL4J gets a tenth of them. Exits with 1 if Sardonyx is less than twelve times faster.
 */
public final class TrainingSpeed {
  private static final int BATCH = 64;
  private static final double WANTED = 12;

  private TrainingSpeed() {}

  public static void main(String[] arguments) throws IOException, InterruptedException {
    if (arguments.length == 2) {
      int images = Integer.parseInt(arguments[1]);
      System.out.println(arguments[0].equals("stock") ? stock(images) : sardonyx(images));
      return;
    }
    int images = arguments.length == 0 ? 3200 : Integer.parseInt(arguments[0]);
    double stock = inChild("stock", Math.max(4 * BATCH, images / 10));
    System.out.printf("stock DL4J  %7.1f images/s%n", stock);
    double sardonyx = inChild("sardonyx", images);
    System.out.printf("Sardonyx    %7.1f images/s%n", sardonyx);
    System.out.printf("ratio       %7.1f%n", sardonyx / stock);
    if (sardonyx < WANTED * stock) {
      System.exit(1);
    }
  }

  private static double inChild(String side, int images) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-D" + Dl4jRuntime.HELPERS_DISABLE + "=" + side.equals("stock"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(List.of(TrainingSpeed.class.getName(), side, Integer.toString(images)));
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
    Map<String, String> environment = builder.environment();
    if (side.equals("stock")) {
      environment.keySet().removeAll(List.of("OMP_WAIT_POLICY", "OPENBLAS_THREAD_TIMEOUT"));
    } else {
      environment.put("OMP_WAIT_POLICY", "passive");
      environment.put("OPENBLAS_THREAD_TIMEOUT", "4");
    }
    Process child = builder.start();
    String last = "";
    try (BufferedReader lines = child.inputReader()) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        last = line;
      }
    }
    if (child.waitFor() != 0) {
      throw new IOException("The JVM that measured " + side + " failed");
    }
    return Double.parseDouble(last);
  }

  private static LabelledImages images(int count) {
    Random random = new Random(1);
    byte[] pixels = new byte[count * 784];
    byte[] labels = new byte[count];
    random.nextBytes(pixels);
    for (int i = 0; i < count; i++) {
      labels[i] = (byte) random.nextInt(10);
    }
    return LabelledImages.of("noise", pixels, labels, 1, 28, 28);
  }

  /** Images a second in the second epoch. */
  private static double sardonyx(int images) throws IOException {
    Model model = Networks.named("seed").build(1);
    TrainingResult result = Training.of(model).epochs(2).batchSize(BATCH).run(images(images));
    return result.history().get(1).imagesPerSecond();
  }

  /** Images a second after the first two batches. */
  private static double stock(int images) {
    ComputationGraph network = stockNetwork();
    DataSetIterator batches = images(images).batches(BATCH);
    network.fit(batches.next());
    network.fit(batches.next());
    long start = System.nanoTime();
    while (batches.hasNext()) {
      network.fit(batches.next());
    }
    return (images - 2 * BATCH) / ((System.nanoTime() - start) / 1e9);
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
