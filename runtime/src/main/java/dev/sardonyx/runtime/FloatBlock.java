package dev.sardonyx.runtime;

import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.util.Arrays;
import java.util.List;

/**
 * Measures floats of both sides in loops that the JIT compiler turns into vector instructions: no
 * branches, no conversions, every array at the same index, and a sum for each of many lanes, which
 * also keeps their rounding errors small. Whatever needs a branch, such as an element beyond the
 * tolerance, is only detected; the caller then looks at all elements one by one.
 */
final class FloatBlock {
  /** Lanes, and elements that are read at once; the arrays of so many fit into the first cache. */
  static final int SIZE = 1024;

  /** How many elements a lane sums up at most. */
  static final int DEPTH = 16;

  /** Below, squares of floats lose digits. */
  private static final double SMALLEST = 1e-24;

  /** What is lost by rounding is less than a tenth of what this takes away. */
  private static final double LESS = 1 - 1e-6;

  private static final double LARGE = 1e30;

  /** Bits of a count of which three share an int. */
  private static final int FIELD = 10;

  private static final int MASK = (1 << FIELD) - 1;

  /** Lanes whose counts, added up, still fit into a field. */
  private static final int TOGETHER = 32;

  /**
   * A loop over the block. There are so many that the JIT compiler does not inline them into their
   * caller's loop, where it would no longer vectorise them.
   */
  private interface Figure {
    void over(FloatBlock block);
  }

  private static final List<Figure> FIGURES =
      List.of(
          FloatBlock::sumUp,
          FloatBlock::detect,
          FloatBlock::measureDistances,
          FloatBlock::countNear,
          FloatBlock::countFar);

  private static final List<Figure> FIGURES_OF_SAME = List.of(FloatBlock::sumSignal);

  /** The elements of both sides, and their bits. */
  record Sides(
      FloatBuffer actual, FloatBuffer expected, IntBuffer actualBits, IntBuffer expectedBits) {
    /** Those in the bytes of two tensors. */
    static Sides of(ByteBuffer actual, ByteBuffer expected) {
      return new Sides(
          actual.asFloatBuffer(),
          expected.asFloatBuffer(),
          actual.asIntBuffer(),
          expected.asIntBuffer());
    }

    /** The same, of which an element is the next. */
    Sides at(int position) {
      actual.position(position);
      expected.position(position);
      actualBits.position(position);
      expectedBits.position(position);
      return this;
    }
  }

  private final float[] actual = new float[SIZE];
  private final float[] expected = new float[SIZE];
  private final int[] actualBits = new int[SIZE];
  private final int[] expectedBits = new int[SIZE];
  private final float[] absolute = new float[SIZE];
  private final float[] noise = new float[SIZE];
  private final float[] product = new float[SIZE];
  private final float[] signal = new float[SIZE];
  private final float[] beyond = new float[SIZE];
  private final int[] near = new int[SIZE];
  private final int[] far = new int[SIZE];
  private Bounds bounds = Bounds.of(Extremes.NONE, 0, Tolerance.EXACT);

  /**
   * Limits that no element may be beyond: by its difference, beyond the tolerance, in proportion to
   * the expected element, and in proportion to what is allowed. All but the first are a little
   * smaller than they should be, by more than what is rounded; differences of floats are exact if
   * they are small, and often the same.
   */
  private record Bounds(
      float most,
      float excess,
      float rtol,
      float relative,
      float atol,
      float usedAllowed,
      float usedRtol) {
    static Bounds of(Extremes seen, double allowed, Tolerance tolerance) {
      double excess = Math.min(seen.worstExcess(), 0) + allowed;
      double used = Math.min(seen.toleranceUsed() * LESS, LARGE);
      return new Bounds(
          notMore(seen.maxAbsolute()),
          (float) (excess - (1 - LESS) * Math.abs(excess)),
          (float) (tolerance.rtol() * LESS),
          (float) (seen.maxRelative() * LESS / 2),
          (float) Math.max(tolerance.atol() * LESS, Float.MIN_NORMAL),
          (float) (used * allowed),
          (float) (used * tolerance.rtol()));
    }
  }

  private static float notMore(double number) {
    float rounded = (float) number;
    return rounded > number ? Math.nextDown(rounded) : rounded;
  }

  /**
   * Compares the next elements of both sides.
   *
   * @param sides from whose positions elements are taken
   * @param blocks how many blocks of {@link #SIZE} elements, at most {@link #DEPTH}
   * @param seen the furthest that elements have been off so far
   * @param allowed by how much an element may differ where 0 is expected
   * @param sums where sums are added
   * @param distances where elements are counted, see {@link Distances}
   * @return false if an element may be beyond the tolerance or further off than what has been seen,
   *     or is not finite, or the sums would lose digits; then nothing is added
   */
  boolean add(
      Sides sides,
      int blocks,
      Extremes seen,
      double allowed,
      Tolerance tolerance,
      DifferenceSums sums,
      long[] distances) {
    for (float[] lanes : new float[][] {absolute, noise, product, signal, beyond}) {
      Arrays.fill(lanes, 0);
    }
    Arrays.fill(near, 0);
    Arrays.fill(far, 0);
    bounds = Bounds.of(seen, allowed, tolerance);
    for (int block = 0; block < blocks; block++) {
      sides.actual.get(actual);
      sides.expected.get(expected);
      sides.actualBits.get(actualBits);
      sides.expectedBits.get(expectedBits);
      // Nothing is beyond any bound then, unless 0 differences are the furthest there are.
      boolean same = bounds.excess >= 0 && Arrays.equals(actualBits, expectedBits);
      for (Figure figure : same ? FIGURES_OF_SAME : FIGURES) {
        figure.over(this);
      }
    }
    long count = (long) blocks * SIZE;
    if (!(sum(beyond) <= 0) || !addSums(count, sums)) {
      return false;
    }
    addDistances(count, distances);
    return true;
  }

