package dev.sardonyx.ir.convert;

import dev.sardonyx.ir.Dim;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.build.OperatorBuilder;
import dev.sardonyx.ir.pass.Rewriter;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** An Attention as products, masks and Softmax; and what newer opsets mask, as a mask. */
final class AttentionAsProducts {
  private final Node node;
  private final Rewriter to;
  private final boolean flat;
  private final ElementType type;

  private AttentionAsProducts(Node node, Rewriter to) {
    this.node = node;
    this.to = to;
    this.flat = Given.rank(node, 0, to) == 3;
    this.type = Given.type(node, 0, to);
  }

  // Which keys a query sees

  /** Opset 24 knows no windows. */
  static Node withoutWindows(Node node, Rewriter to) {
    Node plain = Given.without(node, "left_window_size", "right_window_size");
    if (plain.equals(node) || left(node) < 0 && right(node) < 0) {
      return plain;
    }
    AttentionAsProducts attention = new AttentionAsProducts(node, to);
    Value open = attention.window(false);
    return plain.withInput(3, attention.masked(open).name());
  }

  /** Opset 23 knows no lengths of the sequences of a batch, which also say where queries are. */
  static Node withoutLengths(Node node, Rewriter to) {
    if (!node.hasInput(6)) {
      return Given.firstInputs(node, 6);
    }
    AttentionAsProducts attention = new AttentionAsProducts(node, to);
    Value open = attention.padding();
    boolean causal = node.intAttribute("is_causal", 0) != 0;
    if (causal) {
      open = to.and(open, attention.window(true));
    }
    Node plain = Given.firstInputs(node, 6).withInput(3, attention.masked(open).name());
    int count = plain.inputs().size();
    while (!plain.hasInput(count - 1)) {
      count--;
    }
    return Given.firstInputs(plain, count).withoutAttribute("is_causal");
  }

  private static long left(Node node) {
    return node.intAttribute("left_window_size", -1);
  }

  private static long right(Node node) {
    return node.intAttribute("right_window_size", -1);
  }

  private boolean hasPast() {
    return node.hasInput(4);
  }

  private Value length(int input, long axis) {
    return to.shape(to.input(node, input), axis, axis + 1);
  }

  private Value queries() {
    return length(0, flat ? 1 : 2);
  }

  private Value keys() {
    Value own = length(1, flat ? 1 : 2);
    return hasPast() ? to.add(own, length(4, 2)) : own;
  }

  private Value numbers(Value count) {
    return to.range(to.constant(0L), to.squeeze(count, 0), to.constant(1L));
  }

  /** The positions of queries among the keys, {@code [S,1]} or {@code [N,1,S,1]}. */
  private Value positions() {
    Value positions = to.unsqueeze(numbers(queries()), 1);
    if (hasPast()) {
      return to.add(positions, length(4, 2));
    }
    if (!node.hasInput(6)) {
      return positions;
    }
    Value offsets = to.sub(to.input(node, 6), queries());
    return to.add(to.unsqueeze(offsets, 1, 2, 3), positions);
  }

  /** Whether a key is near enough to a query, and, of causal ones, not after it. */
  private Value window(boolean causal) {
    Value keys = numbers(keys());
    Value positions = positions();
    long left = left(node);
    long right = right(node);
    Value open = causal ? to.lessOrEqual(keys, positions) : OperatorBuilder.ABSENT;
    if (left >= 0) {
      open = both(open, to.greaterOrEqual(keys, to.sub(positions, to.constant(left))));
    }
    if (right >= 0) {
      open = both(open, to.lessOrEqual(keys, to.add(positions, to.constant(right))));
    }
    return open;
  }

  private Value both(Value a, Value b) {
    return a.name().isEmpty() ? b : b.name().isEmpty() ? a : to.and(a, b);
  }

  /** Whether a key is none of those that fill up a sequence, {@code [N,1,1,T]}. */
  private Value padding() {
    return to.less(numbers(keys()), to.unsqueeze(to.input(node, 6), 1, 2, 3));
  }

  private Value lowest() {
    return to.numberedConstant(
        "masked", Tensor.ofNumbers(type, new double[] {Double.NEGATIVE_INFINITY}));
  }

  private boolean isBoolean(int input) {
    return Given.type(node, input, to) == ElementType.BOOL;
  }

  /** The mask that is given, for all keys: those that it does not reach are masked. */
  private Value wholeMask() {
    Value mask = to.input(node, 3);
    Shape shape = Given.shape(node, 3, to);
    Shape keys = Given.shape(node, 1, to);
    if (!shape.isRanked() || !keys.isRanked() || hasPast()) {
      return mask;
    }
    Dim reached = shape.dim(shape.rank() - 1);
    Dim all = keys.dim(flat ? 1 : 2);
    if (!reached.isFixed() || !all.isFixed() || reached.value() >= all.value()) {
      return mask;
    }
    long[] pads = new long[2 * shape.rank()];
    pads[pads.length - 1] = all.value() - reached.value();
    return isBoolean(3)
        ? to.pad(mask, pads)
        : to.pad(mask, "constant", Double.NEGATIVE_INFINITY, pads);
  }

