package dev.sardonyx.export.keras;

import dev.sardonyx.ir.Dim;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.build.GraphBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BinaryOperator;
import org.jspecify.annotations.Nullable;

/** Attention layers. T is the number of query steps, S that of key and value steps. */
final class AttentionReaders {
  static final Map<String, LayerReader> LAYERS = new TreeMap<>();

  static {
    LAYERS.put("Attention", l -> plain(l, AttentionReaders::dotOrConcat));
    LAYERS.put("AdditiveAttention", l -> plain(l, AttentionReaders::additive));
    LAYERS.putAll(HeadsReaders.LAYERS);
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
      seen = both(b, seen, causal(b, query, value));
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

  static Value both(GraphBuilder b, @Nullable Value one, Value other) {
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
  static Value causal(GraphBuilder b, Value query, Value value) {
    return positions(b, query, value, (row, column) -> b.lessOrEqual(column, row));
  }

  /** Bool {@code [T,S]} of the positions of query and value along their second axes. */
  static Value positions(GraphBuilder b, Value query, Value value, BinaryOperator<Value> sees) {
    Value rows = b.unsqueeze(range(b, query, 1), 1);
    Value columns = b.unsqueeze(range(b, value, 1), 0);
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
}
