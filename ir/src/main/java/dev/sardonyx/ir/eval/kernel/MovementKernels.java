package dev.sardonyx.ir.eval.kernel;

import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.eval.EvaluationException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Elements moved, cut, repeated and padded by a fixed pattern, whatever their type. */
final class MovementKernels {
  private MovementKernels() {}

  static void register(Kernels kernels) {
    kernels.one("Slice", MovementKernels::slice);
    kernels.add("Split", MovementKernels::split);
    kernels.one("Pad", MovementKernels::pad);
    kernels.one("Tile", MovementKernels::tile);
    kernels.one("Trilu", MovementKernels::trilu);
    kernels.one("DepthToSpace", MovementKernels::depthToSpace);
    kernels.one("SpaceToDepth", MovementKernels::spaceToDepth);
    kernels.one("ReverseSequence", MovementKernels::reverseSequence);
    kernels.one("CenterCropPad", MovementKernels::centerCropPad);
    kernels.one("EyeLike", MovementKernels::eyeLike);
  }

  /** The elements at the given positions of each axis. */
  static Tensor gather(Tensor x, int[][] along) {
    return gather(x, along, Parallel.SEQUENTIAL);
  }

  private static Tensor gather(Tensor x, int[][] along, Parallel parallel) {
    return Moves.gather(x, along, null, parallel);
  }

  /** The positions of each axis, all of them. */
  private static int[][] all(Tensor x) {
    int[][] along = new int[x.rank()][];
    for (int d = 0; d < along.length; d++) {
      along[d] = Dims.range(x.dim(d));
    }
    return along;
  }

  private static Tensor slice(KernelContext c) {
    Tensor x = c.tensor(0);
    long[] starts = c.intsInputOrAttribute(1, "starts");
    long[] ends = c.intsInputOrAttribute(2, "ends");
    if (starts == null || ends == null || starts.length != ends.length) {
      throw new EvaluationException("starts and ends are missing or of different sizes");
    }
    long[] given = c.intsInputOrAttribute(3, "axes");
    int[] axes =
        given == null
            ? Dims.identity(Math.min(starts.length, x.rank()))
            : Dims.axes(given, x.rank());
    long[] steps = c.has(4) ? c.longs(4) : Dims.fill(starts.length, 1);
    if (axes.length != starts.length || steps.length != starts.length) {
      throw new EvaluationException(
          "there are %d starts for %d axes and %d steps"
              .formatted(starts.length, axes.length, steps.length));
    }
    int[][] along = all(x);
    for (int i = 0; i < axes.length; i++) {
      along[axes[i]] = range(x.dim(axes[i]), starts[i], ends[i], steps[i]);
    }
    return gather(x, along, c.parallel());
  }

  /**
   * The positions from a start to before an end, both clamped, counted from the back if negative.
   */
  private static int[] range(long size, long start, long end, long step) {
    if (step == 0) {
      throw new EvaluationException("a step is 0");
    }
    long lowest = step > 0 ? 0 : -1;
    long highest = step > 0 ? size : size - 1;
    // Backwards from before the first element is from the first, other than in NumPy.
    long first = Math.min(0, highest);
    long from = Math.max(first, Math.min(highest, start < 0 ? start + size : start));
    long to = Math.max(lowest, Math.min(highest, end < 0 ? end + size : end));
    List<Integer> positions = new ArrayList<>();
    long stride = Math.max(-size - 1, Math.min(size + 1, step));
    for (long at = from; stride > 0 ? at < to : at > to; at += stride) {
      positions.add((int) at);
    }
    return positions.stream().mapToInt(Integer::intValue).toArray();
  }

  private static List<Datum> split(KernelContext c) {
    Tensor x = c.tensor(0);
    int axis = Dims.axis(c.intAttribute("axis", 0), x.rank());
    long[] sizes = c.intsInputOrAttribute(1, "split");
    if (sizes == null) {
      sizes = equalParts(x.dim(axis), c.intAttribute("num_outputs", c.outputs()));
    }
    if (sizes.length != c.outputs()) {
      throw new EvaluationException(
          "split %s is not as many parts as the %d outputs"
              .formatted(Arrays.toString(sizes), c.outputs()));
    }
    return new ArrayList<>(split(x, axis, sizes));
  }

  /** So many parts; the last is smaller if they do not come out even. */
  static long[] equalParts(long size, long parts) {
    long part = (size + parts - 1) / parts;
    long[] sizes = Dims.fill(Math.toIntExact(parts), part);
    sizes[sizes.length - 1] = size - part * (parts - 1);
    return sizes;
  }

