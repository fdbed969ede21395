package dev.sardonyx.samples.read;

import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.RecurrentAttentionLayer;
import org.deeplearning4j.nn.conf.layers.SelfAttentionLayer;
import org.deeplearning4j.nn.weights.WeightInit;
import org.nd4j.linalg.activations.Activation;

/** Attention over sequences, with and without projections to several heads. */
final class AttentionCases {
  private static final InputType SEQUENCE = InputType.recurrent(4, 5);

  private AttentionCases() {}

  static Stream<ParityCase> all() {
    return Stream.of(
        chain(
            "SelfAttention, 2 heads",
            new SelfAttentionLayer.Builder()
                .nIn(4)
                .nOut(6)
                .nHeads(2)
                .headSize(3)
                .projectInput(true)
                .weightInit(WeightInit.XAVIER)
                .build()),
        chain(
            "SelfAttention, plain",
            new SelfAttentionLayer.Builder()
                .nIn(4)
                .nOut(4)
                .nHeads(1)
                .projectInput(false)
                .weightInit(WeightInit.XAVIER)
                .build()),
        chain(
            "RecurrentAttention, LeakyReLU",
            new RecurrentAttentionLayer.Builder()
                .nIn(4)
                .nOut(4)
                .nHeads(1)
                .projectInput(true)
                .activation(Activation.LEAKYRELU)
                .weightInit(WeightInit.XAVIER)
                .build()),
        chain(
            "RecurrentAttention, 2 heads",
            new RecurrentAttentionLayer.Builder()
                .nIn(4)
                .nOut(6)
                .nHeads(2)
                .headSize(3)
                .projectInput(true)
                .activation(Activation.TANH)
                .weightInit(WeightInit.XAVIER)
                .build()));
  }

  private static ParityCase chain(String name, Layer layer) {
    return ParityCase.chain(name, SEQUENCE, layer);
  }
}
