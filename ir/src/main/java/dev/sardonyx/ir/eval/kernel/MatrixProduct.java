package dev.sardonyx.ir.eval.kernel;

import java.util.Arrays;

/**
 * Products of row-major matrices. The float product is blocked so that a panel of the right factor
 * stays in cache, and its inner loop is one that HotSpot turns into vector instructions.
 */
final class MatrixProduct {
  /** Columns of the result that are computed together. */
  private static final int COLUMNS = 512;

  /** Rows of the right factor that are packed together; a multiple of 4. */
  private static final int DEPTH = 64;

  /** Multiply-adds under which threads are not worth their start. */
  private static final long SMALL = 1 << 17;

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

  /**
   * Adds the product of {@code a [m,k]} and {@code b [k,n]} to {@code c [m,n]}.
   *
   * @param aAt where a starts in its array
   * @param cAt where c starts in its array
   */
  static void add(
      int m, int n, int k, float[] a, int aAt, Rows b, float[] c, int cAt, Parallel parallel) {
    if (m == 0 || n == 0 || k == 0) {
      return;
    }
    int columnTiles = (n + COLUMNS - 1) / COLUMNS;
    int rowTiles = 1;
    boolean small = (long) m * n * k < SMALL;
    if (!small && columnTiles < 2 * parallel.threads()) {
      rowTiles = Math.min((m + 3) / 4, 2 * parallel.threads() / columnTiles + 1);
    }
    int rowsPerTile = ((m + rowTiles - 1) / rowTiles + 3) / 4 * 4;
    int tilesOfRows = (m + rowsPerTile - 1) / rowsPerTile;
    float[] padded = padded(a, aAt, m, k);
    (small ? Parallel.SEQUENTIAL : parallel)
        .forEach(
            tilesOfRows * columnTiles,
            tile -> {
              int row = tile / columnTiles * rowsPerTile;
              int column = tile % columnTiles * COLUMNS;
              Tile part =
                  new Tile(
                      row, Math.min(m, row + rowsPerTile), column, Math.min(COLUMNS, n - column));
              part.add(n, k, padded, b, c, cAt);
            });
  }

  /** The left factor with zeros added, so that rows and columns come in fours. */
  private static float[] padded(float[] a, int aAt, int m, int k) {
    if (aAt == 0 && m % 4 == 0 && k % 4 == 0) {
      return a;
    }
    int width = (k + 3) / 4 * 4;
    float[] padded = new float[(m + 3) / 4 * 4 * width];
    for (int i = 0; i < m; i++) {
      System.arraycopy(a, aAt + i * k, padded, i * width, k);
    }
    return padded;
  }

  /** A block of the result: rows from to before, and so many columns from one on. */
  private record Tile(int row, int rowEnd, int column, int width) {
    void add(int n, int k, float[] a, Rows b, float[] c, int cAt) {
      int lda = (k + 3) / 4 * 4;
      float[][] panel = new float[Math.min(DEPTH, lda)][width];
      float[] c0 = new float[width];
      float[] c1 = new float[width];
      float[] c2 = new float[width];
      float[] c3 = new float[width];
      for (int depth = 0; depth < k; depth += DEPTH) {
        int rows = Math.min(DEPTH, k - depth);
        for (int p = 0; p < rows; p++) {
          b.copy(depth + p, column, width, panel[p]);
        }
        int steps = (rows + 3) / 4 * 4;
        for (int p = rows; p < steps; p++) {
          Arrays.fill(panel[p], 0);
        }
        for (int i = row; i < rowEnd; i += 4) {
          int at = cAt + i * n + column;
          int count = Math.min(4, rowEnd - i);
          load(c, at, n, count, c0, c1, c2, c3);
          for (int p = 0; p < steps; p += 4) {
            step(a, i * lda + depth + p, lda, panel, p, c0, c1, c2, c3);
          }
          store(c, at, n, count, c0, c1, c2, c3);
        }
      }
    }

    private void load(float[] c, int at, int n, int count, float[]... rows) {
      for (int r = 0; r < count; r++) {
        System.arraycopy(c, at + r * n, rows[r], 0, width);
      }
    }

    private void store(float[] c, int at, int n, int count, float[]... rows) {
      for (int r = 0; r < count; r++) {
        System.arraycopy(rows[r], 0, c, at + r * n, width);
      }
    }

    private void step(
        float[] a,
        int at,
        int lda,
        float[][] panel,
        int p,
        float[] c0,
        float[] c1,
        float[] c2,
        float[] c3) {
      fourByFour(
          a, at, lda, panel[p], panel[p + 1], panel[p + 2], panel[p + 3], c0, c1, c2, c3, width);
    }
  }

  /** Adds four columns of a times four rows of b to four rows of c; all arrays are distinct. */
  private static void fourByFour(
      float[] a,
      int at,
      int lda,
      float[] b0,
      float[] b1,
      float[] b2,
      float[] b3,
      float[] c0,
      float[] c1,
      float[] c2,
      float[] c3,
      int width) {
    float a00 = a[at];
    float a01 = a[at + 1];
    float a02 = a[at + 2];
    float a03 = a[at + 3];
    int q = at + lda;
    float a10 = a[q];
    float a11 = a[q + 1];
    float a12 = a[q + 2];
    float a13 = a[q + 3];
    q += lda;
    float a20 = a[q];
    float a21 = a[q + 1];
    float a22 = a[q + 2];
    float a23 = a[q + 3];
    q += lda;
    float a30 = a[q];
    float a31 = a[q + 1];
    float a32 = a[q + 2];
    float a33 = a[q + 3];
    for (int j = 0; j < width; j++) {
      float x = b0[j];
      float y = b1[j];
      float z = b2[j];
      float w = b3[j];
      c0[j] += a00 * x + a01 * y + a02 * z + a03 * w;
      c1[j] += a10 * x + a11 * y + a12 * z + a13 * w;
      c2[j] += a20 * x + a21 * y + a22 * z + a23 * w;
      c3[j] += a30 * x + a31 * y + a32 * z + a33 * w;
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
