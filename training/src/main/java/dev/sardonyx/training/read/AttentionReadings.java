package dev.sardonyx.training.read;

import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.build.ControlFlowOps.ScanStep;
import dev.sardonyx.ir.build.GraphBuilder;
import dev.sardonyx.training.read.samediff.DotProductAttention;
import dev.sardonyx.training.read.samediff.DotProductAttention.Heads;
import java.util.List;
import org.deeplearning4j.nn.conf.graph.AttentionVertex;
import org.deeplearning4j.nn.conf.layers.RecurrentAttentionLayer;
import org.deeplearning4j.nn.conf.layers.SelfAttentionLayer;
import org.jspecify.annotations.Nullable;

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
        ? heads(site).attention(site.b(), queries, keys, values, site.mask(), true)
        : DotProductAttention.of(site.b(), queries, keys, values, site.mask(), true);
  }

  private static Heads heads(Site site) {
    return new Heads(
        site.array(QUERIES).size(0),
        flat(site, QUERIES),
        flat(site, KEYS),
        flat(site, VALUES),
        site.weights(OUT, array -> array.transpose().dup('c')));
  }

  private static Value flat(Site site, String key) {
    return site.weights(
        key, array -> array.dup('c').reshape('c', array.size(0) * array.size(1), array.size(2)));
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
    Heads heads = layer.isProjectInput() ? heads(site) : null;
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
    Value attended =
        heads == null
            ? DotProductAttention.of(b, query, x, x, site.mask(), true)
            : heads.attention(b, query, x, x, site.mask(), true);
    Value product = b.matMul(b.squeeze(attended, 2), r);
    Value part = b.where(slices.get(1), product, b.scalarLike(product, 0));
    Site inside = site.in(b);
    Value next =
        ActivationReadings.inGraph(layer.getActivation(), inside, b.add(slices.get(0), part));
    return new ScanStep(List.of(next), List.of(next));
  }
}