  static List<Tensor> split(Tensor x, int axis, long[] sizes) {
    if (Arrays.stream(sizes).sum() != x.dim(axis) || Arrays.stream(sizes).anyMatch(n -> n < 0)) {
      throw new EvaluationException(
          "axis " + axis + " of shape " + x.shape() + " is not split by " + Arrays.toString(sizes));
    }
    List<Tensor> parts = new ArrayList<>();
    int from = 0;
    for (long size : sizes) {
      int[][] along = all(x);
      along[axis] = Arrays.copyOfRange(along[axis], from, from += (int) size);
      parts.add(gather(x, along));
    }
    return parts;
  }

  /** The one element at a position along an axis, which is left out. */
  static Tensor at(Tensor x, int axis, int position) {
    int[][] along = all(x);
    along[axis] = new int[] {position};
    return gather(x, along).reshape(ReductionKernels.withoutAxis(x.dims(), axis, false));
  }

  private static Tensor pad(KernelContext c) {
    Tensor x = c.tensor(0);
    long[] pads = c.intsInputOrAttribute(1, c.since() == 1 ? "paddings" : "pads");
    if (pads == null) {
      throw new EvaluationException("pads are missing");
    }
    int[] axes = c.has(3) ? Dims.axes(c.longs(3), x.rank()) : Dims.identity(x.rank());
    if (pads.length != 2 * axes.length) {
      throw new EvaluationException(
          "there are " + pads.length + " pads for " + axes.length + " axes, not two for each");
    }
    String mode = c.stringAttribute("mode", "constant");
    int[][] along = all(x);
    for (int i = 0; i < axes.length; i++) {
      along[axes[i]] = padded(x.dim(axes[i]), pads[i], pads[i + axes.length], mode);
    }
    return Moves.gather(x, along, fill(c, x.elementType()), c.parallel());
  }

  private static @Nullable Tensor fill(KernelContext c, ElementType type) {
    if (c.since() < 11) {
      return Elements.of(type, new double[] {c.floatAttribute("value", 0)});
    }
    return c.has(2) ? c.tensor(2) : null;
  }

  /** The positions along an axis with padding before and after; negative padding cuts off. */
  private static int[] padded(long size, long before, long after, String mode) {
    int n = Math.toIntExact(size);
    long padded = Math.addExact(Math.addExact(size, before), after);
    int[] positions = new int[Math.toIntExact(Math.max(0, padded))];
    if (n == 0 && positions.length > 0 && !mode.equals("constant")) {
      throw new EvaluationException("an axis of size 0 has nothing to pad with in mode " + mode);
    }
    for (int i = 0; i < positions.length; i++) {
      int at = Math.toIntExact(i - before);
      if (at < 0 || at >= n) {
        at =
            switch (mode) {
              case "edge" -> at < 0 ? 0 : n - 1;
              case "reflect" -> reflected(at, n);
              case "wrap" -> Math.floorMod(at, n);
              default -> -1;
            };
      }
      positions[i] = at;
    }
    return positions;
  }

  /** Back and forth between the ends, which are not repeated. */
  private static int reflected(int at, int n) {
    if (n == 1) {
      return 0;
    }
    int p = Math.floorMod(at, 2 * (n - 1));
    return p < n ? p : 2 * (n - 1) - p;
  }

  /** Version 1 repeats along one axis. */
  private static Tensor tile(KernelContext c) {
    Tensor x = c.tensor(0);
    long[] repeats;
    if (c.since() == 1) {
      repeats = Dims.fill(x.rank(), 1);
      repeats[Dims.axis(c.longInput(2, 0), x.rank())] = c.longInput(1, 1);
    } else {
      repeats = c.longs(1);
    }
    if (repeats.length != x.rank() || Arrays.stream(repeats).anyMatch(n -> n < 0)) {
      throw new EvaluationException(
          "repeats "
              + Arrays.toString(repeats)
              + " are not one number from 0 on for each axis of a tensor of rank "
              + x.rank());
    }
    int[][] along = all(x);
    for (int d = 0; d < along.length; d++) {
      int size = along[d].length;
      int[] repeated = new int[Math.toIntExact(size * repeats[d])];
      for (int i = 0; i < repeated.length; i++) {
        repeated[i] = i % size;
      }
      along[d] = repeated;
    }
    return gather(x, along, c.parallel());
  }

  /** Keeps what is on or above (or below) the k-th diagonal of each matrix. */
  private static Tensor trilu(KernelContext c) {
    Tensor x = c.tensor(0);
    boolean upper = c.intAttribute("upper", 1) != 0;
    int columns = (int) x.dim(-1);
    int height = (int) x.dim(-2);
    // A diagonal farther out leaves the same, and its place may be too large a number.
    long k = Math.max(-height, Math.min(columns, c.longInput(1, 0)));
    int rows = columns == 0 ? 0 : x.length() / columns;
    int[] from = new int[rows];
    int[] counts = new int[rows];
    for (int row = 0; row < rows; row++) {
      // Where the part above the diagonal begins, and the part below ends.
      long diagonal = row % height + k;
      int split = (int) Math.max(0, Math.min(columns, upper ? diagonal : diagonal + 1));
      from[row] = row * columns + (upper ? split : 0);
      counts[row] = upper ? columns - split : split;
    }
    return Moves.runs(x, new Moves.Runs(from, from, counts), null, c.parallel(), x.dims());
  }

