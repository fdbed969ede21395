package dev.sardonyx.ir.build;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Value;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Convolutions over images {@code [N,C,H,W]}, or any number of spatial axes. */
public interface ConvolutionOps extends OperatorBuilder {
  /** {@link #conv(Value, Value, Value, ConvOptions)} without bias, stride 1, no padding. */
  default Value conv(Value x, Value weights) {
    return conv(x, weights, null, ConvOptions.DEFAULT);
  }

  /** {@link #conv(Value, Value, Value, ConvOptions)} without bias. */
  default Value conv(Value x, Value weights, ConvOptions options) {
    return conv(x, weights, null, options);
  }

  /**
   * Convolution (ONNX {@code Conv}).
   *
   * @param x {@code [N,C,H,W]}
   * @param weights {@code [M,C/group,kH,kW]}, of known shape
   * @param bias {@code [M]}, or null for none
   * @return {@code [N,M,H',W']}
   */
  default Value conv(Value x, Value weights, @Nullable Value bias, ConvOptions options) {
    return node("Conv", OperatorBuilder.inputs(x, weights, bias), attributes(x, weights, options));
  }

  /**
   * Transposed convolution, the gradient of a convolution as an operator (ONNX {@code
   * ConvTranspose}). The output has {@code stride * (H - 1) + kH - padding} rows.
   *
   * @param x {@code [N,C,H,W]}
   * @param weights {@code [C,M/group,kH,kW]}, of known shape
   * @param bias {@code [M]}, or null for none
   * @param options {@link Padding#SAME} makes the output {@code stride * H} rows high
   */
  default Value convTranspose(Value x, Value weights, @Nullable Value bias, ConvOptions options) {
    List<Attribute> attributes = new ArrayList<>(attributes(x, weights, options));
    if (options.padding().mode() != Padding.Mode.EXPLICIT) {
      attributes.removeIf(a -> a.name().equals("pads") || a.name().equals("auto_pad"));
      boolean upper = options.padding().mode() == Padding.Mode.SAME;
      attributes.add(Attribute.ofString("auto_pad", upper ? "SAME_UPPER" : "SAME_LOWER"));
    }
    return node("ConvTranspose", OperatorBuilder.inputs(x, weights, bias), attributes);
  }

  /**
   * Moves blocks of channels to space (ONNX {@code DepthToSpace}): {@code [N,C,H,W]} to {@code
   * [N,C/(b*b),H*b,W*b]}, depth first ("DCR").
   */
  default Value depthToSpace(Value x, long blockSize) {
    return node(
        "DepthToSpace", OperatorBuilder.operands(x), Attribute.ofInt("blocksize", blockSize));
  }

  /**
   * Moves blocks of space to channels (ONNX {@code SpaceToDepth}): {@code [N,C,H,W]} to {@code
   * [N,C*b*b,H/b,W/b]}.
   */
  default Value spaceToDepth(Value x, long blockSize) {
    return node(
        "SpaceToDepth", OperatorBuilder.operands(x), Attribute.ofInt("blocksize", blockSize));
  }

  private static List<Attribute> attributes(Value x, Value weights, ConvOptions options) {
    Shape shape = OperatorBuilder.shapeOf(weights);
    if (!shape.isRanked() || shape.rank() < 3 || !shape.slice(2, shape.rank()).isStatic()) {
      throw GraphBuildException.here(
          "The weights "
              + weights.name()
              + " "
              + weights.type()
              + " of a convolution need the shape [M,C,kernel...] with a fixed kernel");
    }
    long[] kernel = shape.slice(2, shape.rank()).toLongs();
    List<Attribute> attributes =
        new Window(kernel, options.strides(), options.dilations(), options.padding())
            .attributes(OperatorBuilder.shapeOf(x));
    if (options.group() != 1) {
      attributes.add(Attribute.ofInt("group", options.group()));
    }
    return attributes;
  }
}
