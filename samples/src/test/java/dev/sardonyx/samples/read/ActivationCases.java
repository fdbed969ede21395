package dev.sardonyx.samples.read;

import java.util.Arrays;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationELU;
import org.nd4j.linalg.activations.impl.ActivationGELU;
import org.nd4j.linalg.activations.impl.ActivationLReLU;
import org.nd4j.linalg.activations.impl.ActivationPReLU;
import org.nd4j.linalg.activations.impl.ActivationRReLU;
import org.nd4j.linalg.activations.impl.ActivationReLU;
import org.nd4j.linalg.activations.impl.ActivationSoftmax;
import org.nd4j.linalg.activations.impl.ActivationThresholdedReLU;
import org.nd4j.linalg.factory.Nd4j;

/** Activation functions: fused into a layer, and as layers. */
final class ActivationCases {
  private ActivationCases() {}

  static Stream<ParityCase> all() {
    return Stream.of(named(), withSettings(), onImages()).flatMap(s -> s);
  }

  private static Stream<ParityCase> named() {
    return Arrays.stream(Activation.values())
        .map(
            a ->
                ParityCase.chain(
                    "activation " + a,
                    InputType.feedForward(6),
                    new ActivationLayer(a.getActivationFunction()),
                    new DenseLayer.Builder().nOut(5).activation(a).build()));
  }

  private static Stream<ParityCase> withSettings() {
    return Stream.<IActivation>of(
            new ActivationReLU(1.5, null, null),
            new ActivationReLU(null, 0.3, 0.2),
            new ActivationReLU(1.0, -0.5, 0.7),
            new ActivationReLU(2.0, null, 0.1),
            new ActivationLReLU(0.3),
            new ActivationELU(0.7),
            new ActivationThresholdedReLU(0.4),
            new ActivationRReLU(0.1, 0.5),
            new ActivationGELU(true),
            new ActivationGELU(false),
            new ActivationPReLU(
                Nd4j.createFromArray(new float[][] {{.1f, .2f, .3f, -.4f, 0, 1}}), null))
        .map(
            f ->
                ParityCase.chain(
                    "activation " + f, InputType.feedForward(6), new ActivationLayer(f)));
  }

  /** Softmax goes over the last axis, whatever it is. */
  private static Stream<ParityCase> onImages() {
    return Stream.of(
        ParityCase.chain(
            "softmax of images",
            InputType.convolutional(4, 5, 2),
            new ConvolutionLayer.Builder(2, 2).nOut(3).activation(new ActivationSoftmax()).build()),
        ParityCase.chain(
            "softmax of images as a layer",
            InputType.convolutional(4, 5, 2),
            new ActivationLayer(Activation.SOFTMAX)));
  }
}
