package dev.sardonyx.ir.pass;

import static java.util.stream.Collectors.joining;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.AttributeValue;
import dev.sardonyx.ir.CallOrder;
import dev.sardonyx.ir.Function;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Limits;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Nesting;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.OperatorName;
import dev.sardonyx.ir.OpsetImport;
import dev.sardonyx.ir.Renaming;
import dev.sardonyx.ir.Result;
import dev.sardonyx.ir.op.OperatorCatalogue;
import dev.sardonyx.ir.op.OperatorSchema;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Replaces calls of the model's own functions by their bodies, and removes the functions. Values of
 * a body are named after the call. A function whose operators mean something else in the opsets of
 * its caller stays a function.
 */
public record FunctionInlining(Limits limits) implements Pass {
  private static final String NAME = "function-inlining";
  private static final int LONGEST_NAME = 200;

  /** Within the limits that hold where nothing else is said. */
  public FunctionInlining() {
    this(Limits.standard());
  }

  /**
   * @throws IllegalArgumentException if functions call each other in a cycle, naming them
   * @throws dev.sardonyx.ir.LimitExceededException if the bodies come to more nodes than the limit
   *     expansions, as those of functions do that call each other twice and more
   */
  @Override
  public PassResult apply(Model model) {
    if (model.functions().isEmpty() || !model.training().isEmpty()) {
      return PassResult.unchanged(model);
    }
    CallOrder order = CallOrder.of(model.functions());
    if (!order.cycle().isEmpty()) {
      throw new IllegalArgumentException(
          "Functions call each other in a cycle, so they cannot be inlined: "
              + order.cycle().stream().map(OperatorName::toString).collect(joining(" -> ")));
    }
    String place = "Inlining the functions of graph " + model.graph().name();
    limits.requireExpansions(Nesting.of(model).inlined(), place);
    List<Change> changes = new ArrayList<>();
    Inlining inlining = new Inlining();
    for (Function function : order.functions()) {
      inlining.flat.put(
          OperatorName.of(function),
          Walk.through(function, model.functions(), NAME, inlining, changes));
    }
    Model imported = inlining.withImports(model);
    Graph graph = model.graph();
    Set<OperatorName> still;
    int before;
    do { // calls in subgraphs of functions may be ready only now
      before = changes.size();
      graph =
          Walk.through(model.withGraph(graph), imported.opsetImports(), NAME, inlining, changes);
      still = Calls.reachable(graph, List.copyOf(inlining.flat.values()));
    } while (!still.isEmpty() && changes.size() > before);
    List<Function> functions = new ArrayList<>();
    for (Function function : model.functions()) {
      OperatorName operator = OperatorName.of(function);
      if (still.contains(operator)) {
        functions.add(Objects.requireNonNull(inlining.flat.get(operator)));
      } else {
        changes.add(Change.of(NAME, function.name(), "removed function " + operator));
      }
    }
    return changes.isEmpty()
        ? PassResult.unchanged(model)
        : new PassResult(imported.withGraph(graph).withFunctions(functions), changes);
  }

  /** The functions so far, themselves without calls where possible. */
  private static final class Inlining implements NodeTransform {
    final Map<OperatorName, Function> flat = new HashMap<>();

    @Override
    public void rewrite(Node node, Rewriter to) {
      Function function = called(node, to);
      if (function != null) {
        to.replace(expand(node, function, to));
      }
    }

    private @Nullable Function called(Node node, Rewriter to) {
      Function function = flat.get(OperatorName.of(node));
      return function != null
              && node.outputs().size() <= function.outputs().size()
              && node.outputs().stream().anyMatch(Result::isPresent)
              && givesAll(node, function)
              && fits(function, to.imports())
              && !losesDefault(node, function)
          ? function
          : null;
    }

    /** Whether the function has all that it says it gives back; not an input that is absent. */
    private static boolean givesAll(Node call, Function function) {
      Set<String> values = new HashSet<>();
      for (int i = 0; i < function.inputs().size(); i++) {
        if (call.hasInput(i)) {
          values.add(function.inputs().get(i));
        }
      }
      function.nodes().forEach(n -> n.outputs().forEach(r -> values.add(r.name())));
      return values.containsAll(function.outputs());
    }

    /**
     * Whether an attribute depends on a caller that may leave it out, so that a default would have
     * to stand for it: only a call that is sure of its attributes is replaced.
     */
    private static boolean losesDefault(Node call, Function function) {
      for (Attribute formal : function.defaults()) {
        if (call.attribute(formal.name(), AttributeValue.Reference.class).isPresent()) {
          return true;
        }
      }
      return false;
    }

