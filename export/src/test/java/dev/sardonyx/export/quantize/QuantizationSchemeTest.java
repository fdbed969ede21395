package dev.sardonyx.export.quantize;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Tensor;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class QuantizationSchemeTest {
  private static final List<ElementType> TYPES =
      List.of(
          ElementType.INT4,
          ElementType.UINT4,
          ElementType.INT8,
          ElementType.UINT8,
          ElementType.INT16,
          ElementType.UINT16);

  @ParameterizedTest
  @CsvSource({
    "int8, true, false, -127, 127",
    "int8, false, false, -128, 127",
    "int8, true, true, -64, 64",
    "int8, false, true, -64, 64",
    "uint8, false, false, 0, 255",
    "uint8, true, false, 1, 255",
    "uint8, false, true, 0, 127",
    "uint8, true, true, 65, 191",
    "int4, true, false, -7, 7",
    "uint4, false, false, 0, 15",
    "int16, true, false, -32767, 32767",
    "uint16, false, false, 0, 65535"
  })
  void usesTheIntegersOfItsType(
      String type, boolean symmetric, boolean reduced, int lowest, int highest) {
    QuantizationScheme scheme =
        new QuantizationScheme(ElementType.named(type).orElseThrow(), symmetric, reduced);
    assertEquals(List.of(lowest, highest), List.of(scheme.lowest(), scheme.highest()));
  }

  @Test
  void storesNumbersOfTheRangeWithinHalfAStepAndZeroExactly() {
    SplittableRandom random = new SplittableRandom(11);
    for (int i = 0; i < 2000; i++) {
      QuantizationScheme scheme =
          new QuantizationScheme(
              TYPES.get(random.nextInt(TYPES.size())), random.nextBoolean(), random.nextBoolean());
      double a = Math.scalb(random.nextDouble() - 0.5, random.nextInt(-120, 120));
      double b = random.nextInt(4) == 0 ? a : a * (random.nextDouble() * 4 - 2);
      Range range = new Range(Math.min(a, b), Math.max(a, b));
      QuantizationParameters p = scheme.parameters(range);
      assertEquals(0, p.dequantize(p.quantize(0)), () -> scheme + " of " + range);
      for (int j = 0; j <= 10; j++) {
        float x = (float) (range.min() + (range.max() - range.min()) * j / 10);
        double bound = p.scale() * (j == 0 || j == 10 ? 1.01 : 0.51);
        assertEquals(x, p.dequantize(p.quantize(x)), bound, () -> range + " with " + p);
      }
    }
  }

  @Test
  void aWiderRangeNeverHasASmallerScale() {
    SplittableRandom random = new SplittableRandom(12);
    for (int i = 0; i < 500; i++) {
      QuantizationScheme scheme =
          new QuantizationScheme(
              TYPES.get(random.nextInt(TYPES.size())), random.nextBoolean(), false);
      Range range = new Range(-random.nextDouble(), random.nextDouble());
      Range wider = range.union(new Range(-random.nextDouble(), random.nextDouble()));
      assertTrue(scheme.parameters(wider).scale() >= scheme.parameters(range).scale());
    }
  }

  @Test
  void noRangeGivesAScaleOfZero() {
    QuantizationScheme scheme = QuantizationScheme.asymmetric(ElementType.UINT8);
    assertEquals(1, scheme.parameters(new Range(0, 0)).scale());
    assertEquals(Float.MIN_NORMAL, scheme.parameters(new Range(0, 1e-300)).scale());
    assertEquals(1e-3f, scheme.parameters(new Range(0, 0), 1e-3).scale());
    QuantizationParameters constant = scheme.parameters(new Range(3, 3));
    assertEquals(3, constant.dequantize(constant.quantize(3)));
    assertRefused(
        "A scale is a positive, normal and finite float, not Infinity",
        () -> scheme.parameters(new Range(0, 1e300)));
  }

  @Test
  void refusesWhatIsNoRange() {
    assertRefused("from NaN to 1.0", () -> new Range(Double.NaN, 1));
    assertRefused("to Infinity", () -> new Range(0, Double.POSITIVE_INFINITY));
    assertRefused("from 2.0 to 1.0", () -> new Range(2, 1));
    assertRefused("not float", () -> QuantizationScheme.symmetric(ElementType.FLOAT));
  }

  private static void assertRefused(String ending, Executable made) {
    String message = assertThrows(IllegalArgumentException.class, made).getMessage();
    assertTrue(message.endsWith(ending), message);
  }

  @Test
  void weightsHaveAScaleForEachIndexAlongTheAxis() {
    Tensor weights = Tensor.ofFloats(new float[] {1, -2, 0.5f, 100, 200, -50, 0, 0, 0}, 3, 3);
    QuantizationScheme scheme = QuantizationScheme.symmetric(ElementType.INT8);
    QuantizedWeights rows = QuantizedWeights.of("w", weights, 0, scheme);
    assertEquals(Tensor.ofFloats(new float[] {2 / 127f, 200 / 127f, 1}, 3), rows.scale());
    assertArrayEquals(new long[] {64, -127, 32, 64, 127, -32, 0, 0, 0}, rows.elements().toLongs());
    assertArrayEquals(new long[] {0, 0, 0}, rows.zeroPoint().toLongs());
    QuantizedWeights columns = QuantizedWeights.of("w", weights, 1, scheme);
    assertArrayEquals(new long[] {1, -1, 1, 127, 127, -127, 0, 0, 0}, columns.elements().toLongs());
    QuantizedWeights all = QuantizedWeights.of("w", weights, QuantizedWeights.PER_TENSOR, scheme);
    assertEquals(Tensor.scalar(200 / 127f), all.scale());
    assertArrayEquals(new long[] {1, -1, 0, 64, 127, -32, 0, 0, 0}, all.elements().toLongs());
  }

  @Test
  void weightsOfFourBitsArePacked() {
    Tensor weights = Tensor.ofFloats(new float[] {-7, 7, 3}, 3);
    QuantizedWeights packed =
        QuantizedWeights.of(
            "w",
            weights,
            QuantizedWeights.PER_TENSOR,
            QuantizationScheme.symmetric(ElementType.INT4));
    assertEquals(2, packed.elements().byteSize());
    assertArrayEquals(new long[] {-7, 7, 3}, packed.elements().toLongs());
  }

  @Test
  void namesWeightsThatAreNotFinite() {
    Tensor weights = Tensor.ofFloats(new float[] {1, Float.NaN}, 2);
    QuantizationException refused =
        assertThrows(
            QuantizationException.class,
            () ->
                QuantizedWeights.of(
                    "conv1.weight", weights, 0, QuantizationScheme.symmetric(ElementType.INT8)));
    assertEquals(
        "Weights conv1.weight have NaN as element 1; integers hold finite numbers only",
        refused.getMessage());
  }
}
