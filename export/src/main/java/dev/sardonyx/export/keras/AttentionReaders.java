package dev.sardonyx.export.keras;

import dev.sardonyx.ir.Dim;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.build.GraphBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BinaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Attention layers. T is the number of query steps, S that of key and value steps, N that of heads.
 */
final class AttentionReaders {
  static final Map<String, LayerReader> LAYERS = new TreeMap<>();

  static {
    LAYERS.put("Attention", l -> plain(l, AttentionReaders::dotOrConcat));
    LAYERS.put("AdditiveAttention", l -> plain(l, AttentionReaders::additive));
    LAYERS.put("MultiHeadAttention", AttentionReaders::multiHead);
    LAYERS.put("GroupQueryAttention", AttentionReaders::grouped);
    LAYERS.put("GroupedQueryAttention", AttentionReaders::grouped);
  }

  private AttentionReaders() {}

  /** Computes the attention scores, before softmax. */
  private interface Scores {
    Value of(KerasLayer layer, Value query, Value key);
  }

  private static List<KerasTensor> plain(KerasLayer layer, Scores how) {
    GraphBuilder b = layer.builder();
    List<KerasTensor> inputs = layer.inputTensors();
    if (inputs.size() < 2) {
      throw layer.broken("takes a query and a value, but is called with " + inputs.size());
    }
    Value query = inputs.get(0).value();
    Value value = inputs.get(1).value();
    Value key = inputs.size() > 2 ? inputs.get(2).value() : value;
    List<KerasTensor> given = layer.tensorArguments("mask");
    Value queryMask = given.isEmpty() ? inputs.get(0).mask() : given.get(0).value();
    Value valueMask =
        given.isEmpty() ? inputs.get(1).mask() : given.size() > 1 ? given.get(1).value() : null;
    Value scores = how.of(layer, query, key);
    Value seen = valueMask == null ? null : b.unsqueeze(valueMask, 1);
    if (layer.truthArgument("use_causal_mask") || layer.config().truth("causal", false)) {
      seen = both(b, seen, causal(b, query, value, 1));
    }
    if (seen != null) {
      boolean half = KerasLayer.type(scores).bits() == 16;
      Value hidden = b.sub(scores, b.scalarLike(scores, half ? 65504 : 1e9));
      scores = b.where(seen, scores, hidden);
    }
    Value weights = b.softmax(scores, KerasLayer.rank(scores) - 1);
    Value y = b.matMul(weights, value);
    if (queryMask != null) {
      y = b.where(b.unsqueeze(queryMask, -1), y, b.scalarLike(y, 0));
    }
    List<KerasTensor> outputs = new ArrayList<>(List.of(new KerasTensor(y, queryMask)));
    if (layer.truthArgument("return_attention_scores")) {
      outputs.add(KerasTensor.of(weights));
    }
    return outputs;
  }

  private static Value both(GraphBuilder b, @Nullable Value one, Value other) {
    return one == null ? other : b.and(one, other);
  }

  private static Value dotOrConcat(KerasLayer layer, Value query, Value key) {
    GraphBuilder b = layer.builder();
    Value scale = layer.config().truth("use_scale", false) ? layer.variable("scale") : null;
    if (layer.config().text("score_mode", "dot").equals("dot")) {
      int rank = KerasLayer.rank(key);
      Value scores = b.matMul(query, Layout.move(b, key, rank - 1, rank - 2));
      return scale == null ? scores : b.mul(scores, scale);
    }
    Value weight = layer.variable("concat_score_weight");
    Value sum = b.add(b.unsqueeze(query, -2), b.unsqueeze(key, -3));
    Value angle = b.tanh(scale == null ? sum : b.mul(sum, scale));
    return b.mul(b.reduceSum(angle, false, -1), weight);
  }

  private static Value additive(KerasLayer layer, Value query, Value key) {
    GraphBuilder b = layer.builder();
    Value angle = b.tanh(b.add(b.unsqueeze(query, -2), b.unsqueeze(key, -3)));
    if (layer.config().truth("use_scale", true)) {
      angle = b.mul(angle, layer.variable("scale", KerasLayer.dim(query, -1)));
    }
    return b.reduceSum(angle, false, -1);
  }

