package dev.sardonyx.samples.read;

import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** Layers over rows. */
final class FeedForwardCases {
  private FeedForwardCases() {}

  static Stream<ParityCase> all() {
    InputType row = InputType.feedForward(6);
    return Stream.of(
        ParityCase.chain(
            "dense, output",
            row,
            new DenseLayer.Builder().nOut(5).activation(Activation.TANH).build(),
            new OutputLayer.Builder(LossFunction.MCXENT)
                .nOut(4)
                .activation(Activation.SOFTMAX)
                .build()),
        ParityCase.chain(
            "without bias",
            row,
            new DenseLayer.Builder().nOut(5).hasBias(false).build(),
            new OutputLayer.Builder(LossFunction.MSE)
                .nOut(1)
                .hasBias(false)
                .activation(Activation.IDENTITY)
                .build()),
        ParityCase.chain(
            "layer normalisation",
            row,
            new DenseLayer.Builder().nOut(5).hasLayerNorm(true).activation(Activation.TANH).build(),
            new DenseLayer.Builder().nOut(7).hasLayerNorm(true).hasBias(false).build()),
        ParityCase.chain(
            "layer normalisation of rows without variance",
            row,
            new DenseLayer.Builder().nOut(1).hasLayerNorm(true).build()));
  }
}
