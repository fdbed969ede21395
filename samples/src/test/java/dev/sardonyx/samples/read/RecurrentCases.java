package dev.sardonyx.samples.read;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.GravesBidirectionalLSTM;
import org.deeplearning4j.nn.conf.layers.GravesLSTM;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.recurrent.Bidirectional;
import org.deeplearning4j.nn.conf.layers.recurrent.LastTimeStep;
import org.deeplearning4j.nn.conf.layers.recurrent.SimpleRnn;
import org.deeplearning4j.nn.conf.layers.recurrent.TimeDistributed;
import org.deeplearning4j.nn.conf.layers.util.MaskLayer;
import org.deeplearning4j.nn.conf.layers.util.MaskZeroLayer;
import org.deeplearning4j.nn.weights.WeightInit;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.learning.config.NoOp;

/** Recurrent layers and their wrappers, in both layouts, over sequences of any length. */
@SuppressWarnings("deprecation") // saved networks still have Graves' layers
final class RecurrentCases {
  private static final InputType SEQUENCE = InputType.recurrent(3);
  private static final InputType CHANNELS_LAST = InputType.recurrent(3, RNNFormat.NWC);

  private RecurrentCases() {}

  static Stream<ParityCase> all() {
    List<ParityCase> cases = new ArrayList<>();
    for (RNNFormat format : RNNFormat.values()) {
      InputType type = InputType.recurrent(3, format);
      String layout = " " + format;
      cases.add(chain("LSTM" + layout, type, lstm(Activation.TANH, format)));
      cases.add(chain("LSTM of Softsign" + layout, type, lstm(Activation.SOFTSIGN, format)));
      cases.add(chain("LSTM of Swish" + layout, type, lstm(Activation.SWISH, format)));
      cases.add(chain("SimpleRnn" + layout, type, simple(Activation.TANH, format)));
      cases.add(chain("LSTM of ELU" + layout, type, lstm(Activation.ELU, format)));
      cases.add(
          chain("SimpleRnn of HardSigmoid" + layout, type, simple(Activation.HARDSIGMOID, format)));
      cases.add(chain("SimpleRnn of ELU" + layout, type, simple(Activation.ELU, format)));
      cases.add(chain("SimpleRnn of Cube" + layout, type, simple(Activation.CUBE, format)));
      cases.add(
          chain("LastTimeStep" + layout, type, new LastTimeStep(lstm(Activation.TANH, format))));
      cases.add(
          chain(
                  "LastTimeStep of MaskZero" + layout,
                  type,
                  new LastTimeStep(new MaskZeroLayer(lstm(Activation.TANH, format), 0)))
              .withIndices(2));
      cases.add(
          chain("MaskZero" + layout, type, new MaskZeroLayer(simple(Activation.TANH, format), 0))
              .withIndices(2));
      cases.add(
          chain(
                  "MaskZero of LSTM" + layout,
                  type,
                  new MaskZeroLayer(lstm(Activation.TANH, format), 1))
              .withIndices(2));
      for (Bidirectional.Mode mode : Bidirectional.Mode.values()) {
        cases.add(
            chain(
                "Bidirectional " + mode + layout,
                type,
                new Bidirectional(mode, lstm(Activation.TANH, format))));
      }
      cases.add(
          chain(
              "TimeDistributed" + layout,
              type,
              new TimeDistributed(
                  new DenseLayer.Builder().nIn(3).nOut(4).activation(Activation.SOFTMAX).build(),
                  format)));
    }
    cases.add(
        chain(
            "Bidirectional LastTimeStep",
            SEQUENCE,
            new Bidirectional(
                Bidirectional.Mode.CONCAT,
                new LastTimeStep(simple(Activation.TANH, RNNFormat.NCW)))));
    cases.add(
        chain(
            "LSTM with hard gates",
            SEQUENCE,
            new LSTM.Builder()
                .nOut(4)
                .activation(Activation.RELU)
                .gateActivationFunction(Activation.HARDSIGMOID)
                .build()));
    cases.add(
        chain(
            "GravesLSTM",
            SEQUENCE,
            new GravesLSTM.Builder().nOut(4).activation(Activation.TANH).build()));
    cases.add(
        chain(
            "GravesBidirectionalLSTM",
            SEQUENCE,
            new GravesBidirectionalLSTM.Builder().nOut(4).activation(Activation.TANH).build()));
    cases.add(chain("MaskLayer", SEQUENCE, new MaskLayer()));
    cases.add(
        chain(
            "Two layers",
            CHANNELS_LAST,
            lstm(Activation.TANH, RNNFormat.NWC),
            simple(Activation.RELU, RNNFormat.NWC)));
    return cases.stream();
  }

  private static ParityCase chain(String name, InputType type, Layer... layers) {
    return ParityCase.chain(name, type, layers);
  }

  private static LSTM lstm(Activation activation, RNNFormat format) {
    return new LSTM.Builder().nIn(3).nOut(4).activation(activation).dataFormat(format).build();
  }

  private static SimpleRnn simple(Activation activation, RNNFormat format) {
    return new SimpleRnn.Builder()
        .nOut(4)
        .activation(activation)
        .weightInit(WeightInit.XAVIER) // which DL4J does not hand down through two wrappers
        .updater(new NoOp())
        .dataFormat(format)
        .build();
  }
}
