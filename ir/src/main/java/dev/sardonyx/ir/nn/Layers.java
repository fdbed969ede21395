package dev.sardonyx.ir.nn;

import dev.sardonyx.ir.Dim;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.build.ConvOptions;
import dev.sardonyx.ir.build.GraphBuildException;
import dev.sardonyx.ir.build.GraphBuilder;
import dev.sardonyx.ir.build.StandardOps;
import java.util.Arrays;

/**
 * Layers that bring their weights along, as constants named after them: {@code conv1.weight},
 * {@code conv1.bias}. Weights are 32-bit floats and depend on the seed and their name alone.
 */
public final class Layers implements ResidualBlocks {
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
    Shape shape = image(x, "conv");
    long channels = shape.dim(1).value();
    if (channels % options.group() != 0 || filters % options.group() != 0) {
      throw GraphBuildException.here(
          "conv: "
              + options.group()
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
    long[] dims = new long[shape.rank()];
    Arrays.fill(dims, kernel);
    dims[0] = filters;
    dims[1] = channels / options.group();
    long window = Arrays.stream(dims, 2, dims.length).reduce(1, Math::multiplyExact);
    String name = builder.freshName("conv");
    Value weight = weight(name, window * dims[1], window * filters, dims);
    Value offset = bias ? constant(Initializer.zeros(), name + ".bias", filters) : null;
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
    Shape shape = ((x.type() instanceof TensorType t) ? t.shape() : Shape.UNKNOWN);
    if (!shape.isRanked() || shape.rank() < 2 || !shape.dim(-1).isFixed()) {
      throw GraphBuildException.here(
          "dense takes [N,K] with a fixed K, but "
              + x.name()
              + " is "
              + x.type()
              + "; flatten an image first");
    }
    long inputs = shape.dim(-1).value();
    String name = builder.freshName("dense");
    Value weight = weight(name, inputs, units, inputs, units);
    Value offset = bias ? constant(Initializer.zeros(), name + ".bias", units) : null;
    StandardOps layer = builder.named(name);
    if (shape.rank() == 2) {
      return layer.gemm(x, weight, offset);
    }
    return offset == null
        ? layer.matMul(x, weight)
        : layer.add(layer.inside().node("MatMul", x, weight), offset);
  }

  /** {@link #batchNorm(Value, float)} with epsilon 1e-5. */
  public Value batchNorm(Value x) {
    return batchNorm(x, 1e-5f);
  }

  /**
   * Batch normalisation (ONNX {@code BatchNormalization}): scale 1, bias 0, and statistics of mean
   * 0 and variance 1 until it is trained.
   *
   * @param x {@code [N,C,...]}; C must be known
   */
  public Value batchNorm(Value x, float epsilon) {
    Shape shape = x.type() instanceof TensorType t ? t.shape() : Shape.UNKNOWN;
    if (!shape.isRanked() || shape.rank() < 2 || !shape.dim(1).isFixed()) {
      throw GraphBuildException.here(
          "batchNorm takes [N,C,...] with a fixed C, but " + x.name() + " is " + x.type());
    }
    long channels = shape.dim(1).value();
    String name = builder.freshName("bn");
    Value scale = constant(Initializer.ones(), name + ".scale", channels);
    Value bias = constant(Initializer.zeros(), name + ".bias", channels);
    Value mean = constant(Initializer.zeros(), name + ".mean", channels);
    Value variance = constant(Initializer.ones(), name + ".variance", channels);
    return builder.named(name).batchNormalization(x, scale, bias, mean, variance, epsilon);
  }

  /** The shape of an image whose channels are known. */
  static Shape image(Value x, String user) {
    Shape shape = x.type() instanceof TensorType t ? t.shape() : Shape.UNKNOWN;
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

  private Value weight(String layer, long fanIn, long fanOut, long... dims) {
    String name = layer + ".weight";
    return builder.constant(
        name, weights.tensor(seed, builder.fullName(name), fanIn, fanOut, dims));
  }

  private Value constant(Initializer initializer, String name, long size) {
    return builder.constant(name, initializer.tensor(seed, name, 1, 1, size));
  }
}
