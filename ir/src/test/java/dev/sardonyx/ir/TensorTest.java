package dev.sardonyx.ir;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Tensors hold their elements packed and little-endian, and give back what was put in. */
class TensorTest {
  @ParameterizedTest
  @EnumSource(
      value = ElementType.class,
      mode = EnumSource.Mode.EXCLUDE,
      names = {"UNDEFINED", "STRING", "COMPLEX64", "COMPLEX128"})
  void elementsOfEveryWidthDoNotDisturbTheirNeighbours(ElementType type) {
    ElementCodec codec = ElementCodec.of(type);
    ByteBuffer bytes = Tensor.allocate(type, 17);
    double[] expected = new double[17];
    Random random = new Random(3);
    for (int round = 0; round < 200; round++) {
      int i = random.nextInt(17);
      expected[i] = random.nextInt(2);
      codec.putDouble(bytes, i, expected[i]);
      for (int k = 0; k < 17; k++) {
        double zero = type == ElementType.FLOAT8E8M0 ? codec.getDouble(bytes, k) : expected[k];
        double want = expected[k] == 0 ? zero : expected[k];
        assertEquals(want, codec.getDouble(bytes, k), type + " element " + k);
      }
    }
  }

  @Test
  void packedElementsFillBytesFromTheLowBits() {
    Tensor int4 = Tensor.ofNumbers(ElementType.INT4, new double[] {1, -2, 7}, 3);
    assertEquals(2, int4.byteSize());
    assertEquals((byte) 0xE1, int4.bytes().get(0));
    assertEquals(7, int4.bytes().get(1));
    assertArrayEquals(new long[] {1, -2, 7}, int4.toLongs());
    Tensor float6 = Tensor.ofNumbers(ElementType.FLOAT6E3M2, new double[] {28, -0.25, 1, 3}, 4);
    assertEquals(3, float6.byteSize());
    assertArrayEquals(new double[] {28, -0.25, 1, 3}, float6.toDoubles());
  }

  @Test
  void unsigned64IsReadAsARealNumberAndAsItsBits() {
    Tensor big = Tensor.of(ElementType.UINT64, new long[] {1}, bytesOf(-1L));
    assertEquals(0x1p64, big.toDoubles()[0]);
    assertEquals(-1L, big.toLongs()[0]);
    assertArrayEquals(
        new double[] {0x1p63},
        Tensor.ofNumbers(ElementType.UINT64, new double[] {0x1p63}, 1).toDoubles());
  }

  private static ByteBuffer bytesOf(long value) {
    return ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(0, value);
  }

  @Test
  void sizeAndBytesMustAgree() {
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> Tensor.ofFloats(new float[] {1, 2}, 3));
    assertEquals("A tensor float[3] takes 12 bytes, not 8", e.getMessage());
    assertThrows(IllegalArgumentException.class, () -> Tensor.ofStrings(List.of("a"), 2));
  }

  @Test
  void equalityIsThatOfTypeDimensionsAndBits() {
    Tensor a = Tensor.ofFloats(new float[] {1, Float.NaN}, 2);
    assertEquals(a, Tensor.ofFloats(new float[] {1, Float.NaN}, 2).withName("other name"));
    assertNotEquals(a, a.reshape(1, 2));
    assertNotEquals(Tensor.ofFloats(new float[] {0f}, 1), Tensor.ofFloats(new float[] {-0f}, 1));
  }

  @Test
  void aScalarHasNoDimensions() {
    assertEquals(Shape.SCALAR, Tensor.scalar(3L).shape());
    assertEquals(3, Tensor.scalar(3L).toScalar());
    assertEquals(0, Tensor.ofFloats(new float[0], 0, 5).size());
  }

  @Test
  void aTextShowsTypeAndFirstElements() {
    assertEquals("float[2] {1.5, -2.0}", Tensor.ofFloats(new float[] {1.5f, -2}, 2).toString());
    assertEquals("bool[] {true}", Tensor.scalar(true).toString());
    assertEquals(
        "int4[3] {1, -2, 7}",
        Tensor.ofNumbers(ElementType.INT4, new double[] {1, -2, 7}, 3).toString());
    assertEquals("string[1] {\"a\"}", Tensor.ofStrings(List.of("a"), 1).toString());
    assertEquals("int64[0] {}", Tensor.ofLongs(new long[0], 0).toString());
    assertEquals(
        "int64[10] {0, 1, 2, 3, 4, 5, 6, 7, ...}",
        Tensor.ofLongs(new long[] {0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, 10).toString());
  }

  /** In a file with a hole, of which only the pages that are touched take room. */
  @Test
  void packedElementsAreFoundBeyondTheFirst2To29(@TempDir Path folder) throws IOException {
    int last = (1 << 29) + 5;
    Path file = folder.resolve("packed");
    try (FileChannel channel =
        FileChannel.open(
            file,
            StandardOpenOption.CREATE_NEW,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE)) {
      ByteBuffer bytes = channel.map(FileChannel.MapMode.READ_WRITE, 0, (last + 1L) / 2);
      ElementCodec codec = ElementCodec.of(ElementType.INT4);
      codec.putLong(bytes, last, -3);
      codec.putLong(bytes, last - 1, 5);
      assertEquals(-3, codec.getLong(bytes, last));
      assertEquals(5, codec.getLong(bytes, last - 1));
      assertEquals(0, codec.getLong(bytes, 5), "the place that 32 bits would give");
    }
    assertEquals(1L << 61, ElementType.INT4.byteSize(1L << 62));
  }

  @Test
  void moreElementsThanCanBeCountedAreRefusedWithTheDimensions() {
    for (long[] dims :
        new long[][] {{1L << 62}, {1L << 62, 2}, {1L << 40, 1L << 40}, {3, Long.MAX_VALUE}}) {
      IllegalArgumentException e =
          assertThrows(IllegalArgumentException.class, () -> Tensor.ofFloats(new float[3], dims));
      assertTrue(e.getMessage().contains(Arrays.toString(dims)), e.getMessage());
    }
  }

  @Test
  void noElementsAreNotTooManyWhateverTheOtherDimensionsAre() {
    for (long[] dims : new long[][] {{1L << 60, 0}, {0, 1L << 60}, {1L << 62, 1L << 62, 0}}) {
      assertEquals(0, Tensor.ofFloats(new float[0], dims).size());
    }
  }
}
