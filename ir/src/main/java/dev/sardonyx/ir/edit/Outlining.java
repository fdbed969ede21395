package dev.sardonyx.ir.edit;

import dev.sardonyx.ir.Function;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.GraphIndex;
import dev.sardonyx.ir.Metadata;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.OperatorName;
import dev.sardonyx.ir.Result;
import dev.sardonyx.ir.ValueType;
import dev.sardonyx.ir.pass.Passes;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Makes a function of some nodes and calls it wherever the main graph computes the same. */
final class Outlining {
  private final Graph graph;
  private final GraphIndex index;

  /** The nodes that are outlined, by their indices in the graph. */
  private final Set<Integer> sample;

  private final int anchor;
  private final List<String> inputs;
  private final List<String> outputs;

  private Outlining(Graph graph, Set<Integer> sample) {
    this.graph = graph;
    this.sample = sample;
    index = GraphIndex.of(graph);
    anchor = sample.stream().mapToInt(i -> i).max().orElseThrow();
    inputs = taken();
    outputs = given(sample);
  }

  static Model outline(Model model, String operator, List<String> nodes) {
    OperatorName name = OperatorName.parse(operator);
    Values.requireFree(model, name);
    Outlining outlining = new Outlining(model.graph(), indices(model.graph(), nodes));
    List<Map<Integer, Integer>> places = outlining.places();
    Model called =
        model
            .withGraph(outlining.withCalls(places, name))
            .withFunctions(append(model.functions(), outlining.function(name, model)));
    Model imported =
        called.opset(name.domain()).isPresent() ? called : called.withOpsetImport(name.domain(), 1);
    return Passes.named("topological-sort").apply(imported).model();
  }

  private static <E> List<E> append(List<E> list, E last) {
    List<E> longer = new ArrayList<>(list);
    longer.add(last);
    return longer;
  }

  private static Set<Integer> indices(Graph graph, List<String> names) {
    Set<String> wanted = new LinkedHashSet<>(names);
    Set<Integer> indices = new LinkedHashSet<>();
    for (int i = 0; i < graph.nodes().size(); i++) {
      if (wanted.contains(graph.nodes().get(i).name())) {
        indices.add(i);
      }
    }
    names.forEach(n -> NodeEdits.require(graph, n));
    if (indices.size() < wanted.size() || wanted.isEmpty()) {
      throw new EditException("A function is made of at least one node of the main graph");
    }
    return indices;
  }

  /** What the nodes use and do not compute, in the order of first use. */
  private List<String> taken() {
    Set<String> own = new HashSet<>();
    sample.forEach(i -> graph.nodes().get(i).outputs().forEach(r -> own.add(r.name())));
    Set<String> used = new LinkedHashSet<>();
    sample.stream().sorted().forEach(i -> used.addAll(graph.nodes().get(i).dependencies()));
    used.removeAll(own);
    return List.copyOf(used);
  }

  /** What the nodes compute and others use. */
  private List<String> given(Set<Integer> nodes) {
    List<String> given = new ArrayList<>();
    nodes.stream()
        .sorted()
        .flatMap(i -> graph.nodes().get(i).outputs().stream())
        .map(Result::name)
        .filter(r -> !r.isEmpty() && isUsedOutside(r, nodes))
        .forEach(given::add);
    return given;
  }

  private boolean isUsedOutside(String value, Set<Integer> nodes) {
    return index.isOutput(value)
        || !IntStream.of(index.consumerPositions(value)).allMatch(nodes::contains);
  }

  // Finding

  /** From each sample node to the node it corresponds to, the sample itself first. */
  private List<Map<Integer, Integer>> places() {
    Map<Integer, Integer> alone = new HashMap<>();
    sample.forEach(i -> alone.put(i, i));
    if (!isAcyclic(List.of(alone))) {
      throw new EditException(
          "Between the nodes there is another that uses one and is used by one; name it too");
    }
    Map<Integer, Integer> itself = match(anchor);
    if (itself == null || itself.size() < sample.size()) {
      throw new EditException(
          "The nodes must lead to one of them, the last; "
              + graph.nodes().get(anchor).described()
              + " does not depend on all others");
    }
    List<Map<Integer, Integer>> places = new ArrayList<>();
    Set<Integer> used = new HashSet<>(sample);
    places.add(itself);
    for (int i = 0; i < graph.nodes().size(); i++) {
      Map<Integer, Integer> place = used.contains(i) ? null : match(i);
      if (place != null && place.values().stream().noneMatch(used::contains) && fits(place)) {
        places.add(place);
        if (isAcyclic(places)) {
          used.addAll(place.values());
        } else {
          places.remove(places.size() - 1);
        }
      }
    }
    return places;
  }

  private @Nullable Map<Integer, Integer> match(int candidate) {
    Map<Integer, Integer> nodes = new HashMap<>();
    Map<String, String> values = new HashMap<>();
    boolean same = match(anchor, candidate, nodes, values);
    return same && new HashSet<>(nodes.values()).size() == nodes.size() ? nodes : null;
  }

