package dev.sardonyx.ir.contrib;

import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.build.NoStandardFormException;
import dev.sardonyx.ir.build.OperatorBuilder;
import dev.sardonyx.ir.build.StandardOps;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Attention of several heads, whose products are part of it or come before. */
final class AttentionForms {
  private AttentionForms() {}

  static void addTo(ContribOperators operators) {
    operators.add("Attention", AttentionForms::attention);
    operators.add("QAttention", AttentionForms::quantized);
    operators.add("MultiHeadAttention", AttentionForms::multiHead);
    operators.add("GroupQueryAttention", n -> new GroupQueryForm(n).results());
  }

  // With weights of its own

  private static List<Value> attention(ContribNode n) {
    if (n.flag("do_rotary") || n.flag("past_present_share_buffer")) {
      throw new NoStandardFormException("its positions or its buffers are the runtime's own");
    }
    n.refuseInput(6, "past_sequence_length");
    Value product = n.to().matMul(n.in(0), n.in(1));
    Value all = n.has(2) ? n.to().add(product, n.in(2)) : product;
    return of(n, all, 3, 4, 5);
  }

  private static List<Value> quantized(ContribNode n) {
    StandardOps to = n.to();
    if (n.flag("do_rotary") || n.flag("past_present_share_buffer")) {
      throw new NoStandardFormException("its positions or its buffers are the runtime's own");
    }
    Value product =
        QuantizedForms.scaledProduct(
            n, to.mul(n.in(3), n.in(4)), n.in(0), n.in(1), n.optional(6), n.optional(7));
    return of(n, to.add(product, n.in(2)), 5, 8, -1);
  }

  /** Queries, keys and values side by side in one. */
  private static List<Value> of(ContribNode n, Value all, int mask, int past, int bias) {
    StandardOps to = n.to();
    long[] sizes = n.integers("qkv_hidden_sizes");
    List<Value> parts = sizes == null ? to.splitEvenly(all, -1, 3) : to.split(all, -1, sizes);
    long heads = n.integer("num_heads", 1);
    Value query = heads(to, parts.get(0), heads);
    Value key = heads(to, parts.get(1), heads);
    Value value = heads(to, parts.get(2), heads);
    if (n.has(past)) {
      key = to.concat(2, to.squeeze(to.slice(n.in(past), 0, 0, 1), 0), key);
      value = to.concat(2, to.squeeze(to.slice(n.in(past), 0, 1, 2), 0), value);
    }
    AttentionMask masks = new AttentionMask(n, query, key);
    Value added = masks.causal(masks.filter(mask));
    Value y = attended(n, query, key, value, bias < 0 ? null : n.optional(bias), added);
    Value present =
        n.wants(1)
            ? to.concat(0, to.unsqueeze(key, 0), to.unsqueeze(value, 0))
            : OperatorBuilder.ABSENT;
    return List.of(y, present);
  }

  // Of queries, keys and values that are given

  private static List<Value> multiHead(ContribNode n) {
    StandardOps to = n.to();
    n.refuseInput(8, "past_sequence_length");
    n.refuseInput(9, "cache_indirection");
    n.refuseOutput(3);
    List<Value> heads = queriesKeysValues(n);
    Value query = heads.get(0);
    Value key = n.has(6) ? to.concat(2, n.in(6), heads.get(1)) : heads.get(1);
    Value value = n.has(7) ? to.concat(2, n.in(7), heads.get(2)) : heads.get(2);
    AttentionMask masks = new AttentionMask(n, query, key);
    Value added = masks.causal(masks.filter(4));
    Value y = attended(n, query, key, value, n.optional(5), added);
    return List.of(y, key, value);
  }

  private static List<Value> queriesKeysValues(ContribNode n) {
    StandardOps to = n.to();
    long heads = n.integer("num_heads", 1);
    Value query = n.in(0);
    if (n.rank(0) == 5) { // [N,S,heads,3,size]
      n.refuseInput(1, "key beside a packed query");
      n.refuseInput(2, "value beside a packed query");
      return packed(n, query, 3);
    }
    Value key = n.in(1);
    if (n.rank(1) == 5) { // [N,L,heads,2,size]
      List<Value> both = packed(n, key, 2);
      return List.of(heads(to, query, heads), both.get(0), both.get(1));
    }
    Value value = n.in(2);
    if (n.rank(1) == 4) { // [N,heads,L,size], as an earlier node gave them
      n.refuseInput(3, "bias");
      return List.of(heads(to, query, heads), key, value);
    }
    if (n.has(3)) {
      List<Value> biases = biases(n);
      query = to.add(query, biases.get(0));
      key = to.add(key, biases.get(1));
      value = to.add(value, biases.get(2));
    }
    return List.of(heads(to, query, heads), heads(to, key, heads), heads(to, value, heads));
  }

  /** Side by side within each head, as only GPUs take them. */
  private static List<Value> packed(ContribNode n, Value x, int count) {
    StandardOps to = n.to();
    n.refuseInput(3, "bias");
    return to.splitEvenly(x, 3, count).stream()
        .map(part -> to.transpose(to.squeeze(part, 3), 0, 2, 1, 3))
        .toList();
  }

  private static List<Value> biases(ContribNode n) {
    Shape query = OperatorBuilder.shapeOf(n.in(0));
    Shape value = OperatorBuilder.shapeOf(n.in(2));
    if (query.dim(2).equals(value.dim(2))) {
      return n.to().splitEvenly(n.in(3), 0, 3);
    }
    long size = n.fixed(0, 2);
    return n.to().split(n.in(3), 0, size, size, n.fixed(2, 2));
  }

  // What all have in common

  /** {@code [N,S,heads*size]} to {@code [N,heads,S,size]}. */
  static Value heads(StandardOps to, Value x, long heads) {
    return to.transpose(to.reshape(x, 0, 0, heads, -1), 0, 2, 1, 3);
  }

  /** The factor of the scores, as a constant or by the size of a head. */
  static Value scaled(ContribNode n, Value scores, Value query) {
    StandardOps to = n.to();
    float given = n.number("scale", 0);
    if (given != 0) {
      return to.mul(scores, to.scalarLike(scores, given));
    }
    Shape shape = OperatorBuilder.shapeOf(query);
    if (shape.isRanked() && shape.dim(3).isFixed()) {
      return to.mul(scores, to.scalarLike(scores, 1 / Math.sqrt((double) shape.dim(3).value())));
    }
    Value size = to.castLike(to.shape(query, 3, 4), scores);
    return to.div(scores, to.sqrt(size));
  }

  private static Value attended(
      ContribNode n, Value query, Value key, Value value, @Nullable Value bias, Value mask) {
    StandardOps to = n.to();
    Value scores = scaled(n, to.matMul(query, to.transpose(key, 0, 1, 3, 2)), query);
    if (bias != null) {
      scores = to.add(scores, bias);
    }
    if (!mask.name().isEmpty()) {
      scores = to.add(scores, mask);
    }
    return joined(to, to.matMul(to.softmax(scores, -1), value));
  }

  /** {@code [N,heads,S,size]} to {@code [N,S,heads*size]}. */
  static Value joined(StandardOps to, Value x) {
    return to.reshape(to.transpose(x, 0, 2, 1, 3), 0, 0, -1);
  }
}
