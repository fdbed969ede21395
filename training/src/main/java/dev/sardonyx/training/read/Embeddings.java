package dev.sardonyx.training.read;

import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.build.GraphBuilder;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.layers.EmbeddingLayer;
import org.deeplearning4j.nn.conf.layers.EmbeddingSequenceLayer;
import org.deeplearning4j.nn.params.DefaultParamInitializer;

/** Rows of a table, by indices that DL4J takes as floats. */
final class Embeddings {
  private Embeddings() {}

  /** {@code [N,1]} to {@code [N,out]}. */
  static Value one(EmbeddingLayer layer, Site site, Value x) {
    site.require(x, 2, "[N,1]");
    Value indices = site.b().squeeze(x, 1);
    Value rows = rows(site, indices, layer.hasBias());
    return ActivationReadings.apply(layer.getActivationFn(), site, rows);
  }

  /** {@code [N,T]} or {@code [N,1,T]} to {@code [N,out,T]} or {@code [N,T,out]}. */
  static Value sequence(EmbeddingSequenceLayer layer, Site site, Value x) {
    Value indices =
        switch (site.rank(x)) {
          case 2 -> x;
          case 3 -> site.b().squeeze(x, 1);
          default -> throw site.refuse("its input is %s, not [N,T]".formatted(site.shape(x)));
        };
    Value rows = rows(site, indices, layer.hasBias());
    Value y = layer.getOutputFormat() == RNNFormat.NCW ? site.channelsFirst(rows) : rows;
    return ActivationReadings.apply(layer.getActivationFn(), site, y);
  }

  private static Value rows(Site site, Value indices, boolean hasBias) {
    GraphBuilder b = site.b();
    Value table = site.weights(DefaultParamInitializer.WEIGHT_KEY);
    Value rows = b.gather(table, b.cast(indices, ElementType.INT64), 0);
    return hasBias ? b.add(rows, site.vector(DefaultParamInitializer.BIAS_KEY)) : rows;
  }
}
