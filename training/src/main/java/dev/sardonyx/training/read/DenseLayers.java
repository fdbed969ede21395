package dev.sardonyx.training.read;

import dev.sardonyx.ir.Value;
import org.deeplearning4j.nn.conf.layers.AutoEncoder;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.misc.ElementWiseMultiplicationLayer;
import org.deeplearning4j.nn.conf.layers.variational.VariationalAutoencoder;
import org.deeplearning4j.nn.params.DefaultParamInitializer;
import org.deeplearning4j.nn.params.VariationalAutoencoderParamInitializer;
import org.jspecify.annotations.Nullable;

/** Fully connected layers, over {@code [N,features]}. */
final class DenseLayers {
  /** DL4J adds nothing to the variance; this decides only where there is none. */
  private static final float EPSILON = 1e-24f;

  private DenseLayers() {}

  static Value dense(DenseLayer layer, Site site, Value x) {
    Value y = affine(site, x, layer.hasBias(), layer.hasLayerNorm());
    return ActivationReadings.apply(layer.getActivationFn(), site, y);
  }

  /** {@code x w + b}, each feature by a number of its own. */
  static Value elementWise(ElementWiseMultiplicationLayer layer, Site site, Value x) {
    Value product = site.b().mul(x, site.vector(DefaultParamInitializer.WEIGHT_KEY));
    Value y = site.b().add(product, site.vector(DefaultParamInitializer.BIAS_KEY));
    return ActivationReadings.apply(layer.getActivationFn(), site, y);
  }

  /** The encoder alone. */
  static Value autoEncoder(AutoEncoder layer, Site site, Value x) {
    return ActivationReadings.apply(layer.getActivationFn(), site, affine(site, x, true, false));
  }

  /** The mean that the encoder gives. */
  static Value variational(VariationalAutoencoder layer, Site site, Value x) {
    Value y = site.require(x, 2, "[N,features]");
    for (int i = 0; i < layer.getEncoderLayerSizes().length; i++) {
      Value z = site.b().gemm(y, site.weights("e" + i + "W"), site.vector("e" + i + "b"));
      y = ActivationReadings.apply(layer.getActivationFn(), site, z);
    }
    Value mean =
        site.b()
            .gemm(
                y,
                site.weights(VariationalAutoencoderParamInitializer.PZX_MEAN_W),
                site.vector(VariationalAutoencoderParamInitializer.PZX_MEAN_B));
    return ActivationReadings.apply(layer.getPzxActivationFn(), site, mean);
  }

  static @Nullable String whyNotVariational(VariationalAutoencoder layer) {
    return ActivationReadings.whyNot(layer.getPzxActivationFn()).orElse(null);
  }

  /** {@code x W + b}; with layer normalisation, which has a gain only, before the bias is added. */
  static Value affine(Site site, Value x, boolean hasBias, boolean hasLayerNorm) {
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
