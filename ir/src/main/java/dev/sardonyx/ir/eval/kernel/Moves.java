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
  private Moves() {}

  private static boolean hasBytes(ElementType type) {
    return type != ElementType.STRING && type.bits() >= 8;
  }

  /** The elements that lie so far apart along each axis of a result; 0 repeats one. */
  static Tensor strided(Tensor x, int[] strides, long... dims) {
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
    int[] starts = Dims.index(Arrays.copyOf(dims, outer), strides, 0);
    ByteBuffer from = x.bytes();
    int width = type.bits() / 8;
    for (int i = 0; i < starts.length && run > 0; i++) {
      copy(from, starts[i], step, to, i * run, run, width);
    }
    return Tensor.of(type, dims, to);
  }

  private static void copy(
      ByteBuffer from, int start, int step, ByteBuffer to, int at, int count, int width) {
    if (step == 1) {
      to.put(at * width, from, start * width, count * width);
      return;
    }
    switch (width) {
      case 1 -> {
        for (int i = 0, p = start; i < count; i++, p += step) {
          to.put(at + i, from.get(p));
        }
      }
      case 2 -> {
        for (int i = 0, p = start; i < count; i++, p += step) {
          to.putShort((at + i) * 2, from.getShort(p * 2));
        }
      }
      case 4 -> {
        for (int i = 0, p = start; i < count; i++, p += step) {
          to.putInt((at + i) * 4, from.getInt(p * 4));
        }
      }
      default -> {
        for (int i = 0, p = start; i < count; i++, p += step) {
          for (int b = 0; b < width; b += 8) {
            to.putLong((at + i) * width + b, from.getLong(p * width + b));
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
  static Tensor gather(Tensor x, int[][] along, @Nullable Tensor fill) {
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
    int sourceBytes = (int) x.dim(axis) * inner * width;
    int targetBytes = along[axis].length * inner * width;
    List<Run> runs = Run.of(along[axis]);
    ByteBuffer from = x.bytes();
    for (int o = 0; o < outer.length; o++) {
      for (Run run : runs) {
        if (outer[o] >= 0) {
          to.put(
              o * targetBytes + run.to() * inner * width,
              from,
              outer[o] * sourceBytes + run.from() * inner * width,
              run.count() * inner * width);
        }
      }
    }
    return Tensor.of(type, dims, to);
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
  static Tensor beside(List<Tensor> parts, int rows, long... dims) {
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
      for (int i = 0; i < rows; i++) {
        to.put(i * rowBytes + column, from, i * bytes, bytes);
      }
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
