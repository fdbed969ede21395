package dev.sardonyx.runtime.quantize;

/**
 * How the range that a value is stored with follows from the numbers it takes on calibration data.
 * All but {@link MinMax} may cut off rare large numbers, so that the frequent ones are stored more
 * finely.
 */
public sealed interface Calibration {
  /** From the least to the greatest number. */
  record MinMax() implements Calibration {}

  /**
   * From the least to the greatest number of a batch, averaged over the batches: each counts with
   * {@code momentum}, all before it with the rest.
   *
   * @param momentum above 0 and at most 1
   */
  record MovingAverage(double momentum) implements Calibration {
    public MovingAverage {
      if (!(momentum > 0 && momentum <= 1)) {
        throw new IllegalArgumentException(
            "The momentum of a moving average is above 0 and at most 1, not " + momentum);
      }
    }
  }

  /**
   * The range with which the distribution of the stored numbers is most like that of the numbers:
   * with the least relative entropy (Kullback-Leibler divergence), as TensorRT calibrates.
   */
  record Entropy() implements Calibration {}

  /**
   * The range that holds a share of all numbers; as many are cut off at both ends.
   *
   * @param percent above 0 and at most 100
   */
  record Percentile(double percent) implements Calibration {
    public Percentile {
      if (!(percent > 0 && percent <= 100)) {
        throw new IllegalArgumentException(
            "A percentile is above 0 and at most 100, not " + percent);
      }
    }
  }

  /** The range with the least mean squared error of the stored numbers. */
  record MeanSquaredError() implements Calibration {}

  static Calibration minMax() {
    return new MinMax();
  }

  /** A moving average in which each batch counts with a tenth. */
  static Calibration movingAverage() {
    return new MovingAverage(0.1);
  }

  static Calibration entropy() {
    return new Entropy();
  }

  /** The range that holds 99.99 percent of all numbers. */
  static Calibration percentile() {
    return new Percentile(99.99);
  }

  static Calibration meanSquaredError() {
    return new MeanSquaredError();
  }
}
