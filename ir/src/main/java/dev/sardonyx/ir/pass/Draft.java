package dev.sardonyx.ir.pass;

import dev.sardonyx.ir.Constant;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.GraphIndex;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.OperatorName;
import dev.sardonyx.ir.QuantizationAnnotation;
import dev.sardonyx.ir.Renaming;
import dev.sardonyx.ir.Result;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.ValueType;
import dev.sardonyx.ir.internal.NameMap;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A graph as far as it has been rewritten: the nodes put out, what is known of the values, who uses
 * them, and what stands for values that are gone.
 */
@SuppressWarnings("ReferenceEquality") // the very same object means: not changed
final class Draft {
  private static final OperatorName CONSTANT = OperatorName.parse("Constant");

  final @Nullable Draft outer;
  final Emitted emitted;
  private final Graph source;

  /** The node that is being looked at, whose results are there though it is not put out yet. */
  @Nullable Node current;

  private final Map<String, Constant> added = new LinkedHashMap<>();
  private final Set<String> dropped = new HashSet<>();
  private final Set<String> pinned = new HashSet<>();

  /** Values that will be given the names of outputs. */
  private final Map<String, String> renamed = new HashMap<>();

  /** The last node put out with a subgraph that defines a name. */
  private final Map<String, Integer> inBodies = new HashMap<>();

  private int lookedInto;

  /** Whether any node that has been put out may have a subgraph. */
  private boolean hasBodies;

  /** Whether the source has nodes that give constants. */
  private final boolean hasConstantNodes;

  // Most transforms ask little of most graphs, so what they ask for is found out only then, and of
  // values that are as in the source the source's index tells.
  private final NameMap<Known> values = NameMap.of();
  private @Nullable GraphIndex index;
  private @Nullable Uses uses;
  private boolean hasBegun;
  private boolean hasReplaced;
  private final Deque<String> unused = new ArrayDeque<>();

  Draft(Graph source, @Nullable Draft outer) {
    this.source = source;
    this.outer = outer;
    this.emitted = new Emitted(source.nodes());
    this.hasBodies = source.hasSubgraphs();
    this.hasConstantNodes = source.operators().contains(CONSTANT);
    source.outputs().forEach(o -> pinned.add(o.name()));
    for (QuantizationAnnotation annotation : source.quantization()) {
      pinned.add(annotation.value());
      pinned.addAll(annotation.parameters().values());
    }
  }

  // What is known

  /** How many nodes the source has. */
  int size() {
    return source.nodes().size();
  }

  private GraphIndex index() {
    GraphIndex made = index;
    if (made == null) {
      made = outer == null ? GraphIndex.of(source) : outer.index().inside(source);
      index = made;
    }
    return made;
  }

  /** Defines what is there before the first node, once somebody asks for a value. */
  private void begin() {
    hasBegun = true;
    for (Constant constant : source.constants()) {
      Known value = define(constant);
      value.isInitializer = true;
      value.isLearned = true;
    }
    for (Input input : source.inputs()) {
      Known value = define(input.name(), input.type());
      value.tensor = null; // a default, which callers may override
      value.isInitializer = false;
      value.isLearned = true;
    }
  }

  Known known(String value) {
    if (!hasBegun) {
      begin();
    }
    return values.getOrMake(value, Known::new);
  }

  Known define(String value, ValueType type) {
    Known known = known(value);
    known.isDefined = true;
    known.type = type;
    return known;
  }

  Known define(Constant constant) {
    Known value = define(constant.name(), constant.type());
    value.tensor = constant.data() instanceof Tensor tensor ? tensor : null;
    return value;
  }

  /** Defines the results of a node that is to be put out. */
  void define(Node node) {
    for (Result result : node.outputs()) {
      if (result.isPresent()) {
        define(result.name(), result.type()).tensor = node.constantTensor().orElse(null);
      }
    }
  }

