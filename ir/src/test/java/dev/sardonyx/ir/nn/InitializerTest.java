package dev.sardonyx.ir.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Initializers have the mean, variance and range that Keras documents. */
class InitializerTest {
  private static float[] weights(Initializer initializer) {
    return initializer.tensor(1, "w", 50, 150, 100, 200).toFloats();
  }

  private static double mean(float[] weights) {
    double sum = 0;
    for (float weight : weights) {
      sum += weight;
    }
    return sum / weights.length;
  }

  private static double variance(float[] weights) {
    double mean = mean(weights);
    double squares = 0;
    for (float weight : weights) {
      squares += (weight - mean) * (weight - mean);
    }
    return squares / weights.length;
  }

  private static double largest(float[] weights) {
    double largest = 0;
    for (float weight : weights) {
      largest = Math.max(largest, Math.abs(weight));
    }
    return largest;
  }

  /**
   * For 50 inputs and 150 outputs. A uniform range ends at the root of 3 variances, a truncated
   * normal one at two deviations of the distribution before it was truncated.
   */
  @ParameterizedTest
  @CsvSource({
    "glorot_uniform, 0.01, 1.732",
    "glorot_normal, 0.01, 2.274",
    "he_uniform, 0.04, 1.732",
    "he_normal, 0.04, 2.274",
    "lecun_uniform, 0.02, 1.732",
    "lecun_normal, 0.02, 2.274",
    "random_uniform, 0.000833333, 1.732",
    "truncated_normal, 0.001934, 2.274"
  })
  void variancesAndRanges(String name, double variance, double deviations) {
    float[] weights = weights(Initializer.named(name));
    double deviation = Math.sqrt(variance);
    assertEquals(0, mean(weights), deviation / 30, "mean");
    assertEquals(1, variance(weights) / variance, 0.03, "variance");
    assertEquals(deviations, largest(weights) / deviation, 0.01, "range");
  }

  @Test
  void normalNumbersGoBeyondTwoDeviations() {
    float[] weights = weights(Initializer.randomNormal(3, 0.5f));
    assertEquals(3, mean(weights), 0.02);
    assertEquals(0.25, variance(weights), 0.01);
    float[] plain =
        weights(
            Initializer.varianceScaling(
                2, Initializer.Fan.OUT, Initializer.Distribution.UNTRUNCATED_NORMAL));
    assertEquals(2.0 / 150, variance(plain), 0.001);
    assertTrue(largest(plain) > 3 * Math.sqrt(2.0 / 150));
  }

  @Test
  void constants() {
    assertArrayEquals(new float[] {0, 0}, Initializer.zeros().tensor(1, "w", 1, 1, 2).toFloats());
    assertArrayEquals(new float[] {1, 1}, Initializer.ones().tensor(1, "w", 1, 1, 2).toFloats());
    assertArrayEquals(
        new float[] {-2, -2}, Initializer.constant(-2).tensor(1, "w", 1, 1, 2).toFloats());
  }

  @ParameterizedTest
  @CsvSource({"12, 5", "5, 12", "6, 6", "1, 4"})
  void orthogonalRowsOrColumns(int rows, int columns) {
    float[] w = Initializer.orthogonal(2).tensor(7, "w", 1, 1, rows, columns).toFloats();
    int count = Math.min(rows, columns);
    for (int i = 0; i < count; i++) {
      for (int j = 0; j < count; j++) {
        double product = 0;
        for (int k = 0; k < Math.max(rows, columns); k++) {
          product +=
              rows >= columns
                  ? w[k * columns + i] * w[k * columns + j]
                  : w[i * columns + k] * w[j * columns + k];
        }
        assertEquals(i == j ? 4 : 0, product, 1e-5, i + " with " + j);
      }
    }
  }

  @Test
  void axesBeforeTheLastAreTheRowsOfAnOrthogonalMatrix() {
    assertArrayEquals(
        Initializer.orthogonal(1).tensor(7, "w", 1, 1, 6, 4).toFloats(),
        Initializer.orthogonal(1).tensor(7, "w", 1, 1, 2, 3, 4).toFloats());
  }

  @Test
  void everyNameGivesWeightsThatDependOnTheSeed() {
    for (String name : new String[] {"orthogonal", "random_normal", "glorot_normal"}) {
      Initializer initializer = Initializer.named(name);
      assertEquals(
          initializer.tensor(1, "w", 4, 4, 4, 4), initializer.tensor(1, "w", 4, 4, 4, 4), name);
      assertNotEquals(
          initializer.tensor(1, "w", 4, 4, 4, 4), initializer.tensor(2, "w", 4, 4, 4, 4), name);
    }
  }

  @Test
  void mistakesAreTold() {
    assertEquals(
        "There is no initializer glorot; choose one of glorot_normal, glorot_uniform, he_normal,"
            + " he_uniform, lecun_normal, lecun_uniform, ones, orthogonal, random_normal,"
            + " random_uniform, truncated_normal, zeros",
        assertThrows(IllegalArgumentException.class, () -> Initializer.named("glorot"))
            .getMessage());
    assertThrows(
        IllegalArgumentException.class, () -> Initializer.orthogonal(1).tensor(1, "w", 1, 1, 5));
    assertThrows(
        IllegalArgumentException.class,
        () -> Initializer.varianceScaling(0, Initializer.Fan.IN, Initializer.Distribution.UNIFORM));
  }
}
