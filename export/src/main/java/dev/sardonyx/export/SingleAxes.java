package dev.sardonyx.export;

import dev.sardonyx.ir.AttributeValue;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.pass.NodeTransform;
import dev.sardonyx.ir.pass.Pass;
import dev.sardonyx.ir.pass.Rewriter;
import java.util.Set;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * One node an axis, for runtimes that take no more: reductions over several named axes, and axes
 * that are put in.
 */
final class SingleAxes {
  private SingleAxes() {}

  /**
   * A model with nodes of one axis each, where ranks and axes are known.
   *
   * @param operators whose nodes are to be so
   */
  static Model of(Model typed, Set<String> operators) {
    NodeTransform transform =
        NodeTransform.on(
            operators,
            (node, to) -> {
              Value by = to.isOpen(node) ? null : rewritten(node, to);
              if (by != null) {
                to.replace(by);
              }
            });
    return Pass.of("single-axes", transform).apply(typed).model();
  }

  private static @Nullable Value rewritten(Node node, Rewriter to) {
    long[] named = axes(node, to);
    Shape shape = to.shape(node.input(0));
    if (named == null || named.length < 2 || !shape.isRanked()) {
      return null;
    }
    boolean isPutIn = node.is("Unsqueeze");
    int rank = shape.rank() + (isPutIn ? named.length : 0);
    long[] axes =
        LongStream.of(named).map(axis -> axis < 0 ? axis + rank : axis).sorted().toArray();
    Value x = to.input(node, 0);
    if (isPutIn) {
      for (long axis : axes) {
        x = to.unsqueeze(x, axis);
      }
      return x;
    }
    boolean keepDims = node.intAttribute("keepdims", 1) != 0;
    for (int i = axes.length - 1; i >= 0; i--) { // the last first, so that the others stay in place
      x = reduced(step(node.opType(), i == axes.length - 1, i == 0), to, x, keepDims, axes[i]);
    }
    return x;
  }

  /** The axes that a node names; null if it names none, or none that are known. */
  private static long @Nullable [] axes(Node node, Rewriter to) {
    if (node.hasInput(1)) {
      Tensor tensor = to.tensor(node.input(1));
      return tensor == null ? null : tensor.toLongs();
    }
    return node.attribute("axes", AttributeValue.Ints.class)
        .map(AttributeValue.Ints::values)
        .orElse(null);
  }

  /** The operator that reduces one of several axes. */
  private static String step(String operator, boolean isFirst, boolean isLast) {
    return switch (operator) {
      case "ReduceSumSquare" -> isFirst ? operator : "ReduceSum";
      case "ReduceLogSum" -> isLast ? operator : "ReduceSum";
      default -> operator;
    };
  }

  private static Value reduced(String operator, Rewriter to, Value x, boolean keepDims, long axis) {
    return switch (operator) {
      case "ReduceL1" -> to.reduceL1(x, keepDims, axis);
      case "ReduceL2" -> to.reduceL2(x, keepDims, axis);
      case "ReduceLogSum" -> to.reduceLogSum(x, keepDims, axis);
      case "ReduceLogSumExp" -> to.reduceLogSumExp(x, keepDims, axis);
      case "ReduceMax" -> to.reduceMax(x, keepDims, axis);
      case "ReduceMean" -> to.reduceMean(x, keepDims, axis);
      case "ReduceMin" -> to.reduceMin(x, keepDims, axis);
      case "ReduceProd" -> to.reduceProd(x, keepDims, axis);
      case "ReduceSum" -> to.reduceSum(x, keepDims, axis);
      case "ReduceSumSquare" -> to.reduceSumSquare(x, keepDims, axis);
      default -> throw new IllegalArgumentException(operator + " is no reduction");
    };
  }
}
