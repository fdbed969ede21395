package dev.sardonyx.export.quantize;

import dev.sardonyx.ir.Node;
import java.util.List;

/**
 * What became of each node of the main graph.
 *
 * @param nodes in the graph's order
 */
public record QuantizationReport(List<Line> nodes) {
  /**
   * A node.
   *
   * @param name the node's name or, without one, that of its first result
   * @param operator with its domain
   * @param quantized whether it computes in integers
   * @param reason why not, or what it is part of; empty if quantised by itself
   */
  public record Line(String name, String operator, boolean quantized, String reason) {
    @Override
    public String toString() {
      String outcome = quantized ? "quantised" : "float";
      return operator + " " + name + ": " + outcome + (reason.isEmpty() ? "" : ", " + reason);
    }
  }

  public QuantizationReport {
    nodes = List.copyOf(nodes);
  }

  /** How many nodes compute in integers. */
  public long quantized() {
    return nodes.stream().filter(Line::quantized).count();
  }

  /** The nodes that compute in integers by themselves, not as part of others. */
  public List<Line> layers() {
    return nodes.stream().filter(line -> line.quantized && line.reason.isEmpty()).toList();
  }

  /** Whether a node of the prepared model became part of the quantised one before it. */
  public boolean isPart(Node node) {
    String name = NodeSelection.name(node);
    return nodes.stream()
        .anyMatch(line -> line.name.equals(name) && line.quantized && !line.reason.isEmpty());
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    nodes.forEach(line -> text.append(line).append('\n'));
    return text.append(quantized() + " of " + nodes.size() + " nodes are quantised").toString();
  }
}
