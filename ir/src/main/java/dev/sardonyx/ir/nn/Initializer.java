package dev.sardonyx.ir.nn;

import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Tensor;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import java.util.stream.LongStream;

/** How weights begin; the names and formulas are those of Keras. */
@FunctionalInterface
public interface Initializer {
  /**
   * Makes all weights of one tensor.
   *
   * @param weights to be filled, as many as the shape has elements
   * @param fanIn how many inputs each output of the layer depends on
   * @param fanOut how many outputs each input of the layer has a part in
   */
  void fill(FloatBuffer weights, RandomGenerator random, long fanIn, long fanOut, long... shape);

  /** One weight, which does not depend on the others. */
  @FunctionalInterface
  interface Weight {
    float next(RandomGenerator random);
  }

  /** Weights that are made one by one, whatever the layer. */
  static Initializer each(Weight weight) {
    return (weights, random, fanIn, fanOut, shape) -> {
      while (weights.hasRemaining()) {
        weights.put(weight.next(random));
      }
    };
  }

  /** Keras' {@code zeros}. */
  static Initializer zeros() {
    return constant(0);
  }

  /** Keras' {@code ones}. */
  static Initializer ones() {
    return constant(1);
  }

  /** Keras' {@code constant}: the same number everywhere. */
  static Initializer constant(float weight) {
    return each(random -> weight);
  }

  /** Keras' {@code random_uniform}: from {@code low} (inclusive) to {@code high} (exclusive). */
  static Initializer randomUniform(float low, float high) {
    return each(random -> (float) (low + random.nextDouble() * ((double) high - low)));
  }

  /** Keras' {@code random_normal}. */
  static Initializer randomNormal(float mean, float deviation) {
    return each(random -> (float) (mean + random.nextGaussian() * deviation));
  }

  /** Keras' {@code truncated_normal}: what is beyond two deviations is drawn again. */
  static Initializer truncatedNormal(float mean, float deviation) {
    return each(random -> (float) (mean + VarianceScaling.truncated(random) * deviation));
  }

  /** Uniform within {@code sqrt(6 / (fanIn + fanOut))} (Glorot and Bengio 2010). */
  static Initializer glorotUniform() {
    return new VarianceScaling(1, Fan.AVERAGE, Distribution.UNIFORM);
  }

  /** Truncated normal of variance {@code 2 / (fanIn + fanOut)} (Glorot and Bengio 2010). */
  static Initializer glorotNormal() {
    return new VarianceScaling(1, Fan.AVERAGE, Distribution.TRUNCATED_NORMAL);
  }

  /** Uniform within {@code sqrt(6 / fanIn)} (He et al. 2015), for ReLU networks. */
  static Initializer heUniform() {
    return new VarianceScaling(2, Fan.IN, Distribution.UNIFORM);
  }

  /** Truncated normal of variance {@code 2 / fanIn} (He et al. 2015), for ReLU networks. */
  static Initializer heNormal() {
    return new VarianceScaling(2, Fan.IN, Distribution.TRUNCATED_NORMAL);
  }

  /** Uniform within {@code sqrt(3 / fanIn)} (LeCun et al. 1998). */
  static Initializer lecunUniform() {
    return new VarianceScaling(1, Fan.IN, Distribution.UNIFORM);
  }

  /** Truncated normal of variance {@code 1 / fanIn} (LeCun et al. 1998), for SELU networks. */
  static Initializer lecunNormal() {
    return new VarianceScaling(1, Fan.IN, Distribution.TRUNCATED_NORMAL);
  }

  /** Which connections of a layer decide the variance of its weights. */
  enum Fan {
    IN,
    OUT,
    AVERAGE
  }

  /** What random weights are drawn from. */
  enum Distribution {
    UNIFORM,
    /** Beyond two deviations drawn again; the variance is that asked for all the same. */
    TRUNCATED_NORMAL,
    UNTRUNCATED_NORMAL
  }

  /**
   * Keras' {@code variance_scaling}: mean 0 and variance {@code scale / fan}.
   *
   * @throws IllegalArgumentException if the scale is not above 0
   */
  static Initializer varianceScaling(double scale, Fan fan, Distribution distribution) {
    return new VarianceScaling(scale, fan, distribution);
  }

  /**
   * Keras' {@code orthogonal} (Saxe et al. 2013): the tensor as a matrix of its last axis against
   * all others has orthogonal columns of length {@code gain}, or rows if it is wider than high.
   */
  static Initializer orthogonal(float gain) {
    return new Orthogonal(gain);
  }

  /**
   * An initializer of Keras' usual parameters, by the name that Keras gives it, such as {@code
   * glorot_uniform}.
   *
   * @throws IllegalArgumentException if there is none of the name, listing those there are
   */
  static Initializer named(String name) {
    Map<String, Initializer> all = new TreeMap<>();
    all.put("glorot_normal", glorotNormal());
    all.put("glorot_uniform", glorotUniform());
    all.put("he_normal", heNormal());
    all.put("he_uniform", heUniform());
    all.put("lecun_normal", lecunNormal());
    all.put("lecun_uniform", lecunUniform());
    all.put("ones", ones());
    all.put("orthogonal", orthogonal(1));
    all.put("random_normal", randomNormal(0, 0.05f));
    all.put("random_uniform", randomUniform(-0.05f, 0.05f));
    all.put("truncated_normal", truncatedNormal(0, 0.05f));
    all.put("zeros", zeros());
    Initializer found = all.get(name);
    if (found == null) {
      throw new IllegalArgumentException(
          "There is no initializer " + name + "; choose one of " + String.join(", ", all.keySet()));
    }
    return found;
  }

  /**
   * A tensor of weights that depends on the seed and the name alone, not on what was made before.
   */
  default Tensor tensor(long seed, String name, long fanIn, long fanOut, long... shape) {
    long size = LongStream.of(shape).reduce(1, Math::multiplyExact);
    ByteBuffer bytes = Tensor.allocate(ElementType.FLOAT, size);
    RandomGenerator random = new SplittableRandom(seed * 0x9E3779B97F4A7C15L ^ hash(name));
    fill(bytes.asFloatBuffer(), random, fanIn, fanOut, shape);
    return Tensor.of(ElementType.FLOAT, shape, bytes);
  }

  /** FNV-1a over 64 bits. */
  private static long hash(String name) {
    long hash = 0xCBF29CE484222325L;
    for (int i = 0; i < name.length(); i++) {
      hash = (hash ^ name.charAt(i)) * 0x100000001B3L;
    }
    return hash;
  }
}
