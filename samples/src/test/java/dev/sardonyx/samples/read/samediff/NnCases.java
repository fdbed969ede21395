package dev.sardonyx.samples.read.samediff;

import java.util.List;
import org.nd4j.autodiff.samediff.ops.SDNN;
import org.nd4j.enums.PadMode;
import org.nd4j.linalg.factory.Nd4j;

/** Activations, normalisation and attention. */
final class NnCases {
  private NnCases() {}

  static List<OperatorCase> all() {
    OperatorCases cases = new OperatorCases(SDNN.class);
    activations(cases);
    layers(cases);
    return cases.list();
  }

  private static SDNN nn(Bench b) {
    return b.sd().nn();
  }

  private static void activations(OperatorCases cases) {
    cases
        .of("cReLU", b -> nn(b).cReLU(b.x(3, 4)))
        .of("elu", b -> nn(b).elu(b.x(3, 4)))
        .of("gelu", b -> nn(b).gelu(b.x(3, 4)))
        .of("preciseGelu", b -> nn(b).preciseGelu(b.x(3, 4)))
        .of("hardSigmoid", b -> nn(b).hardSigmoid(b.x(3, 4)))
        .of("hardTanh", b -> nn(b).hardTanh(b.x(3, 4)))
        .of("hardTanhDerivative", b -> nn(b).hardTanhDerivative(b.x(3, 4)))
        .of("leakyRelu", b -> nn(b).leakyRelu(b.x(3, 4), 0.2))
        .of("leakyReluDerivative", b -> nn(b).leakyReluDerivative(b.x(3, 4), 0.2))
        .of("logSigmoid", b -> nn(b).logSigmoid(b.x(3, 4)))
        .of("logSoftmax", b -> nn(b).logSoftmax(b.x(3, 4)))
        .of("logSoftmax", "along an axis", b -> nn(b).logSoftmax(b.x(2, 3, 4), 1))
        .of("prelu", b -> nn(b).prelu(b.x(2, 3, 4), b.weights(3, 1), 2))
        .broken("prelu", "of each element", b -> nn(b).prelu(b.x(2, 3, 4), b.weights(3, 4)))
        .of("relu", b -> nn(b).relu(b.x(3, 4), 0))
        .of("relu", "with a cutoff", b -> nn(b).relu(b.x(3, 4), 0.5))
        .of("relu6", b -> nn(b).relu6(b.x(3, 4).mul(5), 0))
        .of("selu", b -> nn(b).selu(b.x(3, 4)))
        .of("sigmoid", b -> nn(b).sigmoid(b.x(3, 4)))
        .of("sigmoidDerivative", b -> nn(b).sigmoidDerivative(b.x(3, 4), b.x(3, 4)))
        .of("softmax", b -> nn(b).softmax(b.x(3, 4)))
        .of("softmax", "along an axis", b -> nn(b).softmax(b.x(2, 3, 4), 1))
        .of("softmaxDerivative", b -> nn(b).softmaxDerivative(b.x(3, 4), b.x(3, 4), 1))
        .of("softplus", b -> nn(b).softplus(b.x(3, 4)))
        .of("softsign", b -> nn(b).softsign(b.x(3, 4)))
        .of("softsignDerivative", b -> nn(b).softsignDerivative(b.x(3, 4)))
        .of("swish", b -> nn(b).swish(b.x(3, 4)))
        .of("tanh", b -> nn(b).tanh(b.x(3, 4)));
  }

  private static void layers(OperatorCases cases) {
    cases
        .of(
            "batchNorm",
            b ->
                nn(b)
                    .batchNorm(
                        b.x(2, 3, 4, 4),
                        b.weights(3),
                        b.positiveWeights(3),
                        b.weights(3),
                        b.weights(3),
                        1e-3,
                        1))
        .of(
            "batchNorm",
            "channels last",
            b ->
                nn(b)
                    .batchNorm(
                        b.x(2, 4, 4, 3),
                        b.weights(3),
                        b.positiveWeights(3),
                        b.weights(3),
                        b.weights(3),
                        1e-3,
                        3))
        .of("biasAdd", b -> nn(b).biasAdd(b.x(2, 3, 4, 4), b.weights(3), true))
        .of("biasAdd", "channels last", b -> nn(b).biasAdd(b.x(2, 4, 4, 3), b.weights(3), false))
        .of("biasAdd", "to rows", b -> nn(b).biasAdd(b.x(2, 3), b.weights(3), false))
        .of(
            "dotProductAttention",
            b -> nn(b).dotProductAttention(b.x(2, 3, 4), b.x(2, 3, 5), b.x(2, 3, 5), null, true))
        .of(
            "dotProductAttention",
            "masked, not scaled",
            b ->
                nn(b)
                    .dotProductAttention(
                        b.x(2, 3, 4),
                        b.x(2, 3, 5),
                        b.x(2, 3, 5),
                        b.constant(
                            Nd4j.createFromArray(new float[][] {{1, 1, 0, 1, 0}, {1, 0, 1, 1, 1}})),
                        false))
        .of(
            "multiHeadDotProductAttention",
            b ->
                nn(b)
                    .multiHeadDotProductAttention(
                        b.x(2, 3, 4),
                        b.x(2, 3, 5),
                        b.x(2, 3, 5),
                        b.weights(2, 6, 3),
                        b.weights(2, 6, 3),
                        b.weights(2, 7, 3),
                        b.weights(14, 8),
                        null,
                        true))
        .refused("dropout", b -> nn(b).dropout(b.x(3, 4), 0.5))
        .refused("dropoutInverted", b -> nn(b).dropoutInverted(b.x(3, 4), 0.5))
        .of("layerNorm", b -> nn(b).layerNorm(b.x(3, 4), b.weights(4), b.weights(4), true, 1))
        .of(
            "layerNorm",
            "of sequences",
            b -> nn(b).layerNorm(b.x(3, 4, 5), b.weights(4), b.weights(4), true, 1, 2))
        .of("layerNorm", "without a bias", b -> nn(b).layerNorm(b.x(3, 4), b.weights(4), false, 1))
        .of("linear", b -> nn(b).linear(b.x(3, 4), b.weights(4, 2), b.weights(2)))
        .of("reluLayer", b -> nn(b).reluLayer(b.x(3, 4), b.weights(4, 2), b.weights(2)))
        .of(
            "pad",
            b ->
                nn(b)
                    .pad(
                        b.x(3, 4),
                        b.constant(Nd4j.createFromArray(new int[][] {{0, 1}, {2, 1}})),
                        1.5))
        .of(
            "pad",
            "reflected",
            b ->
                nn(b)
                    .pad(
                        b.x(3, 4),
                        b.constant(Nd4j.createFromArray(new int[][] {{0, 1}, {2, 1}})),
                        PadMode.REFLECT,
                        0))
        .refused(
            "pad",
            "symmetric",
            b ->
                nn(b)
                    .pad(
                        b.x(3, 4),
                        b.constant(Nd4j.createFromArray(new int[][] {{0, 1}, {2, 1}})),
                        PadMode.SYMMETRIC,
                        0))
        .all("topK", b -> nn(b).topK(b.x(3, 5), 2, true));
  }
}
