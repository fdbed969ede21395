package dev.sardonyx.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Tensor;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Large tensors of floats are compared in blocks; their figures are those of the same numbers as
 * doubles, which are compared one by one.
 */
class BlockFiguresTest {
  private static final int SIZE = 3 * FloatBlock.SIZE * FloatBlock.DEPTH + 2 * FloatBlock.SIZE + 77;
  private static final int BATCHES = 4;

  /** How elements are off, given the random numbers they are made of. */
  private record Kind(String name, float scale, DoubleUnaryOperator error, int oneIn) {
    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Kind> kinds() {
    return Stream.of(
        new Kind("nothing is off", 1, e -> 0, 1),
        new Kind("rounding errors", 1, e -> e * 1e-7, 2),
        new Kind("a few are beyond the tolerance", 1, e -> 0.1, 20_000),
        new Kind("all are beyond it", 1, e -> e + 1, 1),
        new Kind("NaN now and then", 1, e -> Double.NaN, 30_000),
        new Kind("infinite now and then", 1, e -> Double.POSITIVE_INFINITY, 30_000),
        new Kind("squares that overflow", 1e25f, e -> e * 1e-6, 3),
        new Kind("squares that underflow", 1e-25f, e -> e * 1e-6, 3),
        new Kind("of the other sign", 1, e -> -2 * e, 5),
        new Kind("almost nothing for something", 1, e -> -e * 0.999_999, 1));
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void areThoseOfTheElementsOneByOne(Kind kind) {
    Random random = new Random(11);
    ValueStatistics blocks = new ValueStatistics("v", ValueComparison.Kind.INTERMEDIATE);
    ValueStatistics single = new ValueStatistics("v", ValueComparison.Kind.INTERMEDIATE);
    for (int batch = 0; batch < BATCHES; batch++) {
      float[] expected = new float[SIZE];
      float[] actual = new float[SIZE];
      for (int i = 0; i < SIZE; i++) {
        expected[i] = Math.max(0, (float) random.nextGaussian()) * kind.scale;
        actual[i] = expected[i];
        if (random.nextInt(kind.oneIn) == 0) {
          actual[i] += (float) kind.error.applyAsDouble(expected[i]);
        }
      }
      Allowance allowance = Allowance.of(Tolerance.DEFAULT).withScaled(true);
      blocks.add(batch, Tensor.ofFloats(actual, SIZE), Tensor.ofFloats(expected, SIZE), allowance);
      single.add(batch, doubles(actual), doubles(expected), allowance);
    }
    ValueComparison fast = blocks.result();
    ValueComparison exact = single.result();
    assertEquals(exact.elements(), fast.elements());
    assertEquals(exact.failed(), fast.failed());
    assertEquals(exact.nanMismatches(), fast.nanMismatches());
    assertNear(exact.maxAbsolute(), fast.maxAbsolute(), 1e-6);
    assertNear(exact.maxRelative(), fast.maxRelative(), 2e-6);
    assertNear(exact.toleranceUsed(), fast.toleranceUsed(), 2e-6);
    assertNear(exact.meanAbsolute(), fast.meanAbsolute(), 1e-6);
    assertEquals(exact.cosine(), fast.cosine(), 1e-9);
    assertNear(exact.decibels(), fast.decibels(), 1e-5);
    assertEquals(
        Objects.requireNonNull(exact.worst()).index(),
        Objects.requireNonNull(fast.worst()).index());
    assertEquals(exact.distances().elements(), fast.distances().elements());
  }

  private static void assertNear(double expected, double actual, double relative) {
    assertTrue(
        expected == actual || Math.abs(expected - actual) <= relative * Math.abs(expected),
        actual + " for " + expected);
  }

  /** What is expected to be infinite or NaN allows the other elements no more. */
  @ParameterizedTest
  @ValueSource(floats = {Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, Float.NaN})
  void besideWhatIsNotFinite(float special) {
    for (Allowance allowance :
        List.of(
            Allowance.of(Tolerance.DEFAULT), Allowance.of(Tolerance.DEFAULT).withScaled(true))) {
      for (int at : new int[] {0, SIZE - 1}) {
        float[] expected = new float[SIZE];
        float[] actual = new float[SIZE];
        expected[at] = special;
        actual[at] = special;
        actual[SIZE / 2] = 1;
        ValueStatistics statistics = new ValueStatistics("v", ValueComparison.Kind.OUTPUT);
        statistics.add(
            0, Tensor.ofFloats(actual, SIZE), Tensor.ofFloats(expected, SIZE), allowance);
        ValueComparison result = statistics.result();
        assertEquals(1, result.failed());
        assertEquals(List.of((long) SIZE / 2), Objects.requireNonNull(result.worst()).index());
      }
    }
  }

  private static Tensor doubles(float[] floats) {
    double[] doubles = new double[floats.length];
    for (int i = 0; i < doubles.length; i++) {
      doubles[i] = floats[i];
    }
    return Tensor.ofDoubles(doubles, doubles.length);
  }

  /** Blocks count as the elements that are left over do. */
  @Test
  void distancesAreCountedInBlocks() {
    int[] steps = {0, 1, 2, 4, 5, 16, 17, 256, 257, 65_536, 65_537, 1 << 24};
    float[] expected = new float[steps.length * FloatBlock.SIZE];
    float[] actual = new float[expected.length];
    Random random = new Random(2);
    for (int i = 0; i < expected.length; i++) {
      expected[i] = (float) random.nextGaussian();
      int bits = Float.floatToRawIntBits(expected[i]);
      actual[i] = Float.intBitsToFloat(bits + steps[i % steps.length]);
    }
    ValueStatistics statistics = new ValueStatistics("v", ValueComparison.Kind.INTERMEDIATE);
    Allowance allowance = Allowance.of(new Tolerance(1e9, 1e9));
    for (int batch = 0; batch < 3; batch++) {
      statistics.add(
          batch,
          Tensor.ofFloats(actual, actual.length),
          Tensor.ofFloats(expected, expected.length),
          allowance);
    }
    long each = 3L * FloatBlock.SIZE;
    assertEquals(
        List.of(each, each, 2 * each, 2 * each, 2 * each, 2 * each, 2 * each),
        statistics.result().distances().counts());
    assertEquals("more", statistics.result().distances().usual());
  }

  @ParameterizedTest
  @CsvSource({
    "FLOAT, 1, 1, 0",
    "FLOAT, 1, 1.0000001, 1",
    "FLOAT, 0, -0.0, 0",
    "FLOAT, 1.4e-45, -1.4e-45, 2",
    "FLOAT, 3e38, -3e38, 2147483647",
    "DOUBLE, 1, 1.0000000000000002, 1",
    "DOUBLE, -4.9e-324, 4.9e-324, 2",
    "DOUBLE, 1e308, -1e308, 9223372036854775807",
    "FLOAT16, 1, 1.0009765625, 1",
    "FLOAT16, 2, 1.9990234375, 1",
    "FLOAT16, -5.9604644775390625e-8, 5.9604644775390625e-8, 2",
    "FLOAT16, 6.103515625e-5, 6.097555160522461e-5, 1",
    "BFLOAT16, 1, 1.0078125, 1",
    "BFLOAT16, -1, 1.0078125, 32513",
  })
  void unitsInTheLastPlace(ElementType type, double actual, double expected, long distance) {
    assertEquals(distance, Distances.between(type, actual, expected));
    assertEquals(distance, Distances.between(type, expected, actual));
  }

  @Test
  void aHistogramIsShownByItsShares() {
    Distances distances = new Distances(List.of(990L, 9L, 0L, 1L, 0L, 0L, 0L));
    assertEquals("0: 99.0 %, 1: 0.900 %, 5-16: 0.100 %", distances.toString());
    assertEquals("0", distances.usual());
    assertEquals("none", new Distances(List.of(0L, 0L, 0L, 0L, 0L, 0L, 0L)).toString());
  }

  @Test
  void fiveLargestOfARow() {
    Tensor expected = Tensor.ofFloats(new float[] {9, 8, 7, 6, 5, 1, 0, 1, 2, 3, 4, 5, 6, 7}, 2, 7);
    Tensor actual = Tensor.ofFloats(new float[] {5, 6, 7, 8, 9, 1, 0, 1, 9, 3, 4, 5, 6, 7}, 2, 7);
    ValueStatistics statistics = new ValueStatistics("v", ValueComparison.Kind.OUTPUT);
    statistics.add(0, actual, expected, Allowance.of(Tolerance.DEFAULT));
    assertEquals("1/2", String.valueOf(statistics.result().top5()));
    assertEquals("0/2", String.valueOf(statistics.result().top1()));
  }
}
