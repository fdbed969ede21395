package dev.sardonyx.training.read;

import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.build.ConvOptions;
import dev.sardonyx.ir.build.Padding;
import dev.sardonyx.ir.build.PoolOptions;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.Subsampling3DLayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;

/**
 * The window of a layer that slides over {@code [N,C,...]}; an array has an element for each axis.
 */
record LayerWindow(
    ConvolutionMode mode, long[] kernel, long[] strides, long[] padding, long[] dilations) {
  /** What DL4J takes the maximum of a window from, if nothing of the window is in the image. */
  private static final double LOWEST = -3.402823e38;

  static LayerWindow of(
      ConvolutionMode mode, int[] kernel, int[] strides, int[] padding, int[] dilations) {
    long[] dilated =
        IntStream.range(0, kernel.length)
            .mapToLong(i -> kernel[i] == 1 ? 1 : dilations[i])
            .toArray();
    return new LayerWindow(mode, longs(kernel), longs(strides), longs(padding), dilated);
  }

  static LayerWindow of(ConvolutionLayer layer) {
    return of(
        layer.getConvolutionMode(),
        layer.getKernelSize(),
        layer.getStride(),
        layer.getPadding(),
        layer.getDilation());
  }

  static LayerWindow of(SubsamplingLayer layer) {
    return of(
        layer.getConvolutionMode(),
        layer.getKernelSize(),
        layer.getStride(),
        layer.getPadding(),
        layer.getDilation());
  }

  static LayerWindow of(Subsampling3DLayer layer) {
    return of(
        layer.getConvolutionMode(),
        layer.getKernelSize(),
        layer.getStride(),
        layer.getPadding(),
        layer.getDilation());
  }

  private static long[] longs(int[] numbers) {
    return ConvolutionReadings.longs(numbers);
  }

  private boolean isSame() {
    return mode == ConvolutionMode.Same;
  }

  private long reach(int axis) {
    return dilations[axis] * (kernel[axis] - 1) + 1;
  }

  /** Both sides alike, or for Same as much as is needed, an odd one at the end. */
  private Padding padding(Site site, Value x) {
    if (!isSame()) {
      return Padding.of(padding);
    }
    if (Arrays.stream(dilations).anyMatch(dilation -> dilation > 1)) {
      requireSizes(site, x);
    }
    return Padding.SAME;
  }

  /** ONNX Runtime finds the padding by itself only for windows without dilation. */
  private void requireSizes(Site site, Value x) {
    for (int i = 0; i < kernel.length; i++) {
      if (strides[i] > 1 && reach(i) > 1) {
        site.size(x, i + 2);
      }
    }
  }

  ConvOptions convolution(Site site, Value x) {
    return ConvOptions.DEFAULT
        .withStrides(strides)
        .withPadding(padding(site, x))
        .withDilations(dilations);
  }

  /** What {@link #placed} gives has all its padding if there is too much of it for ONNX. */
  PoolOptions pooling(Site site, Value x) {
    return PoolOptions.of(kernel)
        .withStrides(strides)
        .withPadding(isWide() ? Padding.NONE : padding(site, x))
        .withDilations(dilations);
  }

  /** Whether windows can lie in the padding as a whole; runtimes refuse that for pooling. */
  private boolean isWide() {
    return !isSame() && IntStream.range(0, kernel.length).anyMatch(i -> padding[i] >= kernel[i]);
  }

  /** An image where the first window begins for {@link #pooling}: for a maximum. */
  Value placedForMaximum(Site site, Value x) {
    return placed(site, x, LOWEST);
  }

  /** An image where the first window begins for {@link #pooling}: for a sum with the padding. */
  Value placedForSum(Site site, Value x) {
    return placed(site, x, 0);
  }

  /** An image where the first window begins for {@link #pooling}: for a mean without padding. */
  Value placedForMean(Site site, Value x) {
    if (isWide()) {
      throw site.refuse(
          "its padding %s is not less than its windows %s, so that there are means of nothing"
              .formatted(Arrays.toString(padding), Arrays.toString(kernel)));
    }
    return placed(site, x, 0);
  }

  private Value placed(Site site, Value x, double around) {
    if (isWide()) {
      int axes = kernel.length;
      long[] pads = new long[2 * (axes + 2)];
      System.arraycopy(padding, 0, pads, 2, axes);
      System.arraycopy(padding, 0, pads, axes + 4, axes);
      return site.b().pad(x, "constant", around, pads);
    }
    return isSame() ? cut(site, x) : x;
  }

  /** With strides above the window's size, DL4J's Same leaves out as much on both sides. */
  private Value cut(Site site, Value given) {
    Value x = given;
    for (int i = 0; i < kernel.length; i++) {
      if (strides[i] - reach(i) >= 2) {
        long size = site.size(given, i + 2);
        long windows = (size + strides[i] - 1) / strides[i];
        long begin = (size - (windows - 1) * strides[i] - reach(i)) / 2;
        if (begin > 0) {
          x = site.b().slice(x, i + 2, begin, size);
        }
      }
    }
    return x;
  }
}
