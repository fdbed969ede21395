package dev.sardonyx.ir;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class RepeatedElementTest {
  @Test
  void isTheTensorThatHasTheElementsOneByOne() {
    float[] elements = new float[15];
    Arrays.fill(elements, -1.5f);
    Tensor dense = Tensor.ofFloats(elements, 3, 5);
    Tensor repeated = Tensor.repeated(Tensor.scalar(-1.5f), 3, 5);
    assertEquals(dense, repeated);
    assertEquals(dense.hashCode(), repeated.hashCode());
    assertEquals(dense.bytes(), repeated.bytes());
    assertEquals(dense.source().slice(13, 6), repeated.source().slice(13, 6));
    assertTrue(repeated.isRepeated());
    assertFalse(dense.isRepeated());
    assertEquals(Tensor.scalar(-1.5f), dense.first());
  }

  @Test
  void takesNoMemoryAndIsComparedWithoutReading() {
    long[] dims = {1L << 20, 1L << 20};
    Tensor zeros = Tensor.repeated(Tensor.scalar(0L), dims);
    assertEquals(1L << 43, zeros.byteSize());
    assertEquals(zeros, Tensor.repeated(Tensor.scalar(0L), dims));
    assertNotEquals(zeros, Tensor.repeated(Tensor.scalar(1L), dims));
  }

  @Test
  void isMadeOfOneNumber() {
    Tensor two = Tensor.ofFloats(new float[2], 2);
    assertThrows(IllegalArgumentException.class, () -> Tensor.repeated(two, 3));
    Tensor nibble = Tensor.ofNumbers(ElementType.INT4, new double[] {1});
    assertThrows(IllegalArgumentException.class, () -> Tensor.repeated(nibble, 3));
  }
}