  private static Tensor depthToSpace(KernelContext c) {
    Tensor x = c.tensor(0);
    long b = c.intAttribute("blocksize");
    long n = x.dim(0);
    long depth = x.dim(1) / (b * b);
    long h = x.dim(2);
    long w = x.dim(3);
    boolean columnsFirst = c.stringAttribute("mode", "DCR").equals("CRD");
    Tensor blocks =
        columnsFirst
            ? Rows.permuted(
                x.reshape(n, depth, b, b, h, w), new int[] {0, 1, 4, 2, 5, 3}, c.parallel())
            : Rows.permuted(
                x.reshape(n, b, b, depth, h, w), new int[] {0, 3, 4, 1, 5, 2}, c.parallel());
    return blocks.reshape(n, depth, h * b, w * b);
  }

  private static Tensor spaceToDepth(KernelContext c) {
    Tensor x = c.tensor(0);
    long b = c.intAttribute("blocksize");
    long n = x.dim(0);
    long depth = x.dim(1);
    long h = x.dim(2) / b;
    long w = x.dim(3) / b;
    boolean columnsFirst = c.stringAttribute("mode", "DCR").equals("CRD");
    int[] perm = columnsFirst ? new int[] {0, 1, 3, 5, 2, 4} : new int[] {0, 3, 5, 1, 2, 4};
    return Rows.permuted(x.reshape(n, depth, h, b, w, b), perm, c.parallel())
        .reshape(n, depth * b * b, h, w);
  }

  /** Turns round the first elements of each batch entry along the time axis. */
  private static Tensor reverseSequence(KernelContext c) {
    Tensor x = c.tensor(0);
    int batchAxis = (int) c.intAttribute("batch_axis", 1);
    int timeAxis = (int) c.intAttribute("time_axis", 0);
    long[] lengths = c.longs(1);
    for (long length : lengths) {
      if (length < 0 || length > x.dim(timeAxis)) {
        throw new EvaluationException(
            "a sequence of length "
                + length
                + " does not fit a time axis of size "
                + x.dim(timeAxis));
      }
    }
    // Both axes are the first ones, so what lies behind them moves as a whole.
    int last = Math.max(batchAxis, timeAxis);
    int inner = Dims.product(x.dims(), last + 1, x.rank());
    int[] strides = Dims.strides(x.dims());
    int[] from = new int[inner == 0 ? 0 : x.length() / inner];
    for (int i = 0; i < from.length; i++) {
      int at = i * inner;
      int batch = at / strides[batchAxis] % (int) x.dim(batchAxis);
      int time = at / strides[timeAxis] % (int) x.dim(timeAxis);
      boolean turns = time < lengths[batch];
      from[i] = at + (turns ? ((int) lengths[batch] - 1 - 2 * time) * strides[timeAxis] : 0);
    }
    return Moves.runs(x, Moves.Runs.inOrder(from, inner), null, c.parallel(), x.dims());
  }

  private static Tensor centerCropPad(KernelContext c) {
    Tensor x = c.tensor(0);
    long[] wanted = c.longs(1);
    long[] given = c.intsAttribute("axes");
    int[] axes = given == null ? Dims.identity(x.rank()) : Dims.axes(given, x.rank());
    if (wanted.length != axes.length) {
      throw new EvaluationException(
          "shape has " + wanted.length + " numbers for " + axes.length + " axes");
    }
    int[][] along = all(x);
    for (int i = 0; i < axes.length; i++) {
      long size = x.dim(axes[i]);
      // What does not come out even is cut off, or added, at the end.
      long before = wanted[i] > size ? (wanted[i] - size) / 2 : -((size - wanted[i]) / 2);
      along[axes[i]] = padded(size, before, wanted[i] - size - before, "constant");
    }
    return gather(x, along, c.parallel());
  }

  private static Tensor eyeLike(KernelContext c) {
    Tensor x = c.tensor(0);
    ElementType type =
        ElementType.of(Math.toIntExact(c.intAttribute("dtype", x.elementType().code())));
    long k = c.intAttribute("k", 0);
    long[] ones = new long[x.length()];
    for (int i = 0; i < x.dim(0); i++) {
      if (i + k >= 0 && i + k < x.dim(1)) {
        ones[(int) (i * x.dim(1) + i + k)] = 1;
      }
    }
    return Elements.of(type, ones, x.dims());
  }
}
