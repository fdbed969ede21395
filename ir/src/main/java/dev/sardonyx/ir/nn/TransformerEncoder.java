package dev.sardonyx.ir.nn;

import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.build.GraphBuildException;

/** Classifiers of token sequences by a transformer's encoder (Vaswani et al. 2017). */
public final class TransformerEncoder {
  private TransformerEncoder() {}

  /**
   * Embeddings of tokens and positions, blocks, the mean over all positions, and a dense layer.
   *
   * @param blocks how many transformer blocks there are
   * @param size elements of a position
   * @param length the greatest number of positions
   * @return {@code transformer}, for 2 classes of sequences of 20,000 different tokens
   */
  public static TokenNetwork of(int blocks, long size, long length, TransformerOptions options) {
    if (blocks < 1) {
      throw GraphBuildException.here("A transformer has at least one block, not " + blocks);
    }
    return TokenNetwork.of(
        "transformer",
        20_000,
        2,
        (nn, tokens, vocabulary, classes) -> {
          Value x = nn.positionEmbedding(nn.embedding(tokens, vocabulary, size), length);
          for (int i = 0; i < blocks; i++) {
            x = nn.transformerBlock(x, options);
          }
          if (options.preNorm()) {
            x = nn.layerNorm(x);
          }
          return nn.dense(nn.builder().reduceMean(x, false, 1), classes);
        });
  }
}
