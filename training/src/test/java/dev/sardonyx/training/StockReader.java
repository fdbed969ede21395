package dev.sardonyx.training;

import java.io.File;
import java.util.Arrays;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.layers.convolution.ConvolutionLayer;
import org.deeplearning4j.util.ModelSerializer;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A program that knows DL4J only: reads a saved network, runs it on numbers counted up, and prints
 * whether it has a helper, then the outputs.
 */
public final class StockReader {
  private StockReader() {}

  public static void main(String[] arguments) throws Exception {
    try {
      Class.forName("dev.sardonyx.training.Dl4jBackend");
      throw new IllegalStateException("This is to run without Sardonyx on the class path");
    } catch (ClassNotFoundException e) {
      // As it should be.
    }
    ComputationGraph network =
        ModelSerializer.restoreComputationGraph(new File(arguments[0]), true);
    boolean helper =
        Arrays.stream(network.getLayers())
            .anyMatch(l -> l instanceof ConvolutionLayer c && c.getHelper() != null);
    System.out.println("helper " + helper);
    for (float number : network.output(counting())[0].dup('c').data().asFloat()) {
      System.out.println("output " + number);
    }
  }

  /** Two images 1x8x8. */
  static INDArray counting() {
    float[] pixels = new float[2 * 64];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = i % 17 / 17f;
    }
    return Nd4j.createFromArray(pixels).reshape(2, 1, 8, 8);
  }
}
