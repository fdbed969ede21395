package dev.sardonyx.training.read.samediff;

import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.build.GraphBuilder;
import org.jspecify.annotations.Nullable;

/** Biases, normalisation and attention. */
final class LayerOperators {
  private LayerOperators() {}

  static void add(OperatorTable.Builder table) {
    table.one("biasadd", LayerOperators::bias);
    table.one("batchnorm", LayerOperators::batch);
    table.one("layer_norm", LayerOperators::layer);
    table.one("lrn", LayerOperators::localResponse);
    table.one("dot_product_attention", LayerOperators::attention);
    table.one("multi_head_dot_product_attention", LayerOperators::heads);
  }

  private static Value bias(OperatorSite site) {
    int rank = site.rank(site.x());
    int axis = site.flag(0) ? 1 : rank - 1;
    return site.b().add(site.x(), site.along(site.in(1), axis, rank));
  }

  /** {@code (x - mean) gamma / sqrt(variance + epsilon) + beta} along one axis. */
  private static Value batch(OperatorSite site) {
    GraphBuilder b = site.b();
    Value x = site.x();
    int rank = site.rank(x);
    if (site.integers().length > 3) {
      throw site.refuse("ONNX normalises along one axis");
    }
    int axis = site.hasInteger(2) ? site.axis(x, site.integer(2)) : rank - 1;
    int next = 3;
    Value gamma = site.integer(0) != 0 ? site.in(next++) : null;
    Value beta = site.integer(1) != 0 ? site.in(next) : null;
    Value variance = site.in(2);
    Value deviation = b.sqrt(b.add(variance, site.like(variance, site.number(0))));
    Value scale = gamma == null ? b.reciprocal(deviation) : b.div(gamma, deviation);
    Value apart = b.sub(x, site.along(site.in(1), axis, rank));
    Value y = b.mul(apart, site.along(scale, axis, rank));
    return beta == null ? y : b.add(y, site.along(beta, axis, rank));
  }

  /** Standardised along axes, then by a gain and with a bias along one. */
  private static Value layer(OperatorSite site) {
    GraphBuilder b = site.b();
    int rank = site.rank(site.x());
    int axis = site.flag(0) ? 1 : rank - 1;
    Value y = ReductionOperators.standardized(site, site.integers());
    Value scaled = b.mul(y, site.along(site.in(1), axis, rank));
    return site.has(2) ? b.add(scaled, site.along(site.in(2), axis, rank)) : scaled;
  }

  /** Over so many places on both sides along the last axis. */
  private static Value localResponse(OperatorSite site) {
    if (site.rank(site.x()) != 4) {
      throw site.refuse("its input %s is no image".formatted(site.shape(site.x())));
    }
    long size = 2 * site.integer(0) + 1;
    return ConvolutionOperators.channelsFirst(
        site,
        site.x(),
        true,
        x ->
            site.b()
                .lrn(
                    x,
                    size,
                    (float) (site.number(1) * size),
                    (float) site.number(2),
                    (float) site.number(0)));
  }

  private static @Nullable Value mask(OperatorSite site, int index) {
    ElementType type = site.type(site.x());
    return site.has(index) ? site.cast(site.in(index), type) : null;
  }

  private static Value attention(OperatorSite site) {
    requireNoWeights(site);
    return DotProductAttention.of(
        site.b(), site.in(0), site.in(1), site.in(2), mask(site, 3), site.integer(0) != 0);
  }

  private static void requireNoWeights(OperatorSite site) {
    if (site.types().size() > 1) {
      throw site.refuse("it gives the weights, too, which this importer does not");
    }
  }

  private static Value heads(OperatorSite site) {
    requireNoWeights(site);
    GraphBuilder b = site.b();
    Value[] flat = new Value[3];
    for (int i = 0; i < flat.length; i++) {
      Value projection = site.in(3 + i);
      flat[i] = b.reshape(projection, -1, site.size(projection, 2));
    }
    long[] turned = {1, 0};
    DotProductAttention.Heads heads =
        new DotProductAttention.Heads(
            site.size(site.in(3), 0), flat[0], flat[1], flat[2], b.transpose(site.in(6), turned));
    return heads.attention(
        b, site.in(0), site.in(1), site.in(2), mask(site, 7), site.integer(0) != 0);
  }
}
