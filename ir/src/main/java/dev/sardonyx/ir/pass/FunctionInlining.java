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
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
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
    limits.requireExpansions(Nesting.of(model).expansions(), place);
    List<Change> changes = new ArrayList<>();
    Inlining inlining = new Inlining(model, changes);
    Model imported = inlining.withImports();
    Graph graph = inlining.graph(imported);
    List<Function> staying = inlining.staying(graph);
    return changes.isEmpty()
        ? PassResult.unchanged(model)
        : new PassResult(imported.withGraph(graph).withFunctions(staying), changes);
  }

  /**
   * The bodies go straight to where they are called from, calls among them included: a function
   * that is only called by functions is never written out for itself.
   */
  private static final class Inlining implements NodeTransform {
    private final Model model;
    private final List<Change> changes;
    private final Map<OperatorName, Function> functions = new LinkedHashMap<>();

    Inlining(Model model, List<Change> changes) {
      this.model = model;
      this.changes = changes;
      model.functions().forEach(f -> functions.put(OperatorName.of(f), f));
    }

    /** The main graph with as few calls as possible. */
    Graph graph(Model imported) {
      Graph graph = model.graph();
      int before;
      do { // calls in subgraphs of bodies are seen only now
        before = changes.size();
        graph = Walk.through(model.withGraph(graph), imported.opsetImports(), NAME, this, changes);
      } while (changes.size() > before && !called(graph.nodes()).isEmpty());
      return graph;
    }

    private Function function(Function function) {
      Function done = function;
      int before;
      do {
        before = changes.size();
        done = Walk.through(done, model.functions(), NAME, this, changes);
      } while (changes.size() > before && !called(done.nodes()).isEmpty());
      return done;
    }

    private Set<OperatorName> called(List<Node> nodes) {
      return Calls.among(nodes, functions.keySet());
    }

    /** The functions that a graph still calls, themselves with as few calls as possible. */
    List<Function> staying(Graph graph) {
      Map<OperatorName, Function> done = new HashMap<>();
      Deque<OperatorName> open = new ArrayDeque<>(called(graph.nodes()));
      while (!open.isEmpty()) {
        OperatorName operator = open.pop();
        if (!done.containsKey(operator)) {
          Function function = function(Objects.requireNonNull(functions.get(operator)));
          done.put(operator, function);
          open.addAll(called(function.nodes()));
        }
      }
      List<Function> staying = new ArrayList<>();
      functions.forEach(
          (operator, function) -> {
            Function stays = done.get(operator);
            if (stays == null) {
              changes.add(Change.of(NAME, function.name(), "removed function " + operator));
            } else {
              staying.add(stays);
            }
          });
      return staying;
    }

    @Override
    public void rewrite(Node node, Rewriter to) {
      Function function = called(node, to);
      if (function != null) {
        to.replace(expand(node, function, to));
      }
    }

    private @Nullable Function called(Node node, Rewriter to) {
      Function function = functions.get(OperatorName.of(node));
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
    Model withImports() {
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

    /**
     * Whether all nodes of the body mean the same under the caller's imports. Calls do: a function
     * has imports of its own.
     */
    private boolean fits(Function function, List<OpsetImport> imports) {
      Map<String, Long> here = versions(imports);
      Map<String, Long> there = versions(function.opsetImports());
      return here.entrySet().containsAll(there.entrySet()) || fits(function.nodes(), here, there);
    }

    private boolean fits(List<Node> nodes, Map<String, Long> here, Map<String, Long> there) {
      for (Node node : nodes) {
        String domain = OpsetImport.canonical(node.domain());
        Long from = there.get(domain);
        Long to = here.get(domain);
        if (from != null && to == null) {
          return false;
        }
        if (from != null
            && to != null
            && !from.equals(to)
            && !functions.containsKey(OperatorName.of(node))) {
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
      String root = call.name().isEmpty() ? call.opType() : call.name();
      Deque<Expansion> open = new ArrayDeque<>();
      open.push(Expansion.of(call, function, root, to));
      while (true) {
        Expansion top = open.element();
        if (!top.nodes.hasNext()) {
          open.pop();
          if (open.isEmpty()) {
            return top.results();
          }
          top.giveTo(open.element());
          continue;
        }
        Node node = top.nodes.next();
        Node named = top.renaming.node(node);
        Function called = called(named, to);
        if (called == null) {
          to.addAsIs(named.withName(top.nodeName(node, to)));
        } else {
          open.push(top.inner(node, named, called, to));
        }
      }
    }
  }

  /**
   * A body on its way to where it is called from.
   *
   * @param call as the body around it has it
   * @param root the call in the graph, after which all is named
   * @param path the calls in between
   * @param names what the function's values are called in the graph
   * @param nodes those that are still to be made
   */
  private record Expansion(
      Node call,
      Function function,
      String root,
      String path,
      Map<String, String> names,
      Renaming renaming,
      Iterator<Node> nodes) {

    /** The body of a call in the graph; the rewriter names what it gives. */
    static Expansion of(Node call, Function function, String root, Rewriter to) {
      return of(call, call, function, root, "", inputs(call, function), to);
    }

    /** The body of a call in this one. What it gives is called as this one calls it. */
    Expansion inner(Node inBody, Node inGraph, Function called, Rewriter to) {
      Map<String, String> names = inputs(inGraph, called);
      for (int i = 0; i < inGraph.outputs().size(); i++) {
        if (inGraph.hasOutput(i)) {
          names.putIfAbsent(called.outputs().get(i), inGraph.output(i).name());
        }
      }
      String label = inBody.name().isEmpty() ? inBody.opType() : inBody.name();
      return of(inBody, inGraph, called, root, end(path + label + "."), names, to);
    }

    private static Map<String, String> inputs(Node call, Function function) {
      Map<String, String> names = new HashMap<>();
      for (int i = 0; i < function.inputs().size(); i++) {
        names.put(function.inputs().get(i), call.input(i));
      }
      return names;
    }

    private static Expansion of(
        Node inBody,
        Node inGraph,
        Function function,
        String root,
        String path,
        Map<String, String> names,
        Rewriter to) {
      List<Node> nodes = function.nodesFor(inGraph.attributes());
      Expansion expansion =
          new Expansion(inBody, function, root, path, names, Renaming.of(names), nodes.iterator());
      expansion.nameInside(nodes, to);
      return expansion;
    }

    /** What the call gives, as values of the graph. */
    List<Result> results() {
      return function.outputs().stream().map(o -> Result.of(renaming.name(o))).toList();
    }

    /** Lets a body know what a call in it gives where that is not a value of its own. */
    void giveTo(Expansion caller) {
      for (int i = 0; i < call.outputs().size(); i++) {
        if (call.hasOutput(i)) {
          caller.names.put(call.output(i).name(), renaming.name(function.outputs().get(i)));
        }
      }
    }

    String nodeName(Node node, Rewriter to) {
      return node.name().isEmpty() ? "" : fresh(node.name(), to);
    }

    private String fresh(String name, Rewriter to) {
      return to.fresh(root + "." + end(path + name));
    }

    /** Names of calls in calls in calls would be as long as these are deep. */
    private static String end(String name) {
      return name.substring(Math.max(0, name.length() - LONGEST_NAME));
    }

    /** New names for all that the body defines, its subgraphs included. */
    private void nameInside(List<Node> body, Rewriter to) {
      for (Node node : body) {
        for (Result result : node.outputs()) {
          if (result.isPresent()) {
            nameInside(result.name(), to);
          }
        }
        for (Graph graph : node.subgraphs()) {
          graph.inputs().forEach(v -> nameInside(v.name(), to));
          graph.constants().forEach(v -> nameInside(v.name(), to));
          nameInside(graph.nodes(), to);
        }
      }
    }

    private void nameInside(String value, Rewriter to) {
      if (!names.containsKey(value)) {
        names.put(value, fresh(value, to));
      }
    }
  }
}
