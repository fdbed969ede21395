package dev.sardonyx.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sardonyx.ir.Tensor;
import org.junit.jupiter.api.Test;

/** How the absolute tolerance follows the size of an intermediate value, and only of such. */
final class ValueStatisticsTest {
  private static final Tolerance TOLERANCE = new Tolerance(1e-3, 1e-5);

  private static long failed(boolean output, Tensor actual, Tensor expected) {
    ValueStatistics statistics = new ValueStatistics("v", ValueComparison.Kind.OUTPUT);
    statistics.add(0, actual, expected, Allowance.of(TOLERANCE).withScaled(!output));
    return statistics.result().failed();
  }

  /** An element that is almost 0 between larger ones is off by 5e-5. */
  private static long failed(boolean output, float largest) {
    long asFloats =
        failed(
            output,
            Tensor.ofFloats(new float[] {largest, 5e-5f}, 2),
            Tensor.ofFloats(new float[] {largest, 0}, 2));
    long asDoubles =
        failed(
            output,
            Tensor.ofDoubles(new double[] {largest, 5e-5}, 2),
            Tensor.ofDoubles(new double[] {largest, 0}, 2));
    assertEquals(asFloats, asDoubles, "floats and doubles are judged alike");
    return asFloats;
  }

  @Test
  void anIntermediateValueMayBeOffInProportionToItsLargestElement() {
    assertEquals(0, failed(false, 10));
    assertEquals(0, failed(false, -10));
    assertEquals(1, failed(false, 4));
    assertEquals(1, failed(false, 0));
  }

  @Test
  void anOutputMayNot() {
    assertEquals(1, failed(true, 10));
  }

  @Test
  void infinityAndNaNAllowNothing() {
    assertEquals(1, failed(false, Float.POSITIVE_INFINITY));
    assertEquals(1, failed(false, Float.NaN));
  }
}
