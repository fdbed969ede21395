package dev.sardonyx.runtime.quantize;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.FloatBuffer;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

final class HistogramTest {
  private static void add(Histogram histogram, float... numbers) {
    double magnitude = 0;
    for (float x : numbers) {
      magnitude = Math.max(magnitude, Math.abs(x));
    }
    histogram.add(FloatBuffer.wrap(numbers), magnitude);
  }

  @Test
  void countsNothingTwiceHoweverTheNumbersGrow() {
    SplittableRandom random = new SplittableRandom(3);
    float[] numbers = new float[3000];
    for (int i = 0; i < numbers.length; i++) {
      float x = (float) Math.scalb(random.nextDouble(-1, 1), random.nextInt(-140, 120));
      numbers[i] = random.nextInt(10) == 0 ? 0 : x;
    }
    Histogram atOnce = new Histogram();
    add(atOnce, numbers);
    Histogram oneByOne = new Histogram();
    for (float x : numbers) {
      add(oneByOne, x);
    }
    assertEquals(numbers.length, oneByOne.total());
    assertEquals(atOnce.zeros(), oneByOne.zeros());
    assertEquals(atOnce.width(), oneByOne.width());
    assertArrayEquals(atOnce.below(), oneByOne.below());
    assertArrayEquals(atOnce.above(), oneByOne.above());
  }

  @Test
  void usesAtLeastHalfOfTheBins() {
    for (float x : new float[] {1, 1.5f, 1.99f, 2, Float.MIN_VALUE, Float.MAX_VALUE}) {
      Histogram histogram = new Histogram();
      add(histogram, x, -x / 2);
      int bin = (int) (x / histogram.width());
      assertEquals(1, histogram.above()[bin]);
      assertEquals(true, x < Float.MIN_NORMAL || bin >= Histogram.BINS / 2, x + " in " + bin);
    }
  }

  @Test
  void zerosAloneHaveNoWidth() {
    Histogram histogram = new Histogram();
    add(histogram, 0f, -0f);
    assertEquals(2, histogram.zeros());
    assertEquals(0, histogram.width());
    add(histogram, 3f);
    assertEquals(3, histogram.total());
  }
}