  /** Bool {@code [T,S]}: each step attends to itself and the steps before it. */
  private static Value causal(GraphBuilder b, Value query, Value value, int axis) {
    return positions(b, query, value, axis, (row, column) -> b.lessOrEqual(column, row));
  }

  private static Value positions(
      GraphBuilder b, Value query, Value value, int axis, BinaryOperator<Value> sees) {
    Value rows = b.unsqueeze(range(b, query, axis), 1);
    Value columns = b.unsqueeze(range(b, value, axis), 0);
    return sees.apply(rows, columns);
  }

  /** 0, 1, ... along an axis. */
  private static Value range(GraphBuilder b, Value x, int axis) {
    Shape shape = KerasLayer.shape(x);
    Dim dim = shape.dim(axis);
    if (dim.isFixed()) {
      int size = Math.toIntExact(dim.value());
      long[] numbers = new long[size];
      for (int i = 0; i < size; i++) {
        numbers[i] = i;
      }
      return b.longs("positions", numbers);
    }
    Value size = b.squeeze(b.shape(x, axis, axis + 1), 0);
    return b.range(b.constant(0L), size, b.constant(1L));
  }

  /** The settings in which the two multi-head layers differ. */
  private record Heads(long query, long keyValue, long size, long valueSize, double scale) {}

  private static List<KerasTensor> multiHead(KerasLayer layer) {
    LayerConfig config = layer.config();
    if (config.has("attention_axes")) {
      long[] axes = config.wholes("attention_axes");
      if (axes.length != 1 || KerasLayer.axis(axes[0], 3) != 1) {
        throw layer.refusal("it attends over other axes than the steps");
      }
    }
    long size = config.whole("key_dim");
    long heads = config.whole("num_heads");
    Heads all =
        new Heads(
            heads, heads, size, config.whole("value_dim", size), 1 / Math.sqrt((double) size));
    long[] out =
        config.has("output_shape")
            ? config.wholes("output_shape")
            : new long[] {KerasLayer.dim(layer.input(), -1)};
    return attend(layer, all, out);
  }

  private static List<KerasTensor> grouped(KerasLayer layer) {
    LayerConfig config = layer.config();
    long size = config.whole("head_dim");
    Heads all =
        new Heads(
            config.whole("num_query_heads"),
            config.whole("num_key_value_heads"),
            size,
            size,
            1 / Math.sqrt((double) size));
    if (all.keyValue() < 1 || all.query() % all.keyValue() != 0) {
      throw layer.broken("its " + all.query() + " heads do not share " + all.keyValue());
    }
    return attend(layer, all, KerasLayer.dim(layer.input(), -1));
  }

  private static List<KerasTensor> attend(KerasLayer layer, Heads heads, long... out) {
    GraphBuilder b = layer.builder();
    boolean bias = layer.config().truth("use_bias", true);
    KerasTensor query = layer.inputTensor();
    KerasTensor value = argument(layer, "value", 1).orElseThrow(() -> layer.broken("has no value"));
    Optional<KerasTensor> givenKey = argument(layer, "key", 2);
    KerasTensor key = givenKey.orElse(value);
    if (KerasLayer.rank(query.value()) != 3 || KerasLayer.rank(value.value()) != 3) {
      throw layer.refusal("its tensors have not the shape [batch, steps, features]");
    }
    Value q = project(layer, "query", query.value(), bias, heads.query(), heads.size());
    Value k = project(layer, "key", key.value(), bias, heads.keyValue(), heads.size());
    Value gate =
        layer.config().truth("use_gate", false)
            ? b.sigmoid(
                project(layer, "gate", query.value(), bias, heads.query(), heads.valueSize()))
            : null;
    Value v = project(layer, "value", value.value(), bias, heads.keyValue(), heads.valueSize());
    Value scaled = b.mul(q, b.scalarLike(q, heads.scale()));
    Value scores =
        b.matMul(
            b.transpose(scaled, 0, 2, 1, 3),
            b.transpose(repeated(b, k, heads, heads.size()), 0, 2, 3, 1));
    Value seen = seen(layer, query, value, givenKey.orElse(null));
    Value weights = masked(layer, scores, seen);
    Value mixed =
        b.matMul(weights, b.transpose(repeated(b, v, heads, heads.valueSize()), 0, 2, 1, 3));
    Value steps = b.transpose(mixed, 0, 2, 1, 3);
    steps = gate == null ? steps : b.mul(steps, gate);
    KerasLayer last = layer.part("output_dense", "_output_dense");
    Value y = DenseReaders.project(last, steps, bias, 2, out);
    List<KerasTensor> outputs = new ArrayList<>(List.of(new KerasTensor(y, query.mask())));
    if (layer.truthArgument("return_attention_scores")) {
      outputs.add(KerasTensor.of(weights));
    }
    return outputs;
  }

