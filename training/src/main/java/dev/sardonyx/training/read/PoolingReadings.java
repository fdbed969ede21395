package dev.sardonyx.training.read;

import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.build.GraphBuilder;
import dev.sardonyx.ir.build.PoolOptions;
import java.util.Objects;
import java.util.stream.LongStream;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.layers.Convolution3D;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.Subsampling1DLayer;
import org.deeplearning4j.nn.conf.layers.Subsampling3DLayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.jspecify.annotations.Nullable;

/** Pooling over windows and over all of a sequence, image or volume. */
final class PoolingReadings {
  private PoolingReadings() {}

  static @Nullable String whyNotWindows(SubsamplingLayer layer) {
    return layer.getPoolingType() == PoolingType.SUM
        ? "DL4J itself has no SUM pooling over windows"
        : null;
  }

  static @Nullable String whyNotSequences(Subsampling1DLayer layer) {
    return layer.getConvolutionMode() != ConvolutionMode.Same && layer.getPadding()[1] != 0
        ? "DL4J itself fails where sequences are padded for pooling"
        : whyNotWindows(layer);
  }

  static Value pool2d(SubsamplingLayer layer, Site site, Value x) {
    site.require(x, 4, layer.getCnn2dDataFormat().dimensionNames());
    boolean last = layer.getCnn2dDataFormat() == CNN2DFormat.NHWC;
    return site.inChannelsFirst(x, last, image -> pool(layer, site, image));
  }

  /** As images of width 1. */
  static Value pool1d(Subsampling1DLayer layer, Site site, Value x) {
    site.require(x, 3, "[N,C,T] or [N,T,C]");
    boolean last = layer.getCnn2dDataFormat() == CNN2DFormat.NHWC;
    return site.inChannelsFirst(
        x,
        last,
        sequence -> {
          Value image = site.b().unsqueeze(sequence, 3);
          return site.b().squeeze(pool(layer, site, image), 3);
        });
  }

  private static Value pool(SubsamplingLayer layer, Site site, Value x) {
    LayerWindow window = LayerWindow.of(layer);
    PoolOptions options = window.pooling(site, x);
    boolean counted = layer.isAvgPoolIncludePadInDivisor();
    return switch (layer.getPoolingType()) {
      case MAX -> site.b().maxPool(window.placedForMaximum(site, x), options);
      case AVG ->
          site.b()
              .averagePool(
                  counted ? window.placedForSum(site, x) : window.placedForMean(site, x),
                  options.withCountIncludePad(counted));
      case PNORM -> site.b().lpPool(window.placedForSum(site, x), layer.getPnorm(), options);
      case SUM -> throw site.refuse(String.valueOf(whyNotWindows(layer)));
    };
  }

  /** Anything but the maximum is the mean, without the padding, in DL4J. */
  static Value pool3d(Subsampling3DLayer layer, Site site, Value x) {
    site.require(x, 5, layer.getDataFormat().name());
    boolean last = layer.getDataFormat() == Convolution3D.DataFormat.NDHWC;
    LayerWindow window = LayerWindow.of(layer);
    return site.inChannelsFirst(
        x,
        last,
        volume -> {
          PoolOptions options = window.pooling(site, volume);
          return layer.getPoolingType() == PoolingType.MAX
              ? site.b().maxPool(window.placedForMaximum(site, volume), options)
              : site.b().averagePool(window.placedForMean(site, volume), options);
        });
  }

  /** Over all axes behind the channels, if not told otherwise. */
  static Value global(GlobalPoolingLayer layer, Site site, Value x) {
    int rank = site.rank(x);
    if (rank < 3 || rank > 5) {
      throw site.refuse("its input is " + site.shape(x) + ", no sequence, image or volume");
    }
    int[] given = layer.getPoolingDimensions();
    long[] axes =
        given == null ? LongStream.range(2, rank).toArray() : ConvolutionReadings.longs(given);
    boolean keep = !layer.isCollapseDimensions();
    if (keep && LongStream.of(axes).anyMatch(axis -> axis == 1)) {
      throw site.refuse("DL4J itself keeps the dimensions of layouts with channels first only");
    }
    return global(layer, site, x, keep, axes);
  }

  /** A sequence {@code [N,C,T]} whose masked steps are nothing to the pooling. */
  private static Value counted(GlobalPoolingLayer layer, Site site, Value x, long[] axes) {
    GraphBuilder b = site.b();
    if (site.rank(x) != 3 || axes.length != 1 || axes[0] != 2) {
      throw site.refuse("with a mask, DL4J itself pools sequences with channels first only");
    }
    boolean isMaximum = layer.getPoolingType() == PoolingType.MAX;
    Value nothing = b.scalarLike(x, isMaximum ? Double.NEGATIVE_INFINITY : 0);
    Value mask = b.unsqueeze(Objects.requireNonNull(site.mask()), 1);
    return b.where(b.equal(mask, b.scalarLike(mask, 0)), nothing, x);
  }

  private static Value mean(Site site, Value x, boolean keep, long[] axes) {
    GraphBuilder b = site.b();
    Value mask = b.unsqueeze(Objects.requireNonNull(site.mask()), 1);
    return b.div(b.reduceSum(x, keep, axes), b.reduceSum(mask, keep, axes));
  }

  private static Value global(
      GlobalPoolingLayer layer, Site site, Value given, boolean keep, long... axes) {
    GraphBuilder b = site.b();
    Value x = site.mask() == null ? given : counted(layer, site, given, axes);
    return switch (layer.getPoolingType()) {
      case MAX -> b.reduceMax(x, keep, axes);
      case AVG -> site.mask() == null ? b.reduceMean(x, keep, axes) : mean(site, x, keep, axes);
      case SUM -> b.reduceSum(x, keep, axes);
      case PNORM -> {
        int p = layer.getPnorm();
        if (p == 1) {
          yield b.reduceL1(x, keep, axes);
        }
        if (p == 2) {
          yield b.reduceL2(x, keep, axes);
        }
        Value sum = b.reduceSum(b.pow(b.abs(x), b.scalarLike(x, p)), keep, axes);
        yield b.pow(sum, b.scalarLike(x, 1.0 / p));
      }
    };
  }
}
