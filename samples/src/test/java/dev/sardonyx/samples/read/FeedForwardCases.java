package dev.sardonyx.samples.read;

import java.util.List;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.AutoEncoder;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.conf.layers.EmbeddingLayer;
import org.deeplearning4j.nn.conf.layers.EmbeddingSequenceLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PReLULayer;
import org.deeplearning4j.nn.conf.layers.misc.ElementWiseMultiplicationLayer;
import org.deeplearning4j.nn.conf.layers.misc.RepeatVector;
import org.deeplearning4j.nn.conf.layers.variational.VariationalAutoencoder;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** Layers over rows. */
final class FeedForwardCases {
  private static final InputType ROW = InputType.feedForward(6);

  private FeedForwardCases() {}

  static Stream<ParityCase> all() {
    return Stream.of(dense(), embeddings(), others()).flatMap(List::stream);
  }

  private static List<ParityCase> dense() {
    return List.of(
        ParityCase.chain(
            "dense, dropout, output",
            ROW,
            new DenseLayer.Builder().nOut(5).dropOut(0.5).activation(Activation.TANH).build(),
            new DropoutLayer(0.3),
            new OutputLayer.Builder(LossFunction.MCXENT)
                .nOut(4)
                .activation(Activation.SOFTMAX)
                .build()),
        ParityCase.chain(
            "without bias",
            ROW,
            new DenseLayer.Builder().nOut(5).hasBias(false).build(),
            new OutputLayer.Builder(LossFunction.MSE)
                .nOut(1)
                .hasBias(false)
                .activation(Activation.IDENTITY)
                .build()),
        ParityCase.chain(
            "layer normalisation",
            ROW,
            new DenseLayer.Builder().nOut(5).hasLayerNorm(true).activation(Activation.TANH).build(),
            new DenseLayer.Builder().nOut(7).hasLayerNorm(true).hasBias(false).build()),
        ParityCase.chain(
            "layer normalisation of rows without variance",
            ROW,
            new DenseLayer.Builder().nOut(1).hasLayerNorm(true).build()));
  }

  private static List<ParityCase> embeddings() {
    return List.of(
        ParityCase.untyped(
                "embedding",
                InputType.feedForward(1),
                new EmbeddingLayer.Builder().nIn(7).nOut(4).hasBias(true).build())
            .withIndices(7),
        ParityCase.untyped(
                "embedding without bias",
                InputType.feedForward(1),
                new EmbeddingLayer.Builder()
                    .nIn(7)
                    .nOut(4)
                    .hasBias(false)
                    .activation(Activation.TANH)
                    .build())
            .withIndices(7),
        ParityCase.untyped(
                "embedding of sequences",
                InputType.feedForward(5),
                new EmbeddingSequenceLayer.Builder().nIn(7).nOut(4).build())
            .withIndices(7),
        ParityCase.untyped(
                "embedding of sequences [N,1,T]",
                InputType.recurrent(1),
                new EmbeddingSequenceLayer.Builder()
                    .nIn(7)
                    .nOut(4)
                    .hasBias(true)
                    .activation(Activation.SOFTMAX)
                    .build())
            .withIndices(7),
        ParityCase.untyped(
                "embedding of sequences NWC",
                InputType.feedForward(5),
                new EmbeddingSequenceLayer.Builder()
                    .nIn(7)
                    .nOut(4)
                    .outputDataFormat(RNNFormat.NWC)
                    .activation(Activation.SOFTMAX)
                    .build())
            .withIndices(7));
  }

  private static List<ParityCase> others() {
    InputType image = InputType.convolutional(4, 5, 3);
    return List.of(
        ParityCase.chain(
            "product of elements",
            ROW,
            new ElementWiseMultiplicationLayer.Builder()
                .nOut(6)
                .activation(Activation.SIGMOID)
                .build()),
        ParityCase.chain(
            "a slope for each feature", ROW, new PReLULayer.Builder().inputShape(6).build()),
        ParityCase.chain(
            "a slope for each element",
            image,
            new PReLULayer.Builder().inputShape(3, 4, 5).build()),
        ParityCase.chain(
            "a slope for each channel",
            image,
            new PReLULayer.Builder().inputShape(3, 4, 5).sharedAxes(2, 3).build()),
        ParityCase.chain("repeated", ROW, new RepeatVector.Builder<>(3).build()),
        ParityCase.chain(
            "repeated NWC", ROW, new RepeatVector.Builder<>(3).dataFormat(RNNFormat.NWC).build()),
        ParityCase.chain(
            "auto-encoder",
            ROW,
            new AutoEncoder.Builder().nOut(4).activation(Activation.SIGMOID).build()),
        ParityCase.chain(
            "variational auto-encoder",
            ROW,
            new VariationalAutoencoder.Builder()
                .encoderLayerSizes(5, 4)
                .decoderLayerSizes(3)
                .activation(Activation.TANH)
                .pzxActivationFunction(Activation.SIGMOID)
                .nOut(2)
                .build()));
  }
}
