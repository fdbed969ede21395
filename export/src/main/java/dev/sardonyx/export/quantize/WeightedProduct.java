package dev.sardonyx.export.quantize;

import dev.sardonyx.ir.Dim;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.build.OperatorBuilder;
import dev.sardonyx.ir.pass.Rewriter;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A MatMul or Gemm whose second operand is a constant matrix, seen as {@code a * weights + bias}.
 *
 * @param a of at least two dimensions, the last of which are the rows of the weights
 * @param weights {@code [K,N]} or, if they are transposed, {@code [N,K]}
 * @param name the weights' name
 * @param transposed whether the weights are stored the other way round
 * @param alpha what the product is multiplied by
 * @param bias what is added to it, or null
 */
record WeightedProduct(
    Value a, Tensor weights, String name, boolean transposed, float alpha, @Nullable Value bias) {

  private static final long[] SWAP = {1, 0};

  /** Rows of the weights as they are multiplied, {@code K}. */
  int depth() {
    return (int) weights.dim(transposed ? 1 : 0);
  }

  /** Columns of the weights as they are multiplied, {@code N}. */
  int width() {
    return (int) weights.dim(transposed ? 0 : 1);
  }

  /** The weights times a factor, {@code [N,K]} row by row. */
  float[] rows(float factor) {
    float[] all = weights.toFloats();
    int depth = depth();
    int width = width();
    float[] rows = transposed ? all : new float[all.length];
    if (!transposed) {
      for (int k = 0; k < depth; k++) {
        for (int n = 0; n < width; n++) {
          rows[n * depth + k] = all[k * width + n];
        }
      }
    }
    if (factor != 1) {
      for (int i = 0; i < rows.length; i++) {
        rows[i] *= factor;
      }
    }
    return rows;
  }

  /** The weights times a factor, {@code [K,N]}. */
  Tensor matrix(float factor) {
    if (!transposed && factor == 1) {
      return weights;
    }
    int depth = depth();
    int width = width();
    float[] rows = rows(factor);
    float[] columns = new float[rows.length];
    for (int i = 0; i < rows.length; i++) {
      columns[i % depth * width + i / depth] = rows[i];
    }
    return Tensor.ofFloats(columns, depth, width);
  }

  /** Whether the bias is a vector with an element for each column. */
  boolean hasVectorBias() {
    return bias != null
        && OperatorBuilder.shapeOf(bias).isRanked()
        && OperatorBuilder.shapeOf(bias).rank() == 1
        && OperatorBuilder.shapeOf(bias).dim(0).equals(Dim.of(width()));
  }

  /**
   * A node as such a product. Null if its second operand is none of these; if it is one, but the
   * product cannot be told so, the reason goes into the report.
   */
  static @Nullable WeightedProduct of(Node node, Rewriter to, WeightReport.Draft report) {
    boolean gemm = node.is("Gemm");
    String name = node.input(1);
    boolean transposed = gemm && node.intAttribute("transB", 0) != 0;
    Node producer = to.producer(name);
    if (to.tensor(name) == null && producer != null && isMatrixTranspose(producer, to)) {
      name = producer.input(0);
      transposed = !transposed;
    }
    Tensor weights = to.tensor(name);
    if (weights == null || weights.rank() == 1) {
      report.keptIfReplaceable(node, name, 2);
      return null;
    }
    String reason = whyNot(node, weights, to);
    if (!reason.isEmpty()) {
      report.kept(NodeSelection.name(node), node.opType(), reason);
      return null;
    }
    Value a = to.input(node, 0);
    if (gemm && node.intAttribute("transA", 0) != 0) {
      a = to.transpose(a, 1, 0);
    }
    float alpha = gemm ? node.floatAttribute("alpha", 1) : 1;
    return new WeightedProduct(
        a, weights, name, transposed, alpha, gemm ? scaledBias(node, to) : null);
  }

  private static boolean isMatrixTranspose(Node node, Rewriter to) {
    Shape shape = to.shape(node.input(0));
    return node.is("Transpose")
        && (to.tensor(node.input(0)) != null || to.producer(node.input(0)) == null)
        && shape.isRanked()
        && shape.rank() == 2
        && Arrays.equals(node.intsAttribute("perm").orElse(SWAP), SWAP);
  }

  private static String whyNot(Node node, Tensor weights, Rewriter to) {
    TensorType a = to.tensorType(node.input(0));
    if (weights.rank() != 2) {
      return "its weights are no matrix but " + weights.type();
    }
    return a == null || !a.shape().isRanked() || a.shape().rank() < 2
        ? "its first operand is not known to have two dimensions or more"
        : whyNotNumbers(weights);
  }

  /** Why weights cannot be quantised whatever is done with them; empty if they can. */
  static String whyNotNumbers(Tensor weights) {
    if (weights.elementType() != ElementType.FLOAT
        && weights.elementType() != ElementType.FLOAT16) {
      return "its weights are " + weights.elementType().onnxName();
    }
    if (weights.size() == 0 || !weights.isReadable()) {
      return "its weights are not there";
    }
    for (float element : weights.toFloats()) {
      if (!Float.isFinite(element)) {
        return "its weights hold " + element;
      }
    }
    return "";
  }

  private static @Nullable Value scaledBias(Node node, Rewriter to) {
    if (!node.hasInput(2)) {
      return null;
    }
    Value bias = to.input(node, 2);
    float beta = node.floatAttribute("beta", 1);
    return beta == 1 ? bias : to.mul(bias, to.scalarLike(bias, beta));
  }
}
