package dev.sardonyx.ir.contrib;

import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.build.NoStandardFormException;
import dev.sardonyx.ir.build.OperatorBuilder;
import dev.sardonyx.ir.build.StandardOps;
import java.util.List;

/**
 * Attention of decoders, several of whose query heads share one of the keys and values. The keys
 * and values of earlier tokens are given; how many of them count is said for each sequence.
 */
final class GroupQueryForm {
  private final ContribNode n;
  private final StandardOps to;
  private final long heads;
  private final long groups;

  GroupQueryForm(ContribNode n) {
    this.n = n;
    this.to = n.to();
    this.heads = n.integer("num_heads", 1);
    this.groups = n.integer("kv_num_heads", 1);
  }

  List<Value> results() {
    requirePlain();
    List<Value> own = queriesKeysValues();
    Value query = own.get(0);
    Value key = own.get(1);
    Value pasts = pasts(query);
    if (n.flag("do_rotary")) {
      Value positions = n.has(9) ? n.in(9) : to.add(numbers(length(query)), to.unsqueeze(pasts, 1));
      List<Value> angles = RotaryForms.angles(to, n.in(7), n.in(8), positions);
      query = turned(query, angles);
      key = turned(key, angles);
    }
    Value allKeys = withPast(3, key, pasts);
    Value allValues = withPast(4, own.get(2), pasts);
    Value scores =
        AttentionForms.scaled(
            n, to.matMul(query, to.transpose(repeated(allKeys), 0, 1, 3, 2)), query);
    scores = capped(scores);
    if (n.has(10)) {
      scores = to.add(scores, n.in(10));
    }
    Value lowest = to.scalarLike(scores, AttentionMask.lowest(OperatorBuilder.elementType(scores)));
    Value masked = to.where(open(query, allKeys, pasts), scores, lowest);
    Value y = to.matMul(to.softmax(masked, -1), repeated(allValues));
    return List.of(AttentionForms.joined(to, y), allKeys, allValues);
  }

  private void requirePlain() {
    for (int i = 11; i < n.inputs().size(); i++) {
      n.refuseInput(i, String.valueOf(i));
    }
    n.refuseOutput(3);
    boolean isQuantized =
        !n.text("k_quant_type", "NONE").equals("NONE")
            || !n.text("v_quant_type", "NONE").equals("NONE");
    if (isQuantized || n.integer("smooth_softmax", -1) > 0 || n.flag("sliding_window_cache")) {
      throw new NoStandardFormException(
          "its cache is quantised or a window, or its softmax is smooth");
    }
  }

  private List<Value> queriesKeysValues() {
    if (n.has(1)) {
      return List.of(
          AttentionForms.heads(to, n.in(0), heads),
          AttentionForms.heads(to, n.in(1), groups),
          AttentionForms.heads(to, n.in(2), groups));
    }
    long size = n.fixed(0, 2) / (heads + 2 * groups);
    List<Value> parts = to.split(n.in(0), -1, heads * size, groups * size, groups * size);
    return List.of(
        AttentionForms.heads(to, parts.get(0), heads),
        AttentionForms.heads(to, parts.get(1), groups),
        AttentionForms.heads(to, parts.get(2), groups));
  }

  private Value turned(Value x, List<Value> angles) {
    long pairs = ContribNode.fixed(angles.get(0), 3);
    boolean whole = ContribNode.fixed(x, 3) == 2 * pairs;
    return RotaryForms.turned(
        to, x, angles.get(0), angles.get(1), n.flag("rotary_interleaved"), whole ? 0 : 2 * pairs);
  }

  private Value length(Value x) {
    return to.shape(x, 2, 3);
  }

  private Value numbers(Value length) {
    return to.range(to.constant(0L), to.squeeze(length, 0), to.constant(1L));
  }

  private Value total() {
    return to.reshape(to.cast(n.in(6), ElementType.INT64), 1);
  }

  /** How many earlier tokens each sequence has, {@code [N]}; none where all tokens are new. */
  private Value pasts(Value query) {
    Value lengths = to.add(to.cast(flat(n.in(5)), ElementType.INT64), to.constant(1L));
    Value before = to.sub(lengths, length(query));
    return to.where(to.equal(total(), length(query)), to.constant(0L), before);
  }

  private Value flat(Value x) {
    return ContribNode.rank(x) == 1 ? x : to.reshape(x, -1);
  }

  /**
   * The keys or values of earlier tokens and then the new ones, of each sequence right after its
   * own earlier ones.
   */
  private Value withPast(int input, Value x, Value pasts) {
    if (!n.has(input)) {
      return x;
    }
    Value past = n.in(input);
    Value both = to.concat(2, past, x);
    Value room = to.max(length(past), total());
    Value each = numbers(room); // [T]
    Value start = to.unsqueeze(pasts, 1); // [N,1]
    Value own = to.min(to.sub(each, start), to.sub(length(x), to.constant(1L)));
    Value at = to.where(to.less(each, start), each, to.add(own, length(past)));
    Value indices = to.unsqueeze(at, 1, 3); // [N,1,T,1]
    Value shape = to.concat(0, to.shape(x, 0, 2), room, to.shape(x, 3, 4));
    return to.gatherElements(both, to.expand(indices, shape), 2);
  }

  private Value repeated(Value x) {
    if (heads == groups) {
      return x;
    }
    Value many = to.expand(to.unsqueeze(x, 2), 1, 1, heads / groups, 1, 1);
    Value shape = to.concat(0, to.shape(x, 0, 1), to.longs("heads", heads), to.shape(x, 2, 4));
    return to.reshape(many, shape);
  }

  private Value capped(Value scores) {
    float cap = n.number("softcap", 0);
    if (cap <= 0) {
      return scores;
    }
    Value limit = to.scalarLike(scores, cap);
    return to.mul(to.tanh(to.div(scores, limit)), limit);
  }

  /** Which keys each query sees, {@code [N,1,S,T]}. */
  private Value open(Value query, Value keys, Value pasts) {
    Value key = numbers(length(keys));
    Value start = to.unsqueeze(pasts, 1, 2, 3);
    Value position = to.add(to.unsqueeze(numbers(length(query)), 1), start);
    Value last = n.integer("causal", 1) != 0 ? position : lastKey(start, query);
    Value open = to.lessOrEqual(key, last);
    long window = n.integer("local_window_size", -1);
    return window <= 0
        ? open
        : to.and(open, to.greater(key, to.sub(position, to.constant(window))));
  }

  private Value lastKey(Value start, Value query) {
    return to.add(start, to.sub(length(query), to.constant(1L)));
  }
}
