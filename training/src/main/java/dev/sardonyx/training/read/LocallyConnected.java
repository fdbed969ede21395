package dev.sardonyx.training.read;

import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.build.GraphBuilder;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.layers.LocallyConnected1D;
import org.deeplearning4j.nn.conf.layers.LocallyConnected2D;
import org.deeplearning4j.nn.params.ConvolutionParamInitializer;

/**
 * Convolutions that have other weights at each place, together {@code [places,in k...,out]}: the
 * windows, gathered axis by axis, and a product of matrices for each place.
 */
final class LocallyConnected {
  private LocallyConnected() {}

  static Value sequence(LocallyConnected1D layer, Site site, Value x) {
    site.require(x, 3, "[N,C,T]");
    GraphBuilder b = site.b();
    boolean same = layer.getCm() == ConvolutionMode.Same;
    long begin = layer.getPadding();
    Value padded = b.pad(x, 0, 0, begin, 0, 0, same ? layer.getPaddingR() : begin);
    Value windows =
        windows(b, padded, 2, layer.getOutputSize(), layer.getKernel(), layer.getStride());
    Value places = b.transpose(windows, 2, 0, 1, 3);
    Value columns = b.reshape(places, layer.getOutputSize(), -1, layer.getFeatureDim());
    Value product = product(site, columns, layer.isHasBias());
    Value y = b.transpose(product, 1, 2, 0);
    return ActivationReadings.inGraph(layer.getActivation(), site, y);
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
    Value image = last ? site.channelsFirst(x) : x;
    Value padded = b.pad(image, 0, 0, begin[0], begin[1], 0, 0, end[0], end[1]);
    int height = layer.getOutputSize()[0];
    int width = layer.getOutputSize()[1];
    Value windows = windows(b, padded, 3, width, layer.getKernel()[1], layer.getStride()[1]);
    windows = windows(b, windows, 2, height, layer.getKernel()[0], layer.getStride()[0]);
    Value places = b.transpose(windows, 4, 2, 0, 1, 3, 5);
    Value columns = b.reshape(places, (long) height * width, -1, layer.getFeatureDim());
    Value product = product(site, columns, layer.isHasBias());
    Value rows = b.reshape(product, height, width, -1, layer.getNOut());
    Value y = last ? b.transpose(rows, 2, 0, 1, 3) : b.transpose(rows, 2, 3, 0, 1);
    return ActivationReadings.inGraph(layer.getActivation(), site, y);
  }

  /** An axis as two: the places of the windows, and what each takes of the axis. */
  private static Value windows(
      GraphBuilder b, Value x, int axis, int places, int kernel, int stride) {
    long[] taken = new long[Math.multiplyExact(places, kernel)];
    for (int i = 0; i < taken.length; i++) {
      taken[i] = (long) (i / kernel) * stride + i % kernel;
    }
    return b.gather(x, b.numberedConstant("windows", Tensor.ofLongs(taken, places, kernel)), axis);
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
