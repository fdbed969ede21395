package dev.sardonyx.training.read.samediff;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.build.GraphBuilder;
import dev.sardonyx.ir.build.OperatorBuilder;
import java.util.List;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * A transposed convolution as DL4J has it, over any number of axes.
 *
 * @param padding of both sides of each axis
 * @param isSame whether the output is as large as the input times the stride, whatever the padding
 */
public record TransposedConvolution(
    long[] kernel, long[] strides, long[] padding, long[] dilations, boolean isSame) {

  /**
   * Adds the node.
   *
   * @param x {@code [N,C,...]}
   * @param w {@code [in,out,...]}
   */
  public Value of(GraphBuilder b, Value x, Value w, @Nullable Value bias) {
    int axes = kernel.length;
    long[] pads = new long[2 * axes];
    long[] more = new long[axes];
    long[] before = new long[2 * (axes + 2)];
    boolean isShifted = false;
    for (int i = 0; i < axes; i++) {
      if (isSame) {
        long total = (kernel[i] - 1) * dilations[i] + 1 - strides[i];
        pads[i] = Math.max(0, total) / 2;
        pads[axes + i] = Math.max(0, total) - pads[i];
        before[i + 2] = Math.max(0, -total) / 2;
        more[i] = Math.max(0, -total) - before[i + 2];
        isShifted |= before[i + 2] > 0;
      } else {
        pads[i] = padding[i];
        pads[axes + i] = padding[i];
      }
    }
    Value y = node(b, pads, more, x, w, isShifted ? null : bias);
    return isShifted ? shifted(b, y, bias, before) : y;
  }

  private Value node(
      GraphBuilder b, long[] pads, long[] more, Value x, Value w, @Nullable Value bias) {
    return b.node(
        "ConvTranspose",
        OperatorBuilder.inputs(x, w, bias),
        List.of(
            Attribute.ofInts("kernel_shape", kernel),
            Attribute.ofInts("strides", strides),
            Attribute.ofInts("dilations", dilations),
            Attribute.ofInts("pads", pads),
            Attribute.ofInts("output_padding", more)));
  }

  /** With strides above the window's size there is as much on both sides that no window reaches. */
  private Value shifted(GraphBuilder b, Value y, @Nullable Value bias, long[] before) {
    Value whole = b.pad(y, before);
    return bias == null
        ? whole
        : b.add(whole, b.unsqueeze(bias, LongStream.rangeClosed(1, kernel.length).toArray()));
  }
}
