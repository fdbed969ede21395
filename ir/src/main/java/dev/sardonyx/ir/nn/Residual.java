package dev.sardonyx.ir.nn;

import dev.sardonyx.ir.Dim;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.build.ConvOptions;
import dev.sardonyx.ir.build.GraphBuildException;
import dev.sardonyx.ir.build.GraphBuilder;
import dev.sardonyx.ir.build.Padding;
import java.util.ArrayList;
import java.util.List;

/** Builds one residual block of any form. */
final class Residual {
  /** One convolution of the residual branch. */
  private record Step(long filters, long kernel, long stride) {}

  private final GraphBuilder b;
  private final Layers layers;
  private final ResidualOptions options;

  private Residual(Layers layers, ResidualOptions options) {
    this.b = layers.builder();
    this.layers = layers;
    this.options = options;
  }

  static Value block(
      Layers layers, Value x, long filters, ResidualOptions options, boolean projection) {
    if (filters < 1 || options.stride() < 1) {
      throw GraphBuildException.here(
          "A residual block has at least one filter and stride 1, not "
              + filters
              + " and "
              + options.stride());
    }
    GraphBuilder b = layers.builder();
    Residual residual = new Residual(layers, options);
    return b.scope(
        b.freshName("block"),
        () ->
            options.preActivation()
                ? residual.preActivated(x, filters, projection)
                : residual.postActivated(x, filters, projection));
  }

  /** What a block's result would be. */
  static Shape resultShape(Shape x, long channels, long stride) {
    List<Dim> dims = new ArrayList<>(x.dims());
    dims.set(1, Dim.of(channels));
    for (int i = 2; i < dims.size(); i++) {
      dims.set(i, dims.get(i).ceilDiv(stride));
    }
    return Shape.of(dims);
  }

  /** The stride is that of the 3x3 convolution, also in bottlenecks (ResNet "v1.5"). */
  private List<Step> steps(long filters) {
    long stride = options.stride();
    return options.style() == ResidualOptions.Style.BASIC
        ? List.of(new Step(filters, 3, stride), new Step(filters, 3, 1))
        : List.of(
            new Step(filters, 1, 1),
            new Step(filters, 3, stride),
            new Step(options.channels(filters), 1, 1));
  }

  private Value postActivated(Value x, long filters, boolean projection) {
    Value y = x;
    List<Step> steps = steps(filters);
    for (int i = 0; i < steps.size(); i++) {
      y = normalized(conv(y, steps.get(i)));
      if (i < steps.size() - 1) {
        y = b.relu(y);
      }
    }
    Value shortcut = projection ? normalized(projection(x, filters)) : x;
    return b.relu(b.add(y, shortcut));
  }

  /** A projection starts from the activated input, as the residual branch does. */
  private Value preActivated(Value x, long filters, boolean projection) {
    Value activated = b.relu(normalized(x));
    Value shortcut = projection ? projection(activated, filters) : x;
    Value y = activated;
    List<Step> steps = steps(filters);
    for (int i = 0; i < steps.size(); i++) {
      y = conv(i == 0 ? y : b.relu(normalized(y)), steps.get(i));
    }
    return b.add(y, shortcut);
  }

  private Value projection(Value x, long filters) {
    return conv(x, new Step(options.channels(filters), 1, options.stride()));
  }

  private Value normalized(Value x) {
    return options.batchNorm() ? layers.batchNorm(x) : x;
  }

  private Value conv(Value x, Step step) {
    ConvOptions convolution =
        ConvOptions.DEFAULT
            .withStrides(step.stride())
            .withPadding(Padding.of((step.kernel() - 1) / 2));
    return layers.conv(x, step.filters(), step.kernel(), convolution, !options.batchNorm());
  }
}
