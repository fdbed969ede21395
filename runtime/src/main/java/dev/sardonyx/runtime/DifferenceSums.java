package dev.sardonyx.runtime;

/** Sums over the elements that are finite on both sides. */
final class DifferenceSums {
  private long count;
  private double absolute;
  private double noise;
  private double dot;
  private double actualSquares;
  private double expectedSquares;

  /** Adds the sums over several elements. */
  void add(
      long elements,
      double absolutes,
      double noises,
      double dots,
      double squaresOfActual,
      double squaresOfExpected) {
    count += elements;
    absolute += absolutes;
    noise += noises;
    dot += dots;
    actualSquares += squaresOfActual;
    expectedSquares += squaresOfExpected;
  }

  double meanAbsolute() {
    return count == 0 ? 0 : absolute / count;
  }

  /** The cosine similarity; 1 if both vectors are zero. */
  double cosine() {
    double lengths = Math.sqrt(actualSquares) * Math.sqrt(expectedSquares);
    if (lengths == 0) {
      return actualSquares == expectedSquares ? 1 : 0;
    }
    return Math.min(1, dot / lengths);
  }

  /** The signal-to-noise ratio in decibels; infinite if nothing differs. */
  double decibels() {
    return noise == 0
        ? Double.POSITIVE_INFINITY
        : 10 * Math.log10(expectedSquares) - 10 * Math.log10(noise);
  }
}
