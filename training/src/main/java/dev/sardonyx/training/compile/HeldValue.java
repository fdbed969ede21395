package dev.sardonyx.training.compile;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * How the network holds a value: in the array of a vertex, whose axes may come in another order,
 * for DL4J's layers keep the batch first and the time last. So a Transpose costs nothing until
 * somebody needs its order.
 *
 * @param vertex what computes the array
 * @param order for each axis of the value the axis of the array; {@link #ABSENT} for an axis of
 *     size 1 that the array does not have
 */
public record HeldValue(String vertex, int[] order) {
  /** Stands for an axis of size 1 that only the value has. */
  public static final int ABSENT = -1;

  /** An array whose axes are the value's. */
  static HeldValue natural(String vertex, int rank) {
    return new HeldValue(vertex, IntStream.range(0, rank).toArray());
  }

  /** Whether the array's axes are the value's. */
  public boolean isNatural() {
    return IntStream.range(0, order.length).allMatch(i -> order[i] == i);
  }

  /** Whether the value has axes of size 1 that the array has not. */
  boolean lacksAxes() {
    return Arrays.stream(order).anyMatch(axis -> axis == ABSENT);
  }

  boolean hasOrder(int... wanted) {
    return Arrays.equals(order, wanted);
  }

  /** The value with its axes in another order, as Transpose has it. */
  HeldValue transposed(int[] permutation) {
    return new HeldValue(vertex, Arrays.stream(permutation).map(axis -> order[axis]).toArray());
  }

  /** The value, given the array. */
  public INDArray value(INDArray array) {
    if (isNatural()) {
      return array;
    }
    INDArray present =
        array.permute(Arrays.stream(order).filter(axis -> axis != ABSENT).toArray()).dup('c');
    long[] sizes =
        Arrays.stream(order).mapToLong(axis -> axis == ABSENT ? 1 : array.size(axis)).toArray();
    return present.reshape('c', sizes);
  }

  /** The value without an axis that the array does not have. */
  HeldValue without(int axis) {
    return new HeldValue(
        vertex,
        IntStream.range(0, order.length).filter(i -> i != axis).map(i -> order[i]).toArray());
  }

  /** The axes of the value, those that the array has, in the array's order. */
  int[] axesInArray() {
    return IntStream.range(0, order.length)
        .filter(i -> order[i] != ABSENT)
        .boxed()
        .sorted((a, b) -> Integer.compare(order[a], order[b]))
        .mapToInt(Integer::intValue)
        .toArray();
  }
}
