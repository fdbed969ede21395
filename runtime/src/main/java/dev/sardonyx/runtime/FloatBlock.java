package dev.sardonyx.runtime;

import java.nio.FloatBuffer;
import java.nio.IntBuffer;

/**
 * Measures a block of floats on both sides, in loops that the JIT compiler turns into vector
 * instructions: no branches, no conversions, and sums over halves instead of one after the other,
 * which also keeps their rounding errors small. What needs a branch, such as an element beyond the
 * tolerance, is only detected here.
 */
final class FloatBlock {
  /** Elements of a block; the arrays of one fit into the first cache. */
  static final int SIZE = 1024;

  private static final int HALF = SIZE / 2;

  /** How far sums are folded; the rest is added one by one, as doubles. */
  private static final int LANES = 16;

  /** Below, squares of floats lose digits. */
  private static final double SMALLEST = 1e-24;

  /** What is lost by rounding is less than a tenth of what this takes away. */
  private static final double LESS = 1 - 1e-6;

  private static final double LARGE = 1e30;

  private static final int FIELD = 10;
  private static final int FIELD_MASK = (1 << FIELD) - 1;

  private final float[] actual = new float[SIZE];
  private final float[] expected = new float[SIZE];
  private final int[] actualBits = new int[SIZE];
  private final int[] expectedBits = new int[SIZE];
  private final float[] absolute = new float[HALF];
  private final float[] noise = new float[HALF];
  private final float[] product = new float[HALF];
  private final float[] signal = new float[HALF];
  private final float[] most = new float[HALF];
  private final float[] excess = new float[HALF];
  private final float[] relative = new float[HALF];
  private final float[] share = new float[HALF];
  private final int[] near = new int[HALF];
  private final int[] far = new int[HALF];

  /** Reads a whole block of both sides. */
  void load(FloatBuffer actuals, IntBuffer actualsBits, FloatBuffer expecteds, IntBuffer bits) {
    actuals.get(actual);
    actualsBits.get(actualBits);
    expecteds.get(expected);
    bits.get(expectedBits);
  }

  /** The largest finite magnitude of some floats. */
  double largest(FloatBuffer floats) {
    float largest = 0;
    while (floats.remaining() >= SIZE) {
      floats.get(expected);
      for (int i = 0; i < HALF; i++) {
        most[i] = Math.max(Math.abs(expected[i]), Math.abs(expected[i + HALF]));
      }
      float found = foldMax(most);
      if (found < Float.POSITIVE_INFINITY) {
        largest = Math.max(largest, found);
      } else {
        for (float element : expected) {
          largest = largerIfFinite(largest, element);
        }
      }
    }
    while (floats.hasRemaining()) {
      largest = largerIfFinite(largest, floats.get());
    }
    return largest;
  }

  private static float largerIfFinite(float largest, float element) {
    float size = Math.abs(element);
    return size > largest && size < Float.POSITIVE_INFINITY ? size : largest;
  }

  float actual(int i) {
    return actual[i];
  }

  float expected(int i) {
    return expected[i];
  }

  /**
   * Sums over the block.
   *
   * @return whether they are finite and nothing was lost in them
   */
  boolean addTo(DifferenceSums sums) {
    for (int i = 0; i < HALF; i++) {
      float e = expected[i];
      float f = expected[i + HALF];
      float d = actual[i] - e;
      float g = actual[i + HALF] - f;
      absolute[i] = Math.abs(d) + Math.abs(g);
      noise[i] = d * d + g * g;
      product[i] = d * e + g * f;
      signal[i] = e * e + f * f;
    }
    double signals = foldSum(signal);
    double noises = foldSum(noise);
    double products = foldSum(product);
    double absolutes = foldSum(absolute);
    double actualSquares = signals + 2 * products + noises;
    boolean exact =
        signals < Float.MAX_VALUE
            && noises < Float.MAX_VALUE
            && (signals == 0 || signals > SMALLEST)
            && (absolutes == 0 || noises > SMALLEST)
            && actualSquares >= signals / 100;
    if (exact) {
      sums.add(SIZE, absolutes, noises, signals + products, actualSquares, signals);
    }
    return exact;
  }

