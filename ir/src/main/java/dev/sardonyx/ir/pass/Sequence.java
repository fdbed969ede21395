package dev.sardonyx.ir.pass;

import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Node;
import java.util.ArrayList;
import java.util.List;

/** Transforms that share a walk. A rewriter takes each for itself. */
record Sequence(List<Stage> stages) implements NodeTransform {
  /**
   * One of the transforms.
   *
   * @param pass the name of the pass its changes are reported with, empty for that of the walk
   */
  record Stage(String pass, NodeTransform transform) {}

  Sequence {
    stages = List.copyOf(stages);
  }

  static Sequence of(NodeTransform first, NodeTransform second) {
    List<Stage> stages = new ArrayList<>(stages(first, ""));
    stages.addAll(stages(second, ""));
    return new Sequence(stages);
  }

  static Sequence named(NodeTransform transform, String pass) {
    return new Sequence(stages(transform, pass));
  }

  /** The transforms that a transform is made of, those without a name under the given one. */
  static List<Stage> stages(NodeTransform transform, String pass) {
    if (!(transform instanceof Sequence sequence)) {
      return List.of(new Stage(pass, transform));
    }
    return sequence.stages.stream()
        .map(s -> s.pass().isEmpty() ? new Stage(pass, s.transform()) : s)
        .toList();
  }

  @Override
  public void rewrite(Node node, Rewriter to) {
    throw new IllegalStateException("A rewriter applies the transforms one by one");
  }

  @Override
  public void begin(Graph graph, Rewriter to) {
    throw new IllegalStateException("A rewriter applies the transforms one by one");
  }
}
