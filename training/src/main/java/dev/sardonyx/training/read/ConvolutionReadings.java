package dev.sardonyx.training.read;

import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.build.ConvOptions;
import dev.sardonyx.ir.build.Padding;
import java.util.Arrays;
import java.util.function.UnaryOperator;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.layers.Convolution1DLayer;
import org.deeplearning4j.nn.conf.layers.Convolution3D;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DepthwiseConvolution2D;
import org.deeplearning4j.nn.conf.layers.SeparableConvolution2D;
import org.deeplearning4j.nn.params.ConvolutionParamInitializer;
import org.deeplearning4j.nn.params.SeparableConvolutionParamInitializer;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Convolutions over sequences, images and volumes. */
final class ConvolutionReadings {
  private ConvolutionReadings() {}

  /** Weights {@code [out,in,kH,kW]}, whatever the layout of the images. */
  static Value conv2d(ConvolutionLayer layer, Site site, Value x) {
    Value w = site.weights(ConvolutionParamInitializer.WEIGHT_KEY);
    return image(
        layer,
        site,
        x,
        image -> site.b().conv(image, w, bias(layer, site), options(layer, site, image)));
  }

  /**
   * Weights {@code [out,in,k,1]}, whose elements DL4J takes, one after another, for those of {@code
   * [k,in,out]}; Causal pads the past only.
   */
  static Value conv1d(Convolution1DLayer layer, Site site, Value x) {
    site.require(x, 3, "[N,C,T] or [N,T,C]");
    Value w =
        site.weights(
            ConvolutionParamInitializer.WEIGHT_KEY,
            a -> a.reshape(a.ordering(), a.size(2), a.size(1), a.size(0)).permute(2, 1, 0));
    long dilation = layer.getDilation()[0];
    LayerWindow window =
        LayerWindow.of(
            layer.getConvolutionMode(),
            first(layer.getKernelSize()),
            first(layer.getStride()),
            first(layer.getPadding()),
            first(layer.getDilation()));
    Padding past = Padding.of((layer.getKernelSize()[0] - 1) * dilation, 0);
    boolean isCausal = layer.getConvolutionMode() == ConvolutionMode.Causal;
    Value b = bias(layer, site);
    Value y =
        site.inChannelsFirst(
            x,
            layer.getRnnDataFormat() == RNNFormat.NWC,
            sequence -> {
              ConvOptions options = window.convolution(site, sequence);
              return site.b().conv(sequence, w, b, isCausal ? options.withPadding(past) : options);
            });
    return ActivationReadings.apply(layer.getActivationFn(), site, y);
  }

  /** Weights {@code [out,in,kD,kH,kW]}. */
  static Value conv3d(Convolution3D layer, Site site, Value x) {
    site.require(x, 5, layer.getDataFormat().name());
    Value w = site.weights(ConvolutionParamInitializer.WEIGHT_KEY);
    Value b = bias(layer, site);
    Value y =
        site.inChannelsFirst(
            x,
            layer.getDataFormat() == Convolution3D.DataFormat.NDHWC,
            volume -> site.b().conv(volume, w, b, options(layer, site, volume)));
    return ActivationReadings.apply(layer.getActivationFn(), site, y);
  }

  /** Weights {@code [kH,kW,C,m]}, each channel with m filters of its own. */
  static Value depthwise(DepthwiseConvolution2D layer, Site site, Value x) {
    Value w =
        site.weights(
            ConvolutionParamInitializer.WEIGHT_KEY, a -> perChannel(a.permute(2, 3, 0, 1)));
    return image(
        layer,
        site,
        x,
        image ->
            site.b()
                .conv(
                    image,
                    w,
                    bias(layer, site),
                    options(layer, site, image).withGroup(layer.getNIn())));
  }

  /** Depthwise by {@code [m,C,kH,kW]}, then a convolution by {@code [out,C m,1,1]}. */
  static Value separable(SeparableConvolution2D layer, Site site, Value x) {
    Value depth =
        site.weights(
            SeparableConvolutionParamInitializer.DEPTH_WISE_WEIGHT_KEY,
            a -> perChannel(a.permute(1, 0, 2, 3)));
    return image(layer, site, x, image -> separable(layer, site, image, depth));
  }

  /** Of a single channel, DL4J makes a convolution by the first weights only. */
  private static Value separable(
      SeparableConvolution2D layer, Site site, Value image, Value depth) {
    ConvOptions options = options(layer, site, image).withGroup(layer.getNIn());
    Value b = bias(layer, site);
    if (layer.getNIn() == 1) {
      return site.b().conv(image, depth, b, options);
    }
    Value point = site.weights(SeparableConvolutionParamInitializer.POINT_WISE_WEIGHT_KEY);
    return site.b().conv(site.b().conv(image, depth, options), point, b, ConvOptions.DEFAULT);
  }

  static @Nullable String whyNotSeparable(SeparableConvolution2D layer) {
    return layer.getNIn() == 1 && layer.getNOut() != layer.getDepthMultiplier()
        ? "DL4J itself fails on one channel, unless it is to become as many as the depth multiplier"
        : null;
  }

  /** From {@code [C,m,kH,kW]} to {@code [C m,1,kH,kW]}. */
  private static INDArray perChannel(INDArray a) {
    return a.dup('c').reshape('c', a.size(0) * a.size(1), 1, a.size(2), a.size(3));
  }

  /** What a layer does with images, with its activation behind. */
  static Value image(ConvolutionLayer layer, Site site, Value x, UnaryOperator<Value> convolution) {
    site.require(x, 4, layer.getCnn2dDataFormat().dimensionNames());
    boolean last = layer.getCnn2dDataFormat() == CNN2DFormat.NHWC;
    Value y = site.inChannelsFirst(x, last, convolution);
    return ActivationReadings.apply(layer.getActivationFn(), site, y);
  }

  static @Nullable Value bias(ConvolutionLayer layer, Site site) {
    return layer.hasBias() ? site.vector(ConvolutionParamInitializer.BIAS_KEY) : null;
  }

  private static ConvOptions options(ConvolutionLayer layer, Site site, Value image) {
    return LayerWindow.of(layer).convolution(site, image);
  }

  private static int[] first(int[] numbers) {
    return Arrays.copyOf(numbers, 1);
  }

  static long[] longs(int[] numbers) {
    return Arrays.stream(numbers).asLongStream().toArray();
  }
}
