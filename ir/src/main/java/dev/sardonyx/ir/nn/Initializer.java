package dev.sardonyx.ir.nn;

import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Tensor;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import java.util.stream.LongStream;

/** How weights begin. */
@FunctionalInterface
public interface Initializer {
  /**
   * One weight.
   *
   * @param fanIn how many inputs each output of the layer depends on
   * @param fanOut how many outputs each input of the layer has a part in
   */
  float weight(RandomGenerator random, long fanIn, long fanOut);

  /** Uniform within {@code sqrt(6 / (fanIn + fanOut))} (Glorot and Bengio 2010). */
  static Initializer glorotUniform() {
    return (random, fanIn, fanOut) -> {
      double limit = Math.sqrt(6.0 / (fanIn + fanOut));
      return (float) ((2 * random.nextDouble() - 1) * limit);
    };
  }

  /** Normal with standard deviation {@code sqrt(2 / fanIn)} (He et al. 2015), for ReLU networks. */
  static Initializer heNormal() {
    return (random, fanIn, fanOut) -> (float) (random.nextGaussian() * Math.sqrt(2.0 / fanIn));
  }

  static Initializer zeros() {
    return (random, fanIn, fanOut) -> 0;
  }

  static Initializer ones() {
    return (random, fanIn, fanOut) -> 1;
  }

  /**
   * A tensor of weights that depends on the seed and the name alone, not on what was made before.
   */
  default Tensor tensor(long seed, String name, long fanIn, long fanOut, long... shape) {
    long size = LongStream.of(shape).reduce(1, Math::multiplyExact);
    ByteBuffer bytes = Tensor.allocate(ElementType.FLOAT, size);
    FloatBuffer elements = bytes.asFloatBuffer();
    RandomGenerator random = new SplittableRandom(seed * 0x9E3779B97F4A7C15L ^ hash(name));
    while (elements.hasRemaining()) {
      elements.put(weight(random, fanIn, fanOut));
    }
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
