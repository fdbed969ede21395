package dev.sardonyx.ir.build;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.Value;
import java.util.List;

/** Looking up, placing and selecting elements by index. Indices are int32 or int64. */
public interface IndexingOps extends OperatorBuilder {
  /**
   * The largest elements along an axis, and where they are.
   *
   * @param values the elements, largest first
   * @param indices their places, int64
   */
  record TopK(Value values, Value indices) {}

  /** The k largest elements along an axis, in descending order (ONNX {@code TopK}). */
  default TopK topK(Value x, long k, long axis) {
    Attribute along = Attribute.ofInt("axis", axis);
    List<Value> both =
        opset() >= 10
            ? nodes("TopK", 2, OperatorBuilder.operands(x, longs("k", k)), along)
            : nodes("TopK", 2, OperatorBuilder.operands(x), along, Attribute.ofInt("k", k));
    return new TopK(both.get(0), both.get(1));
  }

  /** Slices of {@code x} along an axis, one for each index (ONNX {@code Gather}). */
  default Value gather(Value x, Value indices, long axis) {
    return node("Gather", OperatorBuilder.operands(x, indices), Attribute.ofInt("axis", axis));
  }

  /** Elements, each by an index of its own along an axis (ONNX {@code GatherElements}, 11 on). */
  default Value gatherElements(Value x, Value indices, long axis) {
    return node(
        "GatherElements", OperatorBuilder.operands(x, indices), Attribute.ofInt("axis", axis));
  }

  /**
   * Slices by tuples of indices, the last axis of {@code indices} (ONNX {@code GatherND}, 11 on).
   */
  default Value gatherNd(Value x, Value indices) {
    return node("GatherND", x, indices);
  }

  /** {@code x} with elements replaced along an axis (ONNX {@code ScatterElements}, 11 on). */
  default Value scatterElements(Value x, Value indices, Value updates, long axis) {
    return node(
        "ScatterElements",
        OperatorBuilder.operands(x, indices, updates),
        Attribute.ofInt("axis", axis));
  }

  /** {@code x} with slices replaced by tuples of indices (ONNX {@code ScatterND}, 11 on). */
  default Value scatterNd(Value x, Value indices, Value updates) {
    return node("ScatterND", x, indices, updates);
  }

  /**
   * Indices as vectors that are {@code values[1]} at the index and {@code values[0]} elsewhere
   * (ONNX {@code OneHot}, 9 on).
   *
   * @param values {@code [2]}: off, on
   * @param axis where the new axis of size {@code depth} goes, -1 for the end
   */
  default Value oneHot(Value indices, long depth, Value values, long axis) {
    return node(
        "OneHot",
        OperatorBuilder.operands(indices, constant(depth), values),
        Attribute.ofInt("axis", axis));
  }

  /** Indices of non-zero elements, int64 {@code [rank, count]} (ONNX {@code NonZero}, 9 on). */
  default Value nonZero(Value x) {
    return node("NonZero", x);
  }

  /** Slices for which the condition, a boolean vector, holds (ONNX {@code Compress}, 9 on). */
  default Value compress(Value x, Value condition, long axis) {
    return node("Compress", OperatorBuilder.operands(x, condition), Attribute.ofInt("axis", axis));
  }

  /**
   * The best boxes that overlap little (ONNX {@code NonMaxSuppression}, 10 on).
   *
   * @param boxes {@code [batches, boxes, 4]} as {@code y1, x1, y2, x2}
   * @param scores {@code [batches, classes, boxes]}
   * @return int64 {@code [selected, 3]}: batch, class, box
   */
  default Value nonMaxSuppression(
      Value boxes, Value scores, long maxPerClass, float iouThreshold, float scoreThreshold) {
    return node(
        "NonMaxSuppression",
        boxes,
        scores,
        constant(maxPerClass),
        constant(iouThreshold),
        constant(scoreThreshold));
  }
}
