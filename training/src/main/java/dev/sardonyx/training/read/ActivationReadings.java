package dev.sardonyx.training.read;

import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.build.GraphBuilder;
import dev.sardonyx.training.NdArrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.PReLULayer;
import org.deeplearning4j.nn.params.PReLUParamInitializer;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationCube;
import org.nd4j.linalg.activations.impl.ActivationELU;
import org.nd4j.linalg.activations.impl.ActivationGELU;
import org.nd4j.linalg.activations.impl.ActivationHardSigmoid;
import org.nd4j.linalg.activations.impl.ActivationHardTanH;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.activations.impl.ActivationLReLU;
import org.nd4j.linalg.activations.impl.ActivationMish;
import org.nd4j.linalg.activations.impl.ActivationPReLU;
import org.nd4j.linalg.activations.impl.ActivationRReLU;
import org.nd4j.linalg.activations.impl.ActivationRationalTanh;
import org.nd4j.linalg.activations.impl.ActivationReLU;
import org.nd4j.linalg.activations.impl.ActivationReLU6;
import org.nd4j.linalg.activations.impl.ActivationRectifiedTanh;
import org.nd4j.linalg.activations.impl.ActivationSELU;
import org.nd4j.linalg.activations.impl.ActivationSigmoid;
import org.nd4j.linalg.activations.impl.ActivationSoftPlus;
import org.nd4j.linalg.activations.impl.ActivationSoftSign;
import org.nd4j.linalg.activations.impl.ActivationSoftmax;
import org.nd4j.linalg.activations.impl.ActivationSwish;
import org.nd4j.linalg.activations.impl.ActivationTanH;
import org.nd4j.linalg.activations.impl.ActivationThresholdedReLU;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The activation functions, as they are at inference: the one place to add another. */
public final class ActivationReadings {
  private static final Map<Class<?>, BiFunction<IActivation, Ops, Value>> BY_CLASS =
      new LinkedHashMap<>();

  /** The graph and the value that a function is applied to. */
  private record Ops(GraphBuilder b, Value x) {}

  private interface Formula<A> {
    Value apply(A function, GraphBuilder b, Value x);
  }

  static {
    plain(ActivationIdentity.class, (b, x) -> x);
    plain(ActivationSigmoid.class, GraphBuilder::sigmoid);
    plain(ActivationTanH.class, GraphBuilder::tanh);
    plain(ActivationSoftPlus.class, GraphBuilder::softplus);
    plain(ActivationSoftSign.class, GraphBuilder::softsign);
    plain(ActivationSELU.class, GraphBuilder::selu);
    plain(ActivationMish.class, GraphBuilder::mish);
    plain(ActivationSoftmax.class, (b, x) -> b.softmax(x, -1));
    plain(ActivationReLU6.class, (b, x) -> b.clip(x, 0, 6));
    plain(ActivationHardTanH.class, (b, x) -> b.clip(x, -1, 1));
    plain(ActivationHardSigmoid.class, (b, x) -> b.hardSigmoid(x, 0.2f, 0.5f));
    plain(ActivationRectifiedTanh.class, (b, x) -> b.relu(b.tanh(x)));
    plain(ActivationSwish.class, (b, x) -> b.mul(x, b.sigmoid(x)));
    plain(ActivationCube.class, (b, x) -> b.mul(b.mul(x, x), x));
    plain(ActivationRationalTanh.class, ActivationReadings::rationalTanh);
    with(ActivationReLU.class, ActivationReadings::relu);
    with(ActivationLReLU.class, (f, b, x) -> b.leakyRelu(x, (float) f.getAlpha()));
    with(ActivationELU.class, (f, b, x) -> b.elu(x, (float) f.getAlpha()));
    with(ActivationThresholdedReLU.class, (f, b, x) -> b.thresholdedRelu(x, (float) f.getTheta()));
    with(ActivationRReLU.class, ActivationReadings::rRelu);
    with(ActivationGELU.class, ActivationReadings::gelu);
    with(ActivationPReLU.class, ActivationReadings::pRelu);
  }

  private ActivationReadings() {}

  private static void plain(
      Class<? extends IActivation> type, BiFunction<GraphBuilder, Value, Value> function) {
    BY_CLASS.put(type, (f, ops) -> function.apply(ops.b, ops.x));
  }

  private static <A extends IActivation> void with(Class<A> type, Formula<A> function) {
    BY_CLASS.put(type, (f, ops) -> function.apply(type.cast(f), ops.b, ops.x));
  }

  /** The functions that are read. */
  public static Set<Class<?>> read() {
    return Collections.unmodifiableSet(BY_CLASS.keySet());
  }

  static Optional<String> whyNot(@Nullable IActivation function) {
    return function == null || BY_CLASS.containsKey(function.getClass())
        ? Optional.empty()
        : Optional.of(
            "its activation %s is not one of DL4J's own".formatted(function.getClass().getName()));
  }

