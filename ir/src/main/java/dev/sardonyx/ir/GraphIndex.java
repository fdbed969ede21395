package dev.sardonyx.ir;

import dev.sardonyx.ir.internal.NameIndex;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A graph by its values: which node gives each, which nodes use it, its declared type, and its
 * elements if they never vary. A graph itself only names values; its index is made once, in time
 * linear in the graph, and answers from then on without searching. The graph keeps it, so that all
 * who ask share one.
 *
 * <pre>{@code
 * GraphIndex index = GraphIndex.of(model.graph());
 * Node conv = index.producer("conv1_out").orElseThrow();
 * List<Node> users = index.consumers("conv1_out");
 * Optional<Tensor> weight = index.constant(conv.input(1));
 * }</pre>
 *
 * <p>An index includes those of all subgraphs ({@link #inside}), which also see the values of the
 * graphs around them. What a subgraph takes from around counts as used by the node that holds it.
 *
 * <p>Values are numbered from 0 in the order in which the graph names them first, and nodes go by
 * their position among {@link Graph#nodes}, so that what is known of either can lie in arrays.
 *
 * <p>The graph need not be valid: nodes may stand in any order, and of several definitions of one
 * name the first counts. For any number of threads.
 */
public final class GraphIndex {
  /** What stands for the number of an unknown value, and for the position of no node. */
  public static final int NONE = -1;

  // What defines a value, as one number: the position of a node, NONE, or, for the i-th input or
  // initializer, FIRST_INPUT - 2 * i or FIRST_INITIALIZER - 2 * i.
  private static final int FIRST_INPUT = -2;
  private static final int FIRST_INITIALIZER = -3;

  private final Graph graph;
  private final @Nullable GraphIndex outer;
  private final IdentityHashMap<Graph, GraphIndex> inside = new IdentityHashMap<>(0);
  private final Map<String, Constant> defaults = new HashMap<>(0);
  private final Map<String, Output> outputs = new HashMap<>();

  private final BitSet outputNumbers = new BitSet();

  /** How often the graph gives a value that it gives more than once. */
  private final Map<String, Integer> repeated = new HashMap<>(0);

  private final NameIndex values;
  private int[] definers;

  /** The values that nodes use, by number, and where those of each node begin. */
  private int[] uses;

  private final int[] firstUse;

  /** The positions of the nodes that use each value; made when first asked for. */
  private @Nullable Consumers consumers;

  GraphIndex(Graph graph, @Nullable GraphIndex outer) {
    this.graph = graph;
    this.outer = outer;
    int nodes = graph.nodes().size();
    int others = graph.inputs().size() + graph.constants().size();
    values = NameIndex.of(nodes + others);
    definers = new int[nodes + others + 8];
    uses = new int[2 * nodes + 8];
    firstUse = new int[nodes + 1];
    for (Output output : graph.outputs()) {
      if (outputs.putIfAbsent(output.name(), output) != null) {
        repeated.merge(output.name(), 2, (times, two) -> times + 1);
      }
    }
    defineInputs();
    for (int i = 0; i < nodes; i++) {
      add(graph.nodes().get(i), i);
    }
    for (String output : outputs.keySet()) {
      int number = values.find(output);
      if (number != NONE) {
        outputNumbers.set(number);
      }
    }
  }

  /** The index of a graph and its subgraphs, made when first asked for. */
  public static GraphIndex of(Graph graph) {
    return graph.index();
  }

  /** The index of a function's body. */
  public static GraphIndex of(Function function) {
    return of(function.asGraph());
  }

  // How it is made

  private void defineInputs() {
    for (int i = 0; i < graph.inputs().size(); i++) {
      define(graph.inputs().get(i).name(), FIRST_INPUT - 2 * i);
    }
    for (int i = 0; i < graph.constants().size(); i++) {
      Constant constant = graph.constants().get(i);
      if (!define(constant.name(), FIRST_INITIALIZER - 2 * i)) {
        defaults.putIfAbsent(constant.name(), constant);
      }
    }
  }

  private void add(Node node, int position) {
    int count = firstUse[position];
    for (String input : node.inputs()) {
      if (!input.isEmpty()) {
        count = use(input, count);
      }
    }
    for (Graph body : node.subgraphs()) {
      GraphIndex inner = inside.computeIfAbsent(body, b -> new GraphIndex(b, this));
      for (Map.Entry<String, Integer> captured : inner.usesOfOthers().entrySet()) {
        for (int i = 0; i < captured.getValue(); i++) {
          count = use(captured.getKey(), count);
        }
      }
    }
    firstUse[position + 1] = count;
    for (Result result : node.outputs()) {
      if (result.isPresent()) {
        define(result.name(), position);
      }
    }
  }

  private int use(String value, int count) {
    if (count == uses.length) {
      uses = Arrays.copyOf(uses, 2 * count);
    }
    int number = add(value);
    uses[count] = number;
    return count + 1;
  }

  private boolean define(String value, int definer) {
    int number = add(value);
    if (definers[number] != NONE) {
      return false;
    }
    definers[number] = definer;
    return true;
  }

  private int add(String value) {
    int before = values.size();
    int number = values.add(value);
    if (number == before) {
      if (number == definers.length) {
        definers = Arrays.copyOf(definers, 2 * number);
      }
      definers[number] = NONE;
    }
    return number;
  }

  /** How often this graph uses each value that it does not define. */
  private Map<String, Integer> usesOfOthers() {
    Map<String, Integer> counts = new LinkedHashMap<>();
    int end = firstUse[graph.nodes().size()];
    for (int i = 0; i < end; i++) {
      if (definers[uses[i]] == NONE) {
        counts.merge(values.name(uses[i]), 1, Integer::sum);
      }
    }
    for (Output output : graph.outputs()) {
      if (!output.name().isEmpty() && !has(output.name())) {
        counts.merge(output.name(), 1, Integer::sum);
      }
    }
    return counts;
  }

  // Graphs

  /** The graph this is the index of; for a function, its body. */
  public Graph graph() {
    return graph;
  }

  /** The index of the graph around this subgraph. */
  public Optional<GraphIndex> outer() {
    return Optional.ofNullable(outer);
  }

  /**
   * The index of a subgraph of one of the nodes.
   *
   * @throws IllegalArgumentException if no node has the very same object as a subgraph
   */
  public GraphIndex inside(Graph subgraph) {
    GraphIndex inner = inside.get(subgraph);
    if (inner == null) {
      throw new IllegalArgumentException(
          "No node of graph " + graph.name() + " has this subgraph, " + subgraph.name());
    }
    return inner;
  }

  /** Shows the index of this graph and those of all subgraphs, each after the one around it. */
  public void forEachGraph(Consumer<GraphIndex> action) {
    action.accept(this);
    for (Node node : inside.isEmpty() ? List.<Node>of() : graph.nodes()) {
      node.subgraphs().forEach(body -> inside(body).forEachGraph(action));
    }
  }

  /** The index that defines a value: this one or one around it. */
  public Optional<GraphIndex> owner(String value) {
    for (GraphIndex index = this; index != null; index = index.outer) {
      if (index.has(value)) {
        return Optional.of(index);
      }
    }
    return Optional.empty();
  }

  // Values of this very graph

  /** Whether the graph itself defines a value of the name. */
  public boolean has(String value) {
    return definer(value) != NONE;
  }

  private int definer(String value) {
    int number = values.find(value);
    return number == NONE ? NONE : definers[number];
  }

  /** The node that gives a value. */
  public Optional<Node> producer(String value) {
    int position = producerPosition(value);
    return position == NONE ? Optional.empty() : Optional.of(graph.nodes().get(position));
  }

  /** The position of the node that gives a value, or {@link #NONE}. */
  public int producerPosition(String value) {
    return Math.max(definer(value), NONE);
  }

  /** The nodes that use a value themselves or in their subgraphs, each once and in order. */
  public List<Node> consumers(String value) {
    return IntStream.of(consumerPositions(value)).mapToObj(graph.nodes()::get).toList();
  }

  /** The positions of the nodes that use a value, ascending. */
  public int[] consumerPositions(String value) {
    int number = values.find(value);
    return number == NONE ? new int[0] : consumers().of(number);
  }

  /** The node that alone uses a value, once, if the value is no output of the graph. */
  public Optional<Node> soleConsumer(String value) {
    return uses(value) == 1 && !isOutput(value)
        ? Optional.of(consumers(value).get(0))
        : Optional.empty();
  }

  /** How often a value is used: by nodes, in their subgraphs, and as an output. */
  public int uses(String value) {
    int number = values.find(value);
    int asInput = number == NONE ? 0 : consumers().count(number);
    return isOutput(value) ? asInput + repeated.getOrDefault(value, 1) : asInput;
  }

  /** The same of the value with a number. */
  public int uses(int number) {
    int asInput = consumers().count(number);
    return outputNumbers.get(number)
        ? asInput + repeated.getOrDefault(values.name(number), 1)
        : asInput;
  }

  private Consumers consumers() {
    Consumers made = consumers;
    if (made == null) {
      made = Consumers.of(uses, firstUse, values.size());
      consumers = made;
    }
    return made;
  }

  public boolean isOutput(String value) {
    return outputs.containsKey(value);
  }

  /** The graph's input of the name, with or without a default. */
  public Optional<Input> input(String value) {
    int definer = definer(value);
    return definer <= FIRST_INPUT && (FIRST_INPUT - definer) % 2 == 0
        ? Optional.of(graph.inputs().get((FIRST_INPUT - definer) / 2))
        : Optional.empty();
  }

  /** The graph's initializer of the name, also one that is an input's default. */
  public Optional<Constant> initializer(String value) {
    int definer = definer(value);
    return definer <= FIRST_INITIALIZER && (FIRST_INITIALIZER - definer) % 2 == 0
        ? Optional.of(graph.constants().get((FIRST_INITIALIZER - definer) / 2))
        : Optional.ofNullable(defaults.get(value));
  }

  /** The names of the values that this subgraph, or one inside it, takes from around. */
  public Set<String> captures() {
    return usesOfOthers().keySet();
  }

  // Values of this graph and those around it

  /** The value of a name: an input, a node's result or an initializer. */
  public Optional<Value> value(String name) {
    return owner(name).map(index -> index.own(name));
  }

  private Value own(String name) {
    Optional<Node> producer = producer(name);
    if (producer.isPresent()) {
      return result(producer.get(), name);
    }
    Optional<Input> input = input(name);
    return input.isPresent() ? input.get() : initializer(name).orElseThrow();
  }

  private static Result result(Node node, String name) {
    for (Result result : node.outputs()) {
      if (result.name().equals(name)) {
        return result;
      }
    }
    throw new IllegalStateException(node.described() + " does not give " + name);
  }

  /**
   * The declared type of a value. Where its definition says nothing, that of an input's default or
   * of the output that gives it; unknown if there is none.
   */
  public ValueType type(String value) {
    GraphIndex owner = owner(value).orElse(this);
    ValueType declared = owner.has(value) ? owner.own(value).type() : ValueType.unknown();
    if (declared.isKnown()) {
      return declared;
    }
    Constant initializer = owner.initializer(value).orElse(null);
    Output output = owner.outputs.get(value);
    return initializer != null
        ? initializer.type()
        : output != null ? output.type() : ValueType.unknown();
  }

  /** The declared shape of a value, of unknown rank if it is not known to be a dense tensor. */
  public Shape shape(String value) {
    return type(value) instanceof TensorType tensor ? tensor.shape() : Shape.UNKNOWN;
  }

  /**
   * The elements of a value that is the same in every run: a dense initializer that no caller may
   * override, or what a Constant node gives.
   */
  public Optional<Tensor> constant(String value) {
    GraphIndex owner = owner(value).orElse(this);
    Node producer = owner.producer(value).orElse(null);
    if (producer != null) {
      return producer.constantTensor();
    }
    return owner
        .initializer(value)
        .filter(c -> owner.input(value).isEmpty())
        .map(Constant::data)
        .filter(Tensor.class::isInstance)
        .map(Tensor.class::cast);
  }

  // By number and position

  /** How many values have a number: those defined here, and those taken from around. */
  public int valueCount() {
    return values.size();
  }

  /** The number of a value, or {@link #NONE} if neither the graph nor its nodes name it. */
  public int number(String value) {
    return values.find(value);
  }

  /** The name of the value that has a number. */
  public String name(int number) {
    return values.name(Objects.checkIndex(number, values.size()));
  }

  /** The position of the node that gives the value with a number, or {@link #NONE}. */
  public int producerPosition(int number) {
    return Math.max(definers[number], NONE);
  }

  /** Whether the value with a number is defined by a graph around this one, or by none. */
  public boolean isCaptured(int number) {
    return definers[number] == NONE;
  }

  /**
   * Shows the numbers of the values that the node of a position uses: its inputs that are present,
   * in order, then what its subgraphs take from around; a value as often as it is used.
   */
  public void forEachUse(int position, IntConsumer action) {
    for (int i = firstUse[position]; i < firstUse[position + 1]; i++) {
      action.accept(uses[i]);
    }
  }

  /** Whether the node of a position uses any of the values whose numbers are given. */
  public boolean usesAny(int position, BitSet numbers) {
    for (int i = firstUse[position]; i < firstUse[position + 1]; i++) {
      if (numbers.get(uses[i])) {
        return true;
      }
    }
    return false;
  }

  /**
   * The positions of the nodes that the node of a position depends on, as often as it uses them.
   */
  public int[] dependencies(int position) {
    int[] positions = new int[firstUse[position + 1] - firstUse[position]];
    int count = 0;
    for (int i = firstUse[position]; i < firstUse[position + 1]; i++) {
      if (definers[uses[i]] >= 0) {
        positions[count++] = definers[uses[i]];
      }
    }
    return count == positions.length ? positions : Arrays.copyOf(positions, count);
  }

  /** Whether each node stands after those it depends on. */
  public boolean isSorted() {
    for (int position = 0; position < graph.nodes().size(); position++) {
      for (int i = firstUse[position]; i < firstUse[position + 1]; i++) {
        if (definers[uses[i]] >= position) {
          return false;
        }
      }
    }
    return true;
  }

  /** The nodes that use each value, one value after the other. */
  private record Consumers(int[] positions, int[] begins) {
    static Consumers of(int[] uses, int[] firstUse, int values) {
      int nodes = firstUse.length - 1;
      int[] begins = new int[values + 1];
      for (int i = 0; i < firstUse[nodes]; i++) {
        begins[uses[i] + 1]++;
      }
      for (int value = 0; value < values; value++) {
        begins[value + 1] += begins[value];
      }
      int[] next = begins.clone();
      int[] positions = new int[firstUse[nodes]];
      for (int node = 0; node < nodes; node++) {
        for (int i = firstUse[node]; i < firstUse[node + 1]; i++) {
          positions[next[uses[i]]++] = node;
        }
      }
      return new Consumers(positions, begins);
    }

    int count(int value) {
      return begins[value + 1] - begins[value];
    }

    int[] of(int value) {
      return Arrays.stream(positions, begins[value], begins[value + 1]).distinct().toArray();
    }
  }
}
