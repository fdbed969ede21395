package dev.sardonyx.ir.eval;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Tensor;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Small inputs can have results beyond the largest array, which sizes in int would pass over. */
final class HugeResultsTest {
  /** 200 on each side: 401 by 401 positions. */
  private static final Attribute PADS = Attribute.ofInts("pads", 200, 200, 200, 200);

  private static final int MANY = 30_000;

  private static Tensor zeros(ElementType type, long... dims) {
    return Tensor.ofNumbers(
        type, new double[(int) Arrays.stream(dims).reduce(1, (a, b) -> a * b)], dims);
  }

  private static void assertTooLarge(One node, Tensor... inputs) {
    EvaluationException e = assertThrows(EvaluationException.class, () -> node.all(inputs));
    String message = String.valueOf(e.getMessage());
    assertTrue(
        message.contains("has more elements than the reference evaluator can hold"), message);
  }

  @Test
  void ofConvolutions() {
    for (ElementType type : List.of(ElementType.FLOAT, ElementType.DOUBLE)) {
      assertTooLarge(One.of("Conv", 22, PADS), zeros(type, 1, 1, 1, 1), zeros(type, MANY, 1, 1, 1));
    }
    assertTooLarge(
        One.of("ConvInteger", 10, PADS),
        zeros(ElementType.UINT8, 1, 1, 1, 1),
        zeros(ElementType.UINT8, MANY, 1, 1, 1));
    assertTooLarge(
        One.of("ConvTranspose", 22, Attribute.ofInts("output_shape", 401, 401)),
        zeros(ElementType.FLOAT, 1, 1, 1, 1),
        zeros(ElementType.FLOAT, 1, MANY, 1, 1));
  }

  @Test
  void ofPadding() {
    Tensor image = zeros(ElementType.FLOAT, 1, 1);
    for (long most : new long[] {4_000_000_000L, Long.MAX_VALUE}) {
      assertTooLarge(One.of("Pad", 21), image, Tensor.ofLongs(new long[] {most, 2, 2, most}, 4));
    }
  }

  @Test
  void ofSampling() {
    assertTooLarge(
        One.of("GridSample", 22),
        zeros(ElementType.FLOAT, 1, MANY, 1, 1),
        zeros(ElementType.FLOAT, 1, 401, 401, 2));
  }

  @Test
  void ofRandomDraws() {
    assertTooLarge(
        One.of("Multinomial", 22, Attribute.ofInt("sample_size", MANY)),
        zeros(ElementType.FLOAT, 100_000, 1));
  }
}
