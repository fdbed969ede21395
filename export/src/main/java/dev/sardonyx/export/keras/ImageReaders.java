package dev.sardonyx.export.keras;

import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.build.GraphBuilder;
import java.util.Map;
import java.util.TreeMap;

/** Layers that crop and resize images, in inference as in training. */
final class ImageReaders {
  static final Map<String, LayerReader> LAYERS = new TreeMap<>();

  static {
    LAYERS.put("CenterCrop", LayerReader.of(ImageReaders::centerCrop));
    LAYERS.put("Resizing", LayerReader.of(ImageReaders::resizing));
  }

  private ImageReaders() {}

  private static Value channelsFirst(KerasLayer layer) {
    Value x = layer.input();
    if (KerasLayer.rank(x) != 4) {
      throw layer.refusal("it is given " + x.type() + ", not a batch of images");
    }
    return Layout.channelsLast(layer) ? Layout.channelsFirst(layer.builder(), x) : x;
  }

  private static Value ownLayout(KerasLayer layer, Value y) {
    return Layout.channelsLast(layer) ? Layout.channelsLast(layer.builder(), y) : y;
  }

  /** Crops images; those that are smaller are enlarged first, as much as it takes to fill. */
  private static Value centerCrop(KerasLayer layer) {
    Value x = layer.asFloats(channelsFirst(layer));
    long height = layer.config().whole("height");
    long width = layer.config().whole("width");
    long above = KerasLayer.dim(x, 2) - height;
    long left = KerasLayer.dim(x, 3) - width;
    Value y =
        above >= 0 && left >= 0
            ? cropped(layer, x, new long[] {above / 2, left / 2}, height, width)
            : new Interpolation("bilinear", false)
                .resize(layer, croppedToRatio(layer, x, height, width), height, width);
    return ownLayout(layer, y);
  }

  private static Value cropped(KerasLayer layer, Value x, long[] starts, long height, long width) {
    return layer
        .builder()
        .slice(
            x,
            new long[] {2, 3},
            starts,
            new long[] {starts[0] + height, starts[1] + width},
            new long[] {1, 1});
  }

  private static Value resizing(KerasLayer layer) {
    LayerConfig config = layer.config();
    Value given = channelsFirst(layer);
    long height = config.whole("height");
    long width = config.whole("width");
    Value x = given;
    if (config.truth("crop_to_aspect_ratio", false)) {
      x = croppedToRatio(layer, x, height, width);
    } else if (config.truth("pad_to_aspect_ratio", false)) {
      x = paddedToRatio(layer, x, height, width);
    }
    Interpolation how =
        new Interpolation(
            config.text("interpolation", "bilinear"), config.truth("antialias", false));
    return ownLayout(layer, asGiven(layer, how.resize(layer, x, height, width), given));
  }

  /** Integers stay integers: what is interpolated between them is rounded and kept in range. */
  private static Value asGiven(KerasLayer layer, Value y, Value given) {
    GraphBuilder b = layer.builder();
    ElementType type = KerasLayer.type(given);
    if (type.isFloat() || KerasLayer.type(y) == type) {
      return y;
    }
    boolean signed = !type.name().startsWith("U");
    double all = Math.pow(2, type.bits() - (signed ? 1 : 0));
    return b.cast(b.clip(b.round(y), signed ? -all : 0, all - 1), type);
  }

  /** The larger part, in the middle of {@code [N,C,H,W]}, that has the ratio of height to width. */
  private static Value croppedToRatio(KerasLayer layer, Value x, long height, long width) {
    long high = KerasLayer.dim(x, 2);
    long wide = KerasLayer.dim(x, 3);
    long keptHigh = Math.max(1, Math.min(high, inRatio(wide, height, width)));
    long keptWide = Math.max(1, Math.min(wide, inRatio(high, width, height)));
    long[] starts = {(high - keptHigh) / 2, (wide - keptWide) / 2};
    return keptHigh == high && keptWide == wide ? x : cropped(layer, x, starts, keptHigh, keptWide);
  }

  /** {@code [N,C,H,W]} with borders that give it the ratio of height to width, or nearly. */
  private static Value paddedToRatio(KerasLayer layer, Value x, long height, long width) {
    long high = KerasLayer.dim(x, 2);
    long wide = KerasLayer.dim(x, 3);
    long above = Math.max(0, inRatio(wide, height, width) - high) / 2;
    long left = Math.max(0, inRatio(high, width, height) - wide) / 2;
    double fill = layer.config().number("fill_value", 0);
    return above == 0 && left == 0
        ? x
        : layer.builder().pad(x, "constant", fill, 0, 0, above, left, 0, 0, above, left);
  }

  /** How long a side is that belongs to another; rounded as in TensorFlow, which has floats. */
  private static long inRatio(long other, long size, long otherSize) {
    return (long) ((float) (other * size) / otherSize);
  }
}
