package dev.sardonyx.training.read.samediff;

import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.build.GraphBuilder;
import java.util.Arrays;
import java.util.stream.LongStream;

/** Products of matrices, and their diagonals. */
final class MatrixOperators {
  private MatrixOperators() {}

  static void add(OperatorTable.Builder table) {
    table.one("matmul", MatrixOperators::product);
    table.one("tensordot", MatrixOperators::tensorProduct);
    table.one("xw_plus_b", MatrixOperators::affine);
    table.one("relu_layer", site -> site.b().relu(affine(site)));
    table.one("matrix_determinant", site -> site.b().det(site.x()));
    table.one("logdet", site -> site.b().log(site.b().det(site.x())));
    table.one("cross", MatrixOperators::cross);
    table.one("diag", MatrixOperators::diagonalMatrix);
    table.one("diag_part", site -> kept(site, site.b().reduceSum(onDiagonal(site), false, -1)));
    table.one("trace", site -> site.b().reduceSum(onDiagonal(site), false, -2, -1));
    table.one("matrix_set_diag", MatrixOperators::withDiagonal);
    table.one("matrix_band_part", MatrixOperators::band);
    table.one("triu", MatrixOperators::upper);
  }

  private static Value product(OperatorSite site) {
    boolean isTurned = site.hasInteger(2) && site.integer(2) != 0;
    Value x = turned(site, site.in(0), site.hasInteger(0) && site.integer(0) != 0);
    Value y = turned(site, site.in(1), site.hasInteger(1) && site.integer(1) != 0);
    Value z = turned(site, site.b().matMul(x, y), isTurned);
    double alpha = site.hasNumber(0) ? site.number(0) : 1;
    return alpha == 1 ? z : site.b().mul(z, site.like(z, alpha));
  }

  /** With the last two axes changed. */
  private static Value turned(OperatorSite site, Value x, boolean isTurned) {
    int rank = site.rank(x);
    if (!isTurned || rank < 2) {
      return x;
    }
    long[] axes = LongStream.range(0, rank).toArray();
    axes[rank - 1] = rank - 2L;
    axes[rank - 2] = rank - 1L;
    return site.b().transpose(x, axes);
  }

  /** Over axes of both: the settings hold their number and then the axes, of each. */
  private static Value tensorProduct(OperatorSite site) {
    long[] all = site.integers();
    int first = (int) site.integer(0);
    if (all.length < first + 2 || all.length != first + 2 + site.integer(first + 1)) {
      throw site.refuse("its axes are not all there: SameDiff keeps the first only");
    }
    if (site.flag(0) || site.flag(1) || site.flag(2)) {
      throw site.refuse("it transposes, which DL4J itself does for some axes only");
    }
    int rank = site.rank(site.in(0));
    String letters = "abcdefghijklmnopqrstuvwxyz";
    String x = letters.substring(0, rank);
    String y = letters.substring(rank, rank + site.rank(site.in(1)));
    String z = x + y;
    for (int i = 0; i < first; i++) {
      String common = String.valueOf(x.charAt(site.axis(site.in(0), all[1 + i])));
      String other = String.valueOf(y.charAt(site.axis(site.in(1), all[first + 2 + i])));
      y = y.replace(other, common);
      z = z.replace(common, "").replace(other, "");
    }
    return site.b().einsum(x + "," + y + "->" + z, site.in(0), site.in(1));
  }

  /** {@code x w + b}. */
  private static Value affine(OperatorSite site) {
    if (site.hasInteger(0) && site.integer(0) != 0) {
      throw site.refuse("its weights are transposed");
    }
    return site.b().add(site.b().matMul(site.in(0), site.in(1)), site.in(2));
  }

  private static Value cross(OperatorSite site) {
    GraphBuilder b = site.b();
    Value next = b.longs("next", 1, 2, 0);
    Value last = b.longs("last", 2, 0, 1);
    Value x = site.in(0);
    Value y = site.in(1);
    return b.sub(
        b.mul(b.gather(x, next, -1), b.gather(y, last, -1)),
        b.mul(b.gather(x, last, -1), b.gather(y, next, -1)));
  }

  // Diagonals

  /** How far right of the diagonal each element of the last two axes is, int64. */
  private static Value offsets(OperatorSite site, Value x) {
    int rank = site.rank(x);
    if (rank < 2) {
      throw site.refuse("its input %s is no matrix".formatted(site.shape(x)));
    }
    Value rows = site.b().unsqueeze(site.positions(x, rank - 2), 1);
    return site.b().sub(site.positions(x, rank - 1), rows);
  }

  private static Value isOnDiagonal(OperatorSite site, Value x) {
    return site.b().equal(offsets(site, x), site.b().constant(0L));
  }

  private static Value onDiagonal(OperatorSite site) {
    Value x = site.x();
    return site.b().where(isOnDiagonal(site, x), x, site.like(x, 0));
  }

  /** The diagonal of a matrix, which must be square. */
  private static Value kept(OperatorSite site, Value diagonal) {
    Value x = site.x();
    int rank = site.rank(x);
    if (rank != 2 || !isSquare(site, x)) {
      throw site.refuse("its input %s is no square matrix".formatted(site.shape(x)));
    }
    return diagonal;
  }

  /** Whether it may be square. */
  private static boolean isSquare(OperatorSite site, Value x) {
    int rank = site.rank(x);
    return !site.shape(x).dim(rank - 1).isFixed()
        || !site.shape(x).dim(rank - 2).isFixed()
        || site.size(x, rank - 1) == site.size(x, rank - 2);
  }

  private static Value diagonalMatrix(OperatorSite site) {
    GraphBuilder b = site.b();
    Value x = site.x();
    if (site.rank(x) != 1) {
      throw site.refuse("its input %s is no vector".formatted(site.shape(x)));
    }
    Value places = site.positions(x, 0);
    Value isOnDiagonal = b.equal(places, b.unsqueeze(places, 1));
    return b.where(isOnDiagonal, x, site.like(x, 0));
  }

  private static Value withDiagonal(OperatorSite site) {
    if (!isSquare(site, site.x())) {
      throw site.refuse("its input %s is not square".formatted(site.shape(site.x())));
    }
    Value diagonal = site.b().unsqueeze(site.in(1), -1);
    return site.b().where(isOnDiagonal(site, site.x()), diagonal, site.x());
  }

  /** At most so many diagonals below and above the main one; all if negative. */
  private static Value band(OperatorSite site) {
    GraphBuilder b = site.b();
    long[] both =
        site.has(2)
            ? new long[] {site.longs(1, "its limits")[0], site.longs(2, "its limits")[0]}
            : Arrays.copyOf(site.integers(), 2);
    Value offsets = offsets(site, site.x());
    Value y = site.x();
    if (both[0] >= 0) {
      y = b.where(b.less(offsets, b.constant(-both[0])), site.like(y, 0), y);
    }
    return both[1] < 0 ? y : b.where(b.greater(offsets, b.constant(both[1])), site.like(y, 0), y);
  }

  private static Value upper(OperatorSite site) {
    GraphBuilder b = site.b();
    long from = site.hasInteger(0) ? site.integer(0) : 0;
    Value isBelow = b.less(offsets(site, site.x()), b.constant(from));
    return b.where(isBelow, site.like(site.x(), 0), site.x());
  }
}
