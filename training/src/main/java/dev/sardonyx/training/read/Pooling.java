package dev.sardonyx.training.read;

import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.build.PoolOptions;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.jspecify.annotations.Nullable;

/** Pooling over windows and over all of an image. */
final class Pooling {
  private Pooling() {}

  static Value pool2d(SubsamplingLayer layer, Site site, Value x) {
    site.require(x, 4, layer.getCnn2dDataFormat().dimensionNames());
    boolean last = layer.getCnn2dDataFormat() == CNN2DFormat.NHWC;
    PoolOptions options =
        PoolOptions.of(Convolutions.longs(layer.getKernelSize()))
            .withStrides(Convolutions.longs(layer.getStride()))
            .withPadding(Convolutions.padding(layer.getConvolutionMode(), layer.getPadding()))
            .withDilations(Convolutions.longs(layer.getDilation()))
            .withCountIncludePad(
                layer.getPoolingType() == PoolingType.AVG && layer.isAvgPoolIncludePadInDivisor());
    return site.inChannelsFirst(
        x, last, image -> pool(site, image, layer.getPoolingType(), layer.getPnorm(), options));
  }

  private static Value pool(Site site, Value x, PoolingType type, int pNorm, PoolOptions options) {
    return switch (type) {
      case MAX -> site.b().maxPool(x, options);
      case AVG -> site.b().averagePool(x, options);
      case PNORM -> site.b().lpPool(x, pNorm, options);
      case SUM -> throw site.refuse("DL4J itself has no SUM pooling over windows");
    };
  }

  static @Nullable String whyNotWindows(SubsamplingLayer layer) {
    return layer.getPoolingType() == PoolingType.SUM
        ? "DL4J itself has no SUM pooling over windows"
        : null;
  }
}
