package dev.sardonyx.ir.contrib;

import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.eval.EvaluationException;
import dev.sardonyx.ir.eval.OperatorKernel;
import dev.sardonyx.ir.infer.InferenceContext;
import dev.sardonyx.ir.infer.InferenceRule;
import dev.sardonyx.ir.op.OperatorDefinition;
import dev.sardonyx.ir.op.OperatorSchema;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The inverses of square matrices, which ONNX has no operators for. */
record Inverse(OperatorSchema schema) implements OperatorDefinition, InferenceRule, OperatorKernel {
  static final String NAME = "Inverse";

  @Override
  public void infer(InferenceContext context) {
    Shape shape = context.inputShape(0);
    if (!shape.isRanked()) {
      return;
    }
    if (shape.rank() < 2) {
      throw context.rankError(0, "2 or more");
    }
    if (!context.inputDim(0, -1).isCompatibleWith(context.inputDim(0, -2))) {
      throw context.shapeError(0, "square matrices", "only square matrices have an inverse");
    }
    context.setOutputShape(0, shape);
  }

  @Override
  public List<Tensor> evaluate(Node node, List<@Nullable Datum> inputs) {
    if (!(inputs.get(0) instanceof Tensor x) || x.rank() < 2 || x.dim(-1) != x.dim(-2)) {
      throw new EvaluationException("Inverse takes square matrices");
    }
    int size = (int) x.dim(-1);
    double[] all = x.toDoubles();
    for (int from = 0; from < all.length; from += size * size) {
      invert(all, from, size);
    }
    return List.of(Tensor.ofNumbers(x.elementType(), all, x.dims()));
  }

  /** Gauss and Jordan's elimination with the largest pivot of each column, in place. */
  private static void invert(double[] all, int from, int size) {
    double[][] left = new double[size][size];
    double[][] right = new double[size][size];
    for (int i = 0; i < size; i++) {
      System.arraycopy(all, from + i * size, left[i], 0, size);
      right[i][i] = 1;
    }
    for (int column = 0; column < size; column++) {
      int pivot = column;
      for (int row = column; row < size; row++) {
        pivot = Math.abs(left[row][column]) > Math.abs(left[pivot][column]) ? row : pivot;
      }
      swap(left, pivot, column);
      swap(right, pivot, column);
      double factor = 1 / left[column][column];
      scale(left[column], factor);
      scale(right[column], factor);
      for (int row = 0; row < size; row++) {
        double times = left[row][column];
        if (row != column && times != 0) {
          subtract(left[row], left[column], times);
          subtract(right[row], right[column], times);
        }
      }
    }
    for (int i = 0; i < size; i++) {
      System.arraycopy(right[i], 0, all, from + i * size, size);
    }
  }

  private static void swap(double[][] rows, int a, int b) {
    double[] row = rows[a];
    rows[a] = rows[b];
    rows[b] = row;
  }

  private static void scale(double[] row, double factor) {
    for (int i = 0; i < row.length; i++) {
      row[i] *= factor;
    }
  }

  private static void subtract(double[] row, double[] other, double times) {
    for (int i = 0; i < row.length; i++) {
      row[i] -= times * other[i];
    }
  }
}
