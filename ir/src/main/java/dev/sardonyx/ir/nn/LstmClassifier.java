package dev.sardonyx.ir.nn;

import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.build.GraphBuildException;

/** Classifiers of token sequences by long short-term memory, read both ways. */
public final class LstmClassifier {
  private LstmClassifier() {}

  /**
   * An embedding of tokens, bidirectional LSTM layers, and a dense layer over the last states.
   *
   * @param layers how many LSTM layers there are
   * @param size elements of a token
   * @param units of an LSTM layer, in each direction
   * @return {@code lstm}, for 2 classes of sequences of 20,000 different tokens
   */
  public static TokenNetwork of(int layers, long size, long units) {
    if (layers < 1) {
      throw GraphBuildException.here("An LSTM network has at least one layer, not " + layers);
    }
    return TokenNetwork.of(
        "lstm",
        20_000,
        2,
        (nn, tokens, vocabulary, classes) -> {
          RecurrentLayerOptions both = RecurrentLayerOptions.DEFAULT.bidirectional();
          Value x = nn.embedding(tokens, vocabulary, size);
          for (int i = 1; i < layers; i++) {
            x = nn.lstm(x, units, both.withSequences(true));
          }
          return nn.dense(nn.lstm(x, units, both), classes);
        });
  }
}
