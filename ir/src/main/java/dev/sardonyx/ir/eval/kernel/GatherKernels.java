package dev.sardonyx.ir.eval.kernel;

import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.eval.EvaluationException;
import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleBinaryOperator;
import java.util.function.IntPredicate;
import java.util.function.LongBinaryOperator;

/** Elements taken from, and put to, the places that an input names. */
final class GatherKernels {
  private GatherKernels() {}

  static void register(Kernels kernels) {
    kernels.one("Gather", GatherKernels::gather);
    kernels.one("GatherElements", GatherKernels::gatherElements);
    kernels.one("GatherND", GatherKernels::gatherNd);
    kernels.one("Scatter", GatherKernels::scatterElements);
    kernels.one("ScatterElements", GatherKernels::scatterElements);
    kernels.one("ScatterND", GatherKernels::scatterNd);
    kernels.one("TensorScatter", GatherKernels::tensorScatter);
    kernels.one("Compress", GatherKernels::compress);
    kernels.one("NonZero", GatherKernels::nonZero);
    kernels.one("OneHot", GatherKernels::oneHot);
  }

  /** A position along an axis; negative ones count from the back. */
  static int position(long index, long size) {
    if (index < -size || index >= size) {
      throw new EvaluationException("index " + index + " is not in an axis of size " + size);
    }
    return (int) (index < 0 ? index + size : index);
  }

  private static Tensor gather(KernelContext c) {
    Tensor x = c.tensor(0);
    int axis = Dims.axis(c.intAttribute("axis", 0), x.rank());
    long[] indices = c.longs(1);
    int[] positions = new int[indices.length];
    for (int i = 0; i < indices.length; i++) {
      positions[i] = position(indices[i], x.dim(axis));
    }
    long[] dims = x.dims();
    int outer = Dims.product(dims, 0, axis);
    int inner = Dims.product(dims, axis + 1, dims.length);
    long[] flat = {outer, dims[axis], inner};
    int[][] along = {Dims.range(outer), positions, Dims.range(inner)};
    long[] result =
        Dims.concat(
            Dims.concat(Arrays.copyOf(dims, axis), c.dims(1)),
            Arrays.copyOfRange(dims, axis + 1, dims.length));
    return Moves.gather(x.reshape(flat), along, null, c.parallel()).reshape(result);
  }

  /**
   * For each index, the position of the same coordinates but along the axis, where it is the index.
   */
  private static int[] elementPositions(Tensor x, Tensor indices, int axis) {
    for (int d = 0; d < x.rank(); d++) {
      if (d != axis && indices.dim(d) > x.dim(d)) {
        throw new EvaluationException(
            "indices of shape %s name places that data of shape %s have not in axis %d"
                .formatted(indices.shape(), x.shape(), d));
      }
    }
    int[] strides = Dims.strides(x.dims());
    int stride = strides[axis];
    strides[axis] = 0;
    int[] positions = Dims.index(indices.dims(), strides, 0);
    long[] along = Elements.longs(indices);
    for (int i = 0; i < positions.length; i++) {
      positions[i] += position(along[i], x.dim(axis)) * stride;
    }
    return positions;
  }

  private static Tensor gatherElements(KernelContext c) {
    Tensor x = c.tensor(0);
    int axis = Dims.axis(c.intAttribute("axis", 0), x.rank());
    return Elements.take(x, elementPositions(x, c.tensor(1), axis), c.dims(1));
  }

  /** Where the slices begin that the last axis of the indices names. */
  private static int[] slicePositions(Tensor x, Tensor indices, int batchDims) {
    int depth = (int) indices.dim(-1);
    long[] values = Elements.longs(indices);
    int[] strides = Dims.strides(x.dims());
    int[] positions = new int[depth == 0 ? Dims.size(batchless(indices)) : values.length / depth];
    int batch = batchDims == 0 ? 1 : Dims.product(x.dims(), 0, batchDims);
    int perBatch = Math.max(1, positions.length / Math.max(1, batch));
    int batchStride = batchDims == 0 ? 0 : strides[batchDims - 1];
    for (int i = 0; i < positions.length; i++) {
      int at = i / perBatch * batchStride;
      for (int d = 0; d < depth; d++) {
        int axis = batchDims + d;
        at += position(values[i * depth + d], x.dim(axis)) * strides[axis];
      }
      positions[i] = at;
    }
    return positions;
  }

