package dev.sardonyx.export.keras;

import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.build.GraphBuilder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Attention of several heads over any axes of {@code [batch,...,features]}. Inside, the axes are
 * {@code [batch,others...,heads,steps,size]}, where the steps are all attended axes as one: T of
 * the query, S of key and value.
 */
final class HeadsReaders {
  static final Map<String, LayerReader> LAYERS = new TreeMap<>();

  static {
    LAYERS.put("MultiHeadAttention", HeadsReaders::multiHead);
    LAYERS.put("GroupQueryAttention", HeadsReaders::grouped);
    LAYERS.put("GroupedQueryAttention", HeadsReaders::grouped);
  }

  private HeadsReaders() {}

  /**
   * The settings in which the two layers differ.
   *
   * @param axes that are attended
   * @param dropsMasks whether it takes the masks of its inputs away, and that of the query is the
   *     one that it has, whatever the call says
   */
  private record Heads(
      long query,
      long keyValue,
      long size,
      long valueSize,
      List<Integer> axes,
      boolean dropsMasks) {
    double scale() {
      return 1 / Math.sqrt((double) size);
    }

    /** The axes that are neither batch nor attended nor heads nor size. */
    int[] others(int rank) {
      return IntStream.range(1, rank - 1).filter(a -> !axes.contains(a)).toArray();
    }
  }

  private static List<KerasTensor> multiHead(KerasLayer layer) {
    LayerConfig config = layer.config();
    int rank = rank(layer);
    List<Integer> axes =
        config.has("attention_axes")
            ? Arrays.stream(config.wholes("attention_axes"))
                .mapToObj(a -> KerasLayer.axis(a, rank))
                .toList()
            : IntStream.range(1, rank - 1).boxed().toList();
    long size = config.whole("key_dim");
    long heads = config.whole("num_heads");
    long[] out =
        config.has("output_shape")
            ? config.wholes("output_shape")
            : new long[] {KerasLayer.dim(layer.input(), -1)};
    return attend(
        layer, new Heads(heads, heads, size, config.whole("value_dim", size), axes, true), out);
  }

  private static List<KerasTensor> grouped(KerasLayer layer) {
    LayerConfig config = layer.config();
    long size = config.whole("head_dim");
    long query = config.whole("num_query_heads");
    long keyValue = config.whole("num_key_value_heads");
    if (keyValue < 1 || query % keyValue != 0) {
      throw layer.broken("its " + query + " heads do not share " + keyValue);
    }
    if (rank(layer) != 3) {
      throw layer.refusal("its tensors have not the shape [batch, steps, features]");
    }
    return attend(
        layer,
        new Heads(query, keyValue, size, size, List.of(1), false),
        KerasLayer.dim(layer.input(), -1));
  }

  private static int rank(KerasLayer layer) {
    int rank = KerasLayer.rank(layer.input());
    if (rank < 3 || rank != KerasLayer.rank(value(layer).value())) {
      throw layer.refusal("its tensors have not the shape [batch, steps..., features]");
    }
    return rank;
  }

  private static KerasTensor value(KerasLayer layer) {
    return layer.tensorArgument("value", 1).orElseThrow(() -> layer.broken("has no value"));
  }

