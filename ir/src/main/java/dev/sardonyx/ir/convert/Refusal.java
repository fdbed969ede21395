package dev.sardonyx.ir.convert;

/**
 * A node that cannot be said in the operators asked for.
 *
 * @param graph the graph or function that the node is in, as a path of names from the main graph
 * @param node the node's name, or how messages name it
 * @param operator such as {@code Gelu} or {@code ai.onnx.ml.LabelEncoder}
 * @param reason why not, as a clause
 * @param opset the opset of the operator's domain nearest to the one asked for that can say it: the
 *     lowest on the way down, the highest on the way up
 */
public record Refusal(String graph, String node, String operator, String reason, long opset) {
  @Override
  public String toString() {
    return operator
        + " "
        + (node.startsWith(operator + " ") ? node.substring(operator.length() + 1) : node)
        + " in "
        + graph
        + ": "
        + reason
        + "; opset "
        + opset
        + " can say it";
  }
}
