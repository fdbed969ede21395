package dev.sardonyx.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.List;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.factory.Nd4j;

/** What DL4J only writes to its log is told. */
class SlowPartsTest {
  /** DL4J's helper fails on dilated windows that keep the size, and its plain way takes over. */
  @Test
  void aLayerWhoseHelperFailedIsNamed() {
    assumeTrue(Dl4jRuntime.helpersEnabled(), "there is no oneDNN on this machine");
    ComputationGraph network =
        new ComputationGraph(
            new NeuralNetConfiguration.Builder()
                .graphBuilder()
                .addInputs("image")
                .addLayer("plain", convolution(1).build(), "image")
                .addLayer("dilated", convolution(2).build(), "plain")
                .setOutputs("dilated")
                .build());
    network.init();
    assertEquals(List.of(), SlowParts.of(network));
    network.output(Nd4j.rand(DataType.FLOAT, 2, 2, 8, 8));
    assertEquals(List.of("DL4J gave up its fast way to compute 'dilated'"), SlowParts.of(network));
  }

  private static ConvolutionLayer.Builder convolution(int dilation) {
    return new ConvolutionLayer.Builder(3, 3)
        .nIn(2)
        .nOut(2)
        .dilation(dilation, dilation)
        .convolutionMode(ConvolutionMode.Same);
  }
}