  /** Puts out a node, which has the results of the source's node of a position or others. */
  void emit(Node node, int position) {
    if (position < source.nodes().size() && node == source.nodes().get(position)) {
      emitted.put(position, position + 1);
      return;
    }
    if (position < source.nodes().size()
        && node.outputs() == source.nodes().get(position).outputs()) {
      emitted.put(node, position);
    } else {
      emitted.add(node);
      learn(node, emitted.size() - 1);
    }
    hasBodies |= !node.attributes().isEmpty() && !node.subgraphs().isEmpty();
  }

  /** Puts out the source's nodes from a position up to another as they are. */
  void emit(int from, int to) {
    emitted.put(from, to);
  }

  /** What is known of a value of this very graph, or null if it is none so far. */
  @Nullable Known find(String value) {
    Known known = learned(value);
    if (known != null && known.isDefined) {
      return known;
    }
    Node node = current;
    if (node != null) {
      for (Result result : node.outputs()) {
        if (result.name().equals(value)) {
          Known found = new Known();
          found.type = result.type();
          return found;
        }
      }
    }
    return null;
  }

  /** The type of a value of this graph or those around it; null if it is none so far. */
  @Nullable ValueType type(String value) {
    for (Draft graph = this; graph != null; graph = graph.outer) {
      ValueType type = graph.ownType(value);
      if (type != null) {
        return type;
      }
    }
    return null;
  }

  /** The type of a value of this very graph, or null; as {@link #find}, but remembers nothing. */
  @Nullable ValueType ownType(String value) {
    if (!hasBegun) {
      begin();
    }
    Known known = values.get(value);
    if (known == null || !known.isLearned) {
      int at = emitted.at(index().producerPosition(value));
      ValueType type = at < 0 ? null : type(emitted.get(at), value);
      if (type != null) {
        return type;
      }
    }
    return known != null && known.isDefined ? known.type : type(current, value);
  }

  private static @Nullable ValueType type(@Nullable Node node, String value) {
    if (node != null) {
      for (Result result : node.outputs()) {
        if (result.name().equals(value)) {
          return result.type();
        }
      }
    }
    return null;
  }

  /** Whether a value is there without a node: an input or an initializer. */
  boolean isGiven(String value) {
    if (!hasBegun) {
      begin();
    }
    Known known = values.get(value);
    return known != null && known.isLearned && known.isDefined && known.producer < 0;
  }

  /** The node that has been put out and gives a value of this very graph, or null. */
  @Nullable Node producer(String value) {
    Known known = values.get(value);
    int at = known != null && known.isLearned ? known.producer : -1;
    if (known == null || !known.isLearned) {
      at = emitted.at(index().producerPosition(value));
    }
    return at < 0 || known != null && known.isLearned && !known.isDefined ? null : emitted.get(at);
  }

  /** What is known of a value, with what the node says that gives it if it has been put out. */
  private @Nullable Known learned(String value) {
    if (!hasBegun) {
      begin();
    }
    Known known = values.get(value);
    if (known != null && known.isLearned) {
      return known;
    }
    int at = emitted.at(index().producerPosition(value));
    Node node = at < 0 ? null : emitted.get(at);
    if (node != null) {
      learn(node, at);
      return values.get(value);
    }
    return known;
  }

  /** The same of a value of this graph or those around it. */
  @Nullable Known lookUp(String value) {
    for (Draft graph = this; graph != null; graph = graph.outer) {
      Known known = graph.find(value);
      if (known != null) {
        return known;
      }
    }
    return null;
  }

  /**
   * The elements of a value of this graph or those around it if they are the same in every run, or
   * null. In the outermost graph, all of whose names differ, only constants are learned for it.
   */
  @Nullable Tensor tensor(String value) {
    Known known = lookUpConstant(value);
    return known == null ? null : known.tensor;
  }

  /** The number that all elements of a value are in every run; NaN if they are not. */
  double number(String value) {
    Known known = lookUpConstant(value);
    return known == null ? Double.NaN : known.number();
  }

  /** Whether a value is a constant all of whose elements are a number. */
  boolean isAll(String value, double number) {
    Known known = lookUpConstant(value);
    return known != null && known.isAll(number);
  }

