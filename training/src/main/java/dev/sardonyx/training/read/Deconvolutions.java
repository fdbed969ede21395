package dev.sardonyx.training.read;

import dev.sardonyx.ir.Value;
import dev.sardonyx.training.read.samediff.TransposedConvolution;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.layers.Convolution3D;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.Deconvolution2D;
import org.deeplearning4j.nn.conf.layers.Deconvolution3D;
import org.deeplearning4j.nn.params.DeconvolutionParamInitializer;

/** Transposed convolutions over images and volumes. */
final class Deconvolutions {
  private Deconvolutions() {}

  /** Weights {@code [in,out,kH,kW]}. */
  static Value deconv2d(Deconvolution2D layer, Site site, Value x) {
    Value w = site.weights(DeconvolutionParamInitializer.WEIGHT_KEY);
    return ConvolutionReadings.image(layer, site, x, image -> transposed(layer, site, image, w));
  }

  /** Weights {@code [kD,kH,kW,out,in]}. */
  static Value deconv3d(Deconvolution3D layer, Site site, Value x) {
    site.require(x, 5, layer.getDataFormat().name());
    Value w = site.weights(DeconvolutionParamInitializer.WEIGHT_KEY, a -> a.permute(4, 3, 0, 1, 2));
    Value y =
        site.inChannelsFirst(
            x,
            layer.getDataFormat() == Convolution3D.DataFormat.NDHWC,
            volume -> transposed(layer, site, volume, w));
    return ActivationReadings.apply(layer.getActivationFn(), site, y);
  }

  private static Value transposed(ConvolutionLayer layer, Site site, Value x, Value w) {
    Value b = ConvolutionReadings.bias(layer, site);
    return new TransposedConvolution(
            ConvolutionReadings.longs(layer.getKernelSize()),
            ConvolutionReadings.longs(layer.getStride()),
            ConvolutionReadings.longs(layer.getPadding()),
            ConvolutionReadings.longs(layer.getDilation()),
            layer.getConvolutionMode() == ConvolutionMode.Same)
        .of(site.b(), x, w, b);
  }
}
