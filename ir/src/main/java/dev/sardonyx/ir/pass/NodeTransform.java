package dev.sardonyx.ir.pass;

import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Value;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What becomes of a graph's nodes, one after the other. A transform that does nothing with a node
 * keeps it; see {@link Rewriter} for what else it may do.
 *
 * <p>Transforms compose: {@link #andThen} makes one of two that share one walk over the graph.
 */
@FunctionalInterface
public interface NodeTransform {
  /** Sees a node, after all those it depends on and with its subgraphs done. */
  void rewrite(Node node, Rewriter to);

  /**
   * Which of ONNX's own operators the transform sees the nodes of; null for every node of every
   * domain. In a walk of many transforms a node costs time only with those that see it.
   */
  default @Nullable Set<String> operators() {
    return null;
  }

  /**
   * Whether the transform may find anything to do in a graph, if none makes new nodes before it. A
   * walk of transforms that all find nothing does not look at the nodes.
   */
  default boolean concerns(Graph graph) {
    return true;
  }

  /** Sees a graph (of a model, or a subgraph) before its nodes. */
  default void begin(Graph graph, Rewriter to) {}

  /**
   * This transform, then another on whatever it leaves or makes of a node, all in one walk. Nodes
   * that are made are seen by the transforms that follow, too.
   */
  default NodeTransform andThen(NodeTransform next) {
    return Sequence.of(this, next);
  }

  /** The transform under the name of a pass, which its changes are reported with. */
  default NodeTransform named(String pass) {
    return Sequence.named(this, pass);
  }

  /** What stands for a node. */
  @FunctionalInterface
  interface Replacement {
    /**
     * The value that stands for the node's only used result, an old one or one just built with the
     * rewriter's methods; null keeps the node.
     */
    @Nullable Value of(Node node, Rewriter to);
  }

  /** A transform of the nodes of one of ONNX's own operators. */
  static NodeTransform of(String opType, Replacement replacement) {
    return of(Map.of(opType, replacement));
  }

  /** A transform that has a replacement for each of several of ONNX's own operators. */
  static NodeTransform of(Map<String, Replacement> byOpType) {
    Map<String, Replacement> replacements = new HashMap<>(byOpType);
    return on(
        replacements.keySet(),
        (node, to) -> {
          Replacement replacement = replacements.get(node.opType());
          Value by = replacement == null || to.isOpen(node) ? null : replacement.of(node, to);
          if (by != null) {
            to.replace(by);
          }
        });
  }

  /** A transform that sees the nodes of some of ONNX's own operators only. */
  static NodeTransform on(Set<String> opTypes, NodeTransform transform) {
    return new Selective(opTypes, opTypes, transform);
  }
}
