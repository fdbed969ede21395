package dev.sardonyx.export.keras;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.build.ConvOptions;
import dev.sardonyx.ir.build.GraphBuilder;
import dev.sardonyx.ir.build.OperatorBuilder;
import dev.sardonyx.ir.build.Padding;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * Convolutions. Kernels are {@code [kernel..., in, out]} in Keras, {@code [out, in, kernel...]}
 * here.
 */
final class ConvolutionReaders {
  static final Map<String, LayerReader> LAYERS = new TreeMap<>();

  static {
    for (int axes = 1; axes <= 3; axes++) {
      int spatial = axes;
      LAYERS.put("Conv" + axes + "D", LayerReader.of(l -> conv(l, spatial)));
      LAYERS.put("Conv" + axes + "DTranspose", LayerReader.of(l -> transposed(l, spatial)));
    }
    for (int axes = 1; axes <= 2; axes++) {
      int spatial = axes;
      LAYERS.put("DepthwiseConv" + axes + "D", LayerReader.of(l -> depthwise(l, spatial)));
      LAYERS.put("SeparableConv" + axes + "D", LayerReader.of(l -> separable(l, spatial)));
    }
  }

  private ConvolutionReaders() {}

  /** The settings that all convolutions have. */
  private record Geometry(
      int axes, long[] kernel, long[] strides, long[] dilations, String padding, boolean last) {
    static Geometry of(KerasLayer layer, int axes) {
      LayerConfig config = layer.config();
      if (KerasLayer.rank(layer.input()) != axes + 2) {
        throw layer.broken("takes " + (axes + 2) + " axes, but is given " + layer.input().type());
      }
      return new Geometry(
          axes,
          config.wholes("kernel_size", axes, 1),
          config.wholes("strides", axes, 1),
          config.wholes("dilation_rate", axes, 1),
          config.text("padding", "valid"),
          Layout.channelsLast(layer));
    }

    ConvOptions options(KerasLayer layer, long group) {
      Padding pads =
          switch (padding) {
            case "valid" -> Padding.NONE;
            case "same" -> Padding.SAME;
            case "causal" -> Padding.of(dilations[0] * (kernel[0] - 1), 0);
            default -> throw layer.broken("its padding is " + padding);
          };
      return ConvOptions.DEFAULT
          .withStrides(strides)
          .withDilations(dilations)
          .withPadding(pads)
          .withGroup(group);
    }

    Value in(KerasLayer layer) {
      Value x = layer.asFloats(layer.input());
      return last ? Layout.channelsFirst(layer.builder(), x) : x;
    }

    Value out(KerasLayer layer, Value y) {
      Value result = last ? Layout.channelsLast(layer.builder(), y) : y;
      return ActivationReaders.activate(layer, result);
    }

    long channels(Value channelsFirst) {
      return KerasLayer.dim(channelsFirst, 1);
    }

    long[] shape(long... behind) {
      return LongStream.concat(LongStream.of(kernel), LongStream.of(behind)).toArray();
    }

    /**
     * The permutation that puts the last two axes first, swapped, and the kernel's spatial axes
     * after them.
     */
    int[] outFirst() {
      return IntStream.concat(IntStream.of(axes + 1, axes), IntStream.range(0, axes)).toArray();
    }
  }

  private static @Nullable Value bias(KerasLayer layer, long filters) {
    return layer.config().truth("use_bias", true) ? layer.variable("bias", filters) : null;
  }

  private static Value conv(KerasLayer layer, int axes) {
    Geometry g = Geometry.of(layer, axes);
    Value x = g.in(layer);
    long filters = layer.config().whole("filters");
    long groups = layer.config().whole("groups", 1);
    Tensor kernel =
        layer.variableData("kernel", g.shape(g.channels(x) / Math.max(1, groups), filters));
    Value weights = layer.constant("weights", Permuted.of(kernel, g.outFirst()));
    Value bias = bias(layer, filters);
    return g.out(layer, layer.builder().conv(x, weights, bias, g.options(layer, groups)));
  }

