package dev.sardonyx.ir.infer.rule;

import dev.sardonyx.ir.Dim;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.infer.InferenceContext;
import dev.sardonyx.ir.infer.TypeMerge;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Convolutions. Data is {@code [N,C,D1,...]}, weights {@code [M,C/group,k1,...]}. */
final class ConvolutionInference {
  private ConvolutionInference() {}

  static void addTo(Rules rules) {
    rules.add("Conv", c -> convolution(c, 0, 1, 2));
    rules.add("ConvInteger", c -> convolution(c, 0, 1, -1));
    rules.add("QLinearConv", c -> convolution(c, 0, 3, 8));
    rules.add("ConvTranspose", ConvolutionInference::convTranspose);
    rules.add("DeformConv", ConvolutionInference::deformConv);
    rules.add("CausalConvWithState", ConvolutionInference::causalConvWithState);
  }

  /**
   * @param bias the bias's input number, -1 if the operator has none
   */
  private static void convolution(InferenceContext c, int data, int weight, int bias) {
    int axes = spatialAxes(c, data, weight);
    if (axes < 0) {
      return;
    }
    long group = group(c);
    channels(c, data, weight, group);
    Dim filters = c.inputDim(weight, 0);
    divisible(c, weight, filters, group);
    if (bias >= 0) {
      Expect.vector(c, bias, filters, "the filters of weight", weight);
    }
    List<Dim> dims = new ArrayList<>(List.of(c.inputDim(data, 0), filters));
    dims.addAll(windows(c, weight, axes).outputs(c, spatial(c.inputShape(data), axes)));
    c.setOutputShape(0, Shape.of(dims));
  }

  /** Weights are {@code [C,M/group,k1,...]}. */
  private static void convTranspose(InferenceContext c) {
    int axes = spatialAxes(c, 0, 1);
    if (axes < 0) {
      return;
    }
    long group = group(c);
    Dim channels = Expect.same(c, "number of channels", 0, 1, 1, 0);
    divisible(c, 0, channels, group);
    Dim filters = c.inputDim(1, 1).times(group);
    Expect.vector(c, 2, filters, "the filters of weight", 1);
    List<Dim> dims = new ArrayList<>(List.of(c.inputDim(0, 0), filters));
    dims.addAll(transposedSizes(c, windows(c, 1, axes), spatial(c.inputShape(0), axes)));
    c.setOutputShape(0, Shape.of(dims));
  }

  private static List<Dim> transposedSizes(
      InferenceContext c, WindowAttributes windows, List<Dim> spatial) {
    long[] outputShape = outputShape(c, spatial.size());
    if (outputShape != null) {
      return Shape.of(outputShape).dims();
    }
    long[] more = outputPadding(c, spatial.size());
    List<Dim> sizes = new ArrayList<>();
    for (int axis = 0; axis < spatial.size(); axis++) {
      Dim size = spatial.get(axis);
      sizes.add(
          windows.isSame()
              ? samePadded(windows, axis, size)
              : transposed(c, windows, axis, size, more[axis]));
    }
    return sizes;
  }

  /**
   * Size times stride, or less where a kernel smaller than the stride leaves nothing to cut off.
   */
  private static Dim samePadded(WindowAttributes windows, int axis, Dim size) {
    long stride = windows.strides()[axis];
    return size.minus(1).times(stride).plus(windows.extent(axis).min(Dim.of(stride)));
  }

  private static Dim transposed(
      InferenceContext c, WindowAttributes windows, int axis, Dim size, long outputPadding) {
    Dim result = windows.span(axis, size).plus(outputPadding);
    if (result.isFixed() && result.value() < 0) {
      throw c.attributeError(
          "pads",
          "pads that leave something on spatial axis " + axis,
          Arrays.toString(windows.pads()),
          "the pads "
              + Arrays.toString(windows.pads())
              + " leave a size of "
              + result
              + " on spatial axis "
              + axis
              + " of input "
              + Expect.described(c, 0)
              + "; pad less");
    }
    return result;
  }

  /** The spatial sizes of attribute output_shape. */
  private static long @Nullable [] outputShape(InferenceContext c, int axes) {
    long[] given = c.intsAttribute("output_shape");
    if (given == null || given.length == 0) {
      return null;
    }
    return onePerAxis(c, "output_shape", given, axes);
  }

  private static long[] outputPadding(InferenceContext c, int axes) {
    long[] given = c.intsAttribute("output_padding");
    return given == null ? new long[axes] : onePerAxis(c, "output_padding", given, axes);
  }

  private static long[] onePerAxis(InferenceContext c, String attribute, long[] given, int axes) {
    if (given.length != axes || Arrays.stream(given).anyMatch(d -> d < 0)) {
      throw c.attributeError(
          attribute,
          axes + " numbers of at least 0",
          Arrays.toString(given),
          attribute
              + " "
              + Arrays.toString(given)
              + " must have one number of at least 0 for each of the "
              + axes
              + " spatial axes");
    }
    return given;
  }

