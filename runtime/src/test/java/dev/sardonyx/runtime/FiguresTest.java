package dev.sardonyx.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.MapDatum;
import dev.sardonyx.ir.SequenceDatum;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The figures of a comparison are those that {@link ValueComparison} defines. */
class FiguresTest {
  private static final Tolerance TOLERANCE = new Tolerance(1e-2, 1e-3);

  private static ValueStatistics statistics(ValueComparison.Kind kind) {
    return new ValueStatistics("v", kind);
  }

  /** Both sides of all batches; each is longer than what is taken in at once. */
  private record Data(List<double[]> actual, List<double[]> expected) {
    static Data random(Random random, int batches, int size) {
      Data data = new Data(new ArrayList<>(), new ArrayList<>());
      for (int batch = 0; batch < batches; batch++) {
        double[] expected = new double[size];
        double[] actual = new double[size];
        for (int i = 0; i < size; i++) {
          expected[i] = random.nextInt(20) == 0 ? 0 : (float) random.nextGaussian();
          actual[i] = (float) (expected[i] * (1 + random.nextGaussian() * 5e-3));
          actual[i] += random.nextInt(50) == 0 ? (float) (random.nextGaussian() * 2e-3) : 0;
          actual[i] = (float) actual[i];
        }
        data.actual.add(actual);
        data.expected.add(expected);
      }
      return data;
    }

    ValueComparison compared(ElementType type) {
      ValueStatistics statistics = statistics(ValueComparison.Kind.INTERMEDIATE);
      for (int batch = 0; batch < actual.size(); batch++) {
        statistics.add(
            batch,
            Tensor.ofNumbers(type, actual.get(batch), 2, actual.get(batch).length / 2),
            Tensor.ofNumbers(type, expected.get(batch), 2, expected.get(batch).length / 2),
            Allowance.of(TOLERANCE));
      }
      return statistics.result();
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"FLOAT", "DOUBLE"})
  void areThoseOfTheDefinitions(ElementType type) {
    Data data = Data.random(new Random(5), 2, 10_000);
    ValueComparison value = data.compared(type);
    double worst = Double.NEGATIVE_INFINITY;
    List<Long> worstIndex = List.of();
    long worstBatch = -1;
    long failed = 0;
    double max = 0;
    double sum = 0;
    double relative = 0;
    double dot = 0;
    double a2 = 0;
    double e2 = 0;
    for (int batch = 0; batch < 2; batch++) {
      for (int i = 0; i < 10_000; i++) {
        double a = data.actual.get(batch)[i];
        double e = data.expected.get(batch)[i];
        double off = Math.abs(a - e);
        double excess = off - (TOLERANCE.atol() + TOLERANCE.rtol() * Math.abs(e));
        failed += excess > 0 ? 1 : 0;
        if (excess > worst) {
          worst = excess;
          worstBatch = batch;
          worstIndex = List.of(i / 5000L, i % 5000L);
        }
        max = Math.max(max, off);
        sum += off;
        relative =
            Math.abs(e) > TOLERANCE.atol() ? Math.max(relative, off / Math.abs(e)) : relative;
        dot += a * e;
        a2 += a * a;
        e2 += e * e;
      }
    }
    assertEquals(20_000, value.elements());
    assertEquals(failed, value.failed());
    assertEquals(max, value.maxAbsolute());
    assertEquals(sum / 20_000, value.meanAbsolute(), 1e-12);
    assertEquals(relative, value.maxRelative());
    assertEquals(dot / Math.sqrt(a2 * e2), value.cosine(), 1e-12);
    assertEquals(0, value.nanMismatches());
    assertEquals(worstBatch, Objects.requireNonNull(value.worst()).batch());
    assertEquals(worstIndex, value.worst().index());
    assertNull(value.mismatch());
    assertFalse(value.passed());
  }

  @ParameterizedTest
  @EnumSource(names = {"FLOAT", "DOUBLE"})
  void whatIsNotFiniteCountsApart(ElementType type) {
    double nan = Double.NaN;
    double infinity = Double.POSITIVE_INFINITY;
    ValueStatistics statistics = statistics(ValueComparison.Kind.OUTPUT);
    statistics.add(
        3,
        Tensor.ofNumbers(type, new double[] {nan, 1, nan, infinity, 2, infinity}, 6),
        Tensor.ofNumbers(type, new double[] {nan, nan, 1, infinity, 2, 1}, 6),
        Allowance.of(TOLERANCE));
    ValueComparison value = statistics.result();
    assertEquals(2, value.nanMismatches());
    assertEquals(3, value.failed());
    assertEquals(0, value.meanAbsolute(), "of the only element that is finite on both sides");
    assertEquals(Double.POSITIVE_INFINITY, value.maxAbsolute());
    assertEquals(1, value.cosine());
    assertEquals("batch 3 [1]: 1.0 for NaN", Objects.requireNonNull(value.worst()).toString());
  }

