package dev.sardonyx.export.keras;

import com.google.gson.JsonElement;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.build.GraphBuilder;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/** Layers that prepare inputs, and masks of steps. */
final class PreprocessingReaders {
  static final Map<String, LayerReader> LAYERS = new TreeMap<>();

  static {
    LAYERS.put("Rescaling", LayerReader.keepingMask(PreprocessingReaders::rescaling));
    LAYERS.put("Normalization", LayerReader.keepingMask(PreprocessingReaders::normalization));
    LAYERS.put("Discretization", LayerReader.of(PreprocessingReaders::discretization));
    LAYERS.put("CategoryEncoding", LayerReader.of(PreprocessingReaders::categoryEncoding));
    LAYERS.put("Masking", PreprocessingReaders::masking);
  }

  private PreprocessingReaders() {}

  /** A number or a list of numbers, as a value that broadcasts over the last axes. */
  private static Value numbers(KerasLayer layer, String key, double absent) {
    double[] given = layer.config().has(key) ? layer.config().numbers(key) : new double[] {absent};
    JsonElement json = layer.config().element(key);
    return json.isJsonArray() ? layer.floats(key, given, given.length) : layer.floats(key, given);
  }

  private static Value rescaling(KerasLayer layer) {
    GraphBuilder b = layer.builder();
    Value scaled = b.mul(layer.asFloats(layer.input()), numbers(layer, "scale", 1));
    boolean shifted =
        layer.config().has("offset")
            && Arrays.stream(layer.config().numbers("offset")).anyMatch(o -> o != 0);
    return shifted ? b.add(scaled, numbers(layer, "offset", 0)) : scaled;
  }

  private static Value normalization(KerasLayer layer) {
    GraphBuilder b = layer.builder();
    LayerConfig config = layer.config();
    Value x = layer.asFloats(layer.input());
    int rank = KerasLayer.rank(x);
    // An axis of null, unlike a missing axis, means one mean for all elements.
    long[] absent = config.json().has("axis") ? new long[0] : new long[] {-1};
    long[] shape = new long[rank];
    Arrays.fill(shape, 1);
    for (long axis : config.has("axis") ? config.wholes("axis") : absent) {
      int at = KerasLayer.axis(axis, rank);
      shape[at] = KerasLayer.dim(x, at);
    }
    double[] mean = statistics(layer, "mean", shape);
    double[] variance = statistics(layer, "variance", shape);
    double[] deviation = Arrays.stream(variance).map(v -> Math.max(Math.sqrt(v), 1e-7)).toArray();
    Value centre = layer.floats("mean", mean, shape);
    Value spread = layer.floats("deviation", deviation, shape);
    return config.truth("invert", false)
        ? b.add(centre, b.mul(x, spread))
        : b.div(b.sub(x, centre), spread);
  }

  /** Statistics that are given as a setting, or were computed by adapt() and saved. */
  private static double[] statistics(KerasLayer layer, String role, long[] shape) {
    long size = LongStream.of(shape).reduce(1, Math::multiplyExact);
    double[] given =
        layer.config().has(role)
            ? layer.config().numbers(role)
            : layer.anyVariable(role).toDoubles();
    if (given.length == 1 && size > 1) {
      double[] all = new double[Math.toIntExact(size)];
      Arrays.fill(all, given[0]);
      return all;
    }
    if (given.length != size) {
      throw layer.broken(
          "its " + role + " has " + given.length + " elements, where " + size + " fit its input");
    }
    return given;
  }

  /** The bin of each element: how many boundaries are less than or equal to it. */
  private static Value discretization(KerasLayer layer) {
    GraphBuilder b = layer.builder();
    double[] boundaries = layer.config().numbers("bin_boundaries");
    Value x = layer.asFloats(layer.input());
    Value edges = layer.floats("bin_boundaries", boundaries, boundaries.length);
    Value reached = b.greaterOrEqual(b.unsqueeze(x, -1), edges);
    Value bin = b.reduceSum(b.cast(reached, ElementType.INT32), false, -1);
    String mode = layer.config().text("output_mode", "int");
    return mode.equals("int") ? bin : encode(layer, bin, mode, boundaries.length + 1L, null);
  }

  private static Value categoryEncoding(KerasLayer layer) {
    Value weights = layer.tensorArgument("count_weights", 1).map(KerasTensor::value).orElse(null);
    return encode(
        layer,
        layer.input(),
        layer.config().text("output_mode", "multi_hot"),
        layer.config().whole("num_tokens"),
        weights);
  }

  private static Value encode(
      KerasLayer layer, Value indices, String mode, long depth, @Nullable Value weights) {
    GraphBuilder b = layer.builder();
    Value ids = b.cast(indices, ElementType.INT64);
    int rank = KerasLayer.rank(ids);
    Value offOn = layer.floats("off_on", new double[] {0, 1}, 2);
    Value hot = b.oneHot(ids, depth, offOn, -1);
    boolean batch = rank > 1;
    return switch (mode) {
      case "one_hot" ->
          batch && KerasLayer.shape(ids).dim(rank - 1).isFixed(1) ? b.squeeze(hot, rank - 1) : hot;
      case "multi_hot" -> batch ? b.reduceMax(hot, false, rank - 1) : hot;
      case "count" -> {
        Value each = weights == null ? hot : b.mul(hot, b.unsqueeze(layer.asFloats(weights), -1));
        yield batch ? b.reduceSum(each, false, rank - 1) : each;
      }
      default -> throw layer.refusal("ONNX has no counterpart of its output_mode " + mode);
    };
  }

  /**
   * The Masking layer: steps whose elements all equal {@code mask_value} are masked and become
   * zero.
   */
  private static List<KerasTensor> masking(KerasLayer layer) {
    GraphBuilder b = layer.builder();
    Value x = layer.input();
    Value same = b.equal(x, b.scalarLike(x, layer.config().number("mask_value", 0)));
    Value counts =
        b.cast(b.reduceMax(b.cast(b.not(same), ElementType.INT32), true, -1), ElementType.BOOL);
    Value y = b.where(counts, x, b.scalarLike(x, 0));
    return List.of(new KerasTensor(y, b.squeeze(counts, -1)));
  }
}
