package dev.sardonyx.ir.edit;

import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.GraphIndex;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.OperatorName;
import dev.sardonyx.ir.Output;
import dev.sardonyx.ir.Result;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.ValueType;
import dev.sardonyx.ir.build.GraphBuilder;
import dev.sardonyx.ir.infer.TypeMerge;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.UnaryOperator;

/** Nodes replaced, inserted and removed, in the main graph or the subgraph that has them. */
final class NodeEdits {
  private NodeEdits() {}

  /** What becomes of the graph that a node is in. */
  @FunctionalInterface
  private interface Edit {
    Graph of(GraphIndex index, int position);
  }

  static void require(Graph main, String node) {
    List<Node> found = new ArrayList<>();
    Everywhere.nodes(
        main,
        n -> {
          if (!node.isEmpty() && n.name().equals(node)) {
            found.add(n);
          }
        });
    if (found.size() != 1) {
      throw new EditException(
          found.isEmpty()
              ? "The model has no node named " + node + hint(main)
              : "The model has " + found.size() + " nodes named " + node);
    }
  }

  private static String hint(Graph main) {
    Set<String> names = Values.nodes(main);
    return names.isEmpty()
        ? "; its nodes have no names, which the pass node-naming gives them"
        : "; it has " + Values.listed(names);
  }

  private static Model at(Model model, String node, Edit edit) {
    require(model.graph(), node);
    return model.withGraph(at(GraphIndex.of(model.graph()), node, edit));
  }

  private static Graph at(GraphIndex index, String node, Edit edit) {
    Graph graph = index.graph();
    List<Node> nodes = new ArrayList<>(graph.nodes().size());
    for (int i = 0; i < graph.nodes().size(); i++) {
      Node candidate = graph.nodes().get(i);
      if (candidate.name().equals(node)) {
        return edit.of(index, i);
      }
      nodes.add(candidate.withSubgraphs(body -> at(index.inside(body), node, edit)));
    }
    return graph.withNodes(nodes);
  }

  /** The type of a value as it is declared, or as it is inferred for one of the main graph. */
  private static ValueType type(Model model, GraphIndex index, String value) {
    boolean isInside = index.owner(value).flatMap(GraphIndex::outer).isPresent();
    return isInside ? index.type(value) : DeclaredTypes.of(model, value);
  }

  /** The node as another; its results must stay as many and of the same names. */
  static Model change(Model model, String node, UnaryOperator<Node> change) {
    List<String> results = new ArrayList<>();
    Model changed =
        at(
            model,
            node,
            (index, position) -> {
              Node before = index.graph().nodes().get(position);
              Node after = change.apply(before);
              Values.requireGiven(after, "node that is to take the place of " + node);
              if (!names(before).equals(names(after))) {
                throw new EditException(
                    "Node "
                        + node
                        + " must keep its results "
                        + names(before)
                        + ", but would have "
                        + names(after)
                        + "; replace it instead");
              }
              results.addAll(names(before));
              // Of another operator's results nothing is known, not even the element type.
              boolean same = OperatorName.of(before).equals(OperatorName.of(after));
              return index
                  .graph()
                  .withNode(position, same ? after : after.withOutputs(untyped(after)));
            });
    return DeclaredTypes.inferFrom(changed, results);
  }

  private static List<String> names(Node node) {
    return node.outputs().stream().map(Result::name).toList();
  }

  private static List<Result> untyped(Node node) {
    return node.outputs().stream()
        .map(r -> r.isPresent() ? r.withType(ValueType.unknown()) : r)
        .toList();
  }

  /** Other nodes in the place of one, which give values of the same types. */
  static Model replace(
      Model model,
      String node,
      BiFunction<? super GraphBuilder, List<Value>, ? extends List<? extends Value>> body) {
    Fragment[] built = new Fragment[1];
    Model changed =
        at(
            model,
            node,
            (index, position) -> {
              Node before = index.graph().nodes().get(position);
              List<Fragment.Argument> operands =
                  before.inputs().stream()
                      .map(i -> new Fragment.Argument(i, type(model, index, i)))
                      .toList();
              Fragment fragment = Fragment.of(model, operands, names(before), body);
              for (Result result : before.outputs()) {
                requireType(node, result.name(), result.type(), fragment.type(result.name()));
              }
              built[0] = fragment;
              Graph added = typed(names(fragment, model), before.outputs());
              return Fragment.splice(index.graph().withoutNode(position), position, added);
            });
    return built[0].withImports(changed);
  }

  /** With what is declared of results, too, where inference of the new nodes knows less. */
  private static Graph typed(Graph fragment, List<Result> declared) {
    Map<String, ValueType> types = new HashMap<>();
    declared.forEach(r -> types.put(r.name(), r.type()));
    return fragment.withNodes(
        fragment.nodes().stream()
            .map(
                n ->
                    n.withOutputs(
                        n.outputs().stream()
                            .map(
                                r ->
                                    r.isPresent() && types.containsKey(r.name())
                                        ? r.withType(
                                            TypeMerge.both(r.type(), types.get(r.name()))
                                                .orElse(r.type()))
                                        : r)
                            .toList()))
            .toList());
  }

  private static Graph names(Fragment fragment, Model model) {
    return fragment.named(Values.everywhere(model.graph()), Values.nodes(model.graph()));
  }

  private static void requireType(String node, String value, ValueType before, ValueType after) {
    if (!value.isEmpty() && TypeMerge.both(before, after).isEmpty()) {
      throw new EditException(
          "The replacement of node "
              + node
              + " gives "
              + value
              + " type "
              + after
              + " instead of "
              + before);
    }
  }

