package dev.sardonyx.ir.nn;

/**
 * The form of a residual block.
 *
 * @param style basic or bottleneck
 * @param stride of the block's spatial convolution and of its shortcut
 * @param batchNorm whether batch normalisation follows each convolution (precedes it in the
 *     pre-activation form); convolutions then have no bias
 * @param preActivation whether normalisation and ReLU come before each convolution, and none after
 *     the addition (He et al. 2016, "Identity mappings")
 */
public record ResidualOptions(Style style, long stride, boolean batchNorm, boolean preActivation) {
  /** What the residual branch is made of. */
  public enum Style {
    /** Two 3x3 convolutions; the block has as many channels as filters. */
    BASIC,
    /**
     * A 1x1, a 3x3 and a 1x1 convolution, the last with {@link #EXPANSION} times as many filters,
     * which is how many channels the block has.
     */
    BOTTLENECK
  }

  /** How many channels a bottleneck block gives for each filter. */
  public static final long EXPANSION = 4;

  /** Basic, stride 1, neither normalisation nor pre-activation. */
  public static final ResidualOptions PLAIN = new ResidualOptions(Style.BASIC, 1, false, false);

  /** Basic with batch normalisation (He et al. 2015). */
  public static final ResidualOptions NORMALIZED = PLAIN.withBatchNorm(true);

  /** A bottleneck with batch normalisation. */
  public static final ResidualOptions BOTTLENECK = NORMALIZED.withStyle(Style.BOTTLENECK);

  public ResidualOptions withStyle(Style changed) {
    return new ResidualOptions(changed, stride, batchNorm, preActivation);
  }

  public ResidualOptions withStride(long changed) {
    return new ResidualOptions(style, changed, batchNorm, preActivation);
  }

  public ResidualOptions withBatchNorm(boolean changed) {
    return new ResidualOptions(style, stride, changed, preActivation);
  }

  public ResidualOptions withPreActivation(boolean changed) {
    return new ResidualOptions(style, stride, batchNorm, changed);
  }

  /** How many channels a block of so many filters gives. */
  public long channels(long filters) {
    return style == Style.BOTTLENECK ? filters * EXPANSION : filters;
  }
}
