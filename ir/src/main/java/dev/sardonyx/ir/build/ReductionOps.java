package dev.sardonyx.ir.build;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.Value;
import java.util.ArrayList;
import java.util.List;

/**
 * Reductions along axes. No axes means all of them; negative axes count from the end. {@code
 * keepDims} leaves reduced axes with size 1.
 */
public interface ReductionOps extends OperatorBuilder {
  /** The sum (ONNX {@code ReduceSum}). */
  default Value reduceSum(Value x, boolean keepDims, long... axes) {
    return reduce("ReduceSum", x, keepDims, axes);
  }

  /** The mean (ONNX {@code ReduceMean}). */
  default Value reduceMean(Value x, boolean keepDims, long... axes) {
    return reduce("ReduceMean", x, keepDims, axes);
  }

  /** The largest (ONNX {@code ReduceMax}). */
  default Value reduceMax(Value x, boolean keepDims, long... axes) {
    return reduce("ReduceMax", x, keepDims, axes);
  }

  /** The smallest (ONNX {@code ReduceMin}). */
  default Value reduceMin(Value x, boolean keepDims, long... axes) {
    return reduce("ReduceMin", x, keepDims, axes);
  }

  /** The product (ONNX {@code ReduceProd}). */
  default Value reduceProd(Value x, boolean keepDims, long... axes) {
    return reduce("ReduceProd", x, keepDims, axes);
  }

  /** The sum of absolute values (ONNX {@code ReduceL1}). */
  default Value reduceL1(Value x, boolean keepDims, long... axes) {
    return reduce("ReduceL1", x, keepDims, axes);
  }

  /** The square root of the sum of squares (ONNX {@code ReduceL2}). */
  default Value reduceL2(Value x, boolean keepDims, long... axes) {
    return reduce("ReduceL2", x, keepDims, axes);
  }

  /** The sum of squares (ONNX {@code ReduceSumSquare}). */
  default Value reduceSumSquare(Value x, boolean keepDims, long... axes) {
    return reduce("ReduceSumSquare", x, keepDims, axes);
  }

  /** The logarithm of the sum (ONNX {@code ReduceLogSum}). */
  default Value reduceLogSum(Value x, boolean keepDims, long... axes) {
    return reduce("ReduceLogSum", x, keepDims, axes);
  }

  /** The logarithm of the sum of exponentials (ONNX {@code ReduceLogSumExp}). */
  default Value reduceLogSumExp(Value x, boolean keepDims, long... axes) {
    return reduce("ReduceLogSumExp", x, keepDims, axes);
  }

  /** Where the largest element is along an axis, the first of several (ONNX {@code ArgMax}). */
  default Value argMax(Value x, long axis, boolean keepDims) {
    return node(
        "ArgMax",
        OperatorBuilder.operands(x),
        Attribute.ofInt("axis", axis),
        Attribute.ofInt("keepdims", keepDims ? 1 : 0));
  }

  /** Where the smallest element is along an axis, the first of several (ONNX {@code ArgMin}). */
  default Value argMin(Value x, long axis, boolean keepDims) {
    return node(
        "ArgMin",
        OperatorBuilder.operands(x),
        Attribute.ofInt("axis", axis),
        Attribute.ofInt("keepdims", keepDims ? 1 : 0));
  }

  /** Axes are an input from opset 13 (sum) or 18 (the others) on, an attribute before. */
  private Value reduce(String operator, Value x, boolean keepDims, long[] axes) {
    boolean asInput = opset() >= (operator.equals("ReduceSum") ? 13 : 18);
    List<Value> inputs = new ArrayList<>(OperatorBuilder.operands(x));
    List<Attribute> attributes = new ArrayList<>();
    attributes.add(Attribute.ofInt("keepdims", keepDims ? 1 : 0));
    if (axes.length > 0 && asInput) {
      inputs.add(longs("axes", axes));
    } else if (axes.length > 0) {
      attributes.add(Attribute.ofInts("axes", axes));
    }
    return node(operator, inputs, attributes);
  }
}
