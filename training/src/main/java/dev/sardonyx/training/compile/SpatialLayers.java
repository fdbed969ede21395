package dev.sardonyx.training.compile;

import java.util.stream.IntStream;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.layers.Convolution3D;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.Subsampling3DLayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.conf.layers.ZeroPadding1DLayer;
import org.deeplearning4j.nn.conf.layers.ZeroPadding3DLayer;
import org.deeplearning4j.nn.conf.layers.ZeroPaddingLayer;
import org.deeplearning4j.nn.conf.layers.convolutional.Cropping1D;
import org.deeplearning4j.nn.conf.layers.convolutional.Cropping2D;
import org.deeplearning4j.nn.conf.layers.convolutional.Cropping3D;
import org.nd4j.linalg.activations.IActivation;

/** DL4J's layers for different numbers of spatial axes, which are classes of their own for each. */
final class SpatialLayers {
  private SpatialLayers() {}

  /** In two or three dimensions. */
  static ConvolutionLayer convolution(
      PaddedWindow w, long in, long out, boolean bias, IActivation function) {
    return switch (w.axes()) {
      case 2 ->
          new ConvolutionLayer.Builder(w.kernel(), w.strides(), w.begin())
              .dilation(w.dilations())
              .convolutionMode(ConvolutionMode.Truncate)
              .nIn(in)
              .nOut(out)
              .hasBias(bias)
              .activation(function)
              .build();
      default ->
          new Convolution3D.Builder(w.kernel(), w.strides(), w.begin())
              .dilation(w.dilations())
              .convolutionMode(ConvolutionMode.Truncate)
              .dataFormat(Convolution3D.DataFormat.NCDHW)
              .nIn(in)
              .nOut(out)
              .hasBias(bias)
              .activation(function)
              .build();
    };
  }

  /** In two or three dimensions. */
  static Layer pooling(PoolingType type, PaddedWindow w, ConvolutionMode mode) {
    int[] pads = mode == ConvolutionMode.Same ? new int[w.axes()] : w.begin();
    return switch (w.axes()) {
      case 2 ->
          new SubsamplingLayer.Builder(type, w.kernel(), w.strides(), pads)
              .convolutionMode(mode)
              .avgPoolIncludePadInDivisor(false)
              .build();
      default ->
          new Subsampling3DLayer.Builder(
                  type == PoolingType.MAX
                      ? Subsampling3DLayer.PoolingType.MAX
                      : Subsampling3DLayer.PoolingType.AVG,
                  w.kernel(),
                  w.strides(),
                  pads)
              .convolutionMode(mode)
              .build();
    };
  }

  /** Zeros around the spatial axes. */
  static Layer padding(int[] begin, int[] end) {
    int[] pads = interleaved(begin, end);
    return switch (begin.length) {
      case 1 -> new ZeroPadding1DLayer.Builder(pads).build();
      case 2 -> new ZeroPaddingLayer.Builder(pads).build();
      default -> new ZeroPadding3DLayer.Builder(pads).build();
    };
  }

  /** Cuts elements off both ends of the spatial axes. */
  static Layer cropping(int[] begin, int[] end) {
    int[] cuts = interleaved(begin, end);
    return switch (begin.length) {
      case 1 -> new Cropping1D.Builder(cuts).build();
      case 2 -> new Cropping2D.Builder(cuts).build();
      default -> new Cropping3D.Builder(cuts).build();
    };
  }

  private static int[] interleaved(int[] begin, int[] end) {
    return IntStream.range(0, 2 * begin.length)
        .map(i -> i % 2 == 0 ? begin[i / 2] : end[i / 2])
        .toArray();
  }
}
