package dev.sardonyx.ir.nn;

import java.nio.FloatBuffer;
import java.util.random.RandomGenerator;

/** Weights whose variance follows from how many connections their layer has. */
record VarianceScaling(double scale, Initializer.Fan fan, Initializer.Distribution distribution)
    implements Initializer {
  /** The deviation of a standard normal distribution without what is beyond 2. */
  private static final double TRUNCATED_DEVIATION = 0.8796256610342398;

  VarianceScaling {
    if (!(scale > 0)) {
      throw new IllegalArgumentException("Weights need a scale above 0, not " + scale);
    }
  }

  @Override
  public void fill(
      FloatBuffer weights, RandomGenerator random, long fanIn, long fanOut, long... shape) {
    double connections =
        switch (fan) {
          case IN -> fanIn;
          case OUT -> fanOut;
          case AVERAGE -> (fanIn + fanOut) / 2.0;
        };
    double variance = scale / Math.max(1, connections);
    Weight weight = weight(variance);
    while (weights.hasRemaining()) {
      weights.put(weight.next(random));
    }
  }

  private Weight weight(double variance) {
    double deviation = Math.sqrt(variance);
    return switch (distribution) {
      case UNIFORM -> {
        double limit = Math.sqrt(3 * variance);
        yield random -> (float) ((2 * random.nextDouble() - 1) * limit);
      }
      case UNTRUNCATED_NORMAL -> random -> (float) (random.nextGaussian() * deviation);
      case TRUNCATED_NORMAL -> {
        double wider = deviation / TRUNCATED_DEVIATION;
        yield random -> (float) (truncated(random) * wider);
      }
    };
  }

  /** A standard normal number; one beyond 2 is drawn again. */
  static double truncated(RandomGenerator random) {
    double number;
    do {
      number = random.nextGaussian();
    } while (Math.abs(number) > 2);
    return number;
  }
}
