package dev.sardonyx.training.compile;

import dev.sardonyx.ir.Dim;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.pass.NodeTransform;
import dev.sardonyx.ir.pass.Pass;
import dev.sardonyx.ir.pass.Rewriter;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Says by scales how much a Resize enlarges, where a model gives it sizes, which exporters compute
 * from the shape of the input.
 */
final class ResizeScales {
  private static final int SIZES = 3;

  private ResizeScales() {}

  static Pass pass() {
    return Pass.of("resize-scales", NodeTransform.on(Set.of("Resize"), ResizeScales::state));
  }

  private static void state(Node node, Rewriter to) {
    if (!node.hasInput(SIZES)
        || node.intsAttribute("axes").isPresent()
        || !node.stringAttribute("keep_aspect_ratio_policy", "stretch").equals("stretch")) {
      return;
    }
    float[] scales = scales(to.shape(node.input(0)), to.shape(node.output(0).name()));
    if (scales != null) {
      Value constant = to.constant(Tensor.ofFloats(scales, scales.length));
      to.change(node.withInputs(List.of(node.input(0), Node.ABSENT, constant.name())));
    }
  }

  /** How often each axis has its size, if it is a whole number of times; null if it is not. */
  private static float @Nullable [] scales(Shape from, Shape to) {
    if (!from.isRanked() || !to.isRanked() || from.rank() != to.rank()) {
      return null;
    }
    float[] scales = new float[from.rank()];
    for (int i = 0; i < scales.length; i++) {
      Dim before = from.dim(i);
      Dim behind = to.dim(i);
      if (before.isKnown() && before.equals(behind)) {
        scales[i] = 1;
      } else if (before.isFixed()
          && behind.isFixed()
          && before.value() > 0
          && behind.value() % before.value() == 0) {
        long times = behind.value() / before.value();
        scales[i] = times;
      } else {
        return null;
      }
    }
    return scales;
  }
}
