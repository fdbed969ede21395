package dev.sardonyx.ir.nn;

import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.build.ConvOptions;
import dev.sardonyx.ir.build.GraphBuilder;
import dev.sardonyx.ir.build.PoolOptions;
import java.util.Map;

/** Deep residual networks (He et al. 2015), with batch normalisation and projection shortcuts. */
public final class ResNet {
  private static final Map<Integer, int[]> BLOCKS =
      Map.of(
          18, new int[] {2, 2, 2, 2},
          34, new int[] {3, 4, 6, 3},
          50, new int[] {3, 4, 6, 3},
          101, new int[] {3, 4, 23, 3},
          152, new int[] {3, 8, 36, 3});

  /** The paper's normal distribution, which is not truncated as Keras' {@code he_normal} is. */
  private static final Initializer HE =
      Initializer.varianceScaling(
          2, Initializer.Fan.IN, Initializer.Distribution.UNTRUNCATED_NORMAL);

  private ResNet() {}

  /**
   * The networks for large images: a 7x7 convolution and a pool, which make the image four times
   * smaller, then four stages. Bottlenecks from 50 layers on, with the stride in the 3x3
   * convolution.
   *
   * @param depth 18, 34, 50, 101 or 152
   * @return {@code resnet18} and so on, for 1,000 classes of images 3x224x224
   */
  public static Network imageNet(int depth) {
    int[] blocks = BLOCKS.get(depth);
    if (blocks == null) {
      throw new IllegalArgumentException("ResNet has 18, 34, 50, 101 or 152 layers, not " + depth);
    }
    ResidualOptions options = depth < 50 ? ResidualOptions.NORMALIZED : ResidualOptions.BOTTLENECK;
    return Network.of(
        "resnet" + depth,
        3,
        224,
        224,
        1000,
        (nn, image, classes) -> {
          GraphBuilder b = nn.builder();
          Layers he = nn.withWeights(HE);
          ConvOptions half = ConvOptions.DEFAULT.withStrides(2).withPads(3);
          Value x = b.relu(he.batchNorm(he.conv(image, 64, 7, half, false)));
          x = b.maxPool(x, PoolOptions.of(3).withStrides(2).withPads(1));
          return head(nn, stages(he, x, blocks, 64, options), classes);
        });
  }

  /**
   * The networks for small images: a 3x3 convolution, then three stages of 16, 32 and 64 filters.
   *
   * @param depth {@code 6 n + 2} layers: 20, 32, 44, 56, 110, ...
   * @return {@code cifar20} and so on, for 10 classes of images 3x32x32
   */
  public static Network cifar(int depth) {
    if (depth < 8 || depth % 6 != 2) {
      throw new IllegalArgumentException(
          "A CIFAR ResNet has 6 n + 2 layers, such as 20, 32, 44, 56 or 110, not " + depth);
    }
    int each = (depth - 2) / 6;
    return Network.of(
        "cifar" + depth,
        3,
        32,
        32,
        10,
        (nn, image, classes) -> {
          Layers he = nn.withWeights(HE);
          Value x =
              nn.builder().relu(he.batchNorm(he.conv(image, 16, 3, ConvOptions.same(), false)));
          int[] blocks = {each, each, each};
          return head(nn, stages(he, x, blocks, 16, ResidualOptions.NORMALIZED), classes);
        });
  }

  /** Each stage but the first halves the image and doubles the filters. */
  private static Value stages(
      Layers nn, Value image, int[] blocks, long filters, ResidualOptions options) {
    Value x = image;
    for (int stage = 0; stage < blocks.length; stage++) {
      for (int block = 0; block < blocks[stage]; block++) {
        long stride = stage > 0 && block == 0 ? 2 : 1;
        x = nn.residual(x, filters << stage, options.withStride(stride));
      }
    }
    return x;
  }

  private static Value head(Layers nn, Value x, long classes) {
    GraphBuilder b = nn.builder();
    return nn.dense(b.flatten(b.globalAveragePool(x)), classes);
  }
}