  private @Nullable Known lookUpConstant(String value) {
    Draft graph = this;
    for (; graph.outer != null; graph = graph.outer) {
      Known known = graph.find(value);
      if (known != null) {
        return known;
      }
    }
    Known known = graph.findConstant(value);
    return known != null && known.isDefined ? known : null;
  }

  private @Nullable Known findConstant(String value) {
    if (!hasBegun) {
      begin();
    }
    Known known = values.get(value);
    if (!hasConstantNodes || known != null && known.isLearned) {
      return known;
    }
    int position = index().producerPosition(value);
    return position >= 0 && source.nodes().get(position).is("Constant") ? learned(value) : known;
  }

  private void learn(Node node, int index) {
    Tensor tensor = node.constantTensor().orElse(null);
    for (Result result : node.outputs()) {
      if (result.isPresent()) {
        Known value = define(result.name(), result.type());
        value.producer = index;
        value.tensor = tensor;
        value.isLearned = true;
      }
    }
  }

  /** The graph that a value is of: this one or one around it, the outermost if nobody knows it. */
  Draft owner(String value) {
    Draft graph = this;
    while (graph.outer != null && graph.ownType(value) == null) {
      graph = graph.outer;
    }
    return graph;
  }

  /** Whether others know the value by its name: an output, or a value with an annotation. */
  boolean isPinned(String value) {
    return pinned.contains(value) || !renamed.isEmpty() && renamed.containsKey(value);
  }

  // Who uses it

  /** How often a value of this graph or those around it is used. */
  int uses(String value) {
    return owner(value).ownUses(value);
  }

  private Uses uses() {
    Uses counted = uses;
    if (counted == null) {
      counted = new Uses(index());
      uses = counted;
    }
    return counted;
  }

  private int ownUses(String value) {
    return uses().of(value);
  }

  boolean isUsed(String value) {
    return isPinned(value) || uses(value) > 0;
  }

  /** Only the graph that a value is of counts its uses, those in subgraphs included. */
  private void addUses(String value, int count) {
    if (!value.isEmpty() && count != 0) {
      Draft owner = owner(value);
      if (owner.uses().add(value, count) <= 0) {
        owner.unused.add(value);
      }
    }
  }

  private void addUses(Node node, int sign) {
    for (String input : node.inputs()) {
      addUses(input, sign);
    }
    for (Graph body : node.subgraphs()) {
      body.captures().forEach((value, count) -> addUses(value, sign * count));
    }
  }

  /** Counts what a new node uses. */
  void use(Node node) {
    addUses(node, 1);
  }

  /** What a node used it uses no more. */
  void release(Node node) {
    addUses(node, -1);
  }

  // What stands for what

  /** Lets all that uses a value of this graph use another instead. */
  void replace(String value, String by) {
    hasReplaced = true;
    addUses(by, uses().replace(value, by));
  }

  /** Lets a made value be known by the name of a result it stands for. */
  void succeed(String value, Result result) {
    define(result.name(), result.type());
    uses().add(result.name(), uses().more(value));
  }

  /** Lets a value, which another node gives, have the name of an output in the end. */
  void rename(String value, String output) {
    renamed.put(value, output);
  }

  /** What a value is called now; the very same name if nothing else stands for it. */
  String resolve(String name) {
    for (Draft graph = this; graph != null; graph = graph.outer) {
      String now = graph.hasReplaced ? graph.uses().standing(name) : null;
      if (now != null) {
        return now;
      }
    }
    return name;
  }

  /** Whether no other values stand for those that the source's node of a position uses. */
  boolean keepsInputs(int position) {
    return (outer == null || !outer.hasReplacedHereOrOutside())
        && (!hasReplaced || !uses().usesReplaced(position));
  }

  /** The node with what stands for its inputs. */
  Node withInputs(Node node) {
    if (!hasReplacedHereOrOutside()) {
      return node;
    }
    @Nullable List<String> inputs = null;
    for (int i = 0; i < node.inputs().size(); i++) {
      String input = node.input(i);
      String now = resolve(input);
      if (now != input) {
        inputs = inputs == null ? new ArrayList<>(node.inputs()) : inputs;
        inputs.set(i, now);
      }
    }
    return inputs == null ? node : node.withInputs(inputs);
  }