  @Test
  void theWorstElementIsNamedByBatchItemAndIndex() {
    ValueStatistics statistics = statistics(ValueComparison.Kind.OUTPUT);
    Tensor zeros = Tensor.ofLongs(new long[6], 2, 3);
    SequenceDatum expected = new SequenceDatum(zeros.type(), List.of(zeros, zeros));
    Tensor near = Tensor.ofLongs(new long[] {0, 0, 1, 0, 0, 0}, 2, 3);
    Tensor far = Tensor.ofLongs(new long[] {0, 0, 0, 0, -7, 0}, 2, 3);
    statistics.add(
        0,
        new SequenceDatum(zeros.type(), List.of(near, zeros)),
        expected,
        Allowance.of(TOLERANCE));
    statistics.add(
        4, new SequenceDatum(zeros.type(), List.of(zeros, far)), expected, Allowance.of(TOLERANCE));
    assertEquals(
        "2 of 24 elements differ, worst at batch 4 item 1 [1, 1]: -7 for 0",
        statistics.difference());
  }

  @Test
  void integersMayBeOffByStepsAndByAShareOfTheLargest() {
    Tensor expected = Tensor.ofLongs(new long[] {100, -200, 0}, 3);
    Tensor actual = Tensor.ofLongs(new long[] {101, -201, 3}, 3);
    assertEquals(3, failed(actual, expected, 0, 0));
    assertEquals(1, failed(actual, expected, 1, 0));
    assertEquals(0, failed(actual, expected, 3, 0));
    assertEquals(0, failed(actual, expected, 0, 0.015));
    assertEquals(1, failed(actual, expected, 0, 0.0149));
    assertEquals(0, failed(actual, expected, 1, 0.01));
  }

  private static long failed(Tensor actual, Tensor expected, double steps, double share) {
    ValueStatistics statistics = statistics(ValueComparison.Kind.OUTPUT);
    statistics.add(
        0, actual, expected, new Allowance(Tolerance.EXACT, false, steps, share, 0, false));
    return statistics.result().failed();
  }

  @Test
  void unsignedNumbersAreComparedAsSuch() {
    Tensor most = uint64(-1L, 1L << 63);
    assertEquals(
        "1 of 2 elements differ, worst at [0]: 18446744073709551614 for 18446744073709551615",
        DatumComparison.difference(uint64(-2L, 1L << 63), most, TOLERANCE).orElse("none"));
    ValueStatistics statistics = statistics(ValueComparison.Kind.OUTPUT);
    statistics.add(0, uint64(0, 1L << 63), most, Allowance.of(TOLERANCE));
    ValueComparison value = statistics.result();
    assertEquals(0x1p64, value.maxAbsolute());
    assertEquals(0x1p63, value.meanAbsolute());
    assertEquals(1, value.maxRelative());
    assertEquals(Math.sqrt(0.2), value.cosine(), 1e-12);
    assertEquals(0, failed(uint64(-1L << 61, 1L << 63), most, 0, 0.13));
    assertEquals(1, failed(uint64(-1L << 61, 1L << 63), most, 0, 0.12));
  }

  private static Tensor uint64(long... bits) {
    return Tensor.of(
        ElementType.UINT64, new long[] {bits.length}, Tensor.ofLongs(bits, bits.length).bytes());
  }

  @Test
  void rowsAgreeWhoseLargestElementIsInTheSamePlace() {
    Tensor expected = Tensor.ofFloats(new float[] {1, 2, 3, 3, 2, 1, 5, 5, 4}, 3, 3);
    Tensor actual = Tensor.ofFloats(new float[] {1, 2, 9, 2, 3, 1, 6, 5, 4}, 3, 3);
    assertEquals("2/3", top(ValueComparison.Kind.OUTPUT, actual, expected));
    assertEquals("2/3", top(ValueComparison.Kind.DEPLOYED, actual, expected));
    assertEquals("null", top(ValueComparison.Kind.INTERMEDIATE, actual, expected));
    assertEquals(
        "null",
        top(ValueComparison.Kind.OUTPUT, actual.reshape(9), expected.reshape(9)),
        "no rows");
    assertEquals(
        "null",
        top(ValueComparison.Kind.OUTPUT, actual.reshape(9, 1), expected.reshape(9, 1)),
        "one class");
    Tensor none = Tensor.ofFloats(new float[0], 0, 3);
    assertEquals("null", top(ValueComparison.Kind.OUTPUT, none, none));
  }

