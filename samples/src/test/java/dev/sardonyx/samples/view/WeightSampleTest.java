package dev.sardonyx.samples.view;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.SparseTensor;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorSource;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** What is told of weights, and how little of large ones is read. */
final class WeightSampleTest {
  @Test
  void ofAllElementsIfTheyAreFew() {
    float[] elements = new float[100];
    for (int i = 0; i < elements.length; i++) {
      elements[i] = i - 50;
    }
    elements[3] = Float.NaN;
    elements[4] = Float.POSITIVE_INFINITY;
    WeightSample sample = WeightSample.of(Tensor.ofFloats(elements, 10, 10), 1);
    assertNotNull(sample);
    assertEquals(100, sample.sampled());
    assertEquals(-50, sample.min());
    assertEquals(49, sample.max());
    assertEquals(1, sample.zeros());
    assertEquals(2, sample.notFinite());
    assertEquals(98, sample.bins().stream().mapToInt(b -> b).sum());
    assertEquals(List.of("-50.00", "-49.00"), sample.first().subList(0, 2));
  }

  @Test
  void ofPiecesFromAllOfALargeOne() {
    long elements = 1L << 30;
    AtomicLong read = new AtomicLong();
    AtomicLong furthest = new AtomicLong();
    TensorSource source =
        new TensorSource() {
          @Override
          public long byteSize() {
            return 4 * elements;
          }

          @Override
          public ByteBuffer slice(long offset, int length) {
            read.addAndGet(length);
            furthest.accumulateAndGet(offset + length, Math::max);
            ByteBuffer bytes = Tensor.allocate(ElementType.FLOAT, length / 4);
            for (int i = 0; i < length / 4; i++) {
              bytes.putFloat(4 * i, (offset / 4 + i) / (float) elements);
            }
            return bytes;
          }
        };
    Tensor large = Tensor.of(ElementType.FLOAT, new long[] {elements}, source);
    WeightSample sample = WeightSample.of(large, 1);
    assertNotNull(sample);
    assertEquals(elements, sample.elements());
    assertTrue(read.get() <= 1 << 16, "bytes read: " + read);
    assertEquals(4 * elements, furthest.get(), "the end is among them");
    assertEquals(0.5, sample.mean(), 1e-3);
    assertTrue(sample.bins().stream().allMatch(b -> b > 0), sample.bins().toString());
    read.set(0);
    WeightSample.of(large, 1_000_000);
    assertTrue(read.get() <= 2048, "fewer of each if there are many: " + read);
  }

  @Test
  void ofAnyType() {
    byte[] packed = new byte[4096];
    Arrays.fill(packed, (byte) 0x21); // 1, 2, 1, 2, ...
    WeightSample int4 =
        WeightSample.of(
            Tensor.of(ElementType.UINT4, new long[] {8192}, ByteBuffer.wrap(packed)), 100_000);
    assertNotNull(int4);
    assertEquals(1, int4.min());
    assertEquals(2, int4.max());
    assertEquals(1.5, int4.mean());
    WeightSample text = WeightSample.of(Tensor.ofStrings(List.of("a", "<b>"), 2), 1);
    assertNotNull(text);
    assertEquals(List.of("\"a\"", "\"<b>\""), text.first());
    WeightSample extremes = WeightSample.of(Tensor.ofDoubles(extremes(), 13), 1);
    assertNotNull(extremes);
    assertEquals(13, extremes.bins().stream().mapToInt(b -> b).sum());
    WeightSample sparse =
        WeightSample.of(
            SparseTensor.of(
                Tensor.ofFloats(new float[] {5}, 1), Tensor.ofLongs(new long[] {2}, 1), 9),
            1);
    assertNotNull(sparse);
    assertEquals(5, sparse.max());
    assertNull(WeightSample.of(Tensor.ofFloats(new float[0], 0), 1));
    WeightSample repeated = WeightSample.of(Tensor.repeated(Tensor.scalar(7f), 1L << 40), 1);
    assertNotNull(repeated);
    assertEquals(7, repeated.mean());
  }

  private static double[] extremes() {
    double[] elements = new double[13];
    elements[0] = -Double.MAX_VALUE;
    elements[1] = Double.MAX_VALUE;
    return elements;
  }
}
