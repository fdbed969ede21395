package dev.sardonyx.training.read;

import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.build.ConvOptions;
import dev.sardonyx.ir.build.GraphBuilder;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.layers.LocallyConnected1D;
import org.deeplearning4j.nn.conf.layers.LocallyConnected2D;
import org.deeplearning4j.nn.params.ConvolutionParamInitializer;

/**
 * Convolutions with weights {@code [places,in k...,out]}, others at each place: a convolution that
 * only takes the windows, and a product of matrices for each place.
 */
final class LocallyConnected {
  private LocallyConnected() {}

  static Value sequence(LocallyConnected1D layer, Site site, Value x) {
    site.require(x, 3, "[N,C,T]");
    GraphBuilder b = site.b();
    boolean same = layer.getCm() == ConvolutionMode.Same;
    ConvOptions options =
        ConvOptions.DEFAULT
            .withStrides(layer.getStride())
            .withPads(layer.getPadding(), same ? layer.getPaddingR() : layer.getPadding());
    Value windows = windows(site, x, options, layer.getNIn(), layer.getKernel());
    Value places = b.slice(windows, 2, 0, layer.getOutputSize());
    Value product = product(site, b.transpose(places, 2, 0, 1), layer.isHasBias());
    Value y = b.transpose(product, 1, 2, 0);
    return ActivationReadings.apply(layer.getActivation().getActivationFunction(), site, y);
  }

  /**
   * DL4J numbers the windows column by column, and the results row by row; that is how it was
   * trained.
   */
  static Value image(LocallyConnected2D layer, Site site, Value x) {
    site.require(x, 4, layer.getFormat().dimensionNames());
    GraphBuilder b = site.b();
    boolean last = layer.getFormat() == CNN2DFormat.NHWC;
    int[] begin = layer.getPadding();
    int[] end = layer.getCm() == ConvolutionMode.Same ? layer.getPaddingBr() : begin;
    ConvOptions options =
        ConvOptions.DEFAULT
            .withStrides(ConvolutionReadings.longs(layer.getStride()))
            .withPads(begin[0], begin[1], end[0], end[1]);
    Value image = last ? site.channelsFirst(x) : x;
    Value windows =
        windows(site, image, options, layer.getNIn(), ConvolutionReadings.longs(layer.getKernel()));
    long height = layer.getOutputSize()[0];
    long width = layer.getOutputSize()[1];
    Value places =
        b.slice(
            windows,
            new long[] {2, 3},
            new long[] {0, 0},
            new long[] {height, width},
            new long[] {1, 1});
    Value columns =
        b.reshape(b.transpose(places, 3, 2, 0, 1), height * width, -1, layer.getFeatureDim());
    Value product = product(site, columns, layer.isHasBias());
    Value rows = b.reshape(product, height, width, -1, layer.getNOut());
    Value y = last ? b.transpose(rows, 2, 0, 1, 3) : b.transpose(rows, 2, 3, 0, 1);
    return ActivationReadings.apply(layer.getActivation().getActivationFunction(), site, y);
  }

  /** All windows, {@code [N,C k...,places...]}: each filter takes one of their elements. */
  private static Value windows(
      Site site, Value x, ConvOptions options, long channels, long... kernel) {
    int size = Math.toIntExact(channels);
    long[] dims = new long[kernel.length + 2];
    dims[1] = channels;
    for (int i = 0; i < kernel.length; i++) {
      size = Math.multiplyExact(size, Math.toIntExact(kernel[i]));
      dims[i + 2] = kernel[i];
    }
    dims[0] = size;
    float[] filters = new float[Math.multiplyExact(size, size)];
    for (int i = 0; i < size; i++) {
      filters[i * size + i] = 1;
    }
    return site.b().conv(x, site.b().constant("windows", Tensor.ofFloats(filters, dims)), options);
  }

  /** {@code [places,N,in]} times the weights, and the bias, the same at all places. */
  private static Value product(Site site, Value windows, boolean hasBias) {
    Value w = site.weights(ConvolutionParamInitializer.WEIGHT_KEY);
    Value product = site.b().matMul(windows, w);
    return hasBias
        ? site.b().add(product, site.vector(ConvolutionParamInitializer.BIAS_KEY))
        : product;
  }
}
