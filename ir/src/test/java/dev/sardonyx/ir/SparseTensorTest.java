package dev.sardonyx.ir;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

/** Sparse tensors and their dense forms. */
final class SparseTensorTest {
  private static final Tensor POSITIONS = Tensor.ofLongs(new long[] {1, 5}, 2);

  /** All but float8e8m0, which has no zero. */
  @ParameterizedTest
  @EnumSource(
      mode = Mode.EXCLUDE,
      names = {"UNDEFINED", "STRING", "COMPLEX64", "COMPLEX128", "FLOAT8E8M0"})
  void allElementsAreThereWhateverTheirType(ElementType type) {
    Tensor values = Tensor.ofNumbers(type, new double[] {1, 2}, 2);
    Tensor expected = Tensor.ofNumbers(type, new double[] {0, 1, 0, 0, 0, 2}, 2, 3);
    Tensor coordinates = Tensor.ofLongs(new long[] {0, 1, 1, 2}, 2, 2);
    for (Tensor indices : List.of(POSITIONS, coordinates)) {
      Tensor dense = SparseTensor.of(values, indices, 2, 3).toDense();
      assertArrayEquals(expected.toDoubles(), dense.toDoubles(), type.toString());
      assertEquals(expected.type(), dense.type());
    }
  }

  @Test
  void stringsAndComplexNumbersToo() {
    Tensor words = Tensor.ofStrings(List.of("a", "b"), 2);
    assertEquals(
        List.of("", "a", "", "", "", "b"),
        SparseTensor.of(words, POSITIONS, 6).toDense().strings());
    Tensor complex =
        Tensor.of(
            ElementType.COMPLEX64,
            new long[] {2},
            Tensor.ofFloats(new float[] {1, 2, 3, 4}, 4).bytes());
    Tensor dense = SparseTensor.of(complex, POSITIONS, 6).toDense();
    assertArrayEquals(
        new float[] {0, 0, 1, 2, 0, 0, 0, 0, 0, 0, 3, 4},
        Tensor.of(ElementType.FLOAT, new long[] {12}, dense.bytes()).toFloats());
  }

  @Test
  void whatDoesNotFitIsRefused() {
    Tensor values = Tensor.ofFloats(new float[] {1, 2}, 2);
    for (long[] indices : List.of(new long[] {0, 6}, new long[] {-1, 0}, new long[] {0, 0, 0, 3})) {
      Tensor at = indices.length == 4 ? Tensor.ofLongs(indices, 2, 2) : Tensor.ofLongs(indices, 2);
      SparseTensor sparse = SparseTensor.of(values, at, 2, 3);
      IllegalArgumentException refusal =
          assertThrows(IllegalArgumentException.class, sparse::toDense, Arrays.toString(indices));
      assertTrue(refusal.getMessage().contains("sparse_tensor(float[2,3])"), refusal.getMessage());
    }
    SparseTensor vast = SparseTensor.of(values, POSITIONS, 1L << 30, 1L << 20);
    assertThrows(IllegalArgumentException.class, vast::toDense);
    SparseTensor empty = SparseTensor.of(values, POSITIONS, 0, 7);
    assertThrows(IllegalArgumentException.class, empty::toDense);
  }
}
