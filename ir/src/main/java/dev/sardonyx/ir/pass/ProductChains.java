package dev.sardonyx.ir.pass;

import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.Value;
import java.util.Arrays;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One product with a constant matrix in the place of two in a row, {@code x A B = x (A B)} and
 * {@code A B x = (A B) x}, where nothing else uses what is between them. The one matrix must have
 * no more elements than the two have together, for then it takes neither more memory nor more
 * multiplications, however many rows x has; factors of low rank stay. Biases of Gemm are carried
 * along. The outcome differs by rounding only.
 */
public record ProductChains() implements Pass {
  /** So many multiplications take a fraction of a second; larger matrices are left alone. */
  private static final double MAX_MULTIPLICATIONS = 1 << 28;

  /** Gemm's bias may be left out from this opset on. */
  private static final int FIRST_GEMM = 11;

  static final NodeTransform RULES =
      NodeTransform.on(Set.of("MatMul", "Gemm"), ProductChains::rewrite);

  @Override
  public PassResult apply(Model model) {
    return Walk.through(model, "product-chains", RULES);
  }

  /** {@code x * matrix + bias}, where x is the node's first input. */
  private record Affine(Node node, Matrix matrix, double @Nullable [] bias) {}

  private static void rewrite(Node node, Rewriter to) {
    Affine last = affine(node, to);
    Node before = last == null ? null : product(node.input(0), to);
    Affine first = before == null ? null : affine(before, to);
    if (last != null && first != null) {
      replace(first, last, to);
    } else {
      fromLeft(node, to);
    }
  }

  private static void replace(Affine first, Affine last, Rewriter to) {
    Tensor matrix = product(first.matrix, last.matrix);
    if (matrix == null) {
      return;
    }
    Value x = to.input(first.node, 0);
    double[] bias = last.bias;
    if (first.bias != null) {
      double[] carried = last.matrix.timesRow(first.bias);
      double[] own = last.bias;
      if (own != null) {
        Arrays.setAll(carried, i -> carried[i] + own[i]);
      }
      bias = carried;
    }
    Value weight = to.constant(last.node.input(1), matrix);
    to.replace(
        last.node.output(0),
        bias == null
            ? to.matMul(x, weight)
            : to.gemm(
                x,
                weight,
                to.constant(
                    last.node.hasInput(2) ? last.node.input(2) : last.node.input(1) + "_bias",
                    Tensor.ofNumbers(matrix.elementType(), bias, bias.length))));
  }

  /** The same for constants on the left, of MatMul. */
  private static void fromLeft(Node node, Rewriter to) {
    Node before = node.is("MatMul") ? product(node.input(1), to) : null;
    if (before == null || !before.is("MatMul") || to.isOpen(node)) {
      return;
    }
    Matrix left = Matrix.of(to.tensor(node.input(0)), false);
    Matrix right = Matrix.of(to.tensor(before.input(0)), false);
    Tensor matrix = left == null || right == null ? null : product(left, right);
    if (matrix != null) {
      Value weight = to.constant(node.input(0), matrix);
      to.replace(node.output(0), to.matMul(weight, to.input(before, 1)));
    }
  }

  /** The product that gives a value which nothing else uses, or null. */
  private static @Nullable Node product(String value, Rewriter to) {
    Node node = to.producer(value);
    boolean isProduct = node != null && (node.is("MatMul") || node.is("Gemm"));
    return node != null && isProduct && !to.isOpen(node) && to.isUsedOnce(value) ? node : null;
  }

  private static @Nullable Affine affine(Node node, Rewriter to) {
    boolean isGemm = node.is("Gemm");
    if (to.isOpen(node)
        || isGemm
            && (to.opset() < FIRST_GEMM
                || node.intAttribute("transA", 0) != 0
                || node.floatAttribute("alpha", 1) != 1
                || node.floatAttribute("beta", 1) != 1)) {
      return null;
    }
    Matrix matrix = Matrix.of(to.tensor(node.input(1)), node.intAttribute("transB", 0) != 0);
    if (matrix == null || !isGemm || !node.hasInput(2)) {
      return matrix == null ? null : new Affine(node, matrix, null);
    }
    Tensor bias = to.tensor(node.input(2));
    return bias == null || bias.rank() != 1 || bias.size() != matrix.columns()
        ? null
        : new Affine(node, matrix, bias.toDoubles());
  }

  /** The product of two matrices, or null if it does not pay or has an infinite element. */
  private static @Nullable Tensor product(Matrix first, Matrix last) {
    long rows = first.rows();
    long inner = first.columns();
    long columns = last.columns();
    ElementType type = first.tensor.elementType();
    if (inner != last.rows()
        || type != last.tensor.elementType()
        || rows * columns > inner * (rows + columns)
        || (double) rows * inner * columns > MAX_MULTIPLICATIONS) {
      return null;
    }
    Tensor product = Tensor.ofNumbers(type, first.times(last), rows, columns);
    double[] elements = product.toDoubles();
    return Arrays.stream(elements).allMatch(Double::isFinite) ? product : null;
  }

  /** A constant matrix as an operator reads it. */
  private record Matrix(Tensor tensor, boolean isTransposed) {
    private static final Set<ElementType> TYPES = Set.of(ElementType.FLOAT, ElementType.DOUBLE);

    /** Null unless it is one with elements of its own. */
    static @Nullable Matrix of(@Nullable Tensor tensor, boolean isTransposed) {
      return tensor == null
              || tensor.rank() != 2
              || tensor.size() == 0
              || tensor.isRepeated()
              || !TYPES.contains(tensor.elementType())
          ? null
          : new Matrix(tensor, isTransposed);
    }

    long rows() {
      return tensor.dim(isTransposed ? 1 : 0);
    }

    long columns() {
      return tensor.dim(isTransposed ? 0 : 1);
    }

    /** The elements, row by row. */
    private double[] elements() {
      double[] elements = tensor.toDoubles();
      if (!isTransposed) {
        return elements;
      }
      int rows = (int) rows();
      int columns = (int) columns();
      double[] turned = new double[elements.length];
      for (int i = 0; i < elements.length; i++) {
        turned[i] = elements[i % columns * rows + i / columns];
      }
      return turned;
    }

    double[] timesRow(double[] row) {
      return times(row, elements(), (int) columns());
    }

    double[] times(Matrix other) {
      return times(elements(), other.elements(), (int) other.columns());
    }

    private static double[] times(double[] a, double[] b, int columns) {
      int inner = b.length / columns;
      double[] product = new double[a.length / inner * columns];
      for (int i = 0; i < a.length; i++) {
        int from = i / inner * columns;
        int row = i % inner * columns;
        for (int j = 0; j < columns; j++) {
          product[from + j] += a[i] * b[row + j];
        }
      }
      return product;
    }
  }
}