  private static List<KerasTensor> attend(KerasLayer layer, Heads heads, long... out) {
    GraphBuilder b = layer.builder();
    boolean bias = layer.config().truth("use_bias", true);
    KerasTensor query = layer.inputTensor();
    KerasTensor value = value(layer);
    KerasTensor key = layer.tensorArgument("key", 2).orElse(value);
    Value q = project(layer, "query", query.value(), bias, heads.query(), heads.size());
    Value k = project(layer, "key", key.value(), bias, heads.keyValue(), heads.size());
    Value gate =
        layer.config().truth("use_gate", false)
            ? b.sigmoid(
                project(layer, "gate", query.value(), bias, heads.query(), heads.valueSize()))
            : null;
    Value v = project(layer, "value", value.value(), bias, heads.keyValue(), heads.valueSize());
    Value inQuery = inside(b, b.mul(q, b.scalarLike(q, heads.scale())), heads, false);
    Value inKey = inside(b, repeated(b, k, heads, heads.size()), heads, true);
    Value inValue = inside(b, repeated(b, v, heads, heads.valueSize()), heads, false);
    Value scores =
        b.matMul(
            merged(b, inQuery, heads, heads.size(), false),
            merged(b, inKey, heads, heads.size(), true));
    Value weights = masked(layer, heads, scores, seen(layer, heads, query, value));
    Value mixed = b.matMul(weights, merged(b, inValue, heads, heads.valueSize(), false));
    Value steps = outside(b, split(b, mixed, inQuery, heads), heads);
    steps = gate == null ? steps : b.mul(steps, gate);
    KerasLayer last = layer.part("output_dense", "_output_dense");
    Value y = DenseReaders.project(last, steps, bias, 2, out);
    List<KerasTensor> outputs = new ArrayList<>(List.of(new KerasTensor(y, query.mask())));
    if (layer.truthArgument("return_attention_scores")) {
      outputs.add(KerasTensor.of(splitScores(b, weights, inQuery, inValue, heads)));
    }
    if (heads.dropsMasks()) {
      List.of(query, value, key).forEach(layer::dropMask);
    }
    return outputs;
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

  // Axes

  /**
   * From {@code [batch,...,heads,size]} to {@code [batch,others...,heads,attended...,size]}.
   *
   * @param sizeFirst whether the size goes before the attended axes
   */
  private static Value inside(GraphBuilder b, Value x, Heads heads, boolean sizeFirst) {
    return b.transpose(x, order(KerasLayer.rank(x), heads, sizeFirst));
  }

  private static long[] order(int rank, Heads heads, boolean sizeFirst) {
    List<Integer> order = new ArrayList<>(List.of(0));
    Arrays.stream(heads.others(rank - 1)).forEach(order::add);
    order.add(rank - 2);
    order.addAll(heads.axes());
    order.add(sizeFirst ? order.size() - heads.axes().size() : order.size(), rank - 1);
    return order.stream().mapToLong(Integer::longValue).toArray();
  }

  /** From {@code [batch,others...,heads,attended...,size]} to {@code [batch,...,heads,size]}. */
  private static Value outside(GraphBuilder b, Value x, Heads heads) {
    long[] order = order(KerasLayer.rank(x), heads, false);
    long[] back = new long[order.length];
    for (int i = 0; i < order.length; i++) {
      back[(int) order[i]] = i;
    }
    return b.transpose(x, back);
  }

  /** All attended axes as one. */
  private static Value merged(GraphBuilder b, Value x, Heads heads, long size, boolean sizeFirst) {
    int attended = heads.axes().size();
    if (attended == 1) {
      return x;
    }
    List<Shapes.Part> shape = new ArrayList<>(front(x, heads));
    shape.add(Shapes.Part.size(sizeFirst ? size : -1));
    shape.add(Shapes.Part.size(sizeFirst ? -1 : size));
    return b.reshape(x, Shapes.of(b, x, shape));
  }

  /** The axes before the attended ones. */
  private static List<Shapes.Part> front(Value x, Heads heads) {
    int count = KerasLayer.rank(x) - heads.axes().size() - 1;
    return IntStream.range(0, count).mapToObj(Shapes.Part::axis).toList();
  }

  /** The attended axes apart again, as the query has them. */
  private static Value split(GraphBuilder b, Value mixed, Value inQuery, Heads heads) {
    if (heads.axes().size() == 1) {
      return mixed;
    }
    List<Shapes.Part> shape = new ArrayList<>();
    for (int i = 0; i < KerasLayer.rank(inQuery) - 1; i++) {
      shape.add(Shapes.Part.axis(i));
    }
    shape.add(Shapes.Part.size(heads.valueSize()));
    return b.reshape(mixed, Shapes.of(b, inQuery, shape));
  }

  /** Scores {@code [batch,others...,heads,attended of the query...,attended of the key...]}. */
  private static Value splitScores(
      GraphBuilder b, Value weights, Value inQuery, Value inValue, Heads heads) {
    int attended = heads.axes().size();
    if (attended == 1) {
      return weights;
    }
    int rank = KerasLayer.rank(inQuery);
    Value shape =
        b.concat(
            0,
            Shapes.sizes(b, inQuery, 0, rank - 1),
            Shapes.sizes(b, inValue, rank - 1 - attended, rank - 1));
    return b.reshape(weights, shape);
  }

  // Masks

  /** What of {@code [batch,T,S]}, or with more axes before, is seen; null if nothing is masked. */
  private static @Nullable Value seen(
      KerasLayer layer, Heads heads, KerasTensor query, KerasTensor value) {
    GraphBuilder b = layer.builder();
    Optional<KerasTensor> key = layer.tensorArgument("key", 2);
    Value queryMask = heads.dropsMasks() ? query.mask() : maskArgument(layer, "query_mask", query);
    Value valueMask = maskArgument(layer, "value_mask", value);
    Value keyMask = key.map(k -> maskArgument(layer, "key_mask", k)).orElse(null);
    Value seen = queryMask == null ? null : b.unsqueeze(queryMask, -1);
    for (Value mask : Arrays.asList(valueMask, keyMask)) {
      seen = mask == null ? seen : AttentionReaders.both(b, seen, b.unsqueeze(mask, -2));
    }
    if (seen != null && heads.axes().size() > 1) {
      throw layer.refusal("its tensors have masks, and it attends over several axes");
    }
    if (layer.truthArgument("use_causal_mask")) {
      Value causal = AttentionReaders.causal(b, query.value(), value.value());
      seen = AttentionReaders.both(b, seen, causal);
    }
    if (layer.config().has("sliding_window")) {
      Value window = b.constant(layer.config().whole("sliding_window"));
      Value near =
          AttentionReaders.positions(
              b,
              query.value(),
              value.value(),
              (row, column) -> b.less(b.abs(b.sub(row, column)), window));
      seen = AttentionReaders.both(b, seen, near);
    }
    Optional<KerasTensor> given = layer.tensorArgument("attention_mask", -1);
    return given.isEmpty() ? seen : AttentionReaders.both(b, seen, truth(b, given.get().value()));
  }

  private static @Nullable Value maskArgument(KerasLayer layer, String name, KerasTensor of) {
    Optional<KerasTensor> given = layer.tensorArgument(name, -1);
    return given.isPresent() ? truth(layer.builder(), given.get().value()) : of.mask();
  }

  private static Value truth(GraphBuilder b, Value mask) {
    return b.castLike(mask, b.constant(Tensor.scalar(true)));
  }

  /** The mask with as many axes as the scores: those that it lacks come before T. */
  private static Value expanded(GraphBuilder b, Value seen, Heads heads, Value scores) {
    int steps = 2 * heads.axes().size();
    int rank = KerasLayer.rank(scores);
    int before = KerasLayer.rank(seen) - steps;
    Value mask = seen;
    if (steps > 2 && before >= 0) {
      Value merged = Shapes.sizes(b, scores, rank - 2, rank);
      mask =
          b.reshape(
              seen, before == 0 ? merged : b.concat(0, Shapes.sizes(b, seen, 0, before), merged));
    }
    int own = KerasLayer.rank(mask);
    long[] missing = IntStream.range(own - 2, rank - 2).mapToLong(i -> i).toArray();
    return own < 3 || missing.length == 0 ? mask : b.unsqueeze(mask, missing);
  }

  /**
   * Softmax over the positions that are not masked. A row that is masked entirely becomes uniform
   * in Keras's fused attention, and zero where Keras calls its Softmax layer.
   */
  private static Value masked(KerasLayer layer, Heads heads, Value scores, @Nullable Value given) {
    GraphBuilder b = layer.builder();
    int rank = KerasLayer.rank(scores);
    if (given == null) {
      return b.softmax(scores, rank - 1);
    }
    Value seen = expanded(b, given, heads, scores);
    boolean fused =
        layer.config().number("dropout", 0) == 0
            && !layer.truthArgument("return_attention_scores")
            && KerasLayer.rank(layer.input()) == 3;
    double least = KerasLayer.type(scores).bits() == 16 ? -3e4 : -1e9;
    Value weights = b.softmax(b.where(seen, scores, b.scalarLike(scores, least)), rank - 1);
    return fused ? weights : b.where(seen, weights, b.scalarLike(weights, 0));
  }
}
