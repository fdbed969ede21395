package dev.sardonyx.training.read.samediff;

import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.build.GraphBuilder;
import org.jspecify.annotations.Nullable;

/** Dot product attention as libnd4j has it: over {@code [...,features,steps]}. */
public final class DotProductAttention {
  /** What libnd4j takes off the scores of steps that are masked. */
  private static final double MASKED = 1e9;

  private DotProductAttention() {}

  /**
   * Of {@code [...,C,Tq]} to {@code [...,C,T]} and {@code [...,D,T]}.
   *
   * @param mask {@code [N,T]}, 0 for keys that do not count; null if all do
   * @param isScaled whether scores are divided by the root of C
   * @return {@code [...,D,Tq]}
   */
  public static Value of(
      GraphBuilder b,
      Value queries,
      Value keys,
      Value values,
      @Nullable Value mask,
      boolean isScaled) {
    int rank = ((TensorType) keys.type()).shape().rank();
    Value scores = b.matMul(turned(b, queries, rank), keys);
    if (isScaled) {
      Value size = b.castLike(b.shape(keys, rank - 2, rank - 1), keys);
      scores = b.div(scores, b.sqrt(size));
    }
    if (mask != null) {
      Value off = b.mul(b.sub(mask, b.scalarLike(mask, 1)), b.scalarLike(mask, MASKED));
      scores = b.add(scores, rank == 3 ? b.unsqueeze(off, 1) : b.unsqueeze(off, 1, 2));
    }
    return b.matMul(values, turned(b, b.softmax(scores, -1), rank));
  }

  private static Value turned(GraphBuilder b, Value x, int rank) {
    return rank == 3 ? b.transpose(x, 0, 2, 1) : b.transpose(x, 0, 1, 3, 2);
  }

  /**
   * Projections to several heads, attention, and a projection back.
   *
   * @param heads how many there are
   * @param q for queries {@code [heads*size,C]}, as k and v for keys and values
   * @param out {@code [D,heads*size]}
   */
  public record Heads(long heads, Value q, Value k, Value v, Value out) {
    /** See {@link DotProductAttention#of}; keys are {@code [N,C,T]}. */
    public Value attention(
        GraphBuilder b,
        Value queries,
        Value keys,
        Value values,
        @Nullable Value mask,
        boolean isScaled) {
      Value y = of(b, split(b, q, queries), split(b, k, keys), split(b, v, values), mask, isScaled);
      Value all = b.constant(Tensor.ofLongs(new long[] {-1}, 1));
      Value together = b.reshape(y, b.concat(0, b.shape(y, 0, 1), all, b.shape(y, 3, 4)));
      return b.matMul(out, together);
    }

    /** {@code [heads*size,C]} times {@code [N,C,T]} as {@code [N,heads,size,T]}. */
    private Value split(GraphBuilder b, Value projection, Value x) {
      Value product = b.matMul(projection, x);
      Value parts = b.constant(Tensor.ofLongs(new long[] {heads, -1}, 2));
      return b.reshape(product, b.concat(0, b.shape(product, 0, 1), parts, b.shape(product, 2, 3)));
    }
  }
}
