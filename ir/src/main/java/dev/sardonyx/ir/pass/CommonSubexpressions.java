package dev.sardonyx.ir.pass;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.AttributeValue;
import dev.sardonyx.ir.Function;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Result;
import dev.sardonyx.ir.eval.ReferenceBackend;
import dev.sardonyx.ir.op.OperatorCatalogue;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Computes once what several nodes compute: nodes of one operator with the same attributes and
 * inputs. A subgraph uses what the graphs around it have computed. Operators that draw random
 * numbers are left alone, and so are operators nobody knows, and nodes with subgraphs of their own.
 */
public record CommonSubexpressions() implements Pass {
  /** All that makes two nodes compute the same. */
  private record Expression(
      String operator, List<String> inputs, Map<String, AttributeValue> attributes, int outputs) {}

  @Override
  public PassResult apply(Model model) {
    return Streaming.apply(
        "common-subexpressions", model, new Transform(pureFunctions(model.functions())));
  }

  private static final class Transform implements NodeTransform {
    private final Set<String> pure;

    /** Each graph's own expressions; a graph also sees those of the graphs around it. */
    private final IdentityHashMap<Rewriting, Map<Expression, Node>> found = new IdentityHashMap<>();

    Transform(Set<String> pure) {
      this.pure = pure;
    }

    @Override
    public void begin(Graph graph, Rewriting out) {
      found.put(out, new HashMap<>(graph.nodes().size() * 4 / 3 + 1));
    }

    @Override
    public void rewrite(Node node, Rewriting out) {
      if (!isPure(node, pure)) {
        out.emit(node);
        return;
      }
      Expression expression = expression(node);
      Node before = find(expression, node, out, found);
      if (before == null) {
        found.computeIfAbsent(out, g -> new HashMap<>()).put(expression, node);
        out.emit(node);
        return;
      }
      for (int i = 0; i < node.outputs().size(); i++) {
        if (node.hasOutput(i)) {
          out.replace(node.output(i), before.output(i).name());
        }
      }
      out.report("replaced " + node.described() + " by " + before.described());
    }
  }

  private static @Nullable Node find(
      Expression expression,
      Node node,
      Rewriting out,
      IdentityHashMap<Rewriting, Map<Expression, Node>> found) {
    for (Rewriting graph = out; graph != null; graph = graph.outer()) {
      Map<Expression, Node> own = found.get(graph);
      Node before = own == null ? null : own.get(expression);
      if (before != null && covers(before, node, out)) {
        return before;
      }
    }
    return null;
  }

  /** Whether all that the node gives is there, and no Identity would take its place for nothing. */
  private static boolean covers(Node before, Node node, Rewriting out) {
    boolean gains = !node.is("Identity") && !node.is("Constant");
    for (int i = 0; i < node.outputs().size(); i++) {
      Result wanted = node.output(i);
      if (wanted.isPresent()) {
        if (!before.hasOutput(i)) {
          return false;
        }
        if (!gains && out.needsIdentity(wanted, before.output(i).name())) {
          return false;
        }
      }
    }
    return true;
  }

  private static Expression expression(Node node) {
    if (node.attributes().isEmpty()) {
      return new Expression(node.operator(), node.inputs(), Map.of(), node.outputs().size());
    }
    Map<String, AttributeValue> attributes = new HashMap<>();
    for (Attribute attribute : node.attributes()) {
      attributes.put(attribute.name(), attribute.value());
    }
    return new Expression(node.operator(), node.inputs(), attributes, node.outputs().size());
  }

  private static boolean isPure(Node node, Set<String> pureFunctions) {
    if (node.outputs().isEmpty() || !node.subgraphs().isEmpty()) {
      return false;
    }
    if (!pureFunctions.isEmpty() && pureFunctions.contains(node.operator())) {
      return true;
    }
    return !ReferenceBackend.isRandom(node)
        && OperatorCatalogue.standard().knowsDomain(node.domain());
  }

  /** Functions that draw no random numbers, not even through others. */
  private static Set<String> pureFunctions(List<Function> functions) {
    Map<String, Function> byOperator = Calls.byOperator(functions);
    Map<String, Boolean> known = new HashMap<>();
    Set<String> pure = new HashSet<>();
    for (String operator : byOperator.keySet()) {
      if (isPure(operator, byOperator, known)) {
        pure.add(operator);
      }
    }
    return pure;
  }

  private static boolean isPure(
      String operator, Map<String, Function> functions, Map<String, Boolean> known) {
    Boolean before = known.get(operator);
    if (before != null) {
      return before;
    }
    known.put(operator, false); // a function that calls itself is none to rely on
    Function function = functions.get(operator);
    boolean pure =
        function != null && function.nodes().stream().allMatch(n -> isPure(n, functions, known));
    known.put(operator, pure);
    return pure;
  }

  private static boolean isPure(
      Node node, Map<String, Function> functions, Map<String, Boolean> known) {
    if (functions.containsKey(node.operator())) {
      return isPure(node.operator(), functions, known);
    }
    return !ReferenceBackend.isRandom(node)
        && OperatorCatalogue.standard().knowsDomain(node.domain())
        && node.subgraphs().stream()
            .flatMap(g -> g.nodes().stream())
            .allMatch(n -> isPure(n, functions, known));
  }
}
