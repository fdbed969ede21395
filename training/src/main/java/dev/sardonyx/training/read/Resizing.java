package dev.sardonyx.training.read;

import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.build.GraphBuilder;
import dev.sardonyx.ir.build.ResizeOptions;
import java.util.Arrays;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.layers.Convolution3D;
import org.deeplearning4j.nn.conf.layers.SpaceToBatchLayer;
import org.deeplearning4j.nn.conf.layers.SpaceToDepthLayer;
import org.deeplearning4j.nn.conf.layers.Upsampling1D;
import org.deeplearning4j.nn.conf.layers.Upsampling2D;
import org.deeplearning4j.nn.conf.layers.Upsampling3D;
import org.deeplearning4j.nn.conf.layers.ZeroPadding1DLayer;
import org.deeplearning4j.nn.conf.layers.ZeroPadding3DLayer;
import org.deeplearning4j.nn.conf.layers.ZeroPaddingLayer;
import org.deeplearning4j.nn.conf.layers.convolutional.Cropping1D;
import org.deeplearning4j.nn.conf.layers.convolutional.Cropping2D;
import org.deeplearning4j.nn.conf.layers.convolutional.Cropping3D;
import org.deeplearning4j.nn.conf.layers.misc.RepeatVector;

/** Layers without parameters that repeat, pad, crop or move elements. */
final class Resizing {
  private Resizing() {}

  // Upsampling

  static Value upsampling1d(Upsampling1D layer, Site site, Value x) {
    return upsampled(site, site.require(x, 3, "[N,C,T]"), 2, layer.getSize()[0]);
  }

  static Value upsampling2d(Upsampling2D layer, Site site, Value x) {
    site.require(x, 4, layer.getFormat().dimensionNames());
    int first = layer.getFormat() == CNN2DFormat.NCHW ? 2 : 1;
    return upsampled(site, x, first, layer.getSize());
  }

  static Value upsampling3d(Upsampling3D layer, Site site, Value x) {
    site.require(x, 5, layer.getDataFormat().name());
    int first = layer.getDataFormat() == Convolution3D.DataFormat.NCDHW ? 2 : 1;
    return upsampled(site, x, first, layer.getSize());
  }

  /** Each element is repeated. */
  private static Value upsampled(Site site, Value x, int first, int... sizes) {
    float[] scales = new float[site.rank(x)];
    Arrays.fill(scales, 1);
    for (int i = 0; i < sizes.length; i++) {
      scales[first + i] = sizes[i];
    }
    ResizeOptions repeat = ResizeOptions.NEAREST.withCoordinates("asymmetric").withNearest("floor");
    return site.b().resizeBy(x, repeat, scales);
  }

  /** Repeats {@code [N,C]} at each of the layer's number of steps. */
  static Value repeat(RepeatVector layer, Site site, Value x) {
    site.require(x, 2, "[N,features]");
    int time = layer.getDataFormat() == RNNFormat.NCW ? 2 : 1;
    long[] repeats = {1, 1, 1};
    repeats[time] = layer.getN();
    return site.b().tile(site.b().unsqueeze(x, time), repeats);
  }

  // Padding and cropping: amounts are pairs of the beginning and the end of an axis

  static Value padding1d(ZeroPadding1DLayer layer, Site site, Value x) {
    return padded(site, site.require(x, 3, "[N,C,T]"), 2, layer.getPadding());
  }

  static Value padding2d(ZeroPaddingLayer layer, Site site, Value x) {
    site.require(x, 4, layer.getDataFormat().dimensionNames());
    int first = layer.getDataFormat() == CNN2DFormat.NCHW ? 2 : 1;
    return padded(site, x, first, layer.getPadding());
  }

  static Value padding3d(ZeroPadding3DLayer layer, Site site, Value x) {
    return padded(site, site.require(x, 5, "[N,C,D,H,W]"), 2, layer.getPadding());
  }

  private static Value padded(Site site, Value x, int first, int[] amounts) {
    int rank = site.rank(x);
    long[] pads = new long[2 * rank];
    for (int i = 0; i < amounts.length / 2; i++) {
      pads[first + i] = amounts[2 * i];
      pads[rank + first + i] = amounts[2 * i + 1];
    }
    return site.b().pad(x, pads);
  }

  static Value cropping1d(Cropping1D layer, Site site, Value x) {
    return cropped(site, site.require(x, 3, "[N,C,T]"), 2, layer.getCropping());
  }

  static Value cropping2d(Cropping2D layer, Site site, Value x) {
    site.require(x, 4, layer.getDataFormat().dimensionNames());
    int first = layer.getDataFormat() == CNN2DFormat.NCHW ? 2 : 1;
    return cropped(site, x, first, layer.getCropping());
  }

  static Value cropping3d(Cropping3D layer, Site site, Value x) {
    return cropped(site, site.require(x, 5, "[N,C,D,H,W]"), 2, layer.getCropping());
  }

  private static Value cropped(Site site, Value x, int first, int[] amounts) {
    int count = amounts.length / 2;
    long[] axes = new long[count];
    long[] starts = new long[count];
    long[] ends = new long[count];
    long[] steps = new long[count];
    for (int i = 0; i < count; i++) {
      axes[i] = first + (long) i;
      starts[i] = amounts[2 * i];
      ends[i] = amounts[2 * i + 1] == 0 ? Long.MAX_VALUE : -amounts[2 * i + 1];
      steps[i] = 1;
    }
    return site.b().slice(x, axes, starts, ends, steps);
  }

  // Blocks of space

  static Value spaceToDepth(SpaceToDepthLayer layer, Site site, Value x) {
    site.require(x, 4, layer.getDataFormat().dimensionNames());
    return site.inChannelsFirst(
        x,
        layer.getDataFormat() == CNN2DFormat.NHWC,
        image -> site.b().spaceToDepth(image, layer.getBlockSize()));
  }

  /**
   * Elements of a block go to examples of their own, of which the first of all blocks come first.
   */
  static Value spaceToBatch(SpaceToBatchLayer layer, Site site, Value x) {
    site.require(x, 4, layer.getFormat().dimensionNames());
    int[] blocks = layer.getBlocks();
    int[][] padding = layer.getPadding();
    return site.inChannelsFirst(
        x,
        layer.getFormat() == CNN2DFormat.NHWC,
        image -> {
          GraphBuilder b = site.b();
          Value padded =
              padded(
                  site,
                  image,
                  2,
                  new int[] {padding[0][0], padding[0][1], padding[1][0], padding[1][1]});
          long height = site.size(padded, 2) / blocks[0];
          long width = site.size(padded, 3) / blocks[1];
          Value split = b.reshape(padded, 0, 0, height, blocks[0], width, blocks[1]);
          Value moved = b.transpose(split, 3, 5, 0, 1, 2, 4);
          Shape shape = site.shape(image);
          return b.reshape(moved, -1, shape.dim(1).value(), height, width);
        });
  }
}
