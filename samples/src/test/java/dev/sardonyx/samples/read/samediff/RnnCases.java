package dev.sardonyx.samples.read.samediff;

import java.util.List;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.ops.SDRNN;
import org.nd4j.linalg.api.ops.impl.layers.recurrent.config.LSTMActivations;
import org.nd4j.linalg.api.ops.impl.layers.recurrent.config.LSTMConfiguration;
import org.nd4j.linalg.api.ops.impl.layers.recurrent.config.LSTMDataFormat;
import org.nd4j.linalg.api.ops.impl.layers.recurrent.config.LSTMDirectionMode;
import org.nd4j.linalg.api.ops.impl.layers.recurrent.config.LSTMLayerConfig;
import org.nd4j.linalg.api.ops.impl.layers.recurrent.config.RnnDataFormat;
import org.nd4j.linalg.api.ops.impl.layers.recurrent.weights.GRUWeights;
import org.nd4j.linalg.api.ops.impl.layers.recurrent.weights.LSTMLayerWeights;
import org.nd4j.linalg.api.ops.impl.layers.recurrent.weights.LSTMWeights;
import org.nd4j.linalg.api.ops.impl.layers.recurrent.weights.SRUWeights;
import org.nd4j.linalg.factory.Nd4j;

/** Recurrent layers and cells; T = 5 steps, N = 2 sequences, C = 3 features, H = 4 units. */
final class RnnCases {
  private RnnCases() {}

  static List<OperatorCase> all() {
    OperatorCases cases = new OperatorCases(SDRNN.class);
    cells(cases);
    layers(cases);
    return cases.list();
  }

  private static SDRNN rnn(Bench b) {
    return b.sd().rnn();
  }

  private static LSTMWeights weights(Bench b) {
    LSTMWeights.LSTMWeightsBuilder weights =
        LSTMWeights.builder().weights(b.weights(7, 16)).bias(b.weights(16));
    weights
        .inputPeepholeWeights(b.weights(4))
        .forgetPeepholeWeights(b.weights(4))
        .outputPeepholeWeights(b.weights(4));
    return weights.build();
  }

  private static void cells(OperatorCases cases) {
    cases
        .all(
            "gruCell",
            b ->
                rnn(b)
                    .gruCell(
                        b.x(2, 3),
                        b.x(2, 4),
                        GRUWeights.builder()
                            .ruWeight(b.weights(7, 8))
                            .cWeight(b.weights(7, 4))
                            .ruBias(b.weights(8))
                            .cBias(b.weights(4))
                            .build()))
        .all(
            "lstmCell",
            b ->
                rnn(b)
                    .lstmCell(
                        b.x(2, 3),
                        b.x(2, 4),
                        b.x(2, 4),
                        weights(b),
                        LSTMConfiguration.builder().forgetBias(1).build()))
        .all(
            "lstmCell",
            "with peepholes, clipped",
            b ->
                rnn(b)
                    .lstmCell(
                        b.x(2, 3),
                        b.x(2, 4),
                        b.x(2, 4),
                        weights(b),
                        LSTMConfiguration.builder().peepHole(true).clippingCellValue(0.5).build()))
        .broken(
            "sruCell",
            "",
            b ->
                rnn(b)
                    .sruCell(
                        b.x(2, 4),
                        b.x(2, 4),
                        SRUWeights.builder().weights(b.weights(4, 12)).bias(b.weights(8)).build()));
  }

  private static void layers(OperatorCases cases) {
    cases
        .of(
            "gru",
            b ->
                rnn(b)
                    .gru(
                        b.x(5, 2, 3), b.x(2, 4), b.weights(3, 12), b.weights(4, 12), b.weights(12)))
        .broken("lstmblock", "", b -> block(b, RnnDataFormat.TNS, b.x(5, 2, 3)))
        .broken(
            "sru",
            "",
            b ->
                rnn(b)
                    .sru(
                        b.x(2, 4, 5),
                        b.x(2, 4),
                        SRUWeights.builder().weights(b.weights(12, 4)).bias(b.weights(8)).build()))
        .broken(
            "sru",
            "masked",
            b ->
                rnn(b)
                    .sru(
                        b.x(2, 4, 5),
                        b.x(2, 4),
                        b.positive(2, 4),
                        SRUWeights.builder().weights(b.weights(12, 4)).bias(b.weights(8)).build()));
    for (LSTMDataFormat format :
        List.of(LSTMDataFormat.TNS, LSTMDataFormat.NTS, LSTMDataFormat.NST)) {
      cases.all(
          "lstmLayer",
          format.name(),
          b -> layer(b, LSTMLayerConfig.builder().lstmdataformat(format)));
    }
    for (LSTMDirectionMode mode : LSTMDirectionMode.values()) {
      LSTMDataFormat format =
          mode == LSTMDirectionMode.BIDIR_EXTRA_DIM ? LSTMDataFormat.T2NS : LSTMDataFormat.NST;
      cases.all(
          "lstmLayer",
          mode.name(),
          b ->
              layer(
                  b,
                  LSTMLayerConfig.builder()
                      .lstmdataformat(format)
                      .directionMode(mode)
                      .retLastC(true)
                      .retLastH(true)));
    }
    cases
        .all(
            "lstmLayer",
            "other activations",
            b ->
                layer(
                    b,
                    LSTMLayerConfig.builder()
                        .lstmdataformat(LSTMDataFormat.NST)
                        .gateAct(LSTMActivations.HARD_SIGMOID)
                        .cellAct(LSTMActivations.SOFTSIGN)
                        .outAct(LSTMActivations.RELU)))
        .refusedAll(
            "lstmLayer",
            "clipped",
            b ->
                layer(
                    b, LSTMLayerConfig.builder().lstmdataformat(LSTMDataFormat.NST).cellClip(0.2)));
  }

  private static SDVariable block(Bench b, RnnDataFormat format, SDVariable x) {
    return rnn(b)
        .lstmblock(
            b.constant(Nd4j.scalar(5L)),
            x,
            b.x(2, 4),
            b.x(2, 4),
            weights(b),
            LSTMConfiguration.builder().forgetBias(1).dataFormat(format).build());
  }

  private static SDVariable[] layer(Bench b, LSTMLayerConfig.LSTMLayerConfigBuilder builder) {
    LSTMLayerConfig config = builder.build();
    boolean both = config.getDirectionMode().name().startsWith("BIDIR");
    SDVariable x =
        switch (config.getLstmdataformat()) {
          case TNS, T2NS -> b.x(5, 2, 3);
          case NTS -> b.x(2, 5, 3);
          case NST -> b.x(2, 3, 5);
        };
    SDVariable c = both ? b.x(2, 2, 4) : b.x(2, 4);
    SDVariable h = both ? b.x(2, 2, 4) : b.x(2, 4);
    LSTMLayerWeights weights =
        LSTMLayerWeights.builder()
            .weights(both ? b.weights(2, 3, 16) : b.weights(3, 16))
            .rWeights(both ? b.weights(2, 4, 16) : b.weights(4, 16))
            .peepholeWeights(both ? b.weights(2, 12) : b.weights(12))
            .bias(both ? b.weights(2, 16) : b.weights(16))
            .build();
    return rnn(b).lstmLayer(x, c, h, null, weights, config);
  }
}
