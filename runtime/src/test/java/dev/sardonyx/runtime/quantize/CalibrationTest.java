package dev.sardonyx.runtime.quantize;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.export.quantize.QuantizationParameters;
import dev.sardonyx.export.quantize.QuantizationScheme;
import dev.sardonyx.export.quantize.Range;
import dev.sardonyx.ir.ElementType;
import java.nio.FloatBuffer;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class CalibrationTest {
  private static final QuantizationScheme UINT8 = QuantizationScheme.asymmetric(ElementType.UINT8);
  private static final QuantizationScheme INT8 = QuantizationScheme.symmetric(ElementType.INT8);
  private static final List<Calibration> ALL =
      List.of(
          Calibration.minMax(),
          Calibration.movingAverage(),
          Calibration.entropy(),
          Calibration.percentile(),
          Calibration.meanSquaredError());

  private static Range range(Calibration calibration, QuantizationScheme scheme, float[]... all) {
    Observation observation = new Observation(calibration);
    for (float[] batch : all) {
      observation.add(FloatBuffer.wrap(batch));
    }
    return observation.range(scheme).orElseThrow();
  }

  /** Most numbers are small, few are large. */
  private static float[] heavyTail(long seed, double shift) {
    Random random = new Random(seed);
    float[] numbers = new float[20_000];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = (float) (Math.pow(random.nextGaussian(), 3) + shift);
    }
    return numbers;
  }

  private static double error(float[] numbers, Range range, QuantizationScheme scheme) {
    QuantizationParameters stored = scheme.parameters(range);
    double sum = 0;
    for (float x : numbers) {
      sum += Math.pow(stored.dequantize(stored.quantize(x)) - x, 2);
    }
    return sum / numbers.length;
  }

  @Test
  void everyRangeLiesWithinTheNumbers() {
    for (Calibration calibration : ALL) {
      for (double shift : new double[] {-30, 0, 2}) {
        float[] numbers = heavyTail(1, shift);
        Range whole = range(Calibration.minMax(), UINT8, numbers).withZero();
        Range range = range(calibration, UINT8, numbers);
        assertEquals(range.withZero(), range.withZero().within(whole), calibration + " " + shift);
        Range symmetric = range(calibration, INT8, numbers);
        assertTrue(symmetric.magnitude() <= whole.magnitude(), calibration + " " + shift);
      }
    }
  }

  @Test
  void theLeastErrorIsLessThanThatOfTheOthers() {
    for (QuantizationScheme scheme : List.of(UINT8, INT8)) {
      float[] numbers = heavyTail(2, 0.5);
      numbers[0] = 200;
      double least = error(numbers, range(Calibration.meanSquaredError(), scheme, numbers), scheme);
      for (Calibration other : ALL) {
        double error = error(numbers, range(other, scheme, numbers), scheme);
        assertTrue(least <= error * 1.01, scheme + " " + other + ": " + least + ", " + error);
      }
      double whole = error(numbers, range(Calibration.minMax(), scheme, numbers), scheme);
      assertTrue(least < whole, least + " of " + whole);
    }
  }

  @Test
  void entropyCutsOffWhatIsRareAndNothingElse() {
    float[] even = new float[50_000];
    Random random = new Random(4);
    for (int i = 0; i < even.length; i++) {
      even[i] = random.nextFloat() * 2 - 0.5f;
    }
    assertTrue(range(Calibration.entropy(), UINT8, even).max() > 1.4);
    float[] normal = new float[50_000];
    for (int i = 0; i < normal.length; i++) {
      normal[i] = (float) random.nextGaussian();
    }
    normal[7] = 200;
    double cut = range(Calibration.entropy(), UINT8, normal).max();
    assertTrue(cut > 2.5 && cut < 100, "up to " + cut);
    // A number that comes very often, as a background does, is no reason to cut others off
    float[] background = even.clone();
    for (int i = 0; i < background.length; i += 2) {
      background[i] = 0.1234f;
    }
    assertTrue(range(Calibration.entropy(), UINT8, background).max() > 1.4);
  }

  @Test
  void percentilesCutBothEnds() {
    float[] numbers = new float[1000];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = i - 400;
    }
    Range range = range(new Calibration.Percentile(90), UINT8, numbers);
    assertEquals(-350, range.min(), 2);
    assertEquals(550, range.max(), 2);
    assertEquals(500, range(new Calibration.Percentile(90), INT8, numbers).max(), 2);
    assertEquals(new Range(-400, 599), range(new Calibration.Percentile(100), UINT8, numbers));
  }

  @Test
  void batchesAreTakenTogetherOrAveraged() {
    float[] first = {0, 1};
    float[] second = {-1, 3};
    assertEquals(new Range(-1, 3), range(Calibration.minMax(), UINT8, first, second));
    Range average = range(new Calibration.MovingAverage(0.25), UINT8, first, second);
    assertEquals(new Range(-0.25, 1.5), average);
  }

  @Test
  void numbersThatAreNotFiniteHaveNoRange() {
    for (Calibration calibration : ALL) {
      for (float bad : new float[] {Float.NaN, Float.NEGATIVE_INFINITY}) {
        Observation observation = new Observation(calibration);
        observation.add(FloatBuffer.wrap(new float[] {1, 2}));
        observation.add(FloatBuffer.wrap(new float[] {1, bad}));
        assertEquals(Optional.empty(), observation.range(UINT8));
      }
      assertEquals(new Range(0, 0), range(calibration, UINT8, new float[3], new float[0]));
      assertEquals(Optional.empty(), new Observation(calibration).range(UINT8));
    }
  }

  @Test
  void refusesSharesThatAreNone() {
    assertThrows(IllegalArgumentException.class, () -> new Calibration.Percentile(0));
    assertThrows(IllegalArgumentException.class, () -> new Calibration.MovingAverage(1.5));
  }
}