  static @Nullable String whyNotLayer(ActivationLayer layer) {
    return whyNot(layer.getActivationFn()).orElse(null);
  }

  static Value layer(ActivationLayer layer, Site site, Value x) {
    return apply(layer.getActivationFn(), site, x);
  }

  /** What a function makes of a value. */
  static Value apply(@Nullable IActivation function, Site site, Value x) {
    if (function == null) {
      return x;
    }
    BiFunction<IActivation, Ops, Value> reading = BY_CLASS.get(function.getClass());
    if (reading == null) {
      throw site.refuse(whyNot(function).orElseThrow());
    }
    return reading.apply(function, new Ops(site.b(), x));
  }

  /** What an activation is in DL4J's layers of SameDiff: there, LEAKYRELU has no slope. */
  static Value inGraph(Activation activation, Site site, Value x) {
    return activation == Activation.LEAKYRELU
        ? site.b().relu(x)
        : apply(activation.getActivationFunction(), site, x);
  }

  /**
   * What a function makes of a value whose features lie along an axis, which may not be the last.
   */
  static Value applyAlong(int axis, @Nullable IActivation function, Site site, Value x) {
    if (function instanceof ActivationSoftmax) {
      return site.b().softmax(x, axis);
    }
    if (function instanceof ActivationPReLU && axis == 1) {
      return site.channelsFirst(apply(function, site, site.channelsLast(x)));
    }
    return apply(function, site, x);
  }

  /** Below the threshold t it is {@code slope (x - t)}, from there on x; at most {@code max}. */
  private static Value relu(ActivationReLU f, GraphBuilder b, Value x) {
    double threshold = f.getThreshold() == null ? 0 : f.getThreshold();
    double slope = f.getNegativeSlope() == null ? 0 : f.getNegativeSlope();
    Value y;
    if (threshold != 0) {
      Value t = b.scalarLike(x, threshold);
      Value below = b.mul(b.sub(x, t), b.scalarLike(x, slope));
      y = b.where(b.less(x, t), below, x);
    } else {
      y = slope == 0 ? b.relu(x) : b.leakyRelu(x, (float) slope);
    }
    return f.getMax() == null ? y : b.min(y, b.scalarLike(x, f.getMax()));
  }

  /** At inference DL4J takes the maximum of x and the mean slope; it does not multiply by it. */
  private static Value rRelu(ActivationRReLU f, GraphBuilder b, Value x) {
    return b.max(x, b.scalarLike(x, 0.5 * (f.getL() + f.getU())));
  }

  /** {@code 1.7159 tanh(2x/3)} with an approximation of tanh by a rational function. */
  public static Value rationalTanh(GraphBuilder b, Value x) {
    Value scaled = b.mul(x, b.scalarLike(x, 2.0 / 3));
    Value y = b.abs(scaled);
    Value y2 = b.mul(y, y);
    Value y4 = b.mul(b.mul(y2, y2), b.scalarLike(x, 1.41645));
    Value one = b.scalarLike(x, 1);
    Value sum = b.add(b.add(one, y), b.add(y2, y4));
    Value tanh = b.mul(b.sign(scaled), b.sub(one, b.div(one, sum)));
    return b.mul(tanh, b.scalarLike(x, 1.7159));
  }

  /** {@code x sigmoid(1.702 x)}, or by tanh if precise. */
  private static Value gelu(ActivationGELU f, GraphBuilder b, Value x) {
    return f.isPrecise()
        ? preciseGelu(b, x)
        : b.mul(x, b.sigmoid(b.mul(x, b.scalarLike(x, 1.702))));
  }

  /** By tanh, in which DL4J raises 0.044715 to the third power together with x. */
  public static Value preciseGelu(GraphBuilder b, Value x) {
    Value cube = b.mul(b.mul(b.mul(x, x), x), b.scalarLike(x, Math.pow(0.044715, 3)));
    Value inner = b.mul(b.add(x, cube), b.scalarLike(x, Math.sqrt(2 / Math.PI)));
    Value one = b.scalarLike(x, 1);
    return b.mul(b.mul(x, b.scalarLike(x, 0.5)), b.add(one, b.tanh(inner)));
  }

  /** A slope for each element, or for all along an axis. */
  static Value preluLayer(PReLULayer layer, Site site, Value x) {
    INDArray alpha = site.array(PReLUParamInitializer.WEIGHT_KEY);
    return site.b().pRelu(x, site.constant(PReLUParamInitializer.WEIGHT_KEY, alpha));
  }

  private static Value pRelu(ActivationPReLU f, GraphBuilder b, Value x) {
    return b.pRelu(x, b.numberedConstant("alpha", NdArrays.tensor(f.getAlpha())));
  }
}
