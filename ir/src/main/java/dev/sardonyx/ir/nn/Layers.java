package dev.sardonyx.ir.nn;

import dev.sardonyx.ir.Dim;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.build.ConvOptions;
import dev.sardonyx.ir.build.GraphBuildException;
import dev.sardonyx.ir.build.GraphBuilder;
import dev.sardonyx.ir.build.OperatorBuilder;
import dev.sardonyx.ir.build.StandardOps;
import java.util.Arrays;

/**
 * Layers that bring their weights along, as initializers named after them: {@code conv1.weight},
 * {@code conv1.bias}. Weights are 32-bit floats and depend on the seed and their name alone.
 */
public final class Layers
    implements ResidualBlocks,
        ConvolutionLayers,
        NormalizationLayers,
        RecurrentLayers,
        AttentionLayers {
  private final GraphBuilder builder;
  private final long seed;
  private final Initializer weights;

  private Layers(GraphBuilder builder, long seed, Initializer weights) {
    this.builder = builder;
    this.seed = seed;
    this.weights = weights;
  }

  /** Layers in a graph, with Glorot-uniform weights. */
  public static Layers of(GraphBuilder builder, long seed) {
    return new Layers(builder, seed, Initializer.glorotUniform());
  }

  /** Layers in the same graph whose weights begin otherwise. */
  public Layers withWeights(Initializer changed) {
    return new Layers(builder, seed, changed);
  }

  @Override
  public GraphBuilder builder() {
    return builder;
  }

  @Override
  public Layers layers() {
    return this;
  }

  /**
   * A convolution of stride 1 that keeps the image's size, with bias (ONNX {@code Conv}).
   *
   * @param x {@code [N,C,H,W]}; C must be known
   * @param kernel the window's height and width
   * @return {@code [N,filters,H,W]}
   */
  public Value conv(Value x, long filters, long kernel) {
    return conv(x, filters, kernel, ConvOptions.same(), true);
  }

  /**
   * A convolution over square windows (cubes in three dimensions).
   *
   * @param x {@code [N,C,spatial axes...]}; C must be known
   */
  public Value conv(Value x, long filters, long kernel, ConvOptions options, boolean bias) {
    return conv("conv", x, filters, kernel, options, bias);
  }

  /**
   * A convolution.
   *
   * @param role what the layer is called, with a number
   */
  Value conv(String role, Value x, long filters, long kernel, ConvOptions options, boolean bias) {
    Shape shape = image(x, role);
    positive(role, "filters", filters);
    positive(role, "kernel", kernel);
    long channels = shape.dim(1).value();
    requireGroups(role, x, channels, filters, options.group());
    long[] dims = new long[shape.rank()];
    Arrays.fill(dims, kernel);
    dims[0] = filters;
    dims[1] = channels / options.group();
    long window = Arrays.stream(dims, 2, dims.length).reduce(1, Math::multiplyExact);
    String name = builder.freshName(role);
    Value weight = parameter(weights, name + ".weight", window * dims[1], window * filters, dims);
    Value offset = bias ? vector(Initializer.zeros(), name + ".bias", filters) : null;
    return builder.named(name).conv(x, weight, offset, options);
  }

  /** {@link #dense(Value, long, boolean)} with bias. */
  public Value dense(Value x, long units) {
    return dense(x, units, true);
  }

  /**
   * A fully connected layer: {@code x * weight + bias} (ONNX {@code Gemm}; {@code MatMul} and
   * {@code Add} for more than two axes). The weight is {@code [K,units]}.
   *
   * @param x {@code [N,K]}, or {@code [...,K]}; K must be known
   * @return {@code [N,units]}
   */
  public Value dense(Value x, long units, boolean bias) {
    return dense(builder.freshName("dense"), x, units, bias);
  }

  /** A fully connected layer of the given name. */
  Value dense(String name, Value x, long units, boolean bias) {
    Shape shape = OperatorBuilder.shapeOf(x);
    if (!shape.isRanked() || shape.rank() < 2 || !shape.dim(-1).isFixed()) {
      throw GraphBuildException.here(
          "dense takes [N,K] with a fixed K, but "
              + x.name()
              + " is "
              + x.type()
              + "; flatten an image first");
    }
    positive("dense", "units", units);
    long inputs = shape.dim(-1).value();
    Value weight = parameter(weights, name + ".weight", inputs, units, inputs, units);
    Value offset = bias ? vector(Initializer.zeros(), name + ".bias", units) : null;
    StandardOps layer = builder.named(name);
    if (shape.rank() == 2) {
      return layer.gemm(x, weight, offset);
    }
    return offset == null
        ? layer.matMul(x, weight)
        : layer.add(layer.inside().node("MatMul", x, weight), offset);
  }

  /** The shape of an image whose channels are known. */
  static Shape image(Value x, String user) {
    Shape shape = OperatorBuilder.shapeOf(x);
    if (!shape.isRanked() || shape.rank() < 3) {
      throw GraphBuildException.here(
          user + " takes images [N,C,H,W], but " + x.name() + " is " + x.type());
    }
    Dim channels = shape.dim(1);
    if (!channels.isFixed()) {
      throw GraphBuildException.here(
          user
              + " needs the number of channels (axis 1) of "
              + x.name()
              + " "
              + x.type()
              + "; give the graph's input a fixed one");
    }
    return shape;
  }

  static void requireGroups(String user, Value x, long channels, long filters, long groups) {
    positive(user, "groups", groups);
    if (channels % groups != 0 || filters % groups != 0) {
      throw GraphBuildException.here(
          user
              + ": "
              + groups
              + " groups divide neither or not both of the "
              + channels
              + " channels of "
              + x.name()
              + " "
              + x.type()
              + " and the "
              + filters
              + " filters; choose a common divisor");
    }
  }

  static void positive(String user, String what, long number) {
    if (number < 1) {
      throw GraphBuildException.here(user + ": " + what + " must be at least 1, not " + number);
    }
  }

  /** What layers make their weights with. */
  Initializer weights() {
    return weights;
  }

  /** An initializer inside the current scope, whose first elements follow from its full name. */
  Value parameter(Initializer first, String name, long fanIn, long fanOut, long... dims) {
    return builder.constant(name, first.tensor(seed, builder.fullName(name), fanIn, fanOut, dims));
  }

  /** An initializer {@code [size]}, such as a bias. */
  Value vector(Initializer first, String name, long size) {
    return parameter(first, name, 1, 1, size);
  }
}
