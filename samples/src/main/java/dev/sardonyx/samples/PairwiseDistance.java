package dev.sardonyx.samples;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.AttributeValue;
import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.build.OperatorBuilder;
import dev.sardonyx.ir.eval.EvaluationException;
import dev.sardonyx.ir.eval.OperatorKernel;
import dev.sardonyx.ir.infer.InferenceContext;
import dev.sardonyx.ir.infer.InferenceRule;
import dev.sardonyx.ir.op.OperatorDefinition;
import dev.sardonyx.ir.op.OperatorSchema;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A custom operator, all in this class: {@code com.example.PairwiseDistance}, the Euclidean
 * distances between the rows of {@code a[N,D]} and those of {@code b[M,D]}, as {@code [N,M]}; their
 * squares if the attribute {@code squared} is 1.
 *
 * <p>It is registered by a line in {@code META-INF/services/dev.sardonyx.ir.op.OperatorDefinition}.
 */
public final class PairwiseDistance implements OperatorDefinition, InferenceRule, OperatorKernel {
  private static final OperatorSchema SCHEMA =
      OperatorSchema.of(
          "com.example",
          "PairwiseDistance",
          1,
          schema ->
              schema
                  .input("a", "T")
                  .input("b", "T")
                  .output("distances", "T")
                  .attribute("squared", new AttributeValue.Int(0))
                  .types("T", "tensor(float)", "tensor(double)"));

  /** For the service loader. */
  public PairwiseDistance() {}

  /** The distances between the rows of two matrices. */
  public static Value of(OperatorBuilder builder, Value a, Value b) {
    return builder.node("com.example.PairwiseDistance", a, b);
  }

  /** The squares of the distances between the rows of two matrices. */
  public static Value squared(OperatorBuilder builder, Value a, Value b) {
    return builder.node(
        "com.example.PairwiseDistance", List.of(a, b), Attribute.ofInt("squared", 1));
  }

  @Override
  public OperatorSchema schema() {
    return SCHEMA;
  }

  @Override
  public void infer(InferenceContext context) {
    for (int i = 0; i < 2; i++) {
      if (context.inputShape(i).isRanked() && context.inputShape(i).rank() != 2) {
        throw context.rankError(i, "2");
      }
    }
    if (!context.inputDim(0, 1).isCompatibleWith(context.inputDim(1, 1))) {
      throw context.shapeError(
          1, "[M," + context.inputDim(0, 1) + "]", "rows of different lengths have no distance");
    }
    context.setOutputShape(0, Shape.of(context.inputDim(0, 0), context.inputDim(1, 0)));
  }

  @Override
  public List<Tensor> evaluate(Node node, List<@Nullable Datum> inputs) {
    if (!(inputs.get(0) instanceof Tensor a) || !(inputs.get(1) instanceof Tensor b)) {
      throw new EvaluationException("Distances are between the rows of two tensors");
    }
    double[] left = a.toDoubles();
    double[] right = b.toDoubles();
    int rows = (int) a.dim(0);
    int columns = (int) b.dim(0);
    int length = (int) a.dim(1);
    boolean isSquared = node.intAttribute("squared", 0) != 0;
    double[] distances = new double[rows * columns];
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < columns; j++) {
        double sum = 0;
        for (int k = 0; k < length; k++) {
          double difference = left[i * length + k] - right[j * length + k];
          sum += difference * difference;
        }
        distances[i * columns + j] = isSquared ? sum : Math.sqrt(sum);
      }
    }
    return List.of(Tensor.ofNumbers(a.elementType(), distances, rows, columns));
  }
}
