package dev.sardonyx.training.read;

import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.build.ConvOptions;
import dev.sardonyx.ir.build.Padding;
import java.util.Arrays;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.params.ConvolutionParamInitializer;
import org.jspecify.annotations.Nullable;

/** Convolutions over images, sequences and volumes. */
final class Convolutions {
  private Convolutions() {}

  /** Weights {@code [out,in,kH,kW]}, whatever the layout of the images. */
  static Value conv2d(ConvolutionLayer layer, Site site, Value x) {
    site.require(x, 4, layer.getCnn2dDataFormat().dimensionNames());
    boolean last = layer.getCnn2dDataFormat() == CNN2DFormat.NHWC;
    Value w = site.weights(ConvolutionParamInitializer.WEIGHT_KEY);
    Value b = bias(site, layer.hasBias());
    ConvOptions options = options(layer);
    Value y = site.inChannelsFirst(x, last, image -> site.b().conv(image, w, b, options));
    return ActivationReadings.apply(layer.getActivationFn(), site, y);
  }

  static @Nullable Value bias(Site site, boolean hasBias) {
    return hasBias ? site.vector(ConvolutionParamInitializer.BIAS_KEY) : null;
  }

  static ConvOptions options(ConvolutionLayer layer) {
    return ConvOptions.DEFAULT
        .withStrides(longs(layer.getStride()))
        .withPadding(padding(layer.getConvolutionMode(), layer.getPadding()))
        .withDilations(longs(layer.getDilation()));
  }

  /** Both sides alike, or for Same as much as is needed, an odd one at the end. */
  static Padding padding(ConvolutionMode mode, int[] padding) {
    return mode == ConvolutionMode.Same ? Padding.SAME : Padding.of(longs(padding));
  }

  static long[] longs(int[] numbers) {
    return Arrays.stream(numbers).asLongStream().toArray();
  }
}