    /** The model, also importing the domains that only functions import. */
    Model withImports(Model model) {
      Model result = model;
      for (Function function : model.functions()) {
        for (OpsetImport wanted : function.opsetImports()) {
          if (result.opset(wanted.domain()).isEmpty()) {
            result = result.withOpsetImport(wanted.domain(), wanted.version());
          }
        }
      }
      return result;
    }

    /** Whether all nodes of the body mean the same under the caller's imports. */
    private static boolean fits(Function function, List<OpsetImport> imports) {
      Map<String, Long> here = versions(imports);
      Map<String, Long> there = versions(function.opsetImports());
      return here.entrySet().containsAll(there.entrySet()) || fits(function.nodes(), here, there);
    }

    private static boolean fits(List<Node> nodes, Map<String, Long> here, Map<String, Long> there) {
      for (Node node : nodes) {
        String domain = OpsetImport.canonical(node.domain());
        Long from = there.get(domain);
        Long to = here.get(domain);
        if (from != null && to == null) {
          return false;
        }
        if (from != null && to != null && !from.equals(to)) {
          Optional<OperatorSchema> before = OperatorCatalogue.standard().find(node, from);
          Optional<OperatorSchema> after = OperatorCatalogue.standard().find(node, to);
          if (before.isEmpty() || !before.equals(after)) {
            return false;
          }
        }
        if (!node.subgraphs().stream().allMatch(g -> fits(g.nodes(), here, there))) {
          return false;
        }
      }
      return true;
    }

    private static Map<String, Long> versions(List<OpsetImport> imports) {
      Map<String, Long> versions = new LinkedHashMap<>();
      imports.forEach(i -> versions.putIfAbsent(OpsetImport.canonical(i.domain()), i.version()));
      return versions;
    }

    /** Makes the nodes of a call, those of calls among them included; what the call gives. */
    private List<Result> expand(Node call, Function function, Rewriter to) {
      Map<String, String> names = new HashMap<>();
      Map<String, String> given = new HashMap<>();
      Renaming renaming = Renaming.of(given);
      for (Node copy : body(call, function, names, to)) {
        Node node = renaming.uses(copy);
        Function called = called(node, to);
        if (called == null) {
          to.addAsIs(node);
          continue;
        }
        List<Result> results = expand(node, called, to);
        for (int i = 0; i < Math.min(results.size(), node.outputs().size()); i++) {
          given.put(node.output(i).name(), results.get(i).name());
        }
      }
      return function.outputs().stream()
          .map(o -> Result.of(renaming.name(Objects.requireNonNull(names.get(o)))))
          .toList();
    }

    /**
     * The nodes of a function for one call, named after it.
     *
     * @param names is given what the function's values are called there
     */
    private static List<Node> body(
        Node call, Function function, Map<String, String> names, Rewriter to) {
      for (int i = 0; i < function.inputs().size(); i++) {
        names.put(function.inputs().get(i), call.input(i));
      }
      String prefix = call.name().isEmpty() ? call.opType() : call.name();
      List<Node> nodes = function.nodesFor(call.attributes());
      nameInside(nodes, prefix, names, to);
      Renaming renaming = Renaming.of(names);
      List<Node> named = new ArrayList<>(nodes.size());
      for (Node node : nodes) {
        String name = node.name().isEmpty() ? "" : to.fresh(inside(prefix, node.name()));
        named.add(renaming.node(node).withName(name));
      }
      return named;
    }

    /** Names of calls in calls in calls would be as long as these are deep. */
    private static String inside(String prefix, String name) {
      int from = Math.max(0, name.length() - LONGEST_NAME);
      return prefix + "." + name.substring(from);
    }

    /** New names for all that the body defines, its subgraphs included. */
    private static void nameInside(
        List<Node> nodes, String prefix, Map<String, String> names, Rewriter to) {
      for (Node node : nodes) {
        for (Result result : node.outputs()) {
          if (result.isPresent()) {
            names.computeIfAbsent(result.name(), n -> to.fresh(inside(prefix, n)));
          }
        }
        node.subgraphs()
            .forEach(
                g -> {
                  g.inputs()
                      .forEach(
                          v -> names.computeIfAbsent(v.name(), n -> to.fresh(inside(prefix, n))));
                  g.constants()
                      .forEach(
                          v -> names.computeIfAbsent(v.name(), n -> to.fresh(inside(prefix, n))));
                  nameInside(g.nodes(), prefix, names, to);
                });
      }
    }
  }
}
