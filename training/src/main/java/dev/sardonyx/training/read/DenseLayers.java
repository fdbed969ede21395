package dev.sardonyx.training.read;

import dev.sardonyx.ir.Value;
import org.deeplearning4j.nn.conf.layers.BaseOutputLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.params.DefaultParamInitializer;

/** Fully connected layers, over {@code [N,features]}. */
final class DenseLayers {
  /** DL4J adds nothing to the variance; this decides only where there is none. */
  private static final float EPSILON = 1e-24f;

  private DenseLayers() {}

  static Value dense(DenseLayer layer, Site site, Value x) {
    Value y = affine(site, x, layer.hasBias(), layer.hasLayerNorm());
    return ActivationReadings.apply(layer.getActivationFn(), site, y);
  }

  static Value output(BaseOutputLayer layer, Site site, Value x) {
    return ActivationReadings.apply(
        layer.getActivationFn(), site, affine(site, x, layer.hasBias(), false));
  }

  /** {@code x W + b}; with layer normalisation, which has a gain only, before the bias is added. */
  private static Value affine(Site site, Value x, boolean hasBias, boolean hasLayerNorm) {
    site.require(x, 2, "[N,features]");
    Value w = site.weights(DefaultParamInitializer.WEIGHT_KEY);
    Value bias = hasBias ? site.vector(DefaultParamInitializer.BIAS_KEY) : null;
    if (!hasLayerNorm) {
      return site.b().gemm(x, w, bias);
    }
    Value product = site.b().matMul(x, w);
    Value gain = site.vector(DefaultParamInitializer.GAIN_KEY);
    return site.b().layerNormalization(product, gain, bias, -1, EPSILON);
  }
}
