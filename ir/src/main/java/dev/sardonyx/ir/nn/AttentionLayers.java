package dev.sardonyx.ir.nn;

import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.build.GraphBuildException;
import dev.sardonyx.ir.build.GraphBuilder;
import java.util.function.UnaryOperator;

/**
 * What transformers are made of. Sequences are {@code [N,T,E]}: N of them, T positions, E elements
 * a position; E must be known.
 */
public interface AttentionLayers extends LayerBuilder {
  /**
   * {@link #embedding(Value, long, long, Initializer)}, uniform within 0.05 at first, as Keras'.
   */
  default Value embedding(Value ids, long count, long size) {
    return embedding(ids, count, size, Initializer.randomUniform(-0.05f, 0.05f));
  }

  /**
   * A row of a table for each number (ONNX {@code Gather}). The weight is {@code [count,size]}.
   *
   * @param ids int32 or int64 of any shape, from 0 (inclusive) to {@code count} (exclusive)
   * @return {@code [shape of ids..., size]}
   */
  default Value embedding(Value ids, long count, long size, Initializer first) {
    boolean integers =
        ids.type() instanceof TensorType t
            && (t.elementType() == ElementType.INT64 || t.elementType() == ElementType.INT32);
    if (!integers) {
      throw GraphBuildException.here(
          "embedding takes numbers int32 or int64, but " + ids.name() + " is " + ids.type());
    }
    Layers.positive("embedding", "count", count);
    Layers.positive("embedding", "size", size);
    String name = builder().freshName("embedding");
    Value table = layers().parameter(first, name + ".weight", count, size, count, size);
    return builder().named(name).gather(table, ids, 0);
  }

  /**
   * Adds a trained vector for each position, from the first on. The weight is {@code [length,E]}.
   *
   * @param x {@code [N,T,E]}; T is at most {@code length}
   * @return {@code [N,T,E]}
   */
  default Value positionEmbedding(Value x, long length) {
    Shape shape = Attention.sequences(x, "positionEmbedding");
    Layers.positive("positionEmbedding", "length", length);
    if (shape.dim(1).isFixed() && shape.dim(1).value() > length) {
      throw GraphBuildException.here(
          "positionEmbedding has "
              + length
              + " positions, but "
              + x.name()
              + " "
              + x.type()
              + " has more; give a greater length");
    }
    long size = shape.dim(2).value();
    GraphBuilder b = builder();
    return inScope(
        "position",
        () -> {
          Initializer first = Initializer.randomUniform(-0.05f, 0.05f);
          Value table = layers().parameter(first, "weight", length, size, length, size);
          Value steps = b.squeeze(b.shape(x, 1, 2), 0);
          Value positions = b.range(b.constant(0L), steps, b.constant(1L));
          return b.add(x, b.gather(table, positions, 0));
        });
  }

  /**
   * Multi-head self-attention (Vaswani et al. 2017): {@code softmax(query * key^T / sqrt(head
   * size)) * value} in each head, all of them projections of {@code x}; ONNX {@code Attention} from
   * opset 23 on, made of older operators before.
   *
   * @param x {@code [N,T,E]}
   * @return {@code [N,T,E]}
   */
  default Value multiHeadAttention(Value x, AttentionOptions options) {
    return new Attention(layers(), options).self(x);
  }

  /**
   * Multi-head attention from one sequence to another, whose projections are keys and values.
   *
   * @param x {@code [N,S,E]}
   * @param context {@code [N,T,E']}
   * @return {@code [N,S,E]}
   */
  default Value multiHeadAttention(Value x, Value context, AttentionOptions options) {
    return new Attention(layers(), options).cross(x, context);
  }

  /**
   * What attention gives that goes on from earlier positions.
   *
   * @param output {@code [N,T,E]}
   * @param presentKey {@code [N,heads,P+T,size]}, the past key of the next call
   * @param presentValue {@code [N,heads,P+T,size]}, the past value of the next call
   */
  record AttentionWithPast(Value output, Value presentKey, Value presentValue) {}

  /**
   * Multi-head self-attention that sees earlier positions too, of which keys and values are given.
   *
   * @param x {@code [N,T,E]}, the positions from P on
   * @param pastKey {@code [N,heads,P,size]}; P may be 0; the heads are those of keys and values
   * @param pastValue {@code [N,heads,P,size]}
   */
  default AttentionWithPast multiHeadAttentionWithPast(
      Value x, Value pastKey, Value pastValue, AttentionOptions options) {
    return new Attention(layers(), options).withPast(x, pastKey, pastValue);
  }

  /**
   * A block of a transformer's encoder, or of a decoder without one if its attention is causal:
   * self-attention, then two dense layers, each added to what it was given, with normalisation.
   *
   * @param x {@code [N,T,E]}
   * @return {@code [N,T,E]}
   */
  default Value transformerBlock(Value x, TransformerOptions options) {
    long size = Attention.sequences(x, "transformerBlock").dim(2).value();
    Layers.positive("transformerBlock", "hidden units", options.hidden());
    return inScope(
        "transformer",
        () -> {
          Value seen = added(x, options, y -> multiHeadAttention(y, options.attention()));
          return added(seen, options, y -> feedForward(y, size, options));
        });
  }

  private Value feedForward(Value x, long size, TransformerOptions options) {
    GraphBuilder b = builder();
    Value hidden = layers().dense(x, options.hidden());
    hidden =
        options.activation() == TransformerOptions.Activation.GELU
            ? b.gelu(hidden)
            : b.relu(hidden);
    return layers().dense(hidden, size);
  }

  private Value added(Value x, TransformerOptions options, UnaryOperator<Value> part) {
    GraphBuilder b = builder();
    Value y = part.apply(options.preNorm() ? normalized(x, options) : x);
    y = b.add(x, options.dropout() == 0 ? y : b.dropout(y, options.dropout()));
    return options.preNorm() ? y : normalized(y, options);
  }

  private Value normalized(Value x, TransformerOptions options) {
    return options.norm() == TransformerOptions.Norm.RMS
        ? layers().rmsNorm(x)
        : layers().layerNorm(x);
  }
}
