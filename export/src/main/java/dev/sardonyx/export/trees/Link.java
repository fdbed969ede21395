package dev.sardonyx.export.trees;

import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.build.GraphBuilder;
import java.util.List;

/** What becomes of the sums of trees {@code [N, K]}. */
@FunctionalInterface
interface Link {
  Link IDENTITY = (b, x) -> x;
  Link LOGISTIC = (b, x) -> b.sigmoid(x);
  Link EXP = (b, x) -> b.exp(x);
  Link HINGE = (b, x) -> b.cast(b.greater(x, b.constant(0f)), ElementType.FLOAT);
  Link SOFTMAX = (b, x) -> b.softmax(x, 1);

  /** The number of the greatest sum, the first of equal ones. */
  Link ARG_MAX = (b, x) -> b.cast(b.argMax(x, 1, true), ElementType.FLOAT);

  Link SIGNED_SQUARE = (b, x) -> b.mul(x, b.abs(x));
  Link SOFTPLUS = (b, x) -> b.softplus(x);

  Value apply(GraphBuilder b, Value sums);

  /** Each row's sums from the least to the greatest. */
  static Link sorted(int targets) {
    return targets == 1 ? IDENTITY : (b, x) -> b.neg(b.topK(b.neg(x), targets, 1).values());
  }

  /** Each row's first sum, then what is the softplus of the next one, and a little, above it. */
  static Link ascending(int targets, float atLeast) {
    return targets == 1
        ? IDENTITY
        : (b, x) -> {
          List<Value> parts = b.split(x, 1, 1, targets - 1L);
          Value steps = b.add(b.softplus(parts.get(1)), b.constant(atLeast));
          return b.cumSum(b.concat(1, parts.get(0), steps), 1);
        };
  }

  /** The logistic function of a multiple of the sums. */
  static Link logistic(float factor) {
    return factor == 1 ? LOGISTIC : (b, x) -> b.sigmoid(b.mul(x, b.constant(factor)));
  }
}