  private boolean match(int from, int to, Map<Integer, Integer> nodes, Map<String, String> values) {
    Integer known = nodes.putIfAbsent(from, to);
    if (known != null) {
      return known == to;
    }
    Node a = graph.nodes().get(from);
    Node b = graph.nodes().get(to);
    boolean alike =
        OperatorName.of(a).equals(OperatorName.of(b))
            && new HashSet<>(a.attributes()).equals(new HashSet<>(b.attributes()))
            && a.inputs().size() == b.inputs().size()
            && a.outputs().size() == b.outputs().size();
    for (int i = 0; alike && i < a.outputs().size(); i++) {
      alike = a.hasOutput(i) == b.hasOutput(i);
    }
    for (int i = 0; alike && i < a.inputs().size(); i++) {
      alike = matchInput(a.input(i), b.input(i), nodes, values);
    }
    // What subgraphs take from around has the same name everywhere.
    for (String captured : a.withInputs(List.of()).dependencies()) {
      alike = alike && matchInput(captured, captured, nodes, values);
    }
    return alike;
  }

  private boolean matchInput(
      String from, String to, Map<Integer, Integer> nodes, Map<String, String> values) {
    int made = index.producerPosition(from);
    if (!sample.contains(made)) {
      String known = values.putIfAbsent(from, to);
      return (known == null || known.equals(to)) && from.isEmpty() == to.isEmpty();
    }
    int other = index.producerPosition(to);
    return other != GraphIndex.NONE
        && position(made, from) == position(other, to)
        && match(made, other, nodes, values);
  }

  private int position(int node, String result) {
    return graph.nodes().get(node).outputs().stream().map(Result::name).toList().indexOf(result);
  }

  /** Whether nobody else uses what the function keeps to itself. */
  private boolean fits(Map<Integer, Integer> place) {
    Set<Integer> nodes = new HashSet<>(place.values());
    if (nodes.size() < sample.size()) {
      return false;
    }
    Set<String> given = new HashSet<>(given(nodes));
    Set<String> known = new HashSet<>();
    outputs.forEach(o -> known.add(counterpart(o, place)));
    return known.containsAll(given);
  }

  private String counterpart(String result, Map<Integer, Integer> place) {
    int node = index.producerPosition(result);
    int other = Objects.requireNonNull(place.get(node));
    return graph.nodes().get(other).output(position(node, result)).name();
  }

  /** Whether no nodes depend on each other in a cycle once each place is a single node. */
  private boolean isAcyclic(List<Map<Integer, Integer>> places) {
    int[] groups = IntStream.range(0, graph.nodes().size()).toArray();
    for (Map<Integer, Integer> place : places) {
      place.values().forEach(i -> groups[i] = Objects.requireNonNull(place.get(anchor)));
    }
    int[] waits = new int[groups.length];
    List<List<Integer>> next = new ArrayList<>();
    graph.nodes().forEach(n -> next.add(new ArrayList<>()));
    for (int i = 0; i < groups.length; i++) {
      for (int maker : index.dependencies(i)) {
        if (groups[maker] != groups[i]) {
          next.get(groups[maker]).add(groups[i]);
          waits[groups[i]]++;
        }
      }
    }
    Deque<Integer> ready = new ArrayDeque<>();
    IntStream.range(0, waits.length).filter(i -> waits[i] == 0).forEach(ready::add);
    int done = 0;
    for (; !ready.isEmpty(); done++) {
      for (int after : next.get(ready.remove())) {
        if (--waits[after] == 0) {
          ready.add(after);
        }
      }
    }
    return done == groups.length;
  }

  // Making

  private Function function(OperatorName name, Model model) {
    List<Node> nodes = sample.stream().sorted().map(i -> untyped(graph.nodes().get(i))).toList();
    return new Function(
        name.domain(),
        name.opType(),
        name.overload(),
        inputs,
        outputs,
        List.of(),
        List.of(),
        nodes,
        model.opsetImports(),
        List.of(),
        Metadata.EMPTY);
  }

  private static Node untyped(Node node) {
    return node.withOutputs(
        node.outputs().stream().map(r -> r.withType(ValueType.unknown())).toList());
  }

  private Graph withCalls(List<Map<Integer, Integer>> places, OperatorName name) {
    Map<Integer, Node> calls = new HashMap<>();
    Set<Integer> gone = new HashSet<>();
    for (Map<Integer, Integer> place : places) {
      gone.addAll(place.values());
      calls.put(Objects.requireNonNull(place.get(anchor)), call(place, name));
    }
    List<Node> nodes = new ArrayList<>();
    for (int i = 0; i < graph.nodes().size(); i++) {
      Node call = calls.get(i);
      if (call != null) {
        nodes.add(call);
      } else if (!gone.contains(i)) {
        nodes.add(graph.nodes().get(i));
      }
    }
    return graph.withNodes(nodes);
  }

  private Node call(Map<Integer, Integer> place, OperatorName name) {
    Map<Integer, Integer> nodes = new HashMap<>();
    Map<String, String> values = new HashMap<>();
    match(anchor, Objects.requireNonNull(place.get(anchor)), nodes, values);
    Set<String> given = new HashSet<>(given(new HashSet<>(place.values())));
    List<Result> results =
        outputs.stream()
            .map(o -> counterpart(o, place))
            .map(o -> given.contains(o) ? Result.of(o, index.type(o)) : Result.ABSENT)
            .toList();
    Node last = graph.nodes().get(place.get(anchor));
    return new Node(
        name.domain(),
        name.opType(),
        name.overload(),
        last.name(),
        inputs.stream().map(i -> values.getOrDefault(i, i)).toList(),
        List.of(),
        results,
        last.metadata());
  }
}
