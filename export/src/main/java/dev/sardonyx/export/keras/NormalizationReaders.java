package dev.sardonyx.export.keras;

import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.build.GraphBuilder;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/** Normalisations, with the statistics that inference uses. */
final class NormalizationReaders {
  static final Map<String, LayerReader> LAYERS = new TreeMap<>();

  static {
    LAYERS.put("BatchNormalization", LayerReader.keepingMask(NormalizationReaders::batch));
    LAYERS.put("LayerNormalization", LayerReader.keepingMask(NormalizationReaders::layer));
    LAYERS.put("GroupNormalization", LayerReader.keepingMask(NormalizationReaders::group));
    LAYERS.put("RMSNormalization", LayerReader.of(NormalizationReaders::rms));
    LAYERS.put("LayerScale", LayerReader.keepingMask(NormalizationReaders::layerScale));
    LAYERS.put("UnitNormalization", LayerReader.keepingMask(NormalizationReaders::unitLayer));
  }

  private NormalizationReaders() {}

  /** Half-precision inputs are normalised in single precision, as Keras does. */
  private static Value inSingle(KerasLayer layer, Function<Value, Value> normalize) {
    GraphBuilder b = layer.builder();
    Value x = layer.asFloats(layer.input());
    ElementType type = KerasLayer.type(x);
    boolean half = type == ElementType.FLOAT16 || type == ElementType.BFLOAT16;
    Value y = normalize.apply(half ? b.cast(x, ElementType.FLOAT) : x);
    return half ? b.cast(y, type) : y;
  }

  /**
   * A variable in the type in which the normalisation is computed, or a number if the layer has no
   * such variable.
   */
  private static Value parameter(
      KerasLayer layer, String role, boolean there, double absent, Value x, long... shape) {
    Tensor tensor;
    if (there) {
      tensor = layer.variableData(role, shape);
    } else {
      double[] same =
          new double[Math.toIntExact(LongStream.of(shape).reduce(1, Math::multiplyExact))];
      Arrays.fill(same, absent);
      tensor = Tensor.ofNumbers(KerasLayer.type(x), same, shape);
    }
    ElementType type = KerasLayer.type(x);
    return layer.constant(
        role,
        tensor.elementType() == type
            ? tensor
            : Tensor.ofNumbers(type, tensor.toDoubles(), tensor.dims()));
  }

  private static Value scale(KerasLayer layer, Value x, long... shape) {
    return parameter(layer, "gamma", layer.config().truth("scale", true), 1, x, shape);
  }

  private static Value offset(KerasLayer layer, Value x, long... shape) {
    return parameter(layer, "beta", layer.config().truth("center", true), 0, x, shape);
  }

  private static float epsilon(LayerConfig config, double absent) {
    return (float) config.number("epsilon", absent);
  }

  private static Value batch(KerasLayer layer) {
    LayerConfig config = layer.config();
    GraphBuilder b = layer.builder();
    return inSingle(
        layer,
        x -> {
          long[] axes = config.has("axis") ? config.wholes("axis") : new long[] {-1};
          if (axes.length != 1) {
            throw layer.refusal("it normalises several axes at once");
          }
          int axis = KerasLayer.axis(axes[0], KerasLayer.rank(x));
          if (axis == 0) {
            throw layer.refusal("its axis is the batch");
          }
          long channels = KerasLayer.dim(x, axis);
          Value scale = scale(layer, x, channels);
          Value bias = offset(layer, x, channels);
          if (layer.training() && config.truth("trainable", true)) {
            return ofThisBatch(layer, x, axis, scale, bias);
          }
          Value mean = parameter(layer, "moving_mean", true, 0, x, channels);
          Value variance = parameter(layer, "moving_variance", true, 1, x, channels);
          float epsilon = epsilon(config, 1e-3);
          Value second = Layout.move(b, x, axis, 1);
          Value y = b.batchNormalization(second, scale, bias, mean, variance, epsilon);
          return Layout.move(b, y, 1, axis);
        });
  }

  /** With the statistics of the batch that is given, as a call in the mode of training has them. */
  private static Value ofThisBatch(KerasLayer layer, Value x, int axis, Value scale, Value offset) {
    GraphBuilder b = layer.builder();
    if (layer.mask() != null) {
      throw layer.refusal("it is called with training=True and a mask");
    }
    int rank = KerasLayer.rank(x);
    long[] others = LongStream.range(0, rank).filter(i -> i != axis).toArray();
    Value centred = b.sub(x, b.reduceMean(x, true, others));
    Value variance = b.reduceMean(b.mul(centred, centred), true, others);
    Value epsilon = b.scalarLike(x, layer.config().number("epsilon", 1e-3));
    Value y = b.div(centred, b.sqrt(b.add(variance, epsilon)));
    long[] behind = LongStream.range(1, rank - (long) axis).toArray();
    return b.add(
        b.mul(y, behind.length == 0 ? scale : b.unsqueeze(scale, behind)),
        behind.length == 0 ? offset : b.unsqueeze(offset, behind));
  }