  /** NaN is no element's better, wherever it stands. */
  @Test
  void theLargestElementIsANumberIfThereIsOne() {
    Tensor expected = Tensor.ofFloats(new float[] {Float.NaN, 1, 2, 1, Float.NaN, 2}, 2, 3);
    Tensor actual = Tensor.ofFloats(new float[] {Float.NaN, 2, 1, 1, Float.NaN, 2}, 2, 3);
    assertEquals("1/2", top(ValueComparison.Kind.OUTPUT, actual, expected));
  }

  private static String top(ValueComparison.Kind kind, Tensor actual, Tensor expected) {
    ValueStatistics statistics = statistics(kind);
    statistics.add(0, actual, expected, Allowance.of(TOLERANCE));
    return String.valueOf(statistics.result().top1());
  }

  @Test
  void theCosineOfZeros() {
    Tensor zeros = Tensor.ofFloats(new float[2], 2);
    Tensor ones = Tensor.ofFloats(new float[] {1, 1}, 2);
    assertEquals(1, cosine(zeros, zeros));
    assertEquals(0, cosine(zeros, ones));
    assertEquals(0, cosine(ones, zeros));
    assertEquals(-1, cosine(ones, Tensor.ofFloats(new float[] {-1, -1}, 2)), 1e-15);
  }

  private static double cosine(Tensor actual, Tensor expected) {
    ValueStatistics statistics = statistics(ValueComparison.Kind.OUTPUT);
    statistics.add(0, actual, expected, Allowance.of(TOLERANCE));
    return statistics.result().cosine();
  }

  @Test
  void mapsAndSequencesOfOtherKeysOrTypes() {
    Tensor one = Tensor.ofFloats(new float[] {1}, 1);
    MapDatum once =
        new MapDatum(
            Tensor.ofLongs(new long[] {7}, 1), new SequenceDatum(one.type(), List.of(one)));
    MapDatum twice =
        new MapDatum(
            Tensor.ofLongs(new long[] {7, 7}, 2), new SequenceDatum(one.type(), List.of(one, one)));
    MapDatum named =
        new MapDatum(
            Tensor.ofStrings(List.of("7"), 1), new SequenceDatum(one.type(), List.of(one)));
    assertEquals(
        "keys of type string instead of int64",
        DatumComparison.difference(named, once, TOLERANCE).orElse("no difference"));
    MapDatum none =
        new MapDatum(Tensor.ofLongs(new long[0], 0), new SequenceDatum(one.type(), List.of()));
    assertEquals(
        "no key 7", DatumComparison.difference(none, once, TOLERANCE).orElse("no difference"));
    assertEquals(
        "seq(double) instead of seq(float)",
        DatumComparison.difference(
                new SequenceDatum(TensorType.of(ElementType.DOUBLE, Shape.UNKNOWN), List.of()),
                new SequenceDatum(TensorType.of(ElementType.FLOAT, Shape.UNKNOWN), List.of()),
                TOLERANCE)
            .orElse("no difference"));
    assertEquals(
        "a key that occurs twice",
        DatumComparison.difference(twice, once, TOLERANCE).orElse("no difference"));
  }

  @Test
  void aMismatchIsThatOfTheFirstBatchThatHasOne() {
    ValueStatistics statistics = statistics(ValueComparison.Kind.OUTPUT);
    Tensor one = Tensor.ofFloats(new float[1], 1);
    Tensor two = Tensor.ofFloats(new float[2], 2);
    statistics.add(0, one, one, Allowance.of(TOLERANCE));
    statistics.add(1, null, null, Allowance.of(TOLERANCE));
    statistics.add(2, two, one, Allowance.of(TOLERANCE));
    statistics.add(3, null, one, Allowance.of(TOLERANCE));
    ValueComparison value = statistics.result();
    assertEquals("float[2] instead of float[1] in batch 2", value.mismatch());
    assertEquals(1, value.elements());
    assertFalse(value.passed());
  }
}
