package dev.sardonyx.ir.edit;

import dev.sardonyx.ir.Constant;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.OperatorName;
import dev.sardonyx.ir.OpsetImport;
import dev.sardonyx.ir.Output;
import dev.sardonyx.ir.Result;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What a graph's values are called, and the refusals of names that are not there or taken. */
final class Values {
  /** A message lists at most so many names. */
  private static final int LISTED = 12;

  private Values() {}

  /** The names of all values that the graph itself defines. */
  static Set<String> of(Graph graph) {
    Set<String> names = new LinkedHashSet<>();
    graph.inputs().forEach(i -> names.add(i.name()));
    graph.constants().forEach(c -> names.add(c.name()));
    for (Node node : graph.nodes()) {
      node.outputs().stream().filter(Result::isPresent).forEach(r -> names.add(r.name()));
    }
    return names;
  }

  /** The names of all values that the graph and its subgraphs define. */
  static Set<String> everywhere(Graph graph) {
    Set<String> names = new LinkedHashSet<>();
    Everywhere.subgraphs(graph, g -> names.addAll(of(g)));
    return names;
  }

  /** The names of the graph's inputs that callers need not give. */
  static Set<String> defaults(Graph graph) {
    Set<String> names = new LinkedHashSet<>();
    graph.constants().forEach(c -> names.add(c.name()));
    names.retainAll(graph.inputs().stream().map(Input::name).toList());
    return names;
  }

  /** The names of all nodes that have one, in the graph and its subgraphs. */
  static Set<String> nodes(Graph graph) {
    Set<String> names = new LinkedHashSet<>();
    Everywhere.nodes(graph, n -> names.add(n.name()));
    names.remove("");
    return names;
  }

  static void require(Graph graph, String value) {
    require(of(graph), value, "value");
  }

  static Input input(Graph graph, String name) {
    require(graph.inputs().stream().map(Input::name).toList(), name, "input");
    return graph.inputs().stream().filter(i -> i.name().equals(name)).findFirst().orElseThrow();
  }

  static Output output(Graph graph, String name) {
    require(graph.outputs().stream().map(Output::name).toList(), name, "output");
    return graph.outputs().stream().filter(o -> o.name().equals(name)).findFirst().orElseThrow();
  }

  static Constant constant(Graph graph, String name) {
    require(graph.constants().stream().map(Constant::name).toList(), name, "initializer");
    return graph.constants().stream().filter(c -> c.name().equals(name)).findFirst().orElseThrow();
  }

  private static void require(Collection<String> there, String name, String kind) {
    if (!there.contains(name)) {
      throw new EditException("The model has no " + kind + " " + name + "; " + listed(there, kind));
    }
  }

  private static String listed(Collection<String> names, String kind) {
    return names.isEmpty() ? "it has no " + kind + " at all" : "it has " + listed(names);
  }

  /** The first of many names. */
  static String listed(Collection<String> names) {
    return String.join(", ", names.stream().limit(LISTED).toList())
        + (names.size() > LISTED ? " and " + (names.size() - LISTED) + " more" : "");
  }

  /**
   * Refuses an operator that a new function cannot define, because ONNX, another function or nodes
   * of the model have it already: they would be calls of the function from then on.
   */
  static void requireFree(Model model, OperatorName function) {
    if (OpsetImport.canonical(function.domain()).isEmpty() || function.opType().isEmpty()) {
      throw new EditException(
          "A function needs a name and a domain of its own, such as my."
              + (function.opType().isEmpty() ? "Block" : function.opType())
              + ", not '"
              + function
              + "'");
    }
    if (model.functions().stream().anyMatch(f -> OperatorName.of(f).equals(function))) {
      throw new EditException("There is already a function " + function);
    }
    Everywhere.nodes(
        model,
        node -> {
          if (OperatorName.of(node).equals(function)) {
            throw new EditException(
                "Node " + node.label() + " has the operator " + function + " already");
          }
        });
  }

  static void requireFree(Set<String> taken, String name, String kind) {
    requireGiven(name, kind + "'s name");
    if (name.isEmpty()) {
      throw new EditException("A " + kind + " cannot have an empty name");
    }
    if (taken.contains(name)) {
      throw new EditException("There is already a " + kind + " named " + name);
    }
  }

  /** What the types forbid, but no compiler keeps a caller from. */
  static void requireGiven(@Nullable Object argument, String what) {
    if (argument == null) {
      throw new EditException("The " + what + " is null");
    }
  }

  /** The base itself if it is free, or else with the first number that makes it so. */
  static String fresh(Set<String> taken, String base) {
    String name = base;
    for (int i = 1; !taken.add(name); i++) {
      name = base + "_" + i;
    }
    return name;
  }
}
