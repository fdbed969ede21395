package dev.sardonyx.ir.nn;

import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.build.ConvOptions;
import dev.sardonyx.ir.build.GraphBuildException;
import dev.sardonyx.ir.build.GraphBuilder;
import java.util.Arrays;
import java.util.function.UnaryOperator;

/** Convolutions that are cheaper or go the other way. Images are {@code [N,C,H,W]}. */
public interface ConvolutionLayers extends LayerBuilder {
  /**
   * A depthwise convolution of stride 1 that keeps the image's size, with bias.
   *
   * @param x {@code [N,C,H,W]}; C must be known
   * @return {@code [N,C,H,W]}
   */
  default Value depthwiseConv(Value x, long kernel) {
    return depthwiseConv(x, 1, kernel, ConvOptions.same(), true);
  }

  /**
   * Each channel convolved on its own (ONNX {@code Conv} of as many groups as channels).
   *
   * @param x {@code [N,C,spatial axes...]}; C must be known
   * @param multiplier how many channels are made of each
   * @param options whose group is not looked at
   * @return {@code [N,C*multiplier,...]}
   */
  default Value depthwiseConv(
      Value x, long multiplier, long kernel, ConvOptions options, boolean bias) {
    long channels = Layers.image(x, "depthwiseConv").dim(1).value();
    Layers.positive("depthwiseConv", "multiplier", multiplier);
    return layers()
        .conv(
            "depthwise",
            x,
            Math.multiplyExact(channels, multiplier),
            kernel,
            options.withGroup(channels),
            bias);
  }

  /** A separable convolution of stride 1 that keeps the image's size, with bias. */
  default Value separableConv(Value x, long filters, long kernel) {
    return separableConv(x, filters, kernel, ConvOptions.same(), true);
  }

  /**
   * A depthwise convolution, then a 1x1 convolution over the channels (Chollet 2016).
   *
   * @param x {@code [N,C,spatial axes...]}; C must be known
   * @param options of the depthwise convolution
   * @param bias of the 1x1 convolution; the depthwise one has none
   * @return {@code [N,filters,...]}
   */
  default Value separableConv(
      Value x, long filters, long kernel, ConvOptions options, boolean bias) {
    Layers.image(x, "separableConv");
    return inScope(
        "separable",
        () -> {
          Value spatial = depthwiseConv(x, 1, kernel, options, false);
          return layers().conv("pointwise", spatial, filters, 1, ConvOptions.DEFAULT, bias);
        });
  }

  /**
   * A transposed convolution over square windows (ONNX {@code ConvTranspose}), whose weight is
   * {@code [C,filters/group,kernel,kernel]}. Kernel 2 and stride 2 double the image's size.
   *
   * @param x {@code [N,C,spatial axes...]}; C must be known
   * @return {@code [N,filters,stride*(H-1)+kernel-padding,...]}
   */
  default Value convTranspose(
      Value x, long filters, long kernel, ConvOptions options, boolean bias) {
    Shape shape = Layers.image(x, "convTranspose");
    Layers.positive("convTranspose", "filters", filters);
    Layers.positive("convTranspose", "kernel", kernel);
    long channels = shape.dim(1).value();
    Layers.requireGroups("convTranspose", x, channels, filters, options.group());
    long[] dims = new long[shape.rank()];
    Arrays.fill(dims, kernel);
    dims[0] = channels;
    dims[1] = filters / options.group();
    long window = Arrays.stream(dims, 2, dims.length).reduce(1, Math::multiplyExact);
    Layers layers = layers();
    String name = builder().freshName("convTranspose");
    // The fans are those of the convolution that this one transposes, as Keras and torch have it.
    Value weight =
        layers.parameter(
            layers.weights(), name + ".weight", window * dims[1], window * channels, dims);
    Value offset = bias ? layers.vector(Initializer.zeros(), name + ".bias", filters) : null;
    return builder().named(name).convTranspose(x, weight, offset, options);
  }

  /** {@link #squeezeExcite(Value, long, UnaryOperator)} with a sigmoid. */
  default Value squeezeExcite(Value x, long squeezed) {
    return squeezeExcite(x, squeezed, builder()::sigmoid);
  }

  /**
   * Scales each channel by a factor computed from the means of all (Hu et al. 2017): mean over the
   * image, 1x1 convolution, ReLU, 1x1 convolution, gate, product with {@code x}.
   *
   * @param x {@code [N,C,spatial axes...]}; C must be known
   * @param squeezed how many channels there are between the convolutions
   * @param gate such as sigmoid or hard sigmoid
   * @return of the shape of {@code x}
   */
  default Value squeezeExcite(Value x, long squeezed, UnaryOperator<Value> gate) {
    long channels = Layers.image(x, "squeezeExcite").dim(1).value();
    if (squeezed < 1) {
      throw GraphBuildException.here(
          "squeezeExcite needs at least one channel in the middle, not " + squeezed);
    }
    GraphBuilder b = builder();
    return inScope(
        "squeezeExcite",
        () -> {
          ConvOptions pointwise = ConvOptions.DEFAULT;
          Value means = b.globalAveragePool(x);
          Value middle = b.relu(layers().conv("reduce", means, squeezed, 1, pointwise, true));
          Value factors = layers().conv("expand", middle, channels, 1, pointwise, true);
          return b.mul(x, gate.apply(factors));
        });
  }
}
