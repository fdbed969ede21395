package dev.sardonyx.ir.build;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Value;
import java.util.List;

/** Pooling over images {@code [N,C,H,W]}, or any number of spatial axes. */
public interface PoolingOps extends OperatorBuilder {
  /** Largest element of each window (ONNX {@code MaxPool}): {@code [N,C,H',W']}. */
  default Value maxPool(Value x, PoolOptions options) {
    return node("MaxPool", OperatorBuilder.operands(x), attributes(x, options));
  }

  /** Largest element of square windows that do not overlap, such as 2x2. */
  default Value maxPool(Value x, long size) {
    return maxPool(x, PoolOptions.of(size).withStrides(size));
  }

  /** Mean of each window (ONNX {@code AveragePool}): {@code [N,C,H',W']}. */
  default Value averagePool(Value x, PoolOptions options) {
    List<Attribute> attributes = attributes(x, options);
    if (options.countIncludePad()) {
      attributes.add(Attribute.ofInt("count_include_pad", 1));
    }
    return node("AveragePool", OperatorBuilder.operands(x), attributes);
  }

  /** Mean of square windows that do not overlap. */
  default Value averagePool(Value x, long size) {
    return averagePool(x, PoolOptions.of(size).withStrides(size));
  }

  /** The p-norm of each window (ONNX {@code LpPool}). */
  default Value lpPool(Value x, long p, PoolOptions options) {
    List<Attribute> attributes = attributes(x, options);
    attributes.add(Attribute.ofInt("p", p));
    return node("LpPool", OperatorBuilder.operands(x), attributes);
  }

  /** Mean of each channel (ONNX {@code GlobalAveragePool}): {@code [N,C,1,1]}. */
  default Value globalAveragePool(Value x) {
    return node("GlobalAveragePool", x);
  }

  /** Largest element of each channel (ONNX {@code GlobalMaxPool}): {@code [N,C,1,1]}. */
  default Value globalMaxPool(Value x) {
    return node("GlobalMaxPool", x);
  }

  private static List<Attribute> attributes(Value x, PoolOptions options) {
    Shape shape = OperatorBuilder.shapeOf(x);
    int axes = shape.isRanked() ? shape.rank() - 2 : options.kernel().size();
    if (axes < 1) {
      throw GraphBuildException.here(
          "Pooling takes [N,C,spatial axes...], but " + x.name() + " is " + x.type());
    }
    List<Attribute> attributes =
        new Window(
                Window.perAxis("Kernel sizes", options.kernel(), axes),
                options.strides(),
                options.dilations(),
                options.padding())
            .attributes(shape);
    if (options.ceilMode()) {
      attributes.add(Attribute.ofInt("ceil_mode", 1));
    }
    return attributes;
  }
}
