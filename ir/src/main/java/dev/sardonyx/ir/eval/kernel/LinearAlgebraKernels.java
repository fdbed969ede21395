package dev.sardonyx.ir.eval.kernel;

import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.eval.EvaluationException;
import java.util.Arrays;

/** Matrix products. */
final class LinearAlgebraKernels {
  private LinearAlgebraKernels() {}

  static void register(Kernels kernels) {
    kernels.one("MatMul", c -> matMul(c.tensor(0), c.tensor(1), c.parallel()));
    kernels.one("Gemm", LinearAlgebraKernels::gemm);
    kernels.one("Einsum", Einsum::evaluate);
    kernels.one("Det", LinearAlgebraKernels::det);
  }

  /**
   * The product of stacks of matrices {@code [...,m,k]} and {@code [...,k,n]}, whose leading axes
   * broadcast; a factor of rank 1 is a row on the left and a column on the right.
   */
  static Tensor matMul(Tensor left, Tensor right, Parallel parallel) {
    if (left.rank() == 0 || right.rank() == 0) {
      throw new EvaluationException("a scalar is no matrix");
    }
    Tensor a = left.rank() == 1 ? left.reshape(1, left.dim(0)) : left;
    Tensor b = right.rank() == 1 ? right.reshape(right.dim(0), 1) : right;
    int m = (int) a.dim(-2);
    int k = (int) a.dim(-1);
    int n = (int) b.dim(-1);
    if (b.dim(-2) != k) {
      throw new EvaluationException(
          "the shapes " + left.shape() + " and " + right.shape() + " do not multiply");
    }
    long[] aStack = Arrays.copyOf(a.dims(), a.rank() - 2);
    long[] bStack = Arrays.copyOf(b.dims(), b.rank() - 2);
    long[] stack = Dims.broadcast(aStack, bStack);
    int[] at = Dims.broadcastIndex(aStack, stack);
    int[] bt = Dims.broadcastIndex(bStack, stack);
    Tensor product = products(a, b, m, n, k, at, bt, parallel);
    long[] dims = stack;
    if (left.rank() > 1) {
      dims = Dims.concat(dims, m);
    }
    if (right.rank() > 1) {
      dims = Dims.concat(dims, n);
    }
    return product.reshape(dims);
  }

  private static Tensor products(
      Tensor a, Tensor b, int m, int n, int k, int[] at, int[] bt, Parallel parallel) {
    ElementType type = a.elementType();
    int size = Dims.size(at.length, m, n);
    if (type == ElementType.DOUBLE) {
      double[] x = Elements.doubles(a);
      double[] y = Elements.doubles(b);
      double[] z = new double[size];
      for (int s = 0; s < at.length; s++) {
        MatrixProduct.add(m, n, k, x, at[s] * m * k, y, bt[s] * k * n, z, s * m * n, parallel);
      }
      return Elements.of(type, z, size);
    }
    if (type.isFloat()) {
      float[] x = Elements.floats(a);
      float[] y = Elements.floats(b);
      float[] z = new float[size];
      boolean many = at.length >= 2 * parallel.threads();
      (many ? parallel : Parallel.SEQUENTIAL)
          .forEach(
              at.length,
              s ->
                  MatrixProduct.add(
                      MatrixProduct.Left.of(x, at[s] * m * k, m, k),
                      MatrixProduct.rows(y, bt[s] * k * n, n),
                      n,
                      z,
                      s * m * n,
                      many ? Parallel.SEQUENTIAL : parallel));
      return Elements.of(type, z, size);
    }
    long[] x = Elements.longs(a);
    long[] y = Elements.longs(b);
    long[] z = new long[size];
    for (int s = 0; s < at.length; s++) {
      MatrixProduct.add(m, n, k, x, at[s] * m * k, y, bt[s] * k * n, z, s * m * n);
    }
    return Elements.of(type, z, size);
  }

  /** {@code alpha * A' * B' + beta * C}, of matrices. */
  private static Tensor gemm(KernelContext c) {
    Tensor a = c.flag("transA") ? transpose(c.tensor(0)) : c.tensor(0);
    Tensor b = c.flag("transB") ? transpose(c.tensor(1)) : c.tensor(1);
    Tensor product = matMul(a, b, c.parallel());
    double alpha = c.floatAttribute("alpha", 1);
    double beta = c.floatAttribute("beta", 1);
    if (alpha != 1) {
      product = scaled(product, alpha);
    }
    if (!c.has(2)) {
      return product;
    }
    Tensor bias = beta == 1 ? c.tensor(2) : scaled(c.tensor(2), beta);
    if (!Arrays.equals(Dims.broadcast(bias.dims(), product.dims()), product.dims())) {
      throw new EvaluationException(
          "C has shape " + bias.shape() + ", which does not broadcast to " + product.shape());
    }
    return ArithmeticKernels.binary(product, bias, FloatArithmetic.ADD, Long::sum, c.parallel());
  }

  private static Tensor scaled(Tensor x, double factor) {
    return x.elementType().isFloat()
        ? UnaryKernels.map(x, v -> factor * v)
        : UnaryKernels.mapLongs(x, v -> (long) (factor * v), Parallel.SEQUENTIAL);
  }

  static Tensor transpose(Tensor matrix) {
    if (matrix.rank() != 2) {
      throw new EvaluationException("shape " + matrix.shape() + " is not that of a matrix");
    }
    return Rows.permuted(matrix, new int[] {1, 0});
  }

  private static Tensor det(KernelContext c) {
    Tensor x = c.tensor(0);
    if (x.rank() < 2 || x.dim(-1) != x.dim(-2)) {
      throw new EvaluationException("shape " + x.shape() + " is not that of square matrices");
    }
    int n = (int) x.dim(-1);
    long[] stack = Arrays.copyOf(x.dims(), x.rank() - 2);
    double[] values = Elements.doubles(x);
    double[] result = new double[Dims.size(stack)];
    for (int i = 0; i < result.length; i++) {
      result[i] = det(Arrays.copyOfRange(values, i * n * n, (i + 1) * n * n), n);
    }
    return Elements.of(x.elementType(), result, stack);
  }

  /** By elimination with the largest pivot; the array is used up. */
  private static double det(double[] a, int n) {
    double det = 1;
    for (int p = 0; p < n; p++) {
      int pivot = p;
      for (int i = p + 1; i < n; i++) {
        if (Math.abs(a[i * n + p]) > Math.abs(a[pivot * n + p])) {
          pivot = i;
        }
      }
      if (a[pivot * n + p] == 0) {
        return 0;
      }
      if (pivot != p) {
        det = -det;
        for (int j = 0; j < n; j++) {
          double swapped = a[p * n + j];
          a[p * n + j] = a[pivot * n + j];
          a[pivot * n + j] = swapped;
        }
      }
      det *= a[p * n + p];
      for (int i = p + 1; i < n; i++) {
        double factor = a[i * n + p] / a[p * n + p];
        for (int j = p; j < n; j++) {
          a[i * n + j] -= factor * a[p * n + j];
        }
      }
    }
    return det;
  }
}
