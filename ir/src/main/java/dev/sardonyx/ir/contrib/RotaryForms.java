package dev.sardonyx.ir.contrib;

import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.build.NoStandardFormException;
import dev.sardonyx.ir.build.OperatorBuilder;
import dev.sardonyx.ir.build.StandardOps;
import java.util.List;

/** Pairs of features turned by the angles of their positions. */
final class RotaryForms {
  private static final long[] LAST = {-1};

  private RotaryForms() {}

  static void addTo(ContribOperators operators) {
    operators.one("RotaryEmbedding", RotaryForms::embedding);
  }

  /** Of {@code [N,S,heads*size]} or {@code [N,heads,S,size]}. */
  private static Value embedding(ContribNode n) {
    StandardOps to = n.to();
    if (n.flag("is_packed_batching") || n.number("scale", 1) != 1) {
      throw new NoStandardFormException("its batch is packed, or its positions are scaled");
    }
    boolean flat = n.rank(0) == 3;
    long dim = n.integer("rotary_embedding_dim", 0);
    long heads = n.integer("num_heads", 0);
    Value x = n.in(0);
    Value split = x;
    if (flat) {
      long size = 2 * n.fixed(2, -1);
      split = dim > 0 ? to.reshape(x, 0, 0, heads, -1) : to.reshape(x, 0, 0, -1, size);
    }
    Value positions = positions(n, flat ? 1 : 2);
    int headAxis = flat ? 2 : 1;
    Value cos = to.unsqueeze(to.gather(n.in(2), positions, 0), headAxis);
    Value sin = to.unsqueeze(to.gather(n.in(3), positions, 0), headAxis);
    Value turned = turned(to, split, cos, sin, n.flag("interleaved"), dim);
    return flat ? to.reshape(turned, to.shape(x)) : turned;
  }

  /** Each token's, {@code [N,S]}, or the first one's, {@code [1]}, from which the others count. */
  private static Value positions(ContribNode n, int axis) {
    if (n.rank(1) == 2) {
      return n.in(1);
    }
    StandardOps to = n.to();
    Value length = to.squeeze(to.shape(n.in(0), axis, axis + 1), 0);
    Value each = to.range(to.constant(0L), length, to.constant(1L));
    return to.unsqueeze(to.add(each, n.in(1)), 0);
  }

  /**
   * Turns the first features of each head.
   *
   * @param cos for each pair, with an axis of size 1 for the heads; sin likewise
   * @param dim how many features are turned, 0 for all
   */
  static Value turned(
      StandardOps to, Value x, Value cos, Value sin, boolean interleaved, long dim) {
    Value own = dim > 0 ? to.slice(x, -1, 0, dim) : x;
    Value first = interleaved ? everySecond(to, own, 0) : half(to, own, cos, true);
    Value second = interleaved ? everySecond(to, own, 1) : half(to, own, cos, false);
    Value real = to.sub(to.mul(cos, first), to.mul(sin, second));
    Value imaginary = to.add(to.mul(sin, first), to.mul(cos, second));
    Value done =
        interleaved
            ? to.reshape(
                to.concat(-1, to.unsqueeze(real, -1), to.unsqueeze(imaginary, -1)), to.shape(own))
            : to.concat(-1, real, imaginary);
    return dim > 0 ? to.concat(-1, done, to.slice(x, -1, dim, Long.MAX_VALUE)) : done;
  }

  private static Value half(StandardOps to, Value x, Value cos, boolean first) {
    Shape shape = OperatorBuilder.shapeOf(cos);
    long half = ContribNode.fixed(cos, shape.isRanked() ? shape.rank() - 1 : 0);
    return first ? to.slice(x, -1, 0, half) : to.slice(x, -1, half, Long.MAX_VALUE);
  }

  private static Value everySecond(StandardOps to, Value x, long from) {
    return to.slice(x, LAST, new long[] {from}, new long[] {Long.MAX_VALUE}, new long[] {2});
  }

  /** For a builder of attention: the caches' rows of positions, {@code [N,1,S,pairs]}. */
  static List<Value> angles(StandardOps to, Value cos, Value sin, Value positions) {
    return List.of(
        to.unsqueeze(to.gather(cos, positions, 0), 1),
        to.unsqueeze(to.gather(sin, positions, 0), 1));
  }
}
