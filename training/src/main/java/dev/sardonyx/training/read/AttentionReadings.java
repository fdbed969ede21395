package dev.sardonyx.training.read;

import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.build.ControlFlowOps.ScanStep;
import dev.sardonyx.ir.build.GraphBuilder;
import java.util.List;
import org.deeplearning4j.nn.conf.graph.AttentionVertex;
import org.deeplearning4j.nn.conf.layers.RecurrentAttentionLayer;
import org.deeplearning4j.nn.conf.layers.SelfAttentionLayer;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Dot product attention over {@code [N,C,T]}, scaled by the square root of the size of a head. With
 * projections, these are {@code [heads,size,C]} for queries, keys and values, and {@code
 * [heads*size,C]} for what comes out.
 */
final class AttentionReadings {
  private static final String QUERIES = "Wq";
  private static final String KEYS = "Wk";
  private static final String VALUES = "Wv";
  private static final String OUT = "Wo";

  private AttentionReadings() {}

  static Value self(SelfAttentionLayer layer, Site site, Value x) {
    site.require(x, 3, "[N,C,T]");
    return attention(site, x, x, x, layer.isProjectInput());
  }

  static Value vertex(AttentionVertex vertex, Site site, List<Value> inputs) {
    inputs.forEach(x -> site.require(x, 3, "[N,C,T]"));
    return attention(site, inputs.get(0), inputs.get(1), inputs.get(2), vertex.isProjectInput());
  }

  /** Attention of queries to keys, as values. */
  static Value attention(Site site, Value queries, Value keys, Value values, boolean isProjected) {
    return isProjected
        ? Heads.of(site).attention(site.b(), queries, keys, values)
        : plain(site.b(), queries, keys, values);
  }

  /**
   * Of {@code [...,C,Tq]} to {@code [...,C,T]} and {@code [...,D,T]}, giving {@code [...,D,Tq]}.
   */
  private static Value plain(GraphBuilder b, Value queries, Value keys, Value values) {
    int rank = ((TensorType) keys.type()).shape().rank();
    Value scores = b.matMul(turned(b, queries, rank), keys);
    Value size = b.castLike(b.shape(keys, rank - 2, rank - 1), keys);
    Value weights = b.softmax(b.div(scores, b.sqrt(size)), -1);
    return b.matMul(values, turned(b, weights, rank));
  }

  private static Value turned(GraphBuilder b, Value x, int rank) {
    return rank == 3 ? b.transpose(x, 0, 2, 1) : b.transpose(x, 0, 1, 3, 2);
  }

  /** The projections of attention with several heads. */
  private record Heads(long heads, long size, Value q, Value k, Value v, Value out) {
    static Heads of(Site site) {
      INDArray queries = site.array(QUERIES);
      return new Heads(
          queries.size(0),
          queries.size(1),
          flat(site, QUERIES),
          flat(site, KEYS),
          flat(site, VALUES),
          site.weights(OUT, array -> array.transpose().dup('c')));
    }

    private static Value flat(Site site, String key) {
      return site.weights(
          key, array -> array.dup('c').reshape('c', array.size(0) * array.size(1), array.size(2)));
    }

    Value attention(GraphBuilder b, Value queries, Value keys, Value values) {
      Value y = plain(b, split(b, q, queries), split(b, k, keys), split(b, v, values));
      Value together = b.reshape(y, b.concat(0, b.shape(y, 0, 1), joined(b), b.shape(y, 3, 4)));
      return b.matMul(out, together);
    }

    /** {@code [heads*size,C]} times {@code [N,C,T]} as {@code [N,heads,size,T]}. */
    private Value split(GraphBuilder b, Value projection, Value x) {
      Value product = b.matMul(projection, x);
      Value parts = b.constant(Tensor.ofLongs(new long[] {heads, size}, 2));
      return b.reshape(product, b.concat(0, b.shape(product, 0, 1), parts, b.shape(product, 2, 3)));
    }

    private Value joined(GraphBuilder b) {
      return b.constant(Tensor.ofLongs(new long[] {heads * size}, 1));
    }
  }

  /**
   * A recurrent layer that at each step but the first adds what its last state attends to in the
   * whole sequence.
   */
  static Value recurrent(RecurrentAttentionLayer layer, Site site, Value x) {
    site.require(x, 3, "[N,C,T]");
    GraphBuilder b = site.b();
    Value steps = b.transpose(x, 2, 0, 1);
    Value product = b.matMul(steps, site.weights("W"));
    Value pre = layer.isHasBias() ? b.add(product, site.vector("b")) : product;
    Value r = site.weights("RW");
    Heads heads = layer.isProjectInput() ? Heads.of(site) : null;
    Value number = Sequences.numbers(b, b.slice(pre, 2, 0, 1));
    Value follows = b.greater(number, b.constant(1f));
    Value zero = Sequences.zeros(b, pre, site.array("RW").size(1));
    List<Value> all =
        b.scan(
            List.of(zero),
            List.of(pre, follows),
            (body, state, slices) -> step(layer, site, body, state.get(0), slices, x, r, heads));
    return b.transpose(all.get(1), 1, 2, 0);
  }

  private static ScanStep step(
      RecurrentAttentionLayer layer,
      Site site,
      GraphBuilder b,
      Value last,
      List<Value> slices,
      Value x,
      Value r,
      @Nullable Heads heads) {
    Value query = b.unsqueeze(last, 2);
    Value attended = heads == null ? plain(b, query, x, x) : heads.attention(b, query, x, x);
    Value product = b.matMul(b.squeeze(attended, 2), r);
    Value part = b.where(slices.get(1), product, b.scalarLike(product, 0));
    Site inside = site.in(b);
    Value next =
        ActivationReadings.apply(
            layer.getActivation().getActivationFunction(), inside, b.add(slices.get(0), part));
    return new ScanStep(List.of(next), List.of(next));
  }
}
