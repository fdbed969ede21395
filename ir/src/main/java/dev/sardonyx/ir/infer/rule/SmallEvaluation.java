package dev.sardonyx.ir.infer.rule;

import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.OpsetImport;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.backend.UnsupportedModelException;
import dev.sardonyx.ir.eval.EvaluationException;
import dev.sardonyx.ir.eval.ReferenceBackend;
import dev.sardonyx.ir.infer.Fact;
import dev.sardonyx.ir.infer.KnownValues;
import dev.sardonyx.ir.infer.TypeMerge;
import dev.sardonyx.ir.op.OperatorCatalogue;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Computes what a node gives where all its inputs are known numbers and few, as in shapes that pass
 * through floats or comparisons. {@link KnownValues} do the same for symbols, but know fewer
 * operators.
 */
public final class SmallEvaluation {
  /** What has more elements is data, not part of a shape. */
  private static final int MAX_ELEMENTS = 64;

  /**
   * What shapes are computed with, and what gives no more than it takes. Other operators may do as
   * much work as their attributes say, whatever their inputs' sizes.
   */
  private static final Set<String> BOUNDED = bounded();

  /** What may give more than it takes, and is computed where it is known to give little. */
  private static final Set<String> GROWING =
      Set.of("ConstantOfShape", "Expand", "Pad", "Range", "Tile");

  private SmallEvaluation() {}

  private static Set<String> bounded() {
    Set<String> bounded = OperatorCatalogue.standard().reductions();
    bounded.addAll(
        List.of(
            """
            Abs Add And ArgMax ArgMin BitShift BitwiseAnd BitwiseNot BitwiseOr BitwiseXor Cast
            CastLike Ceil Clip Compress Concat CumSum Div Equal Exp Flatten Floor Gather
            GatherElements GatherND Greater GreaterOrEqual Identity IsInf IsNaN Less LessOrEqual
            Log MatMul Max Mean Min Mod Mul Neg NonZero Not Or Pow Reciprocal Relu Reshape Round
            ScatterElements ScatterND Shape Sigmoid Sign Size Slice Split Sqrt Squeeze Sub Sum
            Tanh TopK Transpose Unique Unsqueeze Where Xor"""
                .split("\\s+")));
    return Set.copyOf(bounded);
  }

  /**
   * What is known of the results, with their elements where they can be computed.
   *
   * @param inferred what the operator's rule says of the results
   */
  public static List<Fact> refine(
      Node node, List<OpsetImport> imports, List<Fact> inputs, List<Fact> inferred) {
    List<@Nullable Datum> values = isWanted(node, inferred) ? values(node, inputs) : null;
    if (values == null || !ReferenceBackend.supports(node, imports)) {
      return inferred;
    }
    List<Datum> results;
    try {
      results = ReferenceBackend.evaluate(node, imports, values);
    } catch (EvaluationException | UnsupportedModelException e) {
      return inferred; // whoever runs the model will meet the error where it belongs
    }
    List<Fact> refined = new ArrayList<>(inferred);
    int next = 0;
    for (int i = 0; i < refined.size(); i++) {
      if (!node.hasOutput(i)) {
        continue;
      }
      // Where rule and evaluator differ neither is trusted with more than the other says.
      if (results.get(next++) instanceof Tensor tensor
          && tensor.size() <= MAX_ELEMENTS
          && TypeMerge.both(tensor.type(), inferred.get(i).type()).isPresent()) {
        refined.set(i, Fact.of(tensor));
      }
    }
    return refined;
  }

  /** Whether the results are vectors or numbers whose elements are not yet known. */
  private static boolean isWanted(Node node, List<Fact> inferred) {
    for (Fact fact : inferred) {
      if (!(fact.type() instanceof TensorType type)
          || !type.shape().isRanked()
          || type.shape().rank() > 1) {
        return false; // as for most nodes
      }
    }
    boolean growing = GROWING.contains(node.opType());
    if (!OpsetImport.canonical(node.domain()).isEmpty()
        || !growing && !BOUNDED.contains(node.opType())) {
      return false;
    }
    for (Fact fact : inferred) {
      boolean known = fact.constant() != null || fact.known() != null && fact.known().isStatic();
      if (known || !(fact.type() instanceof TensorType type) || !isSmall(type.shape(), growing)) {
        return false;
      }
    }
    return !node.inputs().isEmpty();
  }

  private static boolean isSmall(Shape shape, boolean growing) {
    return shape.isRanked()
        && shape.rank() <= 1
        && (shape.isStatic() ? shape.size().value() <= MAX_ELEMENTS : !growing);
  }

  /** The inputs' elements, null for absent ones; null if one of them is not known or is large. */
  private static @Nullable List<@Nullable Datum> values(Node node, List<Fact> inputs) {
    List<@Nullable Datum> values = new ArrayList<>(inputs.size());
    for (int i = 0; i < inputs.size(); i++) {
      Tensor value = node.hasInput(i) ? value(inputs.get(i)) : null;
      if (value == null && node.hasInput(i)) {
        return null;
      }
      values.add(value);
    }
    return values;
  }

  private static @Nullable Tensor value(Fact fact) {
    Tensor constant = fact.constant();
    if (constant != null) {
      return constant.size() <= MAX_ELEMENTS ? constant : null;
    }
    KnownValues known = fact.known();
    if (known == null
        || known.size() > MAX_ELEMENTS
        || !known.isStatic()
        || !(fact.type() instanceof TensorType type)
        || type.elementType().bits() == 0) {
      return null;
    }
    long[] dims = known.shape().stream().mapToLong(Long::longValue).toArray();
    return type.elementType() == ElementType.INT64
        ? Tensor.ofLongs(known.toLongs(), dims)
        : Tensor.ofNumbers(type.elementType(), known.toDoubles().orElseThrow(), dims);
  }
}
