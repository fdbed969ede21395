package dev.sardonyx.ir;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Floats of 16 bits and fewer: every code reads and writes back, every number goes to the nearest.
 */
class NarrowFloatTest {
  @ParameterizedTest
  @EnumSource(
      value = ElementType.class,
      names = {
        "FLOAT16",
        "BFLOAT16",
        "FLOAT8E4M3FN",
        "FLOAT8E4M3FNUZ",
        "FLOAT8E5M2",
        "FLOAT8E5M2FNUZ",
        "FLOAT8E8M0",
        "FLOAT6E2M3",
        "FLOAT6E3M2",
        "FLOAT4E2M1"
      })
  void everyCodeThatIsANumberSurvives(ElementType type) {
    NarrowFloat format = NarrowFloat.of(type);
    for (int code = 0; code < 1 << type.bits(); code++) {
      double number = format.decode(code);
      if (!Double.isNaN(number)) {
        assertEquals(code, format.encode(number, false), type + " code " + code + " = " + number);
      } else {
        assertTrue(
            Double.isNaN(format.decode(format.encode(Double.NaN, false))), type + " keeps NaN");
      }
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = ElementType.class,
      names = {
        "FLOAT8E4M3FN",
        "FLOAT8E4M3FNUZ",
        "FLOAT8E5M2",
        "FLOAT8E5M2FNUZ",
        "FLOAT6E2M3",
        "FLOAT6E3M2",
        "FLOAT4E2M1"
      })
  void aNumberGoesToTheNearestCode(ElementType type) {
    NarrowFloat format = NarrowFloat.of(type);
    Random random = new Random(7);
    for (int i = 0; i < 20_000; i++) {
      double number = Math.scalb(random.nextGaussian(), random.nextInt(24) - 14);
      double given = format.decode(format.encode(number, true));
      double nearest = Double.POSITIVE_INFINITY;
      for (int code = 0; code < 1 << type.bits(); code++) {
        double candidate = format.decode(code);
        if (Double.isFinite(candidate)) {
          nearest = Math.min(nearest, Math.abs(candidate - number));
        }
      }
      assertEquals(nearest, Math.abs(given - number), type + ": " + number + " became " + given);
    }
  }

  @Test
  void overflowSaturatesOnlyWhereAsked() {
    NarrowFloat e4m3 = NarrowFloat.of(ElementType.FLOAT8E4M3FN);
    assertEquals(448, e4m3.decode(e4m3.encode(1e6, true)));
    assertTrue(Double.isNaN(e4m3.decode(e4m3.encode(1e6, false))));
    NarrowFloat e5m2 = NarrowFloat.of(ElementType.FLOAT8E5M2);
    assertEquals(57344, e5m2.decode(e5m2.encode(Double.POSITIVE_INFINITY, true)));
    assertEquals(Double.NEGATIVE_INFINITY, e5m2.decode(e5m2.encode(-1e6, false)));
    NarrowFloat half = NarrowFloat.of(ElementType.FLOAT16);
    assertEquals(Double.POSITIVE_INFINITY, half.decode(half.encode(65520, true)));
    assertEquals(65504, half.decode(half.encode(65519, true)));
  }
}
