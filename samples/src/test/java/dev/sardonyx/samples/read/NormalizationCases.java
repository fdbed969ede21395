package dev.sardonyx.samples.read;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.LocalResponseNormalization;

/** Normalisations. */
final class NormalizationCases {
  private NormalizationCases() {}

  static Stream<ParityCase> all() {
    List<ParityCase> all = new ArrayList<>();
    for (boolean logStd : new boolean[] {false, true}) {
      String how = logStd ? ", logarithms" : "";
      all.add(
          ParityCase.chain(
              "batch normalisation of rows" + how,
              InputType.feedForward(5),
              new BatchNormalization.Builder().useLogStd(logStd).build()));
      for (CNN2DFormat format : CNN2DFormat.values()) {
        all.add(
            ParityCase.chain(
                "batch normalisation " + format + how,
                InputType.convolutional(4, 5, 3, format),
                new BatchNormalization.Builder().useLogStd(logStd).eps(0.01).build()));
        all.add(
            ParityCase.chain(
                "batch normalisation, locked " + format + how,
                InputType.convolutional(4, 5, 3, format),
                new BatchNormalization.Builder()
                    .useLogStd(logStd)
                    .lockGammaBeta(true)
                    .gamma(0.7)
                    .beta(0.2)
                    .build()));
      }
    }
    for (CNN2DFormat format : CNN2DFormat.values()) {
      for (int n : new int[] {3, 4, 5}) {
        all.add(
            ParityCase.chain(
                "local response %d %s".formatted(n, format),
                InputType.convolutional(3, 4, 6, format),
                new LocalResponseNormalization.Builder(2, n, 0.5, 0.6).build()));
      }
    }
    all.add(
        ParityCase.chain(
            "batch normalisation of sequences with channels last",
            InputType.recurrent(3, 5, RNNFormat.NWC),
            new BatchNormalization.Builder().dataFormat(CNN2DFormat.NHWC).build()));
    return all.stream();
  }
}
