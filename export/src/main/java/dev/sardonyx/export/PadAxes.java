package dev.sardonyx.export;

import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.pass.NodeTransform;
import dev.sardonyx.ir.pass.Pass;
import dev.sardonyx.ir.pass.Rewriter;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.LongStream;

/**
 * States the axes of each Pad before a pool. ONNX Runtime moves a Pad into the pool after it,
 * whatever it fills with: a maximum no longer sees the zeros, and a pool that is smaller than the
 * padding does not load. It leaves a Pad alone that has axes (opset 18 on).
 */
final class PadAxes {
  private static final int SINCE = 18;

  private PadAxes() {}

  static Model state(Model model) {
    Set<String> pooled = new HashSet<>();
    new GraphWalk(graph -> {}, node -> collectPooled(node, pooled)).model(model);
    return pooled.isEmpty() ? model : pass(pooled).apply(model).model();
  }

  private static void collectPooled(Node node, Set<String> pooled) {
    if ((node.is("MaxPool") || node.is("AveragePool")) && node.hasInput(0)) {
      pooled.add(node.input(0));
    }
  }

  private static Pass pass(Set<String> pooled) {
    return Pass.of(
        "pad-axes",
        NodeTransform.on(
            Set.of("Pad"),
            (node, to) -> {
              if (pooled.contains(node.output(0).name())) {
                state(node, to);
              }
            }));
  }

  private static void state(Node node, Rewriter to) {
    Shape shape = to.shape(node.input(0));
    if (to.opset() < SINCE || node.hasInput(3) || !shape.isRanked()) {
      return;
    }
    Value axes = to.longs("axes", LongStream.range(0, shape.rank()).toArray());
    List<String> inputs = new ArrayList<>(node.inputs());
    while (inputs.size() < 3) {
      inputs.add("");
    }
    inputs.add(3, axes.name());
    to.change(node.withInputs(inputs.subList(0, 4)));
  }
}
