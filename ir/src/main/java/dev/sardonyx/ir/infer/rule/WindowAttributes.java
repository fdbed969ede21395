package dev.sardonyx.ir.infer.rule;

import dev.sardonyx.ir.Dim;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.infer.InferenceContext;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Windows that slide over spatial dimensions, as convolutions and pools have them.
 *
 * @param kernel the window's size, one dimension a spatial axis
 * @param strides steps, one a spatial axis
 * @param dilations distance between a window's elements, one a spatial axis
 * @param pads what is added: all begins, then all ends; zeros unless auto_pad is NOTSET
 * @param autoPad NOTSET, VALID, SAME_UPPER or SAME_LOWER
 * @param ceilMode whether a window that only partly fits counts
 */
record WindowAttributes(
    List<Dim> kernel,
    long[] strides,
    long[] dilations,
    long[] pads,
    String autoPad,
    boolean ceilMode) {

  /**
   * The windows that a node's attributes tell (kernel_shape, strides, dilations, pads, auto_pad,
   * ceil_mode).
   *
   * @param kernel the kernel where kernel_shape is not given, such as a weight's spatial
   *     dimensions; null if there is none
   * @param spatialRank how many spatial axes there are
   */
  static WindowAttributes of(InferenceContext c, @Nullable List<Dim> kernel, int spatialRank) {
    long[] given = c.intsAttribute("kernel_shape");
    List<Dim> size;
    if (given == null) {
      if (kernel == null) {
        throw c.attributeError(
            "kernel_shape", spatialRank + " numbers", "none", "attribute kernel_shape is missing");
      }
      size = kernel;
      requirePositive(c, size);
    } else {
      size = Shape.of(positive(c, "kernel_shape", given, spatialRank)).dims();
      if (kernel != null && !Shape.of(size).isCompatibleWith(Shape.of(kernel))) {
        throw c.attributeError(
            "kernel_shape",
            Shape.of(kernel).toString(),
            Arrays.toString(given),
            "kernel_shape " + Arrays.toString(given) + " is not the weight's " + Shape.of(kernel));
      }
    }
    String autoPad = c.stringAttribute("auto_pad", "NOTSET");
    if (!List.of("NOTSET", "VALID", "SAME_UPPER", "SAME_LOWER").contains(autoPad)) {
      throw c.attributeError(
          "auto_pad",
          "NOTSET, VALID, SAME_UPPER or SAME_LOWER",
          autoPad,
          "auto_pad is '" + autoPad + "'; it must be NOTSET, VALID, SAME_UPPER or SAME_LOWER");
    }
    long[] pads = pads(c, spatialRank);
    return new WindowAttributes(
        size,
        positiveOrOnes(c, "strides", spatialRank),
        positiveOrOnes(c, "dilations", spatialRank),
        autoPad.equals("NOTSET") ? pads : new long[2 * spatialRank],
        autoPad,
        c.flag("ceil_mode"));
  }

  private static void requirePositive(InferenceContext c, List<Dim> kernel) {
    if (kernel.stream().anyMatch(dim -> dim.isFixed(0))) {
      throw c.attributeError(
          "kernel_shape",
          "numbers of at least 1",
          Shape.of(kernel).toString(),
          "the weight's spatial dimensions " + Shape.of(kernel) + " must be at least 1 everywhere");
    }
  }

  private static long[] positiveOrOnes(InferenceContext c, String attribute, int length) {
    long[] given = c.intsAttribute(attribute);
    if (given == null) {
      long[] ones = new long[length];
      Arrays.fill(ones, 1);
      return ones;
    }
    return positive(c, attribute, given, length);
  }

  private static long[] positive(InferenceContext c, String attribute, long[] given, int length) {
    checkLength(c, attribute, given, length);
    for (long number : given) {
      if (number < 1) {
        throw c.attributeError(
            attribute,
            "numbers of at least 1",
            Arrays.toString(given),
            attribute + " " + Arrays.toString(given) + " must be at least 1 everywhere");
      }
    }
    return given;
  }

  private static long[] pads(InferenceContext c, int spatialRank) {
    long[] given = c.intsAttribute("pads");
    if (given == null) {
      return new long[2 * spatialRank];
    }
    checkLength(c, "pads", given, 2 * spatialRank);
    return given;
  }

  private static void checkLength(InferenceContext c, String attribute, long[] given, int length) {
    if (given.length != length) {
      throw c.attributeError(
          attribute,
          length + " numbers",
          given.length + " numbers",
          attribute + " " + Arrays.toString(given) + " must have " + length + " numbers");
    }
  }

  int spatialRank() {
    return kernel.size();
  }

  /** How far a window reaches along a spatial axis: (kernel - 1) * dilation + 1. */
  Dim extent(int axis) {
    return kernel.get(axis).minus(1).times(dilations[axis]).plus(1);
  }

  /**
   * How many windows there are along each spatial axis.
   *
   * @throws dev.sardonyx.ir.infer.InferenceException if a window is larger than the padded input
   */
  List<Dim> outputs(InferenceContext c, List<Dim> spatial) {
    List<Dim> sizes = new ArrayList<>();
    for (int axis = 0; axis < spatialRank(); axis++) {
      Dim size = output(spatial.get(axis), axis);
      if (size.isFixed()
          && size.value() <= 0
          && !(size.isFixed(0) && spatial.get(axis).isFixed(0))) {
        throw c.shapeError(
            0,
            "at least " + extent(axis) + " along spatial axis " + axis,
            "a window of "
                + extent(axis)
                + " does not fit into "
                + spatial.get(axis)
                + " (with padding "
                + spatial.get(axis).plus(pads[axis]).plus(pads[axis + spatialRank()])
                + ") of spatial axis "
                + axis
                + " of "
                + c.inputName(0)
                + " "
                + c.inputShape(0));
      }
      sizes.add(size);
    }
    return sizes;
  }

  /** How many windows there are along one spatial axis of the given size. */
  private Dim output(Dim size, int axis) {
    long stride = strides[axis];
    if (isSame()) {
      return size.ceilDiv(stride);
    }
    long begin = pads[axis];
    long end = pads[axis + spatialRank()];
    Dim last = size.plus(begin).plus(end).minus(extent(axis)); // where the last window could begin
    if (!ceilMode) {
      return last.floorDiv(stride).plus(1);
    }
    // A window must not begin in the padding at the end. Both bounds round the same way, so a
    // comparison of what they divide tells the smaller one.
    Dim counted = last.plus(stride);
    Dim beginning = size.plus(begin);
    Dim difference = counted.minus(beginning);
    boolean exceeds = difference.isFixed() && difference.value() > 0;
    return (exceeds ? beginning : counted).ceilDiv(stride);
  }

  /**
   * How far a number of windows reaches along a spatial axis, less the padding: what a transposed
   * convolution gives.
   */
  Dim span(int axis, Dim count) {
    return count
        .minus(1)
        .times(strides[axis])
        .plus(extent(axis))
        .minus(pads[axis])
        .minus(pads[axis + spatialRank()]);
  }

  boolean isSame() {
    return autoPad.startsWith("SAME");
  }
}
