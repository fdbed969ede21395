package dev.sardonyx.ir.nn;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.build.GraphBuildException;
import dev.sardonyx.ir.build.GraphBuilder;
import dev.sardonyx.ir.build.OperatorBuilder;
import dev.sardonyx.ir.nn.AttentionLayers.AttentionWithPast;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Builds one multi-head attention layer of any form. Inside, heads are an axis of their own: {@code
 * [N,heads,T,size]}.
 */
final class Attention {
  /** Takes the place of the scores that are left out, so that a row without others is no NaN. */
  private static final float LEFT_OUT = -Float.MAX_VALUE;

  /** Keys and values of earlier positions. */
  private record Past(Value key, Value value) {}

  private final Layers layers;
  private final GraphBuilder b;
  private final AttentionOptions options;

  Attention(Layers layers, AttentionOptions options) {
    this.layers = layers;
    this.b = layers.builder();
    this.options = options;
    Layers.positive("multiHeadAttention", "heads", options.heads());
    Layers.positive("multiHeadAttention", "heads of keys and values", options.keyValueHeads());
    if (options.heads() % options.keyValueHeads() != 0) {
      throw GraphBuildException.here(
          "multiHeadAttention: "
              + options.keyValueHeads()
              + " heads of keys and values cannot be shared evenly among "
              + options.heads()
              + " of queries; choose a divisor");
    }
  }

  /** The shape of sequences {@code [N,T,E]} whose E is known. */
  static Shape sequences(Value x, String user) {
    Shape shape = OperatorBuilder.shapeOf(x);
    if (!shape.isRanked() || shape.rank() != 3 || !shape.dim(2).isFixed()) {
      throw GraphBuildException.here(
          user + " takes sequences [N,T,E] with a fixed E, but " + x.name() + " is " + x.type());
    }
    return shape;
  }

  Value self(Value x) {
    long size = headSize(x);
    return layers.inScope("attention", () -> build(x, x, size, null).output());
  }

  Value cross(Value x, Value context) {
    long size = headSize(x);
    sequences(context, "multiHeadAttention");
    if (options.rotaryBase() != 0) {
      throw GraphBuildException.here(
          "multiHeadAttention: rotary positions are those of one sequence, but queries are of "
              + x.name()
              + " and keys of "
              + context.name());
    }
    return layers.inScope("attention", () -> build(x, context, size, null).output());
  }

  AttentionWithPast withPast(Value x, Value pastKey, Value pastValue) {
    long size = headSize(x);
    requirePast(pastKey, size);
    requirePast(pastValue, size);
    return b.scope(b.freshName("attention"), () -> build(x, x, size, new Past(pastKey, pastValue)));
  }

  private long headSize(Value x) {
    long elements = sequences(x, "multiHeadAttention").dim(2).value();
    if (options.headSize() == 0 && elements % options.heads() != 0) {
      throw GraphBuildException.here(
          "multiHeadAttention: "
              + options.heads()
              + " heads do not divide the "
              + elements
              + " elements of "
              + x.name()
              + " "
              + x.type()
              + "; choose a divisor or give the size of a head");
    }
    long size = options.headSize() == 0 ? elements / options.heads() : options.headSize();
    Layers.positive("multiHeadAttention", "the size of a head", size);
    if (options.rotaryBase() < 0 || options.rotaryBase() > 0 && size % 2 != 0) {
      throw GraphBuildException.here(
          "multiHeadAttention: rotary positions need a base above 0 and heads of even size, not "
              + options.rotaryBase()
              + " and "
              + size);
    }
    return size;
  }

  private void requirePast(Value past, long size) {
    Shape expected = Shape.parse("N," + options.keyValueHeads() + ",P," + size);
    Shape shape = OperatorBuilder.shapeOf(past);
    if (!shape.isRanked()
        || shape.rank() != 4
        || !shape.dim(1).isCompatibleWith(expected.dim(1))
        || !shape.dim(3).isCompatibleWith(expected.dim(3))) {
      throw GraphBuildException.here(
          "multiHeadAttention: past keys and values are "
              + expected
              + ", but "
              + past.name()
              + " is "
              + past.type());
    }
  }

  private AttentionWithPast build(Value x, Value context, long size, @Nullable Past past) {
    boolean bias = options.bias();
    Value query = heads(layers.dense("query", x, options.heads() * size, bias), options.heads());
    long shared = options.keyValueHeads();
    Value key = heads(layers.dense("key", context, shared * size, bias), shared);
    Value value = heads(layers.dense("value", context, shared * size, bias), shared);
    Positions positions = positions(x, context, past);
    if (options.rotaryBase() != 0) {
      Rotation rotation = rotation(positions.queries(), size);
      query = rotation.turn(query);
      key = rotation.turn(key);
    }
    AttentionWithPast seen =
        b.opset() >= 23
            ? asOperator(query, key, value, past, positions)
            : decomposed(query, key, value, size, past, positions);
    Value merged = b.reshape(b.transpose(seen.output(), 0, 2, 1, 3), 0, 0, options.heads() * size);
    long elements = OperatorBuilder.shapeOf(x).dim(2).value();
    return new AttentionWithPast(
        layers.dense("output", merged, elements, bias), seen.presentKey(), seen.presentValue());
  }

  /** {@code [N,T,heads*size]} to {@code [N,heads,T,size]}. */
  private Value heads(Value x, long heads) {
    long size = OperatorBuilder.shapeOf(x).dim(2).value() / heads;
    return b.transpose(b.reshape(x, 0, 0, heads, size), 0, 2, 1, 3);
  }