  private static void deformConv(InferenceContext c) {
    convolution(c, 0, 1, 3);
    int axes = spatialAxes(c, 0, 1);
    if (axes < 0) {
      return;
    }
    Dim points =
        Shape.of(windows(c, 1, axes).kernel()).size().times(c.intAttribute("offset_group", 1));
    Expect.size(c, 2, 1, points.times(axes), "offset_group * kernel size * spatial axes");
    Expect.same(c, "batch size", 0, 0, 2, 0);
    if (c.hasInput(4) && axes == 2) {
      // Of other dimensions the documentation and the reference say different things.
      Expect.size(c, 4, 1, points, "offset_group * kernel size");
    }
  }

  /** Data is [batch,channels,length], the weight [channels,1,k], the state [batch,channels,k-1]. */
  private static void causalConvWithState(InferenceContext c) {
    Shape data = Expect.rank(c, 0, 3);
    Expect.rank(c, 1, 3);
    Dim channels = Expect.same(c, "number of channels", 0, 1, 1, 0);
    Expect.size(c, 1, 1, Dim.of(1), "since the convolution is depthwise");
    Expect.vector(c, 2, channels, "the channels of", 0);
    Dim batch = data.dim(0);
    Dim carried = c.inputDim(1, 2).minus(1);
    if (c.hasInput(3)) {
      Expect.rank(c, 3, 3);
      batch = Expect.same(c, "batch size", 0, 0, 3, 0);
      channels = TypeMerge.both(channels, Expect.same(c, "number of channels", 0, 1, 3, 1));
      Expect.size(c, 3, 2, carried, "one less than the kernel of", 1);
      carried = TypeMerge.both(carried, c.inputDim(3, 2));
    }
    String activation = c.stringAttribute("activation", "none");
    if (!List.of("none", "silu", "swish").contains(activation)) {
      throw c.attributeError(
          "activation",
          "none, silu or swish",
          activation,
          "attribute activation is " + activation + "; it takes none, silu or swish");
    }
    c.setOutputShape(0, Shape.of(batch, channels, data.dim(2)));
    c.setOutputShape(1, Shape.of(batch, channels, carried));
  }

  /** The number of spatial axes, -1 if neither the data's nor the weight's rank is known. */
  private static int spatialAxes(InferenceContext c, int data, int weight) {
    Shape dataShape = Expect.rankAtLeast(c, data, 3);
    Shape weightShape = Expect.rankAtLeast(c, weight, 3);
    if (dataShape.isRanked() && weightShape.isRanked() && dataShape.rank() != weightShape.rank()) {
      throw c.shapeError(
          weight,
          "rank " + dataShape.rank(),
          "weight "
              + Expect.described(c, weight)
              + " must have the rank of "
              + Expect.described(c, data));
    }
    Shape ranked = dataShape.isRanked() ? dataShape : weightShape;
    return ranked.isRanked() ? ranked.rank() - 2 : -1;
  }

  private static WindowAttributes windows(InferenceContext c, int weight, int axes) {
    return WindowAttributes.of(c, spatial(c.inputShape(weight), axes), axes);
  }

  private static List<Dim> spatial(Shape shape, int axes) {
    return shape.isRanked() ? shape.dims().subList(2, axes + 2) : Shape.ofRank(axes).dims();
  }

  private static long group(InferenceContext c) {
    long group = c.intAttribute("group", 1);
    if (group < 1) {
      throw c.attributeError(
          "group",
          "at least 1",
          Long.toString(group),
          "attribute group is " + group + ", but is at least 1");
    }
    return group;
  }

  private static void channels(InferenceContext c, int data, int weight, long group) {
    Dim channels = c.inputDim(data, 1);
    Dim expected = c.inputDim(weight, 1).times(group);
    if (!channels.isCompatibleWith(expected)) {
      throw c.shapeError(
          data,
          expected + " channels",
          "input "
              + Expect.described(c, data)
              + " has "
              + channels
              + " channels, but weight "
              + Expect.described(c, weight)
              + (group == 1 ? "" : " with group " + group)
              + " expects "
              + expected
              + (group == 1 ? "" : " (" + c.inputDim(weight, 1) + "*" + group + ")"));
    }
  }

  private static void divisible(InferenceContext c, int input, Dim size, long group) {
    if (size.isFixed() && size.value() % group != 0) {
      throw c.attributeError(
          "group",
          "a divisor of " + size,
          Long.toString(group),
          "attribute group is "
              + group
              + ", which does not divide the "
              + size
              + " channels of "
              + Expect.described(c, input));
    }
  }
}