  /** Applies a normalisation over the last axes; other axes are moved there and back. */
  private static Value overLast(
      GraphBuilder b, Value x, int[] axes, Function<Value, Value> normalize) {
    int rank = KerasLayer.rank(x);
    int[] others =
        IntStream.range(0, rank).filter(i -> IntStream.of(axes).noneMatch(a -> a == i)).toArray();
    int[] perm = IntStream.concat(IntStream.of(others), IntStream.of(axes)).toArray();
    if (Arrays.equals(perm, IntStream.range(0, rank).toArray())) {
      return normalize.apply(x);
    }
    long[] back = new long[rank];
    for (int i = 0; i < rank; i++) {
      back[perm[i]] = i;
    }
    Value moved = b.transpose(x, IntStream.of(perm).asLongStream().toArray());
    return b.transpose(normalize.apply(moved), back);
  }

  private static int[] axes(LayerConfig config, Value x) {
    int rank = KerasLayer.rank(x);
    long[] given = config.has("axis") ? config.wholes("axis") : new long[] {-1};
    return LongStream.of(given)
        .mapToInt(a -> KerasLayer.axis(a, rank))
        .sorted()
        .distinct()
        .toArray();
  }

  private static long[] shape(Value x, int... axes) {
    return IntStream.of(axes).mapToLong(a -> KerasLayer.dim(x, a)).toArray();
  }

  private static Value layer(KerasLayer layer) {
    LayerConfig config = layer.config();
    if (config.truth("rms_scaling", false)) {
      return rmsScaling(layer);
    }
    GraphBuilder b = layer.builder();
    return inSingle(
        layer,
        x -> {
          int[] axes = axes(config, x);
          long[] shape = shape(x, axes);
          Value scale = scale(layer, x, shape);
          Value bias = config.truth("center", true) ? offset(layer, x, shape) : null;
          float epsilon = epsilon(config, 1e-3);
          return overLast(
              b, x, axes, v -> b.layerNormalization(v, scale, bias, -axes.length, epsilon));
        });
  }

  /** Keras's rms_scaling divides by the standard deviation and does not centre. */
  private static Value rmsScaling(KerasLayer layer) {
    LayerConfig config = layer.config();
    GraphBuilder b = layer.builder();
    return inSingle(
        layer,
        x -> {
          int[] axes = axes(config, x);
          Value scale = scale(layer, x, shape(x, axes));
          return overLast(
              b,
              x,
              axes,
              v -> {
                long[] last = LongStream.rangeClosed(1, axes.length).map(i -> -i).toArray();
                Value centred = b.sub(v, b.reduceMean(v, true, last));
                Value variance = b.reduceMean(b.mul(centred, centred), true, last);
                Value deviation =
                    b.sqrt(b.add(variance, b.scalarLike(v, config.number("epsilon", 1e-3))));
                return b.mul(b.div(v, deviation), scale);
              });
        });
  }

  private static Value group(KerasLayer layer) {
    LayerConfig config = layer.config();
    GraphBuilder b = layer.builder();
    return inSingle(
        layer,
        x -> {
          int axis = KerasLayer.axis(config.whole("axis", -1), KerasLayer.rank(x));
          long channels = KerasLayer.dim(x, axis);
          long groups = config.whole("groups", 32);
          groups = groups == -1 ? channels : groups;
          Value scale = scale(layer, x, channels);
          Value bias = offset(layer, x, channels);
          float epsilon = epsilon(config, 1e-3);
          Value second = Layout.move(b, x, axis, 1);
          Value y = b.groupNormalization(second, scale, bias, groups, epsilon);
          return Layout.move(b, y, 1, axis);
        });
  }

  private static Value rms(KerasLayer layer) {
    LayerConfig config = layer.config();
    GraphBuilder b = layer.builder();
    return inSingle(
        layer,
        x -> {
          int[] axes = axes(config, x);
          if (axes[0] != KerasLayer.rank(x) - axes.length) {
            throw layer.refusal("its axes are not the last, of which Keras itself makes no sense");
          }
          Value scale = parameter(layer, "scale", true, 1, x, shape(x, axes));
          float epsilon = epsilon(config, 1e-6);
          return b.rmsNormalization(x, scale, -axes.length, epsilon);
        });
  }

  /**
   * The LayerScale layer of Keras's ConvNeXt models, which multiplies each channel by a number of
   * its own.
   */
  private static Value layerScale(KerasLayer layer) {
    Value x = layer.asFloats(layer.input());
    return layer.builder().mul(x, layer.variable("gamma", KerasLayer.dim(x, -1)));
  }

  private static Value unitLayer(KerasLayer layer) {
    Value x = layer.asFloats(layer.input());
    return unit(layer.builder(), x, 1e-12, axes(layer.config(), x));
  }

  /** Divided by the square root of the sum of squares, which is at least epsilon. */
  static Value unit(GraphBuilder b, Value x, double epsilon, int... axes) {
    long[] all = IntStream.of(axes).asLongStream().toArray();
    Value norm = b.reduceL2(x, true, all);
    return b.div(x, b.max(norm, b.scalarLike(norm, epsilon)));
  }
}
