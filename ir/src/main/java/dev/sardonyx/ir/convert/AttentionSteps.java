package dev.sardonyx.ir.convert;

import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.pass.Rewriter;
import java.util.List;

/** Attention, rotary positions and gates. */
final class AttentionSteps {
  private AttentionSteps() {}

  static void addTo(StepTable table) {
    table.added("Attention", 23, Effect.DECOMPOSED, AttentionAsProducts::replace);
    table.down("Attention", 24, Effect.REWRITTEN, AttentionAsProducts::withoutLengths);
    table.down("Attention", 25, Effect.REWRITTEN, AttentionAsProducts::withoutWindows);
    table.added("RotaryEmbedding", 23, Effect.DECOMPOSED, StepRule.by(AttentionSteps::rotary));
    table.added("SwiGLU", 28, Effect.DECOMPOSED, StepRule.by(AttentionSteps::swiGlu));
  }

  private static Value swiGlu(Node node, Rewriter to) {
    Value gate = to.swish(to.input(node, 0), node.floatAttribute("alpha", 1));
    return to.mul(gate, to.input(node, 1));
  }

  /** Pairs of elements are turned by the angles of their position. */
  private static Value rotary(Node node, Rewriter to) {
    Value x = to.input(node, 0);
    boolean flat = Given.rank(node, 0, to) == 3;
    Value heads = flat ? to.reshape(x, 0, 0, node.intAttribute("num_heads", 0), -1) : x;
    long size = node.intAttribute("rotary_embedding_dim", 0);
    Value turned = size == 0 ? heads : to.slice(heads, -1, 0, size);
    Value cos = angles(node, 1, flat, to);
    Value sin = angles(node, 2, flat, to);
    boolean interleaved = node.intAttribute("interleaved", 0) != 0;
    List<Value> parts =
        interleaved
            ? List.of(everySecond(turned, 0, to), everySecond(turned, 1, to))
            : to.splitEvenly(turned, -1, 2);
    Value real = to.sub(to.mul(cos, parts.get(0)), to.mul(sin, parts.get(1)));
    Value imaginary = to.add(to.mul(sin, parts.get(0)), to.mul(cos, parts.get(1)));
    Value done =
        interleaved
            ? to.reshape(
                to.concat(-1, to.unsqueeze(real, -1), to.unsqueeze(imaginary, -1)),
                to.shape(turned))
            : to.concat(-1, real, imaginary);
    Value whole = size == 0 ? done : to.concat(-1, done, to.slice(heads, -1, size, Long.MAX_VALUE));
    return flat ? to.reshape(whole, to.shape(x)) : whole;
  }

  private static Value everySecond(Value x, long from, Rewriter to) {
    return to.slice(
        x, new long[] {-1}, new long[] {from}, new long[] {Long.MAX_VALUE}, new long[] {2});
  }

  /** The cosines or sines of each position, the same for all heads. */
  private static Value angles(Node node, int input, boolean flat, Rewriter to) {
    Value cache = to.input(node, input);
    Value each = node.hasInput(3) ? to.gather(cache, to.input(node, 3), 0) : cache;
    return to.unsqueeze(each, flat ? 2 : 1);
  }
}
