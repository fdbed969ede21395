package dev.sardonyx.runtime.session;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import dev.sardonyx.export.text.ModelParser;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.backend.BorrowedOutputs;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a run costs in memory, on the heap and beside it. */
class RunMemoryTest {
  private static final int SIZE = 1 << 20;

  /** Freed by the garbage collector, their memory would be missing while others are measured. */
  private static final List<Tensor> KEPT = new ArrayList<>();

  /** A large input and an output of one element. */
  private static Model sum(String type) {
    return ModelParser.parse(
        "<ir_version: 8, opset_import: [\"\" : 17]> g ("
            + type
            + "[N] x) => ("
            + type
            + "[1] y) { y = ReduceSum(x) }");
  }

  @ParameterizedTest
  @ValueSource(strings = {"float", "double", "int64", "int32"})
  void arraysGoStraightIntoTheNativeBuffers(String type) {
    Object array =
        switch (type) {
          case "float" -> new float[SIZE];
          case "double" -> new double[SIZE];
          case "int64" -> new long[SIZE];
          default -> new int[SIZE];
        };
    try (InferenceSession session = InferenceSession.of(sum(type))) {
      session.call().with("x", array).run();
      long before = allocated();
      for (int i = 0; i < 10; i++) {
        session.call().with("x", array).run();
      }
      long each = (allocated() - before) / 10;
      assertTrue(each < SIZE, each + " bytes on the heap for an array of " + SIZE + " elements");
    }
  }

  private static long allocated() {
    return ((ThreadMXBean) ManagementFactory.getThreadMXBean()).getCurrentThreadAllocatedBytes();
  }

  @Test
  void arraysAreReadWhenTheModelRuns() {
    float[] array = {1, 2};
    try (InferenceSession session = InferenceSession.of(sum("float"))) {
      Call call = session.call().with("x", array);
      assertEquals(3, call.run().tensor().toScalar());
      array[0] = 5;
      assertEquals(7, call.run().tensor().toScalar());
    }
  }

  @Test
  void closingASessionGivesItsBuffersBackAtOnce() {
    InferenceSession session = InferenceSession.of(sum("float"));
    long before = direct();
    session.call().with("x", new float[8 * SIZE]).run();
    long during = direct();
    session.close();
    // Small buffers that other tests forgot may be freed in between.
    assertTrue(during - before >= 31L * SIZE, during + " bytes in use, before " + before);
    assertTrue(direct() - before < SIZE, direct() + " bytes left, before " + before);
  }

  @Test
  void aLargerBufferTakesTheSmallerOnesPlace() {
    try (InferenceSession session = InferenceSession.of(sum("float"))) {
      long before = direct();
      for (int size = SIZE; size <= 2 * SIZE; size += SIZE / 8) {
        session.call().with("x", new float[size]).run();
      }
      long used = direct() - before;
      assertTrue(used < 9L * SIZE, used + " bytes in use for an input of " + 8 * SIZE);
    }
  }

  /** Against the contract, but Java programs do not crash of it. */
  @Test
  void outputsThatWereGivenBackCanStillBeRead() {
    Model twice =
        ModelParser.parse(
            "<ir_version: 8, opset_import: [\"\" : 17]> g (float[N] x) => (float[N] y) {"
                + " y = Add(x, x) }");
    Tensor y;
    try (InferenceSession session = InferenceSession.of(twice);
        BorrowedOutputs borrowed =
            session.borrow(Map.of("x", Tensor.ofFloats(new float[8 * SIZE], 8 * SIZE)))) {
      y = borrowed.outputs().tensor("y");
    }
    assertEquals(8 * SIZE, y.toFloats().length);
    KEPT.add(y);
  }

  private static long direct() {
    return ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
        .filter(pool -> pool.getName().equals("direct"))
        .mapToLong(BufferPoolMXBean::getMemoryUsed)
        .sum();
  }

  @Test
  void anArrayAsATensorHasTheBytesOfACopy() {
    short[] shorts = {1, -2, 0x1234};
    long[] longs = {Long.MIN_VALUE, 7};
    byte[] bytes = {3, 4, 5};
    assertEquals(
        Tensor.ofLongs(longs, 2),
        Tensor.of(ElementType.INT64, new long[] {2}, ArraySource.of(longs)));
    assertArrayEquals(
        new long[] {1, -2, 0x1234},
        Tensor.of(ElementType.INT16, new long[] {3}, ArraySource.of(shorts)).toLongs());
    assertArrayEquals(
        new long[] {3, 4, 5},
        Tensor.of(ElementType.INT8, new long[] {3}, ArraySource.of(bytes)).toLongs());
  }

  @Test
  void anyRangeOfAnArrayCanBeHad() {
    int[] ints = {0x04030201, 0x08070605, 0x0c0b0a09};
    ArraySource source = ArraySource.of(ints);
    for (int from = 0; from <= 12; from++) {
      for (int to = from; to <= 12; to++) {
        ByteBuffer slice = source.slice(from, to - from);
        assertEquals(to - from, slice.remaining());
        assertEquals(ByteOrder.LITTLE_ENDIAN, slice.order());
        for (int i = 0; i < to - from; i++) {
          assertEquals(from + i + 1, slice.get(i));
        }
      }
    }
  }
}
