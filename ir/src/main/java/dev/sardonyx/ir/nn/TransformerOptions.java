package dev.sardonyx.ir.nn;

/**
 * The form of a transformer block.
 *
 * @param attention its heads and what they see
 * @param hidden how many units there are between the two dense layers
 * @param activation between them
 * @param norm which normalisation
 * @param preNorm whether normalisation comes before attention and dense layers, and not after what
 *     they give is added
 * @param dropout how much of what is added is dropped in training, 0 (inclusive) to 1 (exclusive)
 */
public record TransformerOptions(
    AttentionOptions attention,
    long hidden,
    Activation activation,
    Norm norm,
    boolean preNorm,
    float dropout) {
  /** The function between the dense layers. */
  public enum Activation {
    RELU,
    GELU
  }

  /** The normalisation of a block. */
  public enum Norm {
    LAYER,
    RMS
  }

  /** The block of the first paper (Vaswani et al. 2017): ReLU, layer normalisation afterwards. */
  public static TransformerOptions of(long heads, long hidden) {
    return new TransformerOptions(
        AttentionOptions.of(heads), hidden, Activation.RELU, Norm.LAYER, false, 0);
  }

  public TransformerOptions withAttention(AttentionOptions changed) {
    return new TransformerOptions(changed, hidden, activation, norm, preNorm, dropout);
  }

  public TransformerOptions withActivation(Activation changed) {
    return new TransformerOptions(attention, hidden, changed, norm, preNorm, dropout);
  }

  public TransformerOptions withNorm(Norm changed) {
    return new TransformerOptions(attention, hidden, activation, changed, preNorm, dropout);
  }

  public TransformerOptions withPreNorm(boolean changed) {
    return new TransformerOptions(attention, hidden, activation, norm, changed, dropout);
  }

  public TransformerOptions withDropout(float changed) {
    return new TransformerOptions(attention, hidden, activation, norm, preNorm, changed);
  }
}
