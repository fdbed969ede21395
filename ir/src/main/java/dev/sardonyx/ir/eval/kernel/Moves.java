package dev.sardonyx.ir.eval.kernel;

import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Tensor;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Elements of any type copied in runs: positions are computed for runs and not for elements. What
 * has no bytes of its own, strings and packed elements, goes the way of {@link Elements#take}.
 */
final class Moves {
  /** Bytes from which on copying them as a whole is faster than element by element. */
  private static final int LONG_RUN = 32;

  /** Elements along both sides of the squares in which a matrix is turned round. */
  private static final int SQUARE = 32;

  private Moves() {}

  private static boolean hasBytes(ElementType type) {
    return type != ElementType.STRING && type.bits() >= 8;
  }

  /** The elements that lie so far apart along each axis of a result; 0 repeats one. */
  static Tensor strided(Tensor x, int[] strides, Parallel parallel, long... dims) {
    ElementType type = x.elementType();
    if (!hasBytes(type)) {
      return Elements.take(x, Dims.index(dims, strides, 0), dims);
    }
    ByteBuffer to = Tensor.allocate(type, Dims.size(dims));
    int outer = dims.length;
    while (outer > 0 && dims[outer - 1] == 1) {
      outer--;
    }
    int step = outer == 0 ? 1 : strides[outer - 1];
    int run = 1;
    // Axes that go on where those behind them end are one.
    while (outer > 0 && (dims[outer - 1] == 1 || strides[outer - 1] == run * step)) {
      run *= (int) dims[--outer];
    }
    ByteBuffer from = x.bytes();
    int width = type.bits() / 8;
    int across = step > 1 ? across(strides, dims, outer) : -1;
    if (across >= 0) {
      turn(from, to, Arrays.copyOf(dims, outer), strides, across, step, run, width, parallel);
      return Tensor.of(type, dims, to);
    }
    int[] starts = Dims.index(Arrays.copyOf(dims, outer), strides, 0);
    int count = run;
    parallel.rows(
        run == 0 ? 0 : starts.length,
        run,
        (first, end) -> {
          for (int i = first; i < end; i++) {
            copy(from, starts[i], step, to, i * count, count, width);
          }
        });
    return Tensor.of(type, dims, to);
  }

  /** The axis along which neighbours lie together in the source, or -1. */
  private static int across(int[] strides, long[] dims, int outer) {
    for (int d = 0; d < outer; d++) {
      if (strides[d] == 1 && dims[d] > 1) {
        return d;
      }
    }
    return -1;
  }

  /**
   * Copies matrices whose rows are columns of the source, square by square, so that what is read
   * together is still in the cache when its neighbours are wanted.
   *
   * @param dims without the axes that make up a run
   * @param across the axis of the rows
   */
  private static void turn(
      ByteBuffer from,
      ByteBuffer to,
      long[] dims,
      int[] strides,
      int across,
      int step,
      int run,
      int width,
      Parallel parallel) {
    int rows = (int) dims[across];
    int apart = Dims.strides(dims)[across] * run;
    long[] matrices = Dims.with(dims, across, 1);
    int[] sources = Dims.index(matrices, strides, 0);
    int[] targets = Dims.index(matrices, Dims.strides(dims), 0);
    int strips = (run + SQUARE - 1) / SQUARE;
    parallel.rows(
        Dims.size(sources.length, strips),
        Dims.size(rows, SQUARE),
        (first, end) -> {
          for (int strip = first; strip < end; strip++) {
            int column = strip % strips * SQUARE;
            int count = Math.min(SQUARE, run - column);
            int source = sources[strip / strips] + column * step;
            int target = targets[strip / strips] * run + column;
            for (int i = 0; i < count && count < rows; i++) {
              copy(from, source + i * step, 1, to, target + i, apart, rows, width);
            }
            for (int row = 0; row < rows && count >= rows; row++) {
              copy(from, source + row, step, to, target + row * apart, count, width);
            }
          }
        });
  }

  private static void copy(
      ByteBuffer from, int start, int step, ByteBuffer to, int at, int count, int width) {
    if (step == 1 && count * width >= LONG_RUN) {
      to.put(at * width, from, start * width, count * width);
    } else {
      copy(from, start, step, to, at, 1, count, width);
    }
  }

  /**
   * @param apart how far neighbours lie apart in what is written
   */
  private static void copy(
      ByteBuffer from,
      int start,
      int step,
      ByteBuffer to,
      int at,
      int apart,
      int count,
      int width) {
    switch (width) {
      case 1 -> {
        for (int i = 0, p = start, q = at; i < count; i++, p += step, q += apart) {
          to.put(q, from.get(p));
        }
      }
      case 2 -> {
        for (int i = 0, p = start, q = at; i < count; i++, p += step, q += apart) {
          to.putShort(q * 2, from.getShort(p * 2));
        }
      }
      case 4 -> {
        for (int i = 0, p = start, q = at; i < count; i++, p += step, q += apart) {
          to.putInt(q * 4, from.getInt(p * 4));
        }
      }
      default -> {
        for (int i = 0, p = start, q = at; i < count; i++, p += step, q += apart) {
          for (int b = 0; b < width; b += 8) {
            to.putLong(q * width + b, from.getLong(p * width + b));
          }
        }
      }
    }
  }

  /** So many elements one after the other, from a position in the source to one along the axis. */
  private record Run(int from, int to, int count) {
    /** The runs that positions along an axis make; negative positions are left out. */
    static List<Run> of(int[] along) {
      List<Run> runs = new ArrayList<>();
      for (int i = 0; i < along.length; ) {
        int start = i++;
        while (i < along.length && along[start] >= 0 && along[i] == along[i - 1] + 1) {
          i++;
        }
        if (along[start] >= 0) {
          runs.add(new Run(along[start], start, i - start));
        }
      }
      return runs;
    }
  }

  /**
   * The elements at the given positions of each axis, see {@link Dims#gather}.
   *
   * @param fill one element, for negative positions; zero, false or the empty string if null
   */
  static Tensor gather(Tensor x, int[][] along, @Nullable Tensor fill, Parallel parallel) {
    ElementType type = x.elementType();
    long[] dims = Dims.sizes(along);
    if (along.length == 0) {
      return x;
    }
    if (!hasBytes(type)) {
      return gatherOne(x, along, fill, dims);
    }
    ByteBuffer to = Tensor.allocate(type, Dims.size(dims));
    int width = type.bits() / 8;
    if (fill != null) {
      ByteBuffer element = fill.bytes();
      for (int i = 0; i < to.capacity(); i++) {
        to.put(i, element.get(i % width));
      }
    }
    int axis = along.length - 1;
    while (axis > 0 && isWhole(along[axis], x.dim(axis))) {
      axis--;
    }
    int inner = Dims.product(x.dims(), axis + 1, along.length);
    int[] outer = Dims.gather(Arrays.copyOf(x.dims(), axis), Arrays.copyOf(along, axis));
    List<Run> runs = Run.of(along[axis]);
    ByteBuffer from = x.bytes();
    int[] last = along[axis];
    int rowElements = last.length * inner;
    boolean isScattered = inner == 1 && runs.size() * LONG_RUN > last.length * width;
    int source = (int) x.dim(axis) * inner;
    parallel.rows(
        outer.length,
        rowElements,
        (first, end) -> {
          for (int o = first; o < end; o++) {
            if (outer[o] < 0) {
              continue;
            }
            if (isScattered) {
              scattered(from, outer[o] * source, last, to, o * rowElements, width);
              continue;
            }
            for (Run run : runs) {
              int at = outer[o] * source + run.from() * inner;
              copy(from, at, 1, to, o * rowElements + run.to() * inner, run.count() * inner, width);
            }
          }
        });
    return Tensor.of(type, dims, to);
  }

  /** Copies elements from the given distances behind a position; negative ones are left out. */
  private static void scattered(
      ByteBuffer from, int start, int[] distances, ByteBuffer to, int at, int width) {
    if (width == 4) {
      for (int i = 0; i < distances.length; i++) {
        if (distances[i] >= 0) {
          to.putInt((at + i) * 4, from.getInt((start + distances[i]) * 4));
        }
      }
      return;
    }
    for (int i = 0; i < distances.length; i++) {
      if (distances[i] >= 0) {
        copy(from, start + distances[i], 1, to, at + i, 1, width);
      }
    }
  }

  private static boolean isWhole(int[] along, long size) {
    if (along.length != size) {
      return false;
    }
    for (int i = 0; i < along.length; i++) {
      if (along[i] != i) {
        return false;
      }
    }
    return true;
  }

  /** Element by element. */
  private static Tensor gatherOne(Tensor x, int[][] along, @Nullable Tensor fill, long[] dims) {
    int[] index = Dims.gather(x.dims(), along);
    if (fill == null) {
      return Elements.take(x, index, dims);
    }
    for (int i = 0; i < index.length; i++) {
      index[i] = index[i] < 0 ? x.length() : index[i];
    }
    return Elements.take(Elements.joined(List.of(x, fill)), index, dims);
  }

  /** Where runs come from and go to, and how many elements each has. */
  record Runs(int[] from, int[] to, int[] counts) {
    /** Runs of the same length that follow each other in the result. */
    static Runs inOrder(int[] from, int count) {
      return new Runs(from, multiples(from.length, count), filled(from.length, count));
    }

    /** Runs of the same length that follow each other in the source. */
    static Runs scattered(int[] to, int count) {
      return new Runs(multiples(to.length, count), to, filled(to.length, count));
    }

    private static int[] multiples(int size, int factor) {
      int[] result = new int[size];
      Arrays.setAll(result, i -> i * factor);
      return result;
    }

    private static int[] filled(int size, int value) {
      int[] result = new int[size];
      Arrays.fill(result, value);
      return result;
    }
  }

  /**
   * Runs of the elements of one tensor, in the place of another's.
   *
   * @param below what they are put over, of the same type, so that the last of several for a place
   *     counts; zeros, false or empty strings if null, where no two may meet
   */
  static Tensor runs(Tensor x, Runs runs, @Nullable Tensor below, Parallel parallel, long... dims) {
    ElementType type = x.elementType();
    if (!hasBytes(type)) {
      return runsOne(x, runs, below, dims);
    }
    ByteBuffer to = Tensor.allocate(type, Dims.size(dims));
    if (below != null) {
      Elements.requireOneType(List.of(x, below));
      to.put(0, below.bytes(), 0, to.capacity());
    }
    ByteBuffer from = x.bytes();
    int width = type.bits() / 8;
    boolean isOrdered = below == null;
    int count = runs.from.length == 0 ? 1 : to.capacity() / width / runs.from.length;
    (isOrdered ? parallel : Parallel.SEQUENTIAL)
        .rows(
            runs.from.length,
            count,
            (first, end) -> {
              for (int i = first; i < end; i++) {
                copy(from, runs.from[i], 1, to, runs.to[i], runs.counts[i], width);
              }
            });
    return Tensor.of(type, dims, to);
  }

  /** Element by element. */
  private static Tensor runsOne(Tensor x, Runs runs, @Nullable Tensor below, long[] dims) {
    int[] index = new int[Dims.size(dims)];
    for (int i = 0; i < index.length; i++) {
      index[i] = below == null ? -1 : x.length() + i;
    }
    for (int i = 0; i < runs.from.length; i++) {
      for (int j = 0; j < runs.counts[i]; j++) {
        index[runs.to[i] + j] = runs.from[i] + j;
      }
    }
    Tensor source = below == null ? x : Elements.joined(List.of(x, below));
    return Elements.take(source, index, dims);
  }

  /**
   * The elements of one tensor where a condition is not 0, else of another of its type.
   *
   * @param runs of the condition and both tensors, in this order
   */
  static Tensor choose(byte[] condition, Tensor x, Tensor y, Broadcast runs, Parallel parallel) {
    ElementType type = x.elementType();
    Elements.requireOneType(List.of(x, y));
    int width = hasBytes(type) ? type.bits() / 8 : 0;
    if (width == 0 || width > 8) {
      return chooseOne(condition, x, y, runs);
    }
    ByteBuffer a = x.bytes();
    ByteBuffer b = y.bytes();
    ByteBuffer to = Tensor.allocate(type, runs.size());
    int[] steps = runs.steps();
    runs.forEach(
        parallel,
        (from, at, count) -> {
          if (steps[0] == 0) {
            boolean first = condition[from[0]] != 0;
            int source = first ? 1 : 2;
            copy(first ? a : b, from[source], steps[source], to, at, count, width);
            return;
          }
          // Both are read, since a branch that random conditions mislead costs more.
          for (int i = 0, c = from[0], p = from[1], q = from[2]; i < count; i++) {
            boolean first = condition[c + i] != 0;
            switch (width) {
              case 1 -> to.put(at + i, first ? a.get(p) : b.get(q));
              case 2 -> to.putShort((at + i) * 2, first ? a.getShort(p * 2) : b.getShort(q * 2));
              case 4 -> {
                int left = a.getInt(p * 4);
                int right = b.getInt(q * 4);
                to.putInt((at + i) * 4, first ? left : right);
              }
              default -> {
                long left = a.getLong(p * 8);
                long right = b.getLong(q * 8);
                to.putLong((at + i) * 8, first ? left : right);
              }
            }
            p += steps[1];
            q += steps[2];
          }
        });
    return Tensor.of(type, runs.dims(), to);
  }

  /** Element by element. */
  private static Tensor chooseOne(byte[] condition, Tensor x, Tensor y, Broadcast runs) {
    int[] index = new int[runs.size()];
    int[] steps = runs.steps();
    runs.forEach(
        Parallel.SEQUENTIAL,
        (from, at, count) -> {
          for (int i = 0; i < count; i++) {
            boolean first = condition[from[0] + i * steps[0]] != 0;
            index[at + i] = first ? from[1] + i * steps[1] : x.length() + from[2] + i * steps[2];
          }
        });
    return Elements.take(Elements.joined(List.of(x, y)), index, runs.dims());
  }

  /**
   * Tensors of one type, each of them so many rows, as rows of them all one after the other.
   *
   * @param dims of the result
   */
  static Tensor beside(List<Tensor> parts, int rows, Parallel parallel, long... dims) {
    ElementType type = parts.get(0).elementType();
    if (!hasBytes(type)) {
      return besideOne(parts, rows, dims);
    }
    Elements.requireOneType(parts);
    ByteBuffer to = Tensor.allocate(type, Dims.size(dims));
    int rowBytes = rows == 0 ? 0 : to.capacity() / rows;
    int column = 0;
    for (Tensor part : parts) {
      ByteBuffer from = part.bytes();
      int bytes = rows == 0 ? 0 : from.capacity() / rows;
      int at = column;
      parallel.rows(
          rows,
          bytes,
          (first, end) -> {
            for (int i = first; i < end; i++) {
              to.put(i * rowBytes + at, from, i * bytes, bytes);
            }
          });
      column += bytes;
    }
    return Tensor.of(type, dims, to);
  }

  private static Tensor besideOne(List<Tensor> parts, int rows, long[] dims) {
    int[] index = new int[Dims.size(dims)];
    int row = rows == 0 ? 0 : index.length / rows;
    int source = 0;
    int column = 0;
    for (Tensor part : parts) {
      int run = rows == 0 ? 0 : part.length() / rows;
      for (int i = 0; i < rows; i++) {
        for (int j = 0; j < run; j++) {
          index[i * row + column + j] = source++;
        }
      }
      column += run;
    }
    return Elements.take(Elements.joined(parts), index, dims);
  }
}