  /** Nodes between a value and all that uses it. */
  static Model insertAfter(
      Model model, String value, BiFunction<? super GraphBuilder, Value, ? extends Value> body) {
    Graph main = model.graph();
    Values.require(main, value);
    GraphIndex index = GraphIndex.of(main);
    boolean given = index.producer(value).isEmpty(); // an input or initializer
    if (given && index.isOutput(value)) {
      throw new EditException(
          value
              + " is an output that no node gives, so nothing can come in between;"
              + " remove the output first");
    }
    Set<String> taken = Values.everywhere(main);
    String fresh = Values.fresh(taken, value + (given ? "_changed" : "_original"));
    Fragment.Argument operand =
        new Fragment.Argument(given ? value : fresh, DeclaredTypes.of(model, value));
    String result = given ? fresh : value;
    Fragment fragment =
        Fragment.of(
            model,
            List.of(operand),
            List.of(result),
            (b, v) -> Collections.singletonList(body.apply(b, v.get(0))));
    Graph added = fragment.named(taken, Values.nodes(main));
    Graph changed =
        given ? afterGiven(main, value, fresh, added) : afterNode(main, value, fresh, added);
    return DeclaredTypes.inferFrom(fragment.withImports(model).withGraph(changed), List.of(result));
  }

  private static Graph afterGiven(Graph main, String value, String fresh, Graph added) {
    Map<String, String> names = Map.of(value, fresh);
    List<Node> nodes = main.nodes().stream().map(n -> ScopedRenaming.uses(n, names)).toList();
    return Fragment.splice(main.withNodes(nodes), 0, added);
  }

  private static Graph afterNode(Graph main, String value, String fresh, Graph added) {
    int position = GraphIndex.of(main).producerPosition(value);
    Node node = main.nodes().get(position);
    Node renamed =
        node.withOutputs(
            node.outputs().stream()
                .map(r -> r.name().equals(value) ? r.withName(fresh) : r)
                .toList());
    return Fragment.splice(main.withNode(position, renamed), position + 1, added);
  }

  /** Nodes between a node and one of its inputs, which other users of the value do not see. */
  static Model insertBefore(
      Model model,
      String node,
      int input,
      BiFunction<? super GraphBuilder, Value, ? extends Value> body) {
    Fragment[] built = new Fragment[1];
    List<String> results = new ArrayList<>();
    Model changed =
        at(
            model,
            node,
            (index, position) -> {
              Node before = index.graph().nodes().get(position);
              if (input < 0 || !before.hasInput(input)) {
                throw new EditException(
                    "Node " + node + " has no input " + input + "; it has " + before.inputs());
              }
              String value = before.input(input);
              Set<String> taken = Values.everywhere(model.graph());
              String fresh = Values.fresh(taken, value + "_changed");
              Fragment fragment =
                  Fragment.of(
                      model,
                      List.of(new Fragment.Argument(value, type(model, index, value))),
                      List.of(fresh),
                      (b, v) -> Collections.singletonList(body.apply(b, v.get(0))));
              built[0] = fragment;
              results.addAll(names(before));
              return Fragment.splice(
                  index.graph().withNode(position, before.withInput(input, fresh)),
                  position,
                  fragment.named(taken, Values.nodes(model.graph())));
            });
    return DeclaredTypes.inferFrom(built[0].withImports(changed), results);
  }

  /** Without the node: its result becomes its first input, unless nobody uses the results. */
  static Model remove(Model model, String node) {
    Map<String, String> bypass = new HashMap<>();
    Model changed =
        at(
            model,
            node,
            (index, position) -> {
              Node gone = index.graph().nodes().get(position);
              Graph without = index.graph().withoutNode(position);
              List<String> used =
                  gone.outputs().stream().map(Result::name).filter(r -> index.uses(r) > 0).toList();
              if (used.isEmpty()) {
                return without;
              }
              bypass.put(used.get(0), source(model, index, gone, used));
              return rerouted(without, gone, used.get(0), bypass);
            });
    return bypass.isEmpty() ? changed : DeclaredTypes.inferFrom(changed, bypass.values());
  }

  private static String source(Model model, GraphIndex index, Node gone, List<String> used) {
    String source = gone.input(0);
    if (used.size() > 1 || source.isEmpty()) {
      throw new EditException(
          "Node "
              + gone.name()
              + " cannot be removed, for "
              + String.join(" and ", used)
              + " are in use; replace it instead");
    }
    ValueType before = type(model, index, used.get(0));
    ValueType after = type(model, index, source);
    if (TypeMerge.both(before, after).isEmpty()) {
      throw new EditException(
          "Node "
              + gone.name()
              + " cannot be removed: "
              + used.get(0)
              + " is "
              + before
              + ", its input "
              + source
              + " is "
              + after
              + "; replace it instead");
    }
    return source;
  }

  /** An output keeps its name: then the value that takes its place is called so, or copied. */
  private static Graph rerouted(Graph graph, Node gone, String result, Map<String, String> bypass) {
    boolean isOutput = graph.outputs().stream().map(Output::name).anyMatch(result::equals);
    List<Node> nodes =
        new ArrayList<>(graph.nodes().stream().map(n -> ScopedRenaming.uses(n, bypass)).toList());
    if (isOutput) {
      String source = gone.input(0);
      nodes.add(Node.of("Identity", List.of(source), List.of(Result.of(result))));
    }
    return graph.withNodes(nodes);
  }
}
