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
  /** A node as what it computes: equal to all nodes that compute the same. */
  private static final class Expression {
    private final Node node;
    private final int hash;

    Expression(Node node) {
      this.node = node;
      int attributes = 0;
      for (Attribute attribute : node.attributes()) {
        attributes += attribute.name().hashCode() * 31 + attribute.value().hashCode();
      }
      hash = (node.opType().hashCode() * 31 + node.inputs().hashCode()) * 31 + attributes;
    }

    @Override
    public int hashCode() {
      return hash;
    }

    @Override
    public boolean equals(@Nullable Object o) {
      return o instanceof Expression other
          && hash == other.hash
          && node.opType().equals(other.node.opType())
          && node.domain().equals(other.node.domain())
          && node.overload().equals(other.node.overload())
          && node.inputs().equals(other.node.inputs())
          && node.outputs().size() == other.node.outputs().size()
          && attributes(node).equals(attributes(other.node));
    }

    private static Map<String, AttributeValue> attributes(Node node) {
      if (node.attributes().isEmpty()) {
        return Map.of();
      }
      Map<String, AttributeValue> attributes = new HashMap<>();
      node.attributes().forEach(a -> attributes.put(a.name(), a.value()));
      return attributes;
    }
  }

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
    Expression expression = new Expression(node);
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

  /** Whether a node has not been removed since, or given its names to another. */
  @SuppressWarnings("ReferenceEquality") // another node may look the same
  private static boolean isThere(Node before, Rewriter to) {
    for (Result result : before.outputs()) {
      if (result.isPresent() && to.owner(result.name()).producer(result.name()) != before) {
        return false;
      }
    }
    return true;
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
}