  private static Optional<KerasTensor> argument(KerasLayer layer, String name, int position) {
    return layer.tensorArgument(name, position);
  }

  private static Value project(
      KerasLayer layer, String role, Value x, boolean bias, long heads, long size) {
    KerasLayer part = layer.part(role + "_dense", "_" + role + "_dense");
    return DenseReaders.project(part, x, bias, 1, heads, size);
  }

  /** Repeats each key or value head once for each query head that shares it. */
  private static Value repeated(GraphBuilder b, Value x, Heads heads, long size) {
    long times = heads.query() / heads.keyValue();
    if (times == 1) {
      return x;
    }
    Value tiled = b.tile(b.unsqueeze(x, 3), 1, 1, 1, times, 1);
    return b.reshape(tiled, 0, 0, heads.query(), size);
  }

  /**
   * The attention mask, bool, which broadcasts to {@code [batch,N,T,S]}; null if nothing is masked.
   */
  private static @Nullable Value seen(
      KerasLayer layer, KerasTensor query, KerasTensor value, @Nullable KerasTensor key) {
    GraphBuilder b = layer.builder();
    Value seen = null;
    Value queryMask = maskArgument(layer, "query_mask", query.mask());
    Value valueMask = maskArgument(layer, "value_mask", value.mask());
    Value keyMask = key == null ? null : maskArgument(layer, "key_mask", key.mask());
    if (queryMask != null) {
      seen = b.unsqueeze(queryMask, 1, 3);
    }
    if (valueMask != null) {
      seen = both(b, seen, b.unsqueeze(valueMask, 1, 2));
    }
    if (keyMask != null) {
      seen = both(b, seen, b.unsqueeze(keyMask, 1, 2));
    }
    if (layer.truthArgument("use_causal_mask")) {
      seen = both(b, seen, causal(b, query.value(), value.value(), 1));
    }
    if (layer.config().has("sliding_window")) {
      Value window = b.constant(layer.config().whole("sliding_window"));
      Value near =
          positions(
              b,
              query.value(),
              value.value(),
              1,
              (row, column) -> b.less(b.abs(b.sub(row, column)), window));
      seen = both(b, seen, near);
    }
    Optional<KerasTensor> given = layer.tensorArgument("attention_mask", -1);
    if (given.isPresent()) {
      Value mask = truth(b, given.get().value());
      seen = both(b, seen, KerasLayer.rank(mask) == 3 ? b.unsqueeze(mask, 1) : mask);
    }
    return seen;
  }

  private static @Nullable Value maskArgument(
      KerasLayer layer, String name, @Nullable Value implied) {
    return layer
        .tensorArgument(name, -1)
        .map(t -> truth(layer.builder(), t.value()))
        .orElse(implied);
  }

  private static Value truth(GraphBuilder b, Value mask) {
    return b.castLike(mask, b.constant(Tensor.scalar(true)));
  }

  /**
   * Softmax over the positions that are not masked. A row that is masked entirely becomes uniform
   * in Keras's fused attention, and zero where Keras calls its Softmax layer.
   */
  private static Value masked(KerasLayer layer, Value scores, @Nullable Value seen) {
    GraphBuilder b = layer.builder();
    if (seen == null) {
      return b.softmax(scores, 3);
    }
    boolean fused =
        layer.config().number("dropout", 0) == 0 && !layer.truthArgument("return_attention_scores");
    double least = KerasLayer.type(scores).bits() == 16 ? -3e4 : -1e9;
    Value weights = b.softmax(b.where(seen, scores, b.scalarLike(scores, least)), 3);
    return fused ? weights : b.where(seen, weights, b.scalarLike(weights, 0));
  }
}
