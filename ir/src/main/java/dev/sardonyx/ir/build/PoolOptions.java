package dev.sardonyx.ir.build;

import java.util.List;

/**
 * How a pooling window slides. One number in a list stands for all spatial axes.
 *
 * @param kernel the window's size an axis
 * @param ceilMode whether a last window that is only partly inside counts (opset 10 on)
 * @param countIncludePad whether an average counts the padding as zeros (opset 7 on)
 */
public record PoolOptions(
    List<Long> kernel,
    List<Long> strides,
    Padding padding,
    List<Long> dilations,
    boolean ceilMode,
    boolean countIncludePad) {
  public PoolOptions {
    kernel = List.copyOf(kernel);
    strides = List.copyOf(strides);
    dilations = List.copyOf(dilations);
  }

  /** A window that moves by one, without padding: ONNX's defaults. */
  public static PoolOptions of(long... kernel) {
    return new PoolOptions(
        Window.list(kernel), List.of(1L), Padding.NONE, List.of(1L), false, false);
  }

  public PoolOptions withStrides(long... changed) {
    return new PoolOptions(
        kernel, Window.list(changed), padding, dilations, ceilMode, countIncludePad);
  }

  public PoolOptions withPadding(Padding changed) {
    return new PoolOptions(kernel, strides, changed, dilations, ceilMode, countIncludePad);
  }

  /** Explicit padding; see {@link Padding#of}. */
  public PoolOptions withPads(long... pads) {
    return withPadding(Padding.of(pads));
  }

  /** Dilations need opset 10 (maximum) or 19 (average). */
  public PoolOptions withDilations(long... changed) {
    return new PoolOptions(
        kernel, strides, padding, Window.list(changed), ceilMode, countIncludePad);
  }

  public PoolOptions withCeilMode(boolean changed) {
    return new PoolOptions(kernel, strides, padding, dilations, changed, countIncludePad);
  }

  public PoolOptions withCountIncludePad(boolean changed) {
    return new PoolOptions(kernel, strides, padding, dilations, ceilMode, changed);
  }
}
