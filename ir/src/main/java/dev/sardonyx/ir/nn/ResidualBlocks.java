package dev.sardonyx.ir.nn;

import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.build.GraphBuildException;

/**
 * Residual blocks (He et al. 2015): a few convolutions whose result is added to the block's input,
 * directly (identity shortcut) or through a 1x1 convolution (projection shortcut). Images are
 * {@code [N,C,H,W]}. All that a block makes is named inside its own scope, {@code block1.conv1}.
 */
public interface ResidualBlocks extends LayerBuilder {
  /**
   * The identity block: convolution 3x3, ReLU, convolution 3x3, the input added, ReLU.
   *
   * @param x {@code [N,filters,H,W]}
   * @return {@code [N,filters,H,W]}
   * @throws GraphBuildException if {@code x} has another number of channels, naming both shapes
   */
  default Value residualBlock(Value x, long filters) {
    return residualBlock(x, filters, ResidualOptions.PLAIN);
  }

  /** {@link #residualBlock(Value, long)} of 64 filters. */
  default Value residualBlock64(Value x) {
    return residualBlock(x, 64);
  }

  /**
   * An identity block of any form.
   *
   * @throws GraphBuildException if the input cannot be added to the result as it is, because of the
   *     channels or of a stride
   */
  default Value residualBlock(Value x, long filters, ResidualOptions options) {
    Shape shape = Layers.image(x, "residualBlock");
    long channels = options.channels(filters);
    if (shape.dim(1).isFixed(channels) && options.stride() == 1) {
      return Residual.block(layers(), x, filters, options, false);
    }
    String why =
        shape.dim(1).isFixed(channels)
            ? "a stride of " + options.stride() + " changes the image's size"
            : "their channels differ, " + shape.dim(1) + " and " + channels;
    throw GraphBuildException.here(
        "residualBlock: the identity shortcut cannot add "
            + x.name()
            + " "
            + shape
            + " to the block's result "
            + Residual.resultShape(shape, channels, options.stride())
            + ": "
            + why
            + ". Use residualBlockWithProjection, whose shortcut is a 1x1 convolution to "
            + channels
            + " channels, or residual, which chooses");
  }

  /**
   * The projection block of stride 1: as the identity block, but the input goes through a 1x1
   * convolution before it is added.
   *
   * @param x {@code [N,C,H,W]}
   * @return {@code [N,filters,H,W]}
   */
  default Value residualBlockWithProjection(Value x, long filters) {
    return residualBlockWithProjection(x, filters, ResidualOptions.PLAIN);
  }

  /**
   * The projection block with a stride, which makes the image smaller.
   *
   * @return {@code [N,filters,ceil(H/stride),ceil(W/stride)]}
   */
  default Value residualBlockWithProjection(Value x, long filters, long stride) {
    return residualBlockWithProjection(x, filters, ResidualOptions.PLAIN.withStride(stride));
  }

  /** A projection block of any form. */
  default Value residualBlockWithProjection(Value x, long filters, ResidualOptions options) {
    Layers.image(x, "residualBlockWithProjection");
    return Residual.block(layers(), x, filters, options, true);
  }

  /** The identity block if {@code x} has as many channels as filters, else the projection block. */
  default Value residual(Value x, long filters) {
    return residual(x, filters, ResidualOptions.PLAIN);
  }

  /** The identity block where the shapes allow it, else the projection block, in any form. */
  default Value residual(Value x, long filters, ResidualOptions options) {
    Shape shape = Layers.image(x, "residual");
    boolean identity = options.stride() == 1 && shape.dim(1).isFixed(options.channels(filters));
    return Residual.block(layers(), x, filters, options, !identity);
  }
}
