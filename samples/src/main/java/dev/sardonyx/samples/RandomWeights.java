package dev.sardonyx.samples;

import java.util.SplittableRandom;
import org.deeplearning4j.nn.api.Model;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Weights for a DL4J network nobody has trained, such that its values keep their size from layer to
 * layer; with DL4J's own random weights, the values of some architectures grow to millions, and
 * only rounding errors are left at the output.
 */
final class RandomWeights {
  private RandomWeights() {}

  /** Sets all parameters, statistics included. */
  static void fill(Model network, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    network.paramTable().forEach((name, array) -> fill(name, array, random));
  }

  private static void fill(String name, INDArray array, SplittableRandom random) {
    float[] numbers = new float[Math.toIntExact(array.length())];
    double middle = name.endsWith("gamma") || name.endsWith("var") ? 1 : 0;
    double reach = name.endsWith("W") ? Math.sqrt(3.0 / fanIn(array)) : 0.2;
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = (float) (middle + (random.nextDouble() * 2 - 1) * reach);
    }
    array.assign(Nd4j.createFromArray(numbers).reshape(array.shape()));
  }

  /** The fan-in of weights {@code [out,in,kernel...]} or {@code [in,out]}. */
  private static long fanIn(INDArray array) {
    return Math.max(1, array.rank() > 2 ? array.length() / array.size(0) : array.size(0));
  }
}
