package dev.sardonyx.ir.nn;

import java.nio.FloatBuffer;
import java.util.random.RandomGenerator;
import java.util.stream.LongStream;

/** A random orthogonal matrix: normal numbers, made orthogonal by Gram and Schmidt's method. */
record Orthogonal(float gain) implements Initializer {
  @Override
  public void fill(
      FloatBuffer weights, RandomGenerator random, long fanIn, long fanOut, long... shape) {
    if (shape.length < 2) {
      throw new IllegalArgumentException(
          "Orthogonal weights have at least two axes, not " + shape.length);
    }
    int columns = Math.toIntExact(shape[shape.length - 1]);
    long[] leading = LongStream.of(shape).limit(shape.length - 1L).toArray();
    int rows = Math.toIntExact(LongStream.of(leading).reduce(1, Math::multiplyExact));
    boolean high = rows >= columns;
    double[][] vectors = vectors(random, Math.min(rows, columns), Math.max(rows, columns));
    for (int row = 0; row < rows; row++) {
      for (int column = 0; column < columns; column++) {
        double element = high ? vectors[column][row] : vectors[row][column];
        weights.put((float) (gain * element));
      }
    }
  }

  /** Orthogonal vectors of length 1. */
  private static double[][] vectors(RandomGenerator random, int count, int size) {
    double[][] vectors = new double[count][size];
    for (int i = 0; i < count; i++) {
      for (int j = 0; j < size; j++) {
        vectors[i][j] = random.nextGaussian();
      }
      for (int pass = 0; pass < 2; pass++) { // the second removes what rounding left
        for (int before = 0; before < i; before++) {
          subtract(vectors[i], vectors[before], dot(vectors[i], vectors[before]));
        }
      }
      double length = Math.sqrt(dot(vectors[i], vectors[i]));
      for (int j = 0; j < size; j++) {
        vectors[i][j] /= length;
      }
    }
    return vectors;
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }

  private static void subtract(double[] from, double[] vector, double factor) {
    for (int i = 0; i < from.length; i++) {
      from[i] -= factor * vector[i];
    }
  }
}
