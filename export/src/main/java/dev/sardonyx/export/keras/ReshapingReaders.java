package dev.sardonyx.export.keras;

import com.google.gson.JsonElement;
import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.build.GraphBuilder;
import dev.sardonyx.ir.build.OperatorBuilder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.LongStream;

/** Layers that reshape, permute, repeat, crop, pad or resize. */
final class ReshapingReaders {
  static final Map<String, LayerReader> LAYERS = new TreeMap<>();

  static {
    LAYERS.put("Flatten", LayerReader.of(ReshapingReaders::flatten));
    LAYERS.put("Reshape", LayerReader.of(ReshapingReaders::reshape));
    LAYERS.put("Permute", LayerReader.of(ReshapingReaders::permute));
    LAYERS.put("RepeatVector", LayerReader.of(ReshapingReaders::repeatVector));
    for (int axes = 1; axes <= 3; axes++) {
      int spatial = axes;
      LAYERS.put("ZeroPadding" + axes + "D", LayerReader.of(l -> zeroPadding(l, spatial)));
      LAYERS.put("Cropping" + axes + "D", LayerReader.of(l -> cropping(l, spatial)));
      LAYERS.put("UpSampling" + axes + "D", LayerReader.of(l -> upSampling(l, spatial)));
    }
  }

  private ReshapingReaders() {}

  private static Value flatten(KerasLayer layer) {
    GraphBuilder b = layer.builder();
    Value x = layer.input();
    boolean moved = !Layout.channelsLast(layer) && KerasLayer.rank(x) > 2;
    return b.flatten(moved ? Layout.channelsLast(b, x) : x);
  }

  private static Value reshape(KerasLayer layer) {
    long[] target = layer.config().wholes("target_shape");
    return reshape(layer.builder(), layer.input(), target);
  }

  /**
   * Reshapes to the batch and the target shape; its -1 is replaced by a number where that is known.
   */
  private static Value reshape(GraphBuilder b, Value x, long... target) {
    long[] shape = LongStream.concat(LongStream.of(0), LongStream.of(target)).toArray();
    return b.reshape(x, shape);
  }

  private static Value permute(KerasLayer layer) {
    long[] dims = layer.config().wholes("dims");
    return layer
        .builder()
        .transpose(
            layer.input(), LongStream.concat(LongStream.of(0), LongStream.of(dims)).toArray());
  }

  private static Value repeatVector(KerasLayer layer) {
    GraphBuilder b = layer.builder();
    return b.tile(b.unsqueeze(layer.input(), 1), 1, layer.config().whole("n"), 1);
  }

  /**
   * A setting as a pair of numbers for both ends of each axis; a single number applies to both
   * ends.
   */
  private static long[][] pairs(KerasLayer layer, String key, int axes) {
    JsonElement given = layer.config().element(key);
    long[] all = layer.config().has(key) ? layer.config().wholes(key) : new long[] {1};
    long[][] pairs = new long[axes][2];
    boolean nested =
        given.isJsonArray()
            && given.getAsJsonArray().asList().stream().anyMatch(JsonElement::isJsonArray);
    for (int i = 0; i < axes; i++) {
      for (int end = 0; end < 2; end++) {
        if (all.length == 1) {
          pairs[i][end] = all[0];
        } else if (all.length == 2 * axes && (nested || axes == 1)) {
          pairs[i][end] = all[2 * i + end];
        } else if (all.length == axes) {
          pairs[i][end] = all[i];
        } else {
          throw layer.broken("its " + key + " is " + LayerConfig.shortened(given));
        }
      }
    }
    return pairs;
  }

  private static int firstSpatial(KerasLayer layer) {
    return Layout.channelsLast(layer) ? 1 : 2;
  }

  private static Value zeroPadding(KerasLayer layer, int axes) {
    long[][] pairs = pairs(layer, "padding", axes);
    int rank = KerasLayer.rank(layer.input());
    int first = firstSpatial(layer);
    long[] pads = new long[2 * rank];
    for (int i = 0; i < axes; i++) {
      pads[first + i] = pairs[i][0];
      pads[rank + first + i] = pairs[i][1];
    }
    return layer.builder().pad(layer.input(), pads);
  }

  private static Value cropping(KerasLayer layer, int axes) {
    long[][] pairs = pairs(layer, "cropping", axes);
    int first = firstSpatial(layer);
    List<Long> cut = new ArrayList<>();
    List<Long> starts = new ArrayList<>();
    List<Long> ends = new ArrayList<>();
    for (int i = 0; i < axes; i++) {
      if (pairs[i][0] != 0 || pairs[i][1] != 0) {
        cut.add((long) first + i);
        starts.add(pairs[i][0]);
        ends.add(pairs[i][1] == 0 ? Long.MAX_VALUE : -pairs[i][1]);
      }
    }
    if (cut.isEmpty()) {
      return layer.input();
    }
    long[] steps = new long[cut.size()];
    Arrays.fill(steps, 1);
    return layer
        .builder()
        .slice(layer.input(), numbers(cut), numbers(starts), numbers(ends), steps);
  }

  private static long[] numbers(List<Long> list) {
    return list.stream().mapToLong(Long::longValue).toArray();
  }

  private static Value upSampling(KerasLayer layer, int axes) {
    long[] size = layer.config().wholes("size", axes, 2);
    boolean last = axes == 1 || Layout.channelsLast(layer);
    GraphBuilder b = layer.builder();
    Value x = last ? Layout.channelsFirst(b, layer.input()) : layer.input();
    String kind = layer.config().text("interpolation", "nearest");
    Value y =
        axes == 2
            ? new Interpolation(kind, false).enlarge(layer, x, size[0], size[1])
            : repeated(layer, x, size);
    return last ? Layout.channelsLast(b, y) : y;
  }

  /** Each element as often as it is said for its axis. */
  private static Value repeated(KerasLayer layer, Value x, long... size) {
    float[] scales = new float[size.length + 2];
    Arrays.fill(scales, 1);
    for (int i = 0; i < size.length; i++) {
      scales[i + 2] = size[i];
    }
    Value factors = layer.constant("scales", Tensor.ofFloats(scales, scales.length));
    return layer
        .builder()
        .node(
            "Resize",
            OperatorBuilder.operands(x, OperatorBuilder.ABSENT, factors),
            List.of(
                Attribute.ofString("mode", "nearest"),
                Attribute.ofString("coordinate_transformation_mode", "half_pixel"),
                Attribute.ofString("nearest_mode", "round_prefer_ceil")));
  }
}
