package dev.sardonyx.ir.convert;

import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.build.ControlFlowOps;
import dev.sardonyx.ir.build.ConvOptions;
import dev.sardonyx.ir.build.GraphBuilder;
import dev.sardonyx.ir.build.OperatorBuilder;
import dev.sardonyx.ir.pass.Rewriter;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Linear attention and its causal convolution, which carry a state from call to call. */
final class RecurrenceSteps {
  private RecurrenceSteps() {}

  static void addTo(StepTable table) {
    table.added("CausalConvWithState", 27, Effect.DECOMPOSED, RecurrenceSteps::causalConv);
    table.added("LinearAttention", 27, Effect.DECOMPOSED, RecurrenceSteps::linearAttention);
  }

  /** A convolution of each channel with its own filter over the state followed by the input. */
  private static @Nullable Node causalConv(Node node, Rewriter to) {
    long channels = known(node, 1, 0, to);
    long size = known(node, 1, 2, to);
    Value x = to.input(node, 0);
    Value padded =
        node.hasInput(3) ? to.concat(2, to.input(node, 3), x) : to.pad(x, 0, 0, size - 1, 0, 0, 0);
    Value bias = node.hasInput(2) ? to.input(node, 2) : null;
    Value y = to.conv(padded, to.input(node, 1), bias, ConvOptions.DEFAULT.withGroup(channels));
    boolean plain = node.stringAttribute("activation", "none").equals("none");
    long start = size == 1 ? Long.MAX_VALUE : 1 - size;
    Value present =
        Given.isUsed(node, 1, to)
            ? to.slice(padded, 2, start, Long.MAX_VALUE)
            : OperatorBuilder.ABSENT;
    to.replace(List.of(plain ? y : to.mul(y, to.sigmoid(y)), present));
    return null;
  }

  private static long known(Node node, int input, int axis, Rewriter to) {
    long size = Given.dim(node, input, axis, to);
    if (size < 1) {
      throw new RefusedStepException(
          "the size of axis " + axis + " of its input '" + node.input(input) + "' is not known");
    }
    return size;
  }

  /**
   * A scan over the sequence. The state is {@code [batch, heads, key size, value size]}; all is
   * computed in float, and rounded at the end.
   */
  private static @Nullable Node linearAttention(Node node, Rewriter to) {
    ElementType type = Given.type(node, 0, to);
    ElementType stateType = node.hasInput(3) ? Given.type(node, 3, to) : type;
    long heads = node.intAttribute("kv_num_heads", 0);
    long queryHeads = node.intAttribute("q_num_heads", 0);
    if (heads < 1 || queryHeads < heads || queryHeads % heads != 0) {
      throw new RefusedStepException(
          queryHeads + " query heads are no multiple of " + heads + " key heads");
    }
    long keys = known(node, 1, 2, to) / heads;
    long values = known(node, 2, 2, to) / heads;
    double scale = node.floatAttribute("scale", 0);
    List<Value> scanned = new ArrayList<>();
    scanned.add(steps(node, 0, to, heads, queryHeads / heads, keys));
    scanned.add(steps(node, 1, to, heads, 1, keys));
    scanned.add(steps(node, 2, to, heads, 1, values));
    boolean decays = node.hasInput(4);
    boolean corrects = node.hasInput(5);
    if (decays) {
      scanned.add(steps(node, 4, to, heads, -1, 1));
    }
    if (corrects) {
      scanned.add(steps(node, 5, to, -1, 1, 1));
    }
    List<Value> done =
        to.scan(
            List.of(initial(node, to, heads, keys, values)),
            scanned,
            (body, state, slices) -> step(body, state.get(0), slices, decays, corrects));
    Value factor = to.numberedConstant("scale", Tensor.scalar((float) scaled(scale, keys)));
    Value reads = to.transpose(to.mul(done.get(1), factor), 1, 0, 2, 3, 4);
    Value y = to.reshape(reads, 0, 0, queryHeads * values);
    to.replace(List.of(to.cast(y, type), to.cast(done.get(0), stateType)));
    return null;
  }

  private static double scaled(double scale, long keys) {
    return scale == 0 ? 1 / Math.sqrt((double) keys) : scale;
  }

  /** An input with its steps first: {@code [steps, batch, a, b, c]}. */
  private static Value steps(Node node, int input, Rewriter to, long a, long b, long c) {
    Value x = to.cast(to.input(node, input), ElementType.FLOAT);
    return to.transpose(to.reshape(x, 0, 0, a, b, c), 1, 0, 2, 3, 4);
  }

  private static Value initial(Node node, Rewriter to, long heads, long keys, long values) {
    if (node.hasInput(3)) {
      return to.cast(to.input(node, 3), ElementType.FLOAT);
    }
    Value batch = to.slice(to.shape(to.input(node, 0)), 0, 0, 1);
    Value rest = to.numberedConstant("sizes", Tensor.ofLongs(new long[] {heads, keys, values}, 3));
    Value zero = to.numberedConstant("zero", Tensor.scalar(0f));
    return to.expand(zero, to.concat(0, batch, rest));
  }

  /** Decay, correction, write, and the reads of the queries. */
  private static ControlFlowOps.ScanStep step(
      GraphBuilder to, Value state, List<Value> slices, boolean decays, boolean corrects) {
    Iterator<Value> next = slices.iterator();
    Value query = next.next();
    Value key = next.next();
    Value value = next.next();
    Value kept = decays ? to.mul(state, to.exp(next.next())) : state;
    Value written = corrects ? to.mul(next.next(), to.sub(value, to.matMul(key, kept))) : value;
    Value after = to.add(kept, to.matMul(to.transpose(key, 0, 1, 3, 2), written));
    return new ControlFlowOps.ScanStep(List.of(after), List.of(to.matMul(query, after)));
  }
}
