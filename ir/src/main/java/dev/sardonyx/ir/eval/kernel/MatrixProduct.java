package dev.sardonyx.ir.eval.kernel;

import java.util.Arrays;

/**
 * Products of row-major matrices. The float product is blocked so that a panel of the right factor
 * stays in cache. Its inner loops, {@link #addBlock}, each add four rows of the right factor to one
 * of the result: HotSpot makes vector instructions of them, which it does not of larger loops.
 *
 * <p>Floats are summed in float, in the order of the inner axis: four products to the sum of a
 * panel of 96, and panels to the result, so that the error of a sum of {@code k} products grows
 * with {@code k / 96 + 96}. The order is the same for any number of threads.
 */
final class MatrixProduct {
  /** Columns of the result that are computed together. */
  private static final int COLUMNS = 512;

  /** Rows of the right factor that are packed together; a multiple of {@link #BLOCK}. */
  private static final int DEPTH = 96;

  /** Rows of the result for which a panel is packed at least, so that it is worth it. */
  private static final int ROWS = 32;

  /** Multiply-adds under which threads are not worth their start. */
  private static final long SMALL = 1 << 17;

  /** Rows of the result, and of the right factor, that a block takes. */
  private static final int BLOCK = 4;

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
    int height = (m + rowTiles * BLOCK - 1) / (rowTiles * BLOCK) * BLOCK;
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
      float[][] sums = new float[BLOCK][width];
      for (int depth = 0; depth < a.depth(); depth += DEPTH) {
        int rows = Math.min(DEPTH, a.depth() - depth);
        for (int p = 0; p < rows; p++) {
          b.copy(depth + p, column, width, panel[p]);
        }
        int steps = Math.min(DEPTH, a.width() - depth);
        for (int p = rows; p < steps; p++) {
          Arrays.fill(panel[p], 0);
        }
        for (int i = row; i < rowEnd; i += BLOCK) {
          int height = Math.min(BLOCK, rowEnd - i);
          for (int r = 0; r < height; r++) {
            Arrays.fill(sums[r], 0);
          }
          int at = i * a.width() + depth;
          for (int p = 0; p < steps; p += BLOCK) {
            addBlock(height, a.elements(), at + p, a.width(), panel, p, sums);
          }
          for (int r = 0; r < height; r++) {
            addTo(c, cAt + (i + r) * n + column, sums[r]);
          }
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
   * Adds four columns of a, in one to four of its rows, times four rows of b to as many rows of c;
   * all arrays are distinct.
   *
   * <p>A loop of its own for each row of c, not one for all, becomes vector instructions. Inlined
   * into the loops around it, it would do so in some runs of a program and not in others. Written
   * out, the method has more than the 325 bytes of code (-XX:FreqInlineSize) up to which HotSpot
   * inlines, so it is always compiled by itself.
   *
   * @param at where a's first column lies in its first row
   * @param width how far a's rows lie apart
   * @param p the first row of b
   */
  private static void addBlock(
      int rows, float[] a, int at, int width, float[][] b, int p, float[][] c) {
    float[] b0 = b[p];
    float[] b1 = b[p + 1];
    float[] b2 = b[p + 2];
    float[] b3 = b[p + 3];
    float[] row = c[0];
    float a0 = a[at];
    float a1 = a[at + 1];
    float a2 = a[at + 2];
    float a3 = a[at + 3];
    for (int j = 0; j < row.length; j++) {
      row[j] += a0 * b0[j] + a1 * b1[j] + a2 * b2[j] + a3 * b3[j];
    }
    if (rows == 1) {
      return;
    }
    int at1 = at + width;
    row = c[1];
    a0 = a[at1];
    a1 = a[at1 + 1];
    a2 = a[at1 + 2];
    a3 = a[at1 + 3];
    for (int j = 0; j < row.length; j++) {
      row[j] += a0 * b0[j] + a1 * b1[j] + a2 * b2[j] + a3 * b3[j];
    }
    if (rows == 2) {
      return;
    }
    int at2 = at + 2 * width;
    row = c[2];
    a0 = a[at2];
    a1 = a[at2 + 1];
    a2 = a[at2 + 2];
    a3 = a[at2 + 3];
    for (int j = 0; j < row.length; j++) {
      row[j] += a0 * b0[j] + a1 * b1[j] + a2 * b2[j] + a3 * b3[j];
    }
    if (rows == 3) {
      return;
    }
    int at3 = at + 3 * width;
    row = c[3];
    a0 = a[at3];
    a1 = a[at3 + 1];
    a2 = a[at3 + 2];
    a3 = a[at3 + 3];
    for (int j = 0; j < row.length; j++) {
      row[j] += a0 * b0[j] + a1 * b1[j] + a2 * b2[j] + a3 * b3[j];
    }
  }

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
