package dev.sardonyx.ir.eval.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Tensor;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Runs move what moving element by element does, for random shapes of every type. */
class MovesTest {
  private static final int ROUNDS = 60;

  private static long[] dims(Random random, int rank) {
    long[] dims = new long[rank];
    for (int d = 0; d < rank; d++) {
      dims[d] = random.nextInt(10) == 0 ? 0 : 1 + random.nextInt(4);
    }
    return dims;
  }

  private static Tensor tensor(Random random, ElementType type, long... dims) {
    int size = Dims.size(dims);
    if (type == ElementType.STRING) {
      return Tensor.ofStrings(
          IntStream.range(0, size).mapToObj(i -> "s" + random.nextInt()).toList(), dims);
    }
    ByteBuffer bytes = Tensor.allocate(type, size);
    if (type.isPacked()) {
      return Elements.of(type, random.doubles(size, 0, 2).toArray(), dims);
    }
    byte[] content = new byte[bytes.capacity()];
    random.nextBytes(content);
    bytes.put(0, content);
    if (type == ElementType.BOOL) {
      for (int i = 0; i < size; i++) {
        bytes.put(i, (byte) (bytes.get(i) & 1));
      }
    }
    return Tensor.of(type, dims, bytes);
  }

  @ParameterizedTest
  @EnumSource(value = ElementType.class, mode = EnumSource.Mode.EXCLUDE, names = "UNDEFINED")
  void strided(ElementType type) {
    Random random = new Random(type.code());
    for (int round = 0; round < ROUNDS; round++) {
      int rank = random.nextInt(5);
      Tensor x = tensor(random, type, dims(random, rank));
      List<Integer> order = new ArrayList<>(IntStream.range(0, rank).boxed().toList());
      Collections.shuffle(order, random);
      int[] own = Dims.strides(x.dims());
      int[] perm = order.stream().mapToInt(i -> i).toArray();
      int[] strides = new int[rank];
      long[] dims = Dims.permute(x.dims(), perm);
      for (int d = 0; d < rank; d++) {
        boolean repeated = random.nextInt(4) == 0;
        strides[d] = repeated ? 0 : own[perm[d]];
        dims[d] = repeated && dims[d] > 0 ? 1 + random.nextInt(4) : dims[d];
      }
      Tensor expected = Elements.take(x, Dims.index(dims, strides, 0), dims);
      assertEquals(expected, Moves.strided(x, strides, Parallel.of(2), dims));
    }
  }

  @ParameterizedTest
  @EnumSource(value = ElementType.class, mode = EnumSource.Mode.EXCLUDE, names = "UNDEFINED")
  void gather(ElementType type) {
    Random random = new Random(type.code());
    for (int round = 0; round < ROUNDS; round++) {
      int rank = random.nextInt(5);
      Tensor x = tensor(random, type, dims(random, rank));
      int[][] along = new int[rank][];
      for (int d = 0; d < rank; d++) {
        int size = (int) x.dim(d);
        along[d] =
            switch (random.nextInt(4)) {
              case 0 -> Dims.range(size);
              case 1 -> new int[] {-1, -1};
              default ->
                  IntStream.range(0, random.nextInt(6))
                      .map(i -> size == 0 ? -1 : random.nextInt(size + 1) - 1)
                      .toArray();
            };
      }
      Tensor fill = random.nextBoolean() ? tensor(random, type, 1) : null;
      int[] index = Dims.gather(x.dims(), along);
      Tensor source = x;
      if (fill != null) {
        source = Elements.joined(List.of(x, fill));
        index = Arrays.stream(index).map(i -> i < 0 ? x.length() : i).toArray();
      }
      Tensor expected = Elements.take(source, index, Dims.sizes(along));
      assertEquals(
          expected, Moves.gather(x, along, fill, Parallel.of(2)), Arrays.deepToString(along));
    }
  }

  @ParameterizedTest
  @EnumSource(value = ElementType.class, mode = EnumSource.Mode.EXCLUDE, names = "UNDEFINED")
  void beside(ElementType type) {
    Random random = new Random(type.code());
    for (int round = 0; round < ROUNDS; round++) {
      int rows = random.nextInt(4);
      int columns = 0;
      List<Tensor> parts = new ArrayList<>();
      for (int i = 0; i <= random.nextInt(3); i++) {
        int width = random.nextInt(5);
        parts.add(tensor(random, type, rows, width));
        columns += width;
      }
      Tensor joined = Moves.beside(parts, rows, Parallel.of(2), rows, columns);
      int from = 0;
      for (Tensor part : parts) {
        int[] at = IntStream.range(from, from += (int) part.dim(1)).toArray();
        assertEquals(
            part, Moves.gather(joined, new int[][] {Dims.range(rows), at}, null, Parallel.of(2)));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4})
  void broadcast(int rank) {
    Random random = new Random(rank);
    for (int round = 0; round < 200; round++) {
      long[] dims = dims(random, rank);
      long[] a = dims.clone();
      long[] b = dims.clone();
      for (int d = 0; d < rank; d++) {
        a[d] = random.nextInt(3) == 0 ? 1 : a[d];
        b[d] = random.nextInt(3) == 0 ? 1 : b[d];
      }
      b = Arrays.copyOfRange(b, random.nextInt(rank + 1), rank);
      long[][] operands = random.nextBoolean() ? new long[][] {a, b} : new long[][] {a, b, dims};
      Broadcast runs = Broadcast.of(operands);
      int[][] at = new int[operands.length][runs.size()];
      runs.forEach(
          Parallel.SEQUENTIAL,
          (from, to, count) -> {
            for (int o = 0; o < from.length; o++) {
              for (int i = 0; i < count; i++) {
                at[o][to + i] = from[o] + i * runs.steps()[o];
              }
            }
          });
      for (int o = 0; o < operands.length; o++) {
        assertArrayEquals(Dims.broadcastIndex(operands[o], runs.dims()), at[o]);
      }
    }
  }
}