  /** The kernel {@code [kernel..., in, multiplier]} as one filter for each output channel. */
  private static Value depthwiseWeights(KerasLayer layer, Geometry g, String role, long channels) {
    long multiplier = layer.config().whole("depth_multiplier", 1);
    Tensor kernel = layer.variableData(role, g.shape(channels, multiplier));
    int[] perm =
        IntStream.concat(IntStream.of(g.axes(), g.axes() + 1), IntStream.range(0, g.axes()))
            .toArray();
    long[] shape =
        LongStream.concat(LongStream.of(channels * multiplier, 1), LongStream.of(g.kernel()))
            .toArray();
    return layer.constant("depthwise_weights", Permuted.of(kernel, perm).reshape(shape));
  }

  private static Value depthwise(KerasLayer layer, int axes) {
    Geometry g = Geometry.of(layer, axes);
    Value x = g.in(layer);
    long channels = g.channels(x);
    // Keras 2 has another name for it; the order of the variables is the same.
    Value weights = depthwiseWeights(layer, g, "kernel", channels);
    Value bias = bias(layer, channels * layer.config().whole("depth_multiplier", 1));
    return g.out(layer, layer.builder().conv(x, weights, bias, g.options(layer, channels)));
  }

  private static Value separable(KerasLayer layer, int axes) {
    Geometry g = Geometry.of(layer, axes);
    GraphBuilder b = layer.builder();
    Value x = g.in(layer);
    long channels = g.channels(x);
    long filters = layer.config().whole("filters");
    long between = channels * layer.config().whole("depth_multiplier", 1);
    Value depthwise = depthwiseWeights(layer, g, "depthwise_kernel", channels);
    Value each = b.conv(x, depthwise, g.options(layer, channels));
    long[] one = new long[axes];
    java.util.Arrays.fill(one, 1);
    Tensor pointwise =
        layer.variableData(
            "pointwise_kernel",
            LongStream.concat(LongStream.of(one), LongStream.of(between, filters)).toArray());
    Value weights = layer.constant("pointwise_weights", Permuted.of(pointwise, g.outFirst()));
    return g.out(layer, b.conv(each, weights, bias(layer, filters), ConvOptions.DEFAULT));
  }

  private static Value transposed(KerasLayer layer, int axes) {
    Geometry g = Geometry.of(layer, axes);
    Value x = g.in(layer);
    long filters = layer.config().whole("filters");
    Tensor kernel = layer.variableData("kernel", g.shape(filters, g.channels(x)));
    Value weights = layer.constant("weights", Permuted.of(kernel, g.outFirst()));
    List<Attribute> attributes = new ArrayList<>();
    attributes.add(Attribute.ofInts("kernel_shape", g.kernel()));
    attributes.add(Attribute.ofInts("strides", g.strides()));
    attributes.add(Attribute.ofInts("dilations", g.dilations()));
    pads(layer, g, attributes);
    Value bias = bias(layer, filters);
    Value y =
        layer.builder().node("ConvTranspose", OperatorBuilder.inputs(x, weights, bias), attributes);
    return g.out(layer, y);
  }

  /**
   * Adds the padding attributes of a transposed convolution. Keras's padding does not depend on the
   * size of the image: "valid" keeps the whole output, and at least one stride for each step;
   * "same" keeps exactly one stride for each step, unless output_padding says otherwise.
   */
  private static void pads(KerasLayer layer, Geometry g, List<Attribute> attributes) {
    long[] pads = new long[2 * g.axes()];
    long[] more = new long[g.axes()];
    boolean given = layer.config().has("output_padding");
    long[] outputPadding = layer.config().wholes("output_padding", g.axes(), 0);
    for (int i = 0; i < g.axes(); i++) {
      long reach = g.dilations()[i] * (g.kernel()[i] - 1) + 1;
      long stride = g.strides()[i];
      // Of (steps - 1) * stride + reach elements the output keeps (steps - 1) * stride + kept.
      long kept =
          switch (g.padding()) {
            case "valid" -> given ? reach + outputPadding[i] : Math.max(reach, stride);
            case "same" -> given ? reach % 2 + outputPadding[i] : stride;
            default -> throw layer.broken("its padding is " + g.padding());
          };
      long cut = reach - kept;
      if (g.padding().equals("same") && cut > 0) {
        pads[i] = cut / 2;
      }
      pads[g.axes() + i] = Math.max(0, cut) - pads[i];
      more[i] = Math.max(0, -cut);
    }
    attributes.add(Attribute.ofInts("pads", pads));
    if (LongStream.of(more).anyMatch(m -> m > 0)) {
      attributes.add(Attribute.ofInts("output_padding", more));
    }
  }
}