  private static long[] batchless(Tensor indices) {
    return Arrays.copyOf(indices.dims(), indices.rank() - 1);
  }

  private static Tensor gatherNd(KernelContext c) {
    Tensor x = c.tensor(0);
    Tensor indices = c.tensor(1);
    int batchDims = (int) c.intAttribute("batch_dims", 0);
    int[] positions = slicePositions(x, indices, batchDims);
    int from = batchDims + (int) indices.dim(-1);
    long[] slice = Arrays.copyOfRange(x.dims(), from, x.rank());
    long[] dims = Dims.concat(batchless(indices), slice);
    return Moves.runs(x, Moves.Runs.inOrder(positions, Dims.size(slice)), null, c.parallel(), dims);
  }

  private static Tensor scatterElements(KernelContext c) {
    Tensor x = c.tensor(0);
    int axis = Dims.axis(c.intAttribute("axis", 0), x.rank());
    return scatter(c, x, elementPositions(x, c.tensor(1), axis), 1, c.tensor(2));
  }

  private static Tensor scatterNd(KernelContext c) {
    Tensor x = c.tensor(0);
    Tensor indices = c.tensor(1);
    int[] positions = slicePositions(x, indices, 0);
    int from = (int) indices.dim(-1);
    int count = Dims.product(x.dims(), from, x.rank());
    return scatter(c, x, positions, count, c.tensor(2));
  }

  /** Puts the i-th so many updates to the i-th position, or combines them with what is there. */
  private static Tensor scatter(
      KernelContext c, Tensor x, int[] positions, int count, Tensor updates) {
    if ((long) positions.length * count != updates.size()) {
      throw new EvaluationException(
          "there are "
              + (long) positions.length * count
              + " places for updates of shape "
              + updates.shape());
    }
    ElementType type = x.elementType();
    return switch (c.stringAttribute("reduction", "none")) {
      case "add" ->
          combine(
              x,
              positions,
              count,
              updates,
              Double::sum,
              type == ElementType.BOOL ? (a, b) -> a | b : Long::sum);
      case "mul" -> combine(x, positions, count, updates, (a, b) -> a * b, (a, b) -> a * b);
      case "max" -> combine(x, positions, count, updates, Math::max, ArithmeticKernels.max(type));
      case "min" -> combine(x, positions, count, updates, Math::min, ArithmeticKernels.min(type));
      default ->
          count == 1
              ? replace(x, positions, updates)
              : Moves.runs(
                  updates, Moves.Runs.scattered(positions, count), x, c.parallel(), x.dims());
    };
  }

  /** Single elements make no runs. */
  private static Tensor replace(Tensor x, int[] positions, Tensor updates) {
    int[] index = Dims.range(x.size());
    for (int i = 0; i < positions.length; i++) {
      index[positions[i]] = x.length() + i;
    }
    return Elements.take(Elements.joined(List.of(x, updates)), index, x.dims());
  }

  private static Tensor combine(
      Tensor x,
      int[] positions,
      int count,
      Tensor updates,
      DoubleBinaryOperator reals,
      LongBinaryOperator integers) {
    if (x.elementType().isFloat()) {
      double[] values = Elements.doubles(x);
      double[] changes = Elements.doubles(updates);
      for (int i = 0; i < changes.length; i++) {
        int at = positions[i / count] + i % count;
        values[at] = reals.applyAsDouble(values[at], changes[i]);
      }
      return Elements.of(x.elementType(), values, x.dims());
    }
    long[] values = Elements.longs(x);
    long[] changes = Elements.longs(updates);
    for (int i = 0; i < changes.length; i++) {
      int at = positions[i / count] + i % count;
      values[at] = integers.applyAsLong(values[at], changes[i]);
    }
    return Elements.of(x.elementType(), values, x.dims());
  }

