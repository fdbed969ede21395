package dev.sardonyx.ir.build;

import java.util.List;

/**
 * How a convolution's window slides. One number in a list stands for all spatial axes.
 *
 * @param group input channels are split into so many groups, each convolved on its own
 */
public record ConvOptions(List<Long> strides, Padding padding, List<Long> dilations, long group) {
  /** Stride 1, no padding, no dilation, one group: ONNX's defaults. */
  public static final ConvOptions DEFAULT =
      new ConvOptions(List.of(1L), Padding.NONE, List.of(1L), 1);

  public ConvOptions {
    strides = List.copyOf(strides);
    dilations = List.copyOf(dilations);
  }

  /** Stride 1, the output as large as the input. */
  public static ConvOptions same() {
    return DEFAULT.withPadding(Padding.SAME);
  }

  public ConvOptions withStrides(long... changed) {
    return new ConvOptions(Window.list(changed), padding, dilations, group);
  }

  public ConvOptions withPadding(Padding changed) {
    return new ConvOptions(strides, changed, dilations, group);
  }

  /** Explicit padding; see {@link Padding#of}. */
  public ConvOptions withPads(long... pads) {
    return withPadding(Padding.of(pads));
  }

  public ConvOptions withDilations(long... changed) {
    return new ConvOptions(strides, padding, Window.list(changed), group);
  }

  public ConvOptions withGroup(long changed) {
    return new ConvOptions(strides, padding, dilations, changed);
  }
}
