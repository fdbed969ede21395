package dev.sardonyx.ir.eval.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.NarrowFloat;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The quick conversions of float16 give what its format says. */
class HalfBitsTest {
  private static final NarrowFloat FORMAT = NarrowFloat.of(ElementType.FLOAT16);

  @Test
  void everyHalfIsDecoded() {
    for (int code = 0; code <= 0xFFFF; code++) {
      double expected = FORMAT.decode(code);
      float actual = HalfBits.toFloat((short) code);
      if (Double.isNaN(expected)) {
        assertEquals(Float.NaN, actual, "code " + code);
      } else {
        assertEquals(
            Float.floatToRawIntBits((float) expected),
            Float.floatToRawIntBits(actual),
            "code " + code);
      }
    }
  }

  private static void assertEncoded(float number) {
    assertEquals((short) FORMAT.encode(number, true), HalfBits.of(number), "of " + number);
  }

  /** Each half, what lies in the middle between two of them, and the floats around these. */
  @Test
  void floatsAreRoundedToTheNearest() {
    for (int code = 0; code < 0x7C00; code++) {
      float half = (float) FORMAT.decode(code);
      float next = code == 0x7BFF ? 65536 : (float) FORMAT.decode(code + 1);
      float middle = (half + next) / 2;
      for (float at : new float[] {half, middle}) {
        for (float number : new float[] {Math.nextDown(at), at, Math.nextUp(at)}) {
          assertEncoded(number);
          assertEncoded(-number);
        }
      }
    }
    Random random = new Random(1);
    for (int i = 0; i < 200_000; i++) {
      assertEncoded(Float.intBitsToFloat(random.nextInt()));
    }
    assertEncoded(Float.POSITIVE_INFINITY);
    assertEncoded(Float.NEGATIVE_INFINITY);
  }
}
