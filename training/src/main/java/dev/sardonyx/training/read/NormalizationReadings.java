package dev.sardonyx.training.read;

import dev.sardonyx.ir.Value;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.LocalResponseNormalization;
import org.deeplearning4j.nn.params.BatchNormalizationParamInitializer;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.ops.transforms.Transforms;

/** Batch normalisation and local response normalisation. */
final class NormalizationReadings {
  private NormalizationReadings() {}

  /** DL4J leaves out a locked gamma and beta if only one of them is not neutral. */
  static @Nullable String whyNotBatch(BatchNormalization layer) {
    return layer.isLockGammaBeta() && (layer.getGamma() != 1) != (layer.getBeta() != 0)
        ? "DL4J leaves out a locked gamma %s and beta %s where only one is not neutral, but not with its helpers"
            .formatted(layer.getGamma(), layer.getBeta())
        : null;
  }

  /** Over {@code [N,C]} and images; the layer's activation is ignored, as it is by DL4J. */
  static Value batch(BatchNormalization layer, Site site, Value x) {
    int rank = site.rank(x);
    boolean last = layer.getCnn2DFormat() == CNN2DFormat.NHWC && rank > 2;
    if (rank == 3 && !last) {
      throw site.refuse(
          "DL4J takes the batch of a sequence [N,C,T] for the channels; [N,T,C] with NHWC works");
    }
    if (rank != 2 && rank != 3 && rank != 4) {
      throw site.refuse("DL4J itself normalises [N,C] and images only, not " + site.shape(x));
    }
    Value scale = scale(layer, site, true);
    Value shift = scale(layer, site, false);
    Value mean = site.vector(BatchNormalizationParamInitializer.GLOBAL_MEAN);
    Value variance = variance(layer, site);
    return site.inChannelsFirst(
        x,
        last,
        image ->
            site.b()
                .batchNormalization(image, scale, shift, mean, variance, (float) layer.getEps()));
  }

  /** The window of {@code n / 2} channels on either side; ONNX divides alpha by its size. */
  static Value localResponse(LocalResponseNormalization layer, Site site, Value x) {
    site.require(x, 4, layer.getDataFormat().dimensionNames());
    long size = 2 * ((long) layer.getN() / 2) + 1;
    return site.inChannelsFirst(
        x,
        layer.getDataFormat() == CNN2DFormat.NHWC,
        image ->
            site.b()
                .lrn(
                    image,
                    size,
                    (float) (layer.getAlpha() * size),
                    (float) layer.getBeta(),
                    (float) layer.getK()));
  }

  private static Value scale(BatchNormalization layer, Site site, boolean gamma) {
    String key =
        gamma ? BatchNormalizationParamInitializer.GAMMA : BatchNormalizationParamInitializer.BETA;
    return layer.isLockGammaBeta()
        ? site.constant(
            key,
            Nd4j.valueArrayOf(
                new long[] {layer.getNOut()}, gamma ? layer.getGamma() : layer.getBeta()))
        : site.vector(key);
  }

  /** May be kept as the logarithm, to the base of 10, of the standard deviation. */
  private static Value variance(BatchNormalization layer, Site site) {
    if (!layer.isUseLogStd()) {
      return site.vector(BatchNormalizationParamInitializer.GLOBAL_VAR);
    }
    INDArray log = site.array(BatchNormalizationParamInitializer.GLOBAL_LOG_STD);
    INDArray deviation =
        Transforms.pow(Nd4j.valueArrayOf(log.shape(), 10.0, log.dataType()), log, false);
    return site.constant(
        BatchNormalizationParamInitializer.GLOBAL_VAR,
        deviation.mul(deviation).reshape(log.length()));
  }
}
