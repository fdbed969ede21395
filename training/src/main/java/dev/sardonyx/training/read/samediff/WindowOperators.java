package dev.sardonyx.training.read.samediff;

import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.build.GraphBuilder;
import dev.sardonyx.ir.build.Padding;
import dev.sardonyx.ir.build.PoolOptions;
import dev.sardonyx.ir.build.ResizeOptions;
import java.util.Arrays;
import java.util.stream.LongStream;

/** Pooling, padding, repeated pixels and blocks of them. */
final class WindowOperators {
  private WindowOperators() {}

  static void add(OperatorTable.Builder table) {
    table.one("maxpool2d", site -> pooled(site, 2, true));
    table.one("avgpool2d", site -> pooled(site, 2, false));
    table.one("maxpool3dnew", site -> pooled(site, 3, true));
    table.one("avgpool3dnew", site -> pooled(site, 3, false));
    table.one("upsampling2d", WindowOperators::upsampled);
    table.one("upsampling3d", site -> upsampled(site, 3, site.integer(3) != 0));
    table.one("depth_to_space", site -> blocks(site, GraphBuilder::depthToSpace));
    table.one("space_to_depth", site -> blocks(site, GraphBuilder::spaceToDepth));
    table.one("space_to_batch", WindowOperators::spaceToBatch);
    table.one("batch_to_space", WindowOperators::batchToSpace);
    table.one("pad", WindowOperators::padded);
  }

  private static Value pooled(OperatorSite site, int axes, boolean isMaximum) {
    boolean isSame = site.integer(4 * axes) != 0;
    boolean countsPadding = !isMaximum && site.integer(4 * axes + 1) != 0;
    Padding padding =
        isSame ? Padding.SAME : Padding.of(ConvolutionOperators.setting(site, axes, 2));
    PoolOptions options =
        PoolOptions.of(ConvolutionOperators.setting(site, axes, 0))
            .withStrides(ConvolutionOperators.setting(site, axes, 1))
            .withDilations(ConvolutionOperators.setting(site, axes, 3))
            .withPadding(padding)
            .withCountIncludePad(countsPadding);
    return ConvolutionOperators.channelsFirst(
        site,
        site.x(),
        site.integer(4 * axes + 2) != 0,
        x -> isMaximum ? site.b().maxPool(x, options) : site.b().averagePool(x, options));
  }

  private static Value upsampled(OperatorSite site) {
    if (!site.hasInteger(2)) {
      throw site.refuse("DL4J itself fails on one factor for both axes");
    }
    return upsampled(site, 2, site.integer(2) != 0);
  }

  private static Value upsampled(OperatorSite site, int axes, boolean isChannelsFirst) {
    float[] scales = new float[axes + 2];
    Arrays.fill(scales, 1);
    for (int i = 0; i < axes; i++) {
      scales[(isChannelsFirst ? 2 : 1) + i] = site.integer(i);
    }
    ResizeOptions repeat = ResizeOptions.NEAREST.withCoordinates("asymmetric").withNearest("floor");
    return site.b().resizeBy(site.x(), repeat, scales);
  }

  private interface Blocks {
    Value of(GraphBuilder b, Value x, long size);
  }

  private static Value blocks(OperatorSite site, Blocks blocks) {
    return ConvolutionOperators.channelsFirst(
        site, site.x(), site.integer(1) != 0, x -> blocks.of(site.b(), x, site.integer(0)));
  }

  /** The sizes of blocks: one for both axes, or one for each. */
  private static long[] blockSizes(OperatorSite site) {
    long height = site.integer(0);
    return new long[] {height, site.hasInteger(1) ? site.integer(1) : height};
  }

  /** Elements of a block of {@code [N,H,W,C]} go to examples of their own, the first ones first. */
  private static Value spaceToBatch(OperatorSite site) {
    GraphBuilder b = site.b();
    long[] block = blockSizes(site);
    long[] pads = site.longs(1, "its paddings");
    Value x = b.pad(site.x(), 0, pads[0], pads[2], 0, 0, pads[1], pads[3], 0);
    long height = site.size(x, 1) / block[0];
    long width = site.size(x, 2) / block[1];
    long channels = site.size(x, 3);
    Value split = b.reshape(x, -1, height, block[0], width, block[1], channels);
    return b.reshape(b.transpose(split, 2, 4, 0, 1, 3, 5), -1, height, width, channels);
  }

  private static Value batchToSpace(OperatorSite site) {
    GraphBuilder b = site.b();
    long[] block = blockSizes(site);
    long[] crops = site.longs(1, "its croppings");
    Value x = site.x();
    long height = site.size(x, 1);
    long width = site.size(x, 2);
    long channels = site.size(x, 3);
    Value split = b.reshape(x, block[0], block[1], -1, height, width, channels);
    Value moved = b.transpose(split, 2, 3, 0, 4, 1, 5);
    Value image = b.reshape(moved, -1, height * block[0], width * block[1], channels);
    return b.slice(
        image,
        new long[] {1, 2},
        new long[] {crops[0], crops[2]},
        new long[] {height * block[0] - crops[1], width * block[1] - crops[3]},
        new long[] {1, 1});
  }

  /** Amounts are pairs of the beginning and the end of each axis. */
  private static Value padded(OperatorSite site) {
    long[] amounts = site.longs(1, "its paddings");
    int rank = amounts.length / 2;
    long[] pads =
        LongStream.range(0, amounts.length)
            .map(i -> amounts[(int) (i < rank ? 2 * i : 2 * (i - rank) + 1)])
            .toArray();
    String mode =
        switch ((int) site.integer(0)) {
          case 0 -> "constant";
          case 1 -> "reflect";
          default -> throw site.refuse("ONNX has no symmetric padding");
        };
    double number = mode.equals("constant") && site.hasNumber(0) ? site.number(0) : 0;
    if (site.has(2)) {
      throw site.refuse("what it pads with is computed");
    }
    return site.b().pad(site.x(), mode, number, pads);
  }
}
