package dev.sardonyx.training.onednn;

import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;

/**
 * The sliding window of a convolution or pooling over images, each array height before width.
 *
 * @param begin pads at the top and at the left
 * @param end pads at the bottom and at the right
 * @param result height and width of what it computes
 */
record SlidingWindow(
    long[] kernel, long[] strides, long[] dilations, long[] begin, long[] end, long[] result) {

  static SlidingWindow of(ConvolutionLayer layer, RecordingSite site) {
    return of(
        layer.getKernelSize(),
        layer.getStride(),
        layer.getDilation(),
        layer.getPadding(),
        layer.getConvolutionMode(),
        site);
  }

  static SlidingWindow of(SubsamplingLayer layer, RecordingSite site) {
    return of(
        layer.getKernelSize(),
        layer.getStride(),
        layer.getDilation(),
        layer.getPadding(),
        layer.getConvolutionMode(),
        site);
  }

  /** One window over the whole image. */
  static SlidingWindow whole(long height, long width) {
    long[] ones = {1, 1};
    return new SlidingWindow(
        new long[] {height, width}, ones, ones, new long[2], new long[2], ones.clone());
  }

  private static SlidingWindow of(
      int[] kernel,
      int[] strides,
      int[] dilations,
      int[] pads,
      ConvolutionMode mode,
      RecordingSite site) {
    if (mode == ConvolutionMode.Causal) {
      throw site.refuse("its convolution mode is " + mode);
    }
    long[] begin = new long[2];
    long[] end = new long[2];
    long[] result = new long[2];
    for (int i = 0; i < 2; i++) {
      long in = site.input().dims()[2 + i];
      long reach = (kernel[i] - 1L) * dilations[i] + 1;
      if (mode == ConvolutionMode.Same) {
        result[i] = (in + strides[i] - 1) / strides[i];
        long total = Math.max(0, (result[i] - 1) * strides[i] + reach - in);
        begin[i] = total / 2;
        end[i] = total - begin[i];
      } else {
        begin[i] = pads[i];
        end[i] = pads[i];
        result[i] = Math.floorDiv(in + 2L * pads[i] - reach, strides[i]) + 1;
      }
      if (result[i] < 1) {
        throw site.refuse("its window is larger than its input");
      }
    }
    return new SlidingWindow(longs(kernel), longs(strides), longs(dilations), begin, end, result);
  }

  private static long[] longs(int[] pair) {
    return new long[] {pair[0], pair[1]};
  }

  /** Dilations as oneDNN counts them: 0 for none. */
  long[] gaps() {
    return new long[] {dilations[0] - 1, dilations[1] - 1};
  }
}
