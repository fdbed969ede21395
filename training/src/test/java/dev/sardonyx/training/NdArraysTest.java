package dev.sardonyx.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sardonyx.ir.Tensor;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class NdArraysTest {
  @Test
  void anyShapeGoesThereAndBack() {
    for (long[] dims : new long[][] {{}, {1}, {2, 3}, {0}, {2, 0, 3}}) {
      Tensor tensor = Tensor.ofFloats(new float[(int) size(dims)], dims);
      INDArray array = NdArrays.array(tensor);
      assertArrayEquals(dims, array.shape());
      assertEquals(tensor, NdArrays.tensor(array));
    }
  }

  private static long size(long... dims) {
    long size = 1;
    for (long dim : dims) {
      size *= dim;
    }
    return size;
  }

  @Test
  void aViewIsCopiedInItsOrder() {
    INDArray whole = Nd4j.createFromArray(new float[] {1, 2, 3, 4, 5, 6}).reshape('c', 2, 3);
    assertArrayEquals(
        new float[] {1, 4, 2, 5, 3, 6}, NdArrays.tensor(whole.transpose()).toFloats());
    assertArrayEquals(new float[] {4, 5, 6}, NdArrays.tensor(whole.getRow(1)).toFloats());
    assertArrayEquals(new float[] {1, 2}, NdArrays.tensor(Nd4j.createFromArray(1L, 2L)).toFloats());
    assertEquals(DataType.FLOAT, NdArrays.array(Tensor.scalar(1f)).dataType());
  }
}