  /** Writes each batch entry's update into a cache from a place on; circular ones go round. */
  private static Tensor tensorScatter(KernelContext c) {
    Tensor cache = c.tensor(0);
    Tensor update = c.tensor(1);
    int axis = Dims.axis(c.intAttribute("axis", -2), cache.rank());
    boolean circular = c.stringAttribute("mode", "linear").equals("circular");
    long[] starts = c.has(2) ? c.longs(2) : new long[(int) cache.dim(0)];
    int size = (int) cache.dim(axis);
    int steps = (int) update.dim(axis);
    int[] strides = Dims.strides(cache.dims());
    int[] own = Dims.strides(update.dims());
    int[] positions = Dims.index(update.dims(), strides, 0);
    for (int i = 0; i < positions.length; i++) {
      int step = i / own[axis] % steps;
      long to = starts[i / own[0]] + step;
      to = circular ? Math.floorMod(to, size) : to;
      positions[i] += (position(to, size) - step) * strides[axis];
    }
    return replace(cache, positions, update);
  }

  private static Tensor compress(KernelContext c) {
    Tensor x = c.tensor(0);
    boolean[] condition = Elements.booleans(c.tensor(1));
    boolean flat = !c.hasAttribute("axis");
    Tensor source = flat ? x.reshape(x.size()) : x;
    int axis = flat ? 0 : Dims.axis(c.intAttribute("axis"), x.rank());
    int[][] along = new int[source.rank()][];
    for (int d = 0; d < along.length; d++) {
      along[d] = Dims.range(source.dim(d));
    }
    along[axis] =
        Arrays.stream(along[axis]).filter(i -> i < condition.length && condition[i]).toArray();
    return MovementKernels.gather(source, along);
  }

  private static Tensor nonZero(KernelContext c) {
    Tensor x = c.tensor(0);
    IntPredicate isNonZero = nonZero(x);
    int[] found = Arrays.stream(Dims.range(x.size())).filter(isNonZero).toArray();
    int[] strides = Dims.strides(x.dims());
    long[] coordinates = new long[Dims.size(x.rank(), found.length)];
    for (int d = 0; d < x.rank(); d++) {
      for (int i = 0; i < found.length; i++) {
        coordinates[d * found.length + i] = found[i] / strides[d] % x.dim(d);
      }
    }
    return Tensor.ofLongs(coordinates, x.rank(), found.length);
  }

  /** By position; a string is zero if it is empty, a complex number if both its parts are. */
  private static IntPredicate nonZero(Tensor x) {
    ElementType type = x.elementType();
    if (type == ElementType.STRING) {
      List<String> strings = x.strings();
      return i -> !strings.get(i).isEmpty();
    }
    if (type.kind() == ElementType.Kind.COMPLEX) {
      ElementType part = type == ElementType.COMPLEX64 ? ElementType.FLOAT : ElementType.DOUBLE;
      double[] parts = Elements.doubles(Tensor.of(part, new long[] {2 * x.size()}, x.bytes()));
      return i -> parts[2 * i] != 0 || parts[2 * i + 1] != 0;
    }
    double[] values = Elements.doubles(x);
    return i -> values[i] != 0;
  }

  /** An index beyond the depth selects nothing. */
  private static Tensor oneHot(KernelContext c) {
    long[] indices = c.longs(0);
    long depth = (long) c.doubleInput(1, 0);
    Tensor values = c.tensor(2);
    long[] dims = c.dims(0);
    int axis = Dims.axis(c.intAttribute("axis", -1), dims.length + 1);
    long[] result =
        Dims.concat(
            Dims.concat(Arrays.copyOf(dims, axis), depth),
            Arrays.copyOfRange(dims, axis, dims.length));
    int inner = Dims.product(dims, axis, dims.length);
    int[] index = new int[Dims.size(result)];
    for (int i = 0; i < indices.length; i++) {
      long at = indices[i] < 0 ? indices[i] + depth : indices[i];
      if (at >= 0 && at < depth) {
        index[(int) ((i / inner * depth + at) * inner + i % inner)] = 1;
      }
    }
    return Elements.take(values, index, result);
  }
}
