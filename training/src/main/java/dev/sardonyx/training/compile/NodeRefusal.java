package dev.sardonyx.training.compile;

import dev.sardonyx.ir.Node;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** That one node cannot be expressed; all of a model are told at once. */
final class NodeRefusal extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient Node node;
  private final String reason;

  NodeRefusal(Node node, String reason) {
    super(reason, null, false, false);
    this.node = node;
    this.reason = reason;
  }

  /** The node, which need not be the one that was being lowered. */
  Node node() {
    return node;
  }

  /** Every node and reason; nodes of one operator that are refused alike share the reason. */
  static String message(List<NodeRefusal> refusals) {
    Map<String, List<String>> byReason = new LinkedHashMap<>();
    for (NodeRefusal refusal : refusals) {
      byReason
          .computeIfAbsent(
              "(" + refusal.node.operator() + "): " + refusal.reason, r -> new ArrayList<>())
          .add("'" + refusal.node.label() + "'");
    }
    List<String> parts = new ArrayList<>();
    byReason.forEach((reason, nodes) -> parts.add(String.join(", ", nodes) + " " + reason));
    return "DL4J cannot express "
        + (refusals.size() == 1 ? "node " : "%d of the model's nodes: ".formatted(refusals.size()))
        + String.join("; ", parts);
  }
}