  /** The mask that is given with further keys left out. */
  private Value masked(Value open) {
    if (!node.hasInput(3)) {
      return open;
    }
    Value mask = wholeMask();
    return isBoolean(3) ? to.and(mask, open) : to.where(open, mask, to.castLike(lowest(), mask));
  }

  // The whole

  static @Nullable Node replace(Node node, Rewriter to) {
    new AttentionAsProducts(node, to).replace();
    return null;
  }

  private void replace() {
    Value query = heads(0, "q_num_heads");
    Value key = heads(1, "kv_num_heads");
    Value value = heads(2, "kv_num_heads");
    Value allKeys = hasPast() ? to.concat(2, to.input(node, 4), key) : key;
    Value allValues = hasPast() ? to.concat(2, to.input(node, 5), value) : value;
    Value raw = scores(query, repeated(allKeys, query));
    Value capped = capped(raw);
    Value biased = biased(capped);
    Value probabilities = probabilities(biased, capped);
    Value values = repeated(allValues, query);
    if (OperatorBuilder.elementType(values) != type) {
      values = to.cast(values, type);
    }
    Value y = to.matMul(probabilities, values);
    if (flat) {
      y = to.reshape(to.transpose(y, 0, 2, 1, 3), 0, 0, -1);
    }
    Value shown =
        switch ((int) node.intAttribute("qk_matmul_output_mode", 0)) {
          case 1 -> capped;
          case 2 -> biased;
          case 3 -> probabilities;
          default -> raw;
        };
    to.replace(List.of(y, allKeys, allValues, shown));
  }

  /** {@code [N,T,heads*size]} to {@code [N,heads,T,size]}. */
  private Value heads(int input, String attribute) {
    Value x = to.input(node, input);
    if (!flat) {
      return x;
    }
    long heads = node.intAttribute(attribute, 0);
    if (heads <= 0) {
      throw new RefusedStepException("its attribute " + attribute + " is missing");
    }
    return to.transpose(to.reshape(x, 0, 0, heads, -1), 0, 2, 1, 3);
  }

  private static long fixed(Value x, int axis, String what) {
    Shape shape = OperatorBuilder.shapeOf(x);
    if (!shape.isRanked() || !shape.dim(axis).isFixed()) {
      throw new RefusedStepException(what + " is not fixed");
    }
    return shape.dim(axis).value();
  }

  private Value scores(Value query, Value keys) {
    boolean given = node.attribute("scale").isPresent();
    double scale =
        given
            ? node.floatAttribute("scale", 1)
            : 1 / Math.sqrt((double) fixed(query, 3, "the size of a head"));
    Value root = to.scalarLike(query, Math.sqrt(scale));
    return to.matMul(to.mul(query, root), to.transpose(to.mul(keys, root), 0, 1, 3, 2));
  }

  /** Each head of keys or values for all queries that share it. */
  private Value repeated(Value x, Value query) {
    long heads =
        flat ? node.intAttribute("q_num_heads", 0) : fixed(query, 1, "the number of heads");
    long own = flat ? node.intAttribute("kv_num_heads", 0) : fixed(x, 1, "the number of heads");
    if (heads == own) {
      return x;
    }
    Value many = to.expand(to.unsqueeze(x, 2), 1, 1, heads / own, 1, 1);
    return to.reshape(many, 0, heads, -1, fixed(x, 3, "the size of a head"));
  }

  private Value capped(Value scores) {
    float cap = node.floatAttribute("softcap", 0);
    if (cap <= 0) {
      return scores;
    }
    Value limit = to.scalarLike(scores, cap);
    return to.mul(to.tanh(to.div(scores, limit)), limit);
  }

  private boolean isCausal() {
    return node.intAttribute("is_causal", 0) != 0;
  }

  private Value biased(Value scores) {
    boolean boolMask = node.hasInput(3) && isBoolean(3);
    Value result = scores;
    if (node.hasInput(3) && !boolMask) {
      Value mask = wholeMask();
      result = to.add(result, Given.type(node, 3, to) == type ? mask : to.cast(mask, type));
    }
    Value open = isCausal() ? window(true) : OperatorBuilder.ABSENT;
    open = both(open, boolMask ? wholeMask() : OperatorBuilder.ABSENT);
    return open.name().isEmpty() ? result : to.where(open, result, lowest());
  }

  /** A query that sees no key has no probabilities. */
  private Value probabilities(Value biased, Value scores) {
    ElementType precision =
        ElementType.of((int) node.intAttribute("softmax_precision", type.code()));
    Value soft =
        precision == type
            ? to.softmax(biased, -1)
            : to.cast(to.softmax(to.cast(biased, precision), -1), type);
    if (biased.equals(scores) || !node.hasInput(3)) {
      return soft;
    }
    Value best = to.reduceMax(biased, true, -1);
    double least =
        type == ElementType.DOUBLE
            ? -Double.MAX_VALUE
            : type == ElementType.FLOAT16 ? -65504 : -3e38;
    Value none = to.less(best, to.scalarLike(best, least));
    return to.where(none, to.scalarLike(soft, 0), soft);
  }
}
