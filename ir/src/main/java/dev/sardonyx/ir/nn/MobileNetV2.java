package dev.sardonyx.ir.nn;

import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.build.ConvOptions;
import dev.sardonyx.ir.build.GraphBuildException;
import dev.sardonyx.ir.build.GraphBuilder;

/** MobileNetV2 (Sandler et al. 2018): inverted residual blocks of depthwise convolutions. */
public final class MobileNetV2 {
  /** Blocks that follow one another. */
  private record Stage(long expansion, long filters, int blocks, long stride) {}

  private static final Stage[] STAGES = {
    new Stage(1, 16, 1, 1),
    new Stage(6, 24, 2, 2),
    new Stage(6, 32, 3, 2),
    new Stage(6, 64, 4, 2),
    new Stage(6, 96, 3, 1),
    new Stage(6, 160, 3, 2),
    new Stage(6, 320, 1, 1)
  };

  private MobileNetV2() {}

  /**
   * The network of a width.
   *
   * @param width multiplies the filters of all layers, rounded to a multiple of 8; 1 in the paper
   * @return {@code mobilenetv2}, for 1,000 classes of images 3x224x224
   */
  public static Network of(double width) {
    if (!(width > 0)) {
      throw GraphBuildException.here("MobileNetV2 needs a width above 0, not " + width);
    }
    return Network.of(
        "mobilenetv2", 3, 224, 224, 1000, (nn, image, classes) -> body(nn, image, classes, width));
  }

  private static Value body(Layers layers, Value image, long classes, double width) {
    GraphBuilder b = layers.builder();
    Layers nn = layers.withWeights(Initializer.heNormal());
    ConvOptions half = ConvOptions.DEFAULT.withPads(1).withStrides(2);
    Value x = nn.conv(image, filters(32, width), 3, half, false);
    x = relu6(b, nn.batchNorm(x));
    for (Stage stage : STAGES) {
      for (int block = 0; block < stage.blocks(); block++) {
        long stride = block == 0 ? stage.stride() : 1;
        x = block(nn, x, filters(stage.filters(), width), stride, stage.expansion());
      }
    }
    x = nn.conv(x, filters(1280, Math.max(1, width)), 1, ConvOptions.DEFAULT, false);
    x = b.flatten(b.globalAveragePool(relu6(b, nn.batchNorm(x))));
    return layers.dense(b.dropout(x, 0.2f), classes);
  }

  /**
   * An inverted residual block: more channels, a depthwise convolution, fewer channels without an
   * activation, and the input added if the shapes allow it.
   */
  private static Value block(Layers nn, Value x, long filters, long stride, long expansion) {
    Shape shape = Layers.image(x, "invertedResidual");
    long channels = shape.dim(1).value();
    GraphBuilder b = nn.builder();
    return nn.inScope(
        "block",
        () -> {
          Value y = x;
          if (expansion != 1) {
            y = nn.conv(y, channels * expansion, 1, ConvOptions.DEFAULT, false);
            y = relu6(b, nn.batchNorm(y));
          }
          ConvOptions options = ConvOptions.DEFAULT.withPads(1).withStrides(stride);
          y = relu6(b, nn.batchNorm(nn.depthwiseConv(y, 1, 3, options, false)));
          y = nn.batchNorm(nn.conv(y, filters, 1, ConvOptions.DEFAULT, false));
          return stride == 1 && channels == filters ? b.add(x, y) : y;
        });
  }

  private static Value relu6(GraphBuilder b, Value x) {
    return b.clip(x, 0, 6);
  }

  /** The nearest multiple of 8 that is not below nine tenths of the wanted number. */
  private static long filters(long base, double width) {
    double wanted = base * width;
    long rounded = Math.max(8, (long) (wanted + 4) / 8 * 8);
    return rounded < 0.9 * wanted ? rounded + 8 : rounded;
  }
}
