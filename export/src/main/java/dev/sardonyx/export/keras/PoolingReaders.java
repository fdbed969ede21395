package dev.sardonyx.export.keras;

import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.build.GraphBuilder;
import dev.sardonyx.ir.build.Padding;
import dev.sardonyx.ir.build.PoolOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;

/** Pooling: by windows, over everything, and to a given size. */
final class PoolingReaders {
  static final Map<String, LayerReader> LAYERS = new TreeMap<>();

  static {
    for (int axes = 1; axes <= 3; axes++) {
      int spatial = axes;
      for (boolean maximum : new boolean[] {true, false}) {
        String kind = maximum ? "Max" : "Average";
        LAYERS.put(
            kind + "Pooling" + axes + "D", LayerReader.of(l -> windows(l, spatial, maximum)));
        LAYERS.put(
            "Adaptive" + kind + "Pooling" + axes + "D",
            LayerReader.of(l -> adaptive(l, spatial, maximum)));
        LAYERS.put(
            "Global" + kind + "Pooling" + axes + "D", LayerReader.of(l -> global(l, maximum)));
      }
    }
    LAYERS.put("GlobalAveragePooling1D", LayerReader.of(PoolingReaders::globalMasked));
  }

  private PoolingReaders() {}

  private static Value windows(KerasLayer layer, int axes, boolean maximum) {
    GraphBuilder b = layer.builder();
    LayerConfig config = layer.config();
    long[] size = config.wholes("pool_size", axes, 2);
    long[] strides = config.has("strides") ? config.wholes("strides", axes, 1) : size;
    Padding padding =
        switch (config.text("padding", "valid")) {
          case "valid" -> Padding.NONE;
          case "same" -> Padding.SAME;
          default -> throw layer.broken("its padding is " + config.text("padding"));
        };
    PoolOptions options = PoolOptions.of(size).withStrides(strides).withPadding(padding);
    boolean last = Layout.channelsLast(layer);
    Value given = last ? Layout.channelsFirst(b, layer.input()) : layer.input();
    Value x = padding.equals(Padding.SAME) ? seen(b, given, size, strides) : given;
    Value y = maximum ? b.maxPool(x, options) : b.averagePool(x, options);
    return last ? Layout.channelsLast(b, y) : y;
  }

  /**
   * Without the last elements of axes of open sizes that no window sees, where strides are longer
   * than windows: ONNX Runtime moves the windows there.
   */
  private static Value seen(GraphBuilder b, Value x, long[] size, long... strides) {
    Value y = x;
    for (int i = 0; i < size.length; i++) {
      int axis = i + 2;
      if (strides[i] > size[i] && !KerasLayer.shape(x).dim(axis).isFixed()) {
        Value before = b.sub(b.shape(x, axis, axis + 1), b.longs("one", 1));
        Value stride = b.longs("stride", strides[i]);
        Value end = b.add(b.mul(b.div(before, stride), stride), b.longs("size", size[i]));
        y = b.node("Slice", y, b.longs("start", 0), end, b.longs("axis", axis));
      }
    }
    return y;
  }

  private static long[] spatial(KerasLayer layer) {
    int rank = KerasLayer.rank(layer.input());
    boolean last = Layout.channelsLast(layer);
    return IntStream.range(last ? 1 : 2, last ? rank - 1 : rank).asLongStream().toArray();
  }

  private static Value global(KerasLayer layer, boolean maximum) {
    boolean keep = layer.config().truth("keepdims", false);
    return maximum
        ? layer.builder().reduceMax(layer.input(), keep, spatial(layer))
        : layer.builder().reduceMean(layer.input(), keep, spatial(layer));
  }

  /** The mean over the steps that count. */
  private static Value globalMasked(KerasLayer layer) {
    Value mask = layer.mask();
    if (mask == null) {
      return global(layer, false);
    }
    GraphBuilder b = layer.builder();
    boolean keep = layer.config().truth("keepdims", false);
    Value wide = b.unsqueeze(mask, Layout.channelsLast(layer) ? 2 : 1);
    Value kept = b.where(wide, layer.input(), b.scalarLike(layer.input(), 0));
    long[] steps = spatial(layer);
    return b.div(
        b.reduceSum(kept, keep, steps), b.reduceSum(b.castLike(wide, layer.input()), keep, steps));
  }

  /** Adaptive pooling, axis by axis, with windows whose lengths differ by at most one. */
  private static Value adaptive(KerasLayer layer, int axes, boolean maximum) {
    long[] wanted = layer.config().wholes("output_size", axes, 1);
    long[] spatial = spatial(layer);
    Value x = layer.input();
    for (int i = 0; i < axes; i++) {
      x = adaptive(layer, x, (int) spatial[i], wanted[i], maximum);
    }
    return x;
  }

  private static Value adaptive(KerasLayer layer, Value x, int axis, long wanted, boolean maximum) {
    GraphBuilder b = layer.builder();
    long size = KerasLayer.dim(x, axis);
    if (wanted < 1 || wanted > 4096) {
      throw layer.refusal("its output_size is " + wanted);
    }
    List<Value> pieces = new ArrayList<>();
    for (long i = 0; i < wanted; i++) {
      long start = i * size / wanted;
      long end = ((i + 1) * size + wanted - 1) / wanted;
      Value window = b.slice(x, axis, start, end);
      pieces.add(maximum ? b.reduceMax(window, true, axis) : b.reduceMean(window, true, axis));
    }
    return pieces.size() == 1 ? pieces.get(0) : b.concat(axis, pieces);
  }
}