  private void sumUp() {
    float[] a = actual;
    float[] b = expected;
    float[] ofAbsolute = absolute;
    float[] ofNoise = noise;
    float[] ofProduct = product;
    float[] ofSignal = signal;
    for (int i = 0; i < SIZE; i++) {
      float e = b[i];
      float d = a[i] - e;
      ofAbsolute[i] += Math.abs(d);
      ofNoise[i] += d * d;
      ofProduct[i] += d * e;
      ofSignal[i] += e * e;
    }
  }

  private void sumSignal() {
    float[] b = expected;
    float[] sum = signal;
    for (int i = 0; i < SIZE; i++) {
      sum[i] += b[i] * b[i];
    }
  }

  /** Adds twice the amount by which elements are beyond a bound: {@code x + |x|}. */
  private void detect() {
    float[] a = actual;
    float[] b = expected;
    float[] sum = beyond;
    float most = bounds.most;
    float excess = bounds.excess;
    float rtol = bounds.rtol;
    float relative = bounds.relative;
    float atol = bounds.atol;
    float usedAllowed = bounds.usedAllowed;
    float usedRtol = bounds.usedRtol;
    for (int i = 0; i < SIZE; i++) {
      float e = Math.abs(b[i]);
      float d = Math.abs(a[i] - b[i]);
      float p = d - most;
      float q = d - rtol * e - excess;
      // The sum is twice the larger of the expected element and the absolute tolerance.
      float r = d - relative * (e + atol + Math.abs(e - atol));
      float s = d - (usedAllowed + usedRtol * e);
      sum[i] += p + Math.abs(p) + (q + Math.abs(q)) + (r + Math.abs(r)) + (s + Math.abs(s));
    }
  }

  private void measureDistances() {
    int[] a = actualBits;
    int[] b = expectedBits;
    for (int i = 0; i < SIZE; i++) {
      a[i] = distance(a[i], b[i]);
    }
  }

  private void countNear() {
    int[] distances = actualBits;
    int[] count = near;
    for (int i = 0; i < SIZE; i++) {
      int d = distances[i];
      count[i] += (-d >>> 31) + ((1 - d >>> 31) << FIELD) + ((4 - d >>> 31) << 2 * FIELD);
    }
  }

  private void countFar() {
    int[] distances = actualBits;
    int[] count = far;
    for (int i = 0; i < SIZE; i++) {
      int d = distances[i];
      count[i] +=
          (16 - d >>> 31) + ((256 - d >>> 31) << FIELD) + ((65_536 - d >>> 31) << 2 * FIELD);
    }
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

  private boolean addSums(long count, DifferenceSums sums) {
    double absolutes = sum(absolute);
    double noises = sum(noise);
    double products = sum(product);
    double signals = sum(signal);
    double actualSquares = signals + 2 * products + noises;
    boolean exact =
        signals < Float.MAX_VALUE
            && noises < Float.MAX_VALUE
            && (signals == 0 || signals > SMALLEST)
            && (absolutes == 0 || noises > SMALLEST)
            && actualSquares >= signals / 100;
    if (exact) {
      sums.add(count, absolutes, noises, signals + products, actualSquares, signals);
    }
    return exact;
  }

  /** In four sums, of which the processor computes several at once. */
  private static double sum(float[] lanes) {
    double a = 0;
    double b = 0;
    double c = 0;
    double d = 0;
    for (int i = 0; i < SIZE; i += 4) {
      a += lanes[i];
      b += lanes[i + 1];
      c += lanes[i + 2];
      d += lanes[i + 3];
    }
    return a + b + (c + d);
  }

  private void addDistances(long count, long[] distances) {
    // How many are beyond each bound.
    long[] over = new long[Distances.BUCKETS - 1];
    for (int from = 0; from < SIZE; from += TOGETHER) {
      int nearer = 0;
      int farther = 0;
      for (int i = from; i < from + TOGETHER; i++) {
        nearer += near[i];
        farther += far[i];
      }
      for (int k = 0; k < 3; k++) {
        over[k] += nearer >>> k * FIELD & MASK;
        over[3 + k] += farther >>> k * FIELD & MASK;
      }
    }
    long left = count;
    for (int k = 0; k < over.length; k++) {
      distances[k] += left - over[k];
      left = over[k];
    }
    distances[over.length] += left;
  }

  /** The largest finite magnitude of some floats. */
  double largest(FloatBuffer floats) {
    FloatBuffer blocks = floats.duplicate();
    Arrays.fill(beyond, 0);
    while (blocks.remaining() >= SIZE) {
      blocks.get(expected);
      growLargest(expected, beyond);
    }
    float largest = 0;
    for (float element : beyond) {
      largest = Math.max(largest, element);
    }
    if (largest < Float.POSITIVE_INFINITY) {
      return Math.max(largest, largestOneByOne(blocks));
    }
    // It is infinite or NaN, so what is finite has to be told apart.
    return largestOneByOne(floats);
  }

  private static float largestOneByOne(FloatBuffer floats) {
    float largest = 0;
    while (floats.hasRemaining()) {
      largest = Math.max(largest, finite(floats.get()));
    }
    return largest;
  }

  private static void growLargest(float[] elements, float[] largest) {
    for (int i = 0; i < SIZE; i++) {
      largest[i] = Math.max(largest[i], Math.abs(elements[i]));
    }
  }

  private static float finite(float element) {
    float size = Math.abs(element);
    return size < Float.POSITIVE_INFINITY ? size : 0;
  }
}
