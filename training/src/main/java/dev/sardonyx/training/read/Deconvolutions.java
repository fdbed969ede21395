package dev.sardonyx.training.read;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.build.OperatorBuilder;
import java.util.ArrayList;
import java.util.List;
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
    List<Attribute> attributes =
        new ArrayList<>(
            List.of(
                Attribute.ofInts("kernel_shape", ConvolutionReadings.longs(layer.getKernelSize())),
                Attribute.ofInts("strides", ConvolutionReadings.longs(layer.getStride())),
                Attribute.ofInts("dilations", ConvolutionReadings.longs(layer.getDilation()))));
    attributes.addAll(pads(layer));
    return site.b().node("ConvTranspose", OperatorBuilder.inputs(x, w, b), attributes);
  }

  /** Same makes the output as large as the input times the stride, whatever the input. */
  private static List<Attribute> pads(ConvolutionLayer layer) {
    int axes = layer.getKernelSize().length;
    long[] pads = new long[2 * axes];
    long[] more = new long[axes];
    for (int i = 0; i < axes; i++) {
      if (layer.getConvolutionMode() == ConvolutionMode.Same) {
        long reach = (layer.getKernelSize()[i] - 1L) * layer.getDilation()[i] + 1;
        long total = reach - layer.getStride()[i];
        pads[i] = Math.max(0, total) / 2;
        pads[axes + i] = Math.max(0, total) - pads[i];
        more[i] = Math.max(0, -total);
      } else {
        pads[i] = layer.getPadding()[i];
        pads[axes + i] = layer.getPadding()[i];
      }
    }
    return List.of(Attribute.ofInts("pads", pads), Attribute.ofInts("output_padding", more));
  }
}
