package dev.sardonyx.ir.nn;

import dev.sardonyx.ir.Dim;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.build.ConvOptions;
import dev.sardonyx.ir.build.GraphBuildException;
import dev.sardonyx.ir.build.GraphBuilder;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * U-Net (Ronneberger et al. 2015), which finds the class of each pixel, with batch normalisation
 * and padded convolutions, so that what it gives is as large as the image.
 */
public final class UNet {
  private UNet() {}

  /**
   * The network of a depth and width: on the way down each step halves the image and doubles the
   * channels, on the way up a transposed convolution does the opposite, and what had that size
   * before is put beside it.
   *
   * @param depth how often the image is halved; 4 in the paper
   * @param filters of the first convolutions; 64 in the paper
   * @return {@code unet}, whose probabilities are {@code [N,classes,H,W]}, for 2 classes and images
   *     3x64x64; height and width are multiples of {@code 2^depth}
   */
  public static Network of(int depth, long filters) {
    if (depth < 1 || depth > 16 || filters < 1) {
      throw GraphBuildException.here(
          "A U-Net has a depth from 1 to 16 and at least one filter, not "
              + depth
              + " and "
              + filters);
    }
    return Network.of(
        "unet", 3, 64, 64, 2, (nn, image, classes) -> body(nn, image, classes, depth, filters));
  }

  private static Value body(Layers layers, Value image, long classes, int depth, long filters) {
    requireSize(image, 1L << depth);
    GraphBuilder b = layers.builder();
    Layers nn = layers.withWeights(Initializer.heNormal());
    ConvOptions twice = ConvOptions.DEFAULT.withStrides(2);
    Deque<Value> beside = new ArrayDeque<>();
    Value x = step(nn, "down", image, filters);
    for (int level = 1; level <= depth; level++) {
      beside.push(x);
      x = step(nn, "down", b.maxPool(x, 2), filters << level);
    }
    for (int level = depth - 1; level >= 0; level--) {
      Value larger = nn.convTranspose(x, filters << level, 2, twice, true);
      x = step(nn, "up", b.concat(1, beside.pop(), larger), filters << level);
    }
    return layers.conv(x, classes, 1, ConvOptions.DEFAULT, true);
  }

  /** Two convolutions 3x3, each with batch normalisation and ReLU. */
  private static Value step(Layers nn, String role, Value x, long filters) {
    GraphBuilder b = nn.builder();
    return nn.inScope(
        role,
        () -> {
          Value y = x;
          for (int i = 0; i < 2; i++) {
            y = b.relu(nn.batchNorm(nn.conv(y, filters, 3, ConvOptions.same(), false)));
          }
          return y;
        });
  }

  private static void requireSize(Value image, long multiple) {
    for (int axis = 2; axis < 4; axis++) {
      Dim size = Layers.image(image, "unet").dim(axis);
      if (!size.isFixed() || size.value() % multiple != 0) {
        throw GraphBuildException.here(
            "This U-Net takes images whose height and width are multiples of "
                + multiple
                + ", but "
                + image.name()
                + " is "
                + image.type());
      }
    }
  }
}
