package dev.sardonyx.ir.pass;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.AttributeValue;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Result;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Computes once what several nodes compute: nodes of one operator with the same attributes and
 * inputs. A subgraph uses what the graphs around it have computed. Operators that draw random
 * numbers are left alone, and so are operators nobody knows, and nodes with subgraphs of their own.
 */
public record CommonSubexpressions() implements Pass {
  /** All that makes two nodes compute the same. */
  private record Expression(
      String domain,
      String opType,
      String overload,
      List<String> inputs,
      Map<String, AttributeValue> attributes,
      int outputs) {}

  /** The first node of each expression in a graph. */
  private static final class Found extends HashMap<Expression, Node> {
    private static final long serialVersionUID = 1L;
  }

  @Override
  public PassResult apply(Model model) {
    return Walk.through(model, "common-subexpressions", CommonSubexpressions::rewrite);
  }

  static void rewrite(Node node, Rewriter to) {
    if (node.outputs().isEmpty() || !node.subgraphs().isEmpty() || !to.isPure(node)) {
      return;
    }
    Expression expression = expression(node);
    Node before = find(expression, node, to);
    if (before == null) {
      to.memory(Found.class, Found::new).put(expression, node);
      return;
    }
    List<Result> results = new ArrayList<>(node.outputs().size());
    for (int i = 0; i < node.outputs().size(); i++) {
      results.add(before.output(i));
    }
    to.replace(results);
  }

  private static @Nullable Node find(Expression expression, Node node, Rewriter to) {
    for (Rewriter graph = to; graph != null; graph = graph.outer()) {
      Node before = graph.memory(Found.class, Found::new).get(expression);
      if (before != null && isThere(before, to) && covers(before, node, to)) {
        return before;
      }
    }
    return null;
  }

  /** Whether a node has not been removed since. */
  private static boolean isThere(Node before, Rewriter to) {
    return before.outputs().stream().allMatch(r -> !r.isPresent() || to.has(r.name()));
  }

  /** Whether all that the node gives is there, and no Identity would take its place for nothing. */
  private static boolean covers(Node before, Node node, Rewriter to) {
    boolean gains = !node.is("Identity") && !node.is("Constant");
    for (int i = 0; i < node.outputs().size(); i++) {
      if (node.hasOutput(i)
          && (!before.hasOutput(i)
              || !gains && to.needsIdentity(node.output(i), before.output(i)))) {
        return false;
      }
    }
    return true;
  }

  private static Expression expression(Node node) {
    Map<String, AttributeValue> attributes = Map.of();
    if (!node.attributes().isEmpty()) {
      attributes = new HashMap<>();
      for (Attribute attribute : node.attributes()) {
        attributes.put(attribute.name(), attribute.value());
      }
    }
    return new Expression(
        node.domain(),
        node.opType(),
        node.overload(),
        node.inputs(),
        attributes,
        node.outputs().size());
  }
}