  /**
   * Whether no element is beyond the tolerance, or further off than what has been seen. The
   * coefficients are a little smaller than they should be, by more than this pass rounds.
   *
   * @param allowed by how much an element may differ where 0 is expected
   */
  boolean isWithin(Extremes seen, double allowed, Tolerance tolerance) {
    float rtol = (float) (tolerance.rtol() * LESS);
    float atol = (float) Math.max(tolerance.atol() * LESS, Float.MIN_NORMAL);
    float largestRelative = (float) (seen.maxRelative() * LESS);
    float used = (float) Math.min(seen.toleranceUsed() * LESS, LARGE);
    float usedAllowed = (float) (used * allowed);
    float usedRtol = (float) (used * tolerance.rtol());
    for (int i = 0; i < HALF; i++) {
      float e = Math.abs(expected[i]);
      float f = Math.abs(expected[i + HALF]);
      float d = Math.abs(actual[i] - expected[i]);
      float g = Math.abs(actual[i + HALF] - expected[i + HALF]);
      most[i] = Math.max(d, g);
      excess[i] = Math.max(d - rtol * e, g - rtol * f);
      relative[i] =
          Math.max(
              d - largestRelative * Math.max(e, atol), g - largestRelative * Math.max(f, atol));
      share[i] = Math.max(d - (usedAllowed + usedRtol * e), g - (usedAllowed + usedRtol * f));
    }
    double limit = Math.min(seen.worstExcess(), 0) + allowed;
    return foldMax(most) <= seen.maxAbsolute() * LESS
        && foldMax(excess) <= limit - (1 - LESS) * Math.abs(limit)
        && foldMax(relative) <= 0
        && foldMax(share) <= 0;
  }

  /** Counts how many numbers of the type lie between both sides, element by element. */
  void countDistances(long[] buckets) {
    for (int i = 0; i < HALF; i++) {
      int d = distance(actualBits[i], expectedBits[i]);
      int g = distance(actualBits[i + HALF], expectedBits[i + HALF]);
      near[i] =
          (-d >>> 31)
              + ((1 - d >>> 31) << FIELD)
              + ((4 - d >>> 31) << 2 * FIELD)
              + (-g >>> 31)
              + ((1 - g >>> 31) << FIELD)
              + ((4 - g >>> 31) << 2 * FIELD);
      far[i] =
          (16 - d >>> 31)
              + ((256 - d >>> 31) << FIELD)
              + ((65536 - d >>> 31) << 2 * FIELD)
              + (16 - g >>> 31)
              + ((256 - g >>> 31) << FIELD)
              + ((65536 - g >>> 31) << 2 * FIELD);
    }
    foldSum(near);
    foldSum(far);
    long[] beyond = new long[Distances.BUCKETS - 1];
    for (int lane = 0; lane < LANES; lane++) {
      for (int k = 0; k < 3; k++) {
        beyond[k] += near[lane] >>> k * FIELD & FIELD_MASK;
        beyond[k + 3] += far[lane] >>> k * FIELD & FIELD_MASK;
      }
    }
    long left = SIZE;
    for (int k = 0; k < beyond.length; k++) {
      buckets[k] += left - beyond[k];
      left = beyond[k];
    }
    buckets[beyond.length] += left;
  }

  /** How many floats lie from one to the other, both zeros being the same; at most 2^31 - 1. */
  static int distance(int actualBits, int expectedBits) {
    int signA = actualBits >> 31;
    int signE = expectedBits >> 31;
    int a = ((actualBits & 0x7fffffff) ^ signA) - signA;
    int e = ((expectedBits & 0x7fffffff) ^ signE) - signE;
    int difference = a - e;
    int overflow = ((a ^ e) & (a ^ difference)) >> 31;
    int sign = difference >> 31;
    return ((difference ^ sign) - sign | overflow) & 0x7fffffff;
  }

  private static double foldSum(float[] elements) {
    for (int n = HALF / 2; n >= LANES; n /= 2) {
      for (int i = 0; i < n; i++) {
        elements[i] += elements[i + n];
      }
    }
    double sum = 0;
    for (int i = 0; i < LANES; i++) {
      sum += elements[i];
    }
    return sum;
  }

  private static void foldSum(int[] elements) {
    for (int n = HALF / 2; n >= LANES; n /= 2) {
      for (int i = 0; i < n; i++) {
        elements[i] += elements[i + n];
      }
    }
  }

  /** The largest element; NaN if one is. */
  private static float foldMax(float[] elements) {
    for (int n = HALF / 2; n >= LANES; n /= 2) {
      for (int i = 0; i < n; i++) {
        elements[i] = Math.max(elements[i], elements[i + n]);
      }
    }
    float largest = elements[0];
    for (int i = 1; i < LANES; i++) {
      largest = Math.max(largest, elements[i]);
    }
    return largest;
  }
}
