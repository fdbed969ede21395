package dev.sardonyx.ir.eval.kernel;

import java.util.Arrays;

/**
 * Products of row-major matrices. The float product is blocked so that a panel of the right factor
 * stays in cache. Its inner loop, {@link Step}, adds four rows of the right factor to one of the
 * result: HotSpot makes vector instructions of it, which it does not of larger loops.
 *
 * <p>Floats are summed in float, in the order of the inner axis: four products to the sum of a
 * panel of 96, and panels to the result, so that the error of a sum of {@code k} products grows
 * with {@code k / 96 + 96}. The order is the same for any number of threads.
 */
final class MatrixProduct {
  /** Columns of the result that are computed together. */
  private static final int COLUMNS = 512;

  /** Rows of the right factor that are packed together; a multiple of 4. */
  private static final int DEPTH = 96;

  /** Rows of the result for which a panel is packed at least, so that it is worth it. */
  private static final int ROWS = 32;

  /** Multiply-adds under which threads are not worth their start. */
  private static final long SMALL = 1 << 17;

  /** All the same, but of different classes. */
  private static final Step[] STEPS = {new First(), new Second(), new Third()};

  private MatrixProduct() {}

  /** The right factor, as rows that need not lie in memory as they are. */
  @FunctionalInterface
  interface Rows {
    /** Copies {@code count} elements of a row, from a column on, to the start of an array. */
    void copy(int row, int from, int count, float[] into);
  }

  /** Rows that follow each other in an array. */
  static Rows rows(float[] b, int start, int columns) {
    return (row, from, count, into) ->
        System.arraycopy(b, start + row * columns + from, into, 0, count);
  }

  /** A left factor, with zeros added so that its columns come in fours. */
  record Left(float[] elements, int rows, int depth, int width) {
    /**
     * @param at where it starts in its array
     */
    static Left of(float[] a, int at, int rows, int depth) {
      int width = (depth + 3) / 4 * 4;
      if (at == 0 && width == depth) {
        return new Left(a, rows, depth, width);
      }
      float[] padded = new float[Dims.size(rows, width)];
      for (int i = 0; i < rows; i++) {
        System.arraycopy(a, at + i * depth, padded, i * width, depth);
      }
      return new Left(padded, rows, depth, width);
    }
  }

  /**
   * Adds the product of {@code a [m,k]} and {@code b [k,n]} to {@code c [m,n]}.
   *
   * @param cAt where c starts in its array
   */
  static void add(Left a, Rows b, int n, float[] c, int cAt, Parallel parallel) {
    int m = a.rows();
    if (m == 0 || n == 0 || a.depth() == 0) {
      return;
    }
    boolean small = (long) m * n * a.depth() < SMALL;
    int columnTiles = (n + COLUMNS - 1) / COLUMNS;
    int wanted = small ? 1 : (2 * parallel.threads() + columnTiles - 1) / columnTiles;
    int rowTiles = Math.max(1, Math.min(wanted, m / ROWS));
    int height = (m + rowTiles - 1) / rowTiles;
    int tilesOfRows = (m + height - 1) / height;
    (small ? Parallel.SEQUENTIAL : parallel)
        .forEach(
            tilesOfRows * columnTiles,
            tile -> {
              int row = tile / columnTiles * height;
              int column = tile % columnTiles * COLUMNS;
              int rowEnd = Math.min(m, row + height);
              new Tile(row, rowEnd, column, Math.min(COLUMNS, n - column)).add(a, b, n, c, cAt);
            });
  }

  /** A block of the result: rows from to before, and so many columns from one on. */
  private record Tile(int row, int rowEnd, int column, int width) {
    void add(Left a, Rows b, int n, float[] c, int cAt) {
      float[][] panel = new float[Math.min(DEPTH, a.width())][width];
      float[] sum = new float[width];
      for (int depth = 0; depth < a.depth(); depth += DEPTH) {
        int rows = Math.min(DEPTH, a.depth() - depth);
        for (int p = 0; p < rows; p++) {
          b.copy(depth + p, column, width, panel[p]);
        }
        int steps = Math.min(DEPTH, a.width() - depth);
        for (int p = rows; p < steps; p++) {
          Arrays.fill(panel[p], 0);
        }
        for (int i = row; i < rowEnd; i++) {
          Arrays.fill(sum, 0);
          int at = i * a.width() + depth;
          for (int p = 0; p < steps; p += 4) {
            Step step = STEPS[(i + p / 4) % STEPS.length];
            step.add(a.elements(), at + p, panel[p], panel[p + 1], panel[p + 2], panel[p + 3], sum);
          }
          addTo(c, cAt + i * n + column, sum);
        }
      }
    }

    private static void addTo(float[] c, int at, float[] row) {
      for (int j = 0; j < row.length; j++) {
        c[at + j] += row[j];
      }
    }
  }

  /**
   * Adds four columns of a times four rows of b to a row of c; all arrays are distinct.
   *
   * <p>Inlined into the loops around it, the loop becomes vector instructions in some runs of a
   * program and not in others, and takes twice as long if not; it is to be compiled by itself. As
   * HotSpot inlines calls to no more than two classes, three take turns.
   */
  private interface Step {
    default void add(float[] a, int at, float[] b0, float[] b1, float[] b2, float[] b3, float[] c) {
      float a0 = a[at];
      float a1 = a[at + 1];
      float a2 = a[at + 2];
      float a3 = a[at + 3];
      int width = c.length;
      for (int j = 0; j < width; j++) {
        c[j] += a0 * b0[j] + a1 * b1[j] + a2 * b2[j] + a3 * b3[j];
      }
    }
  }

  private record First() implements Step {}

  private record Second() implements Step {}

  private record Third() implements Step {}

  /**
   * Adds the product of {@code a [m,k]} and {@code b [k,n]} to {@code c [m,n]} in double, which is
   * exact for integers of up to 16 bits.
   */
  static void add(
      int m,
      int n,
      int k,
      double[] a,
      int aAt,
      double[] b,
      int bAt,
      double[] c,
      int cAt,
      Parallel parallel) {
    ((long) m * n * k < SMALL ? Parallel.SEQUENTIAL : parallel)
        .forEach(
            m,
            i -> {
              double[] row = new double[n];
              System.arraycopy(c, cAt + i * n, row, 0, n);
              for (int p = 0; p < k; p++) {
                double factor = a[aAt + i * k + p];
                for (int j = 0, q = bAt + p * n; j < n; j++, q++) {
                  row[j] += factor * b[q];
                }
              }
              System.arraycopy(row, 0, c, cAt + i * n, n);
            });
  }

  /** The product of integers, wrapped to 64 bits. */
  static void add(int m, int n, int k, long[] a, int aAt, long[] b, int bAt, long[] c, int cAt) {
    for (int i = 0; i < m; i++) {
      for (int p = 0; p < k; p++) {
        long factor = a[aAt + i * k + p];
        for (int j = 0; j < n; j++) {
          c[cAt + i * n + j] += factor * b[bAt + p * n + j];
        }
      }
    }
  }
}
