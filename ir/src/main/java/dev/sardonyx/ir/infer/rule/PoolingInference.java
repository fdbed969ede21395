package dev.sardonyx.ir.infer.rule;

import dev.sardonyx.ir.Dim;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.infer.InferenceContext;
import dev.sardonyx.ir.infer.KnownValues;
import java.util.ArrayList;
import java.util.List;

/** Pools, which reduce the spatial axes of {@code [N,C,D1,...]}, and their inverse. */
final class PoolingInference {
  private PoolingInference() {}

  static void addTo(Rules rules) {
    rules.add("MaxPool", PoolingInference::pool);
    rules.add("AveragePool", PoolingInference::pool);
    rules.add("LpPool", PoolingInference::pool);
    rules.add("GlobalMaxPool", PoolingInference::globalPool);
    rules.add("GlobalAveragePool", PoolingInference::globalPool);
    rules.add("GlobalLpPool", PoolingInference::globalPool);
    rules.add("MaxUnpool", PoolingInference::maxUnpool);
  }

  /** The second output, MaxPool's indices, has the first one's shape. */
  private static void pool(InferenceContext c) {
    Shape data = Expect.rankAtLeast(c, 0, 3);
    if (!c.hasAttribute("kernel_shape") && c.since() == 1 && c.node().is("LpPool")) {
      // LpPool-1 may lack it, and does not say what that means.
      if (data.isRanked()) {
        c.setOutputShape(0, data.slice(0, 2).concat(Shape.ofRank(data.rank() - 2)));
      }
      return;
    }
    int axes = data.isRanked() ? data.rank() - 2 : kernelAxes(c);
    List<Dim> spatial =
        data.isRanked() ? data.dims().subList(2, data.rank()) : Shape.ofRank(axes).dims();
    List<Dim> dims = new ArrayList<>(List.of(c.inputDim(0, 0), c.inputDim(0, 1)));
    dims.addAll(WindowAttributes.of(c, null, axes).outputs(c, spatial));
    c.setOutputShape(0, Shape.of(dims));
    c.setOutputShape(1, Shape.of(dims));
  }

  private static int kernelAxes(InferenceContext c) {
    long[] kernel = c.intsAttribute("kernel_shape");
    return kernel == null ? 0 : kernel.length;
  }

  private static void globalPool(InferenceContext c) {
    Shape data = Expect.rankAtLeast(c, 0, 2);
    if (data.isRanked()) {
      List<Dim> dims = new ArrayList<>(data.dims());
      dims.replaceAll(d -> Dim.of(1));
      dims.set(0, data.dim(0));
      dims.set(1, data.dim(1));
      c.setOutputShape(0, Shape.of(dims));
    }
  }

  private static void maxUnpool(InferenceContext c) {
    Expect.rankAtLeast(c, 0, 3);
    Expect.rankAtLeast(c, 1, 3);
    Shape data = Broadcasting.same(c, 0, 1);
    if (c.hasInput(2)) {
      Expect.rank(c, 2, 1);
    }
    WindowAttributes windows =
        data.isRanked() ? WindowAttributes.of(c, null, data.rank() - 2) : null;
    if (data.isRanked()) {
      Expect.vector(c, 2, Dim.of(data.rank()), "the dimensions of", 0);
    }
    KnownValues outputShape = c.inputKnown(2);
    if (outputShape != null) {
      c.setOutputShape(0, outputShape.toShape());
      return;
    }
    if (c.hasInput(2) || windows == null) {
      if (data.isRanked()) {
        c.setOutputShape(0, data.slice(0, 2).concat(Shape.ofRank(data.rank() - 2)));
      } else {
        c.setOutputShape(0, IntegerOperand.ofInput(c, "output_shape", 2).shapeOfCount());
      }
      return;
    }
    List<Dim> dims = new ArrayList<>(data.dims().subList(0, 2));
    for (int i = 0; i < windows.spatialRank(); i++) {
      dims.add(windows.span(i, data.dim(i + 2)));
    }
    c.setOutputShape(0, Shape.of(dims));
  }
}