  /** The same with what stands for what its subgraphs use; for nodes whose bodies are new. */
  Node withUses(Node node) {
    Node own = withInputs(node);
    if (own.subgraphs().isEmpty() || !hasReplacedHereOrOutside()) {
      return own;
    }
    Map<String, String> names = new HashMap<>();
    for (Graph body : own.subgraphs()) {
      for (String value : body.captures().keySet()) {
        String now = resolve(value);
        if (now != value) {
          names.put(value, now);
        }
      }
    }
    return names.isEmpty() ? own : Renaming.of(names).uses(own);
  }

  /** Whether nodes may use values that others stand for. */
  boolean hasReplacedHereOrOutside() {
    return hasReplaced || outer != null && outer.hasReplacedHereOrOutside();
  }

  /** The last emitted node with a subgraph that defines the name, or -1. */
  int lastBodyWith(String value) {
    if (!hasBodies) {
      return -1;
    }
    for (; lookedInto < emitted.size(); lookedInto++) {
      int index = lookedInto;
      Node node = emitted.get(index);
      if (node != null) {
        UsedNames.inBodies(node, name -> inBodies.put(name, index));
      }
    }
    return inBodies.getOrDefault(value, -1);
  }

  // What goes and what is left

  /** Removes nodes and initializers that nothing uses any more, here and in the graphs around. */
  void sweep(Step own) {
    for (Draft graph = this; graph != null; graph = graph.outer) {
      while (!graph.unused.isEmpty()) {
        graph.sweep(graph.unused.pop(), own);
      }
    }
  }

  private void sweep(String value, Step own) {
    Known known = ownUses(value) > 0 || isPinned(value) ? null : learned(value);
    if (known == null) {
      return;
    }
    if (known.producer < 0) {
      if (known.isInitializer) {
        drop(value);
        own.sweptConstants.add(value);
      }
      return;
    }
    Node node = emitted.get(known.producer);
    if (node == null) {
      return;
    }
    for (Result result : node.outputs()) {
      if (result.isPresent() && isUsed(result.name())) {
        return;
      }
    }
    emitted.remove(known.producer);
    node.outputs().forEach(r -> known(r.name()).isDefined = false);
    own.swept.add(node);
    release(node);
  }

  /** Removes an initializer. */
  void drop(String constant) {
    dropped.add(constant);
    added.remove(constant);
    Known known = known(constant);
    known.isInitializer = false;
    known.isDefined = false;
  }

  /** Adds an initializer. */
  void add(Constant constant) {
    added.put(constant.name(), constant);
    define(constant).isInitializer = true;
  }

  /** The graph as it is now; the source itself if nothing has changed. */
  Graph graph() {
    List<Node> nodes = renamed.isEmpty() ? emitted.nodes() : withNewNames(emitted.nodes());
    Graph done = nodes == source.nodes() ? source : source.withNodes(nodes);
    return added.isEmpty() && dropped.isEmpty() ? done : done.withConstants(constants());
  }

  private List<Constant> constants() {
    List<Constant> all = new ArrayList<>();
    for (Constant constant : source.constants()) {
      if (!dropped.contains(constant.name())) {
        all.add(constant);
      }
    }
    all.addAll(added.values());
    return all;
  }

  /**
   * Renames values from the node on that gives them: a subgraph of an earlier node may have a value
   * of its own by that name.
   */
  private List<Node> withNewNames(List<Node> nodes) {
    Map<String, String> names = new HashMap<>();
    Renaming renaming = Renaming.of(names);
    List<Node> changed = new ArrayList<>(nodes.size());
    for (Node node : nodes) {
      for (Result result : node.outputs()) {
        String name = renamed.get(result.name());
        if (name != null) {
          names.put(result.name(), name);
        }
      }
      changed.add(names.isEmpty() ? node : renaming.node(node));
    }
    return changed;
  }
}