  // Positions

  /**
   * The numbers of the positions, int64 vectors: those of the queries follow on the past ones.
   *
   * @param queries {@code [S]}
   * @param keys {@code [P+T]}
   */
  private record Positions(@Nullable Value queries, @Nullable Value keys) {}

  /** Positions as far as they are needed. */
  private Positions positions(Value x, Value context, @Nullable Past past) {
    boolean seen = options.causal() && (b.opset() < 23 || past != null);
    if (!seen && options.rotaryBase() == 0) {
      return new Positions(null, null);
    }
    Value one = b.constant(1L);
    Value zero = b.constant(0L);
    Value first = past == null ? zero : length(past.key(), 2);
    Value end = past == null ? length(x, 1) : b.add(first, length(x, 1));
    Value queries = b.range(first, end, one);
    if (!seen) {
      return new Positions(queries, null);
    }
    boolean same = past == null && context == x;
    Value keys = same ? queries : b.range(zero, past == null ? length(context, 1) : end, one);
    return new Positions(queries, keys);
  }

  private Value length(Value x, long axis) {
    return b.squeeze(b.shape(x, axis, axis + 1), 0);
  }

  /**
   * Rotary position embeddings.
   *
   * @param cos {@code [T,size/2]}
   * @param sin {@code [T,size/2]}
   */
  private record Rotation(GraphBuilder b, Value cos, Value sin) {
    Value turn(Value x) {
      List<Value> halves = b.splitEvenly(x, -1, 2);
      Value a = halves.get(0);
      Value c = halves.get(1);
      return b.concat(-1, b.sub(b.mul(a, cos), b.mul(c, sin)), b.add(b.mul(c, cos), b.mul(a, sin)));
    }
  }

  private Rotation rotation(@Nullable Value positions, long size) {
    if (positions == null) {
      throw new IllegalStateException("Rotary embeddings need positions");
    }
    float[] frequencies = new float[Math.toIntExact(size / 2)];
    for (int i = 0; i < frequencies.length; i++) {
      frequencies[i] = (float) Math.pow(options.rotaryBase(), -2.0 * i / size);
    }
    Value each = b.constant("frequencies", Tensor.ofFloats(frequencies, frequencies.length));
    Value angles = b.mul(b.unsqueeze(b.cast(positions, ElementType.FLOAT), 1), each);
    return new Rotation(b, b.cos(angles), b.sin(angles));
  }

  // Attention itself

  /** ONNX's operator, which knows no past in its causal mask: that is then made here. */
  private AttentionWithPast asOperator(
      Value query, Value key, Value value, @Nullable Past past, Positions positions) {
    boolean own = options.causal() && past == null;
    Value mask = options.mask();
    if (!own && options.causal()) {
      Value seen = seen(positions);
      mask = mask == null ? seen : mask(mask, seen);
    }
    List<Value> all =
        b.nodes(
            "Attention",
            past == null ? 1 : 3,
            OperatorBuilder.inputs(
                query,
                key,
                value,
                mask,
                past == null ? null : past.key(),
                past == null ? null : past.value()),
            Attribute.ofInt("is_causal", own ? 1 : 0));
    return past == null
        ? new AttentionWithPast(all.get(0), key, value)
        : new AttentionWithPast(all.get(0), all.get(1), all.get(2));
  }

  private AttentionWithPast decomposed(
      Value query, Value key, Value value, long size, @Nullable Past past, Positions positions) {
    Value keys = past == null ? key : b.concat(2, past.key(), key);
    Value values = past == null ? value : b.concat(2, past.value(), value);
    Value scores = b.matMul(query, b.transpose(repeated(keys, size), 0, 1, 3, 2));
    scores = b.mul(scores, b.scalarLike(scores, 1 / Math.sqrt((double) size)));
    if (options.mask() != null) {
      scores = masked(scores, options.mask());
    }
    if (options.causal()) {
      scores = masked(scores, seen(positions));
    }
    Value weights = b.softmax(scores, -1);
    return new AttentionWithPast(b.matMul(weights, repeated(values, size)), keys, values);
  }

  /** Which keys a query sees, boolean {@code [S,P+T]}. */
  private Value seen(Positions positions) {
    if (positions.queries() == null || positions.keys() == null) {
      throw new IllegalStateException("A causal mask needs positions");
    }
    return b.lessOrEqual(b.unsqueeze(positions.keys(), 0), b.unsqueeze(positions.queries(), 1));
  }

  /** A mask that leaves out what either does. */
  private Value mask(Value mask, Value seen) {
    return isBoolean(mask) ? b.and(mask, seen) : masked(mask, seen);
  }

  private Value masked(Value scores, Value mask) {
    return isBoolean(mask)
        ? b.where(mask, scores, b.scalarLike(scores, LEFT_OUT))
        : b.add(scores, mask);
  }

  private static boolean isBoolean(Value mask) {
    return OperatorBuilder.elementType(mask) == ElementType.BOOL;
  }

  /** Each head of keys or values for all queries that share it. */
  private Value repeated(Value x, long size) {
    long times = options.heads() / options.keyValueHeads();
    if (times == 1) {
      return x;
    }
    Value many = b.expand(b.unsqueeze(x, 2), 1, 1, times, 1, 1);
    return b.reshape(many, 0, options.heads(), -1, size);
  }
}
