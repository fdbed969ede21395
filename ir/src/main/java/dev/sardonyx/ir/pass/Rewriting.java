package dev.sardonyx.ir.pass;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.AttributeValue;
import dev.sardonyx.ir.Constant;
import dev.sardonyx.ir.Function;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.Metadata;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.OpsetImport;
import dev.sardonyx.ir.Output;
import dev.sardonyx.ir.QuantizationAnnotation;
import dev.sardonyx.ir.Renaming;
import dev.sardonyx.ir.Result;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.ValueType;
import dev.sardonyx.ir.internal.NameMap;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A graph in the middle of being rewritten: what a {@link NodeTransform} may ask about it, and
 * where it puts what becomes of a node.
 */
@SuppressWarnings("ReferenceEquality") // the very same object means: not changed
public final class Rewriting {
  /** What a graph shares with its subgraphs. */
  private record Body(
      String pass,
      List<OpsetImport> imports,
      NodeTransform transform,
      List<Change> changes,
      boolean function,
      UsedNames names) {}

  private final Body body;
  private final @Nullable Rewriting outer;
  private final String path;
  private final Supplier<UseCounts> countUses;
  private final List<Node> source;
  private final Emitted emitted;
  private final Map<String, Constant> added = new LinkedHashMap<>();
  private final NameMap<String> replaced = NameMap.of();
  private final Map<String, String> renamed = new HashMap<>();
  private final Set<String> pinned = new HashSet<>();
  private final Set<String> dropped = new HashSet<>();
  private final Map<String, Integer> inBodies = new HashMap<>();
  private int lookedInto;

  // Most transforms ask little of most graphs, so what they ask for is found out only then.
  private final NameMap<Known> known = NameMap.of();
  private int learned;
  private @Nullable Node current;
  private @Nullable UseCounts uses;

  /** What is known of a value of this graph. */
  private static final class Known {
    ValueType type = ValueType.unknown();
    @Nullable Tensor constant;

    /** Where among the emitted nodes the one is that gives the value, or -1. */
    int producer = -1;
  }

  private Rewriting(
      Body body,
      @Nullable Rewriting outer,
      String path,
      List<Node> source,
      Supplier<UseCounts> countUses) {
    this.body = body;
    this.outer = outer;
    this.path = path;
    this.source = source;
    this.emitted = new Emitted(source);
    this.countUses = countUses;
  }

  static Graph graph(
      String pass,
      Graph graph,
      List<OpsetImport> imports,
      NodeTransform transform,
      List<Change> changes) {
    UsedNames names = new UsedNames(List.of(), graph);
    Body body = new Body(pass, imports, transform, changes, false, names);
    return of(body, null, graph.name(), graph).run(graph);
  }

  private static Rewriting of(Body body, @Nullable Rewriting outer, String path, Graph graph) {
    return new Rewriting(body, outer, path, graph.nodes(), () -> UseCounts.of(graph));
  }

  static Function function(
      String pass, Function function, NodeTransform transform, List<Change> changes) {
    Graph nodes = Graph.of("", List.of(), List.of(), function.nodes(), List.of());
    Body body =
        new Body(
            pass,
            function.opsetImports(),
            transform,
            changes,
            true,
            new UsedNames(function.inputs(), nodes));
    Rewriting rewriting =
        new Rewriting(
            body,
            null,
            function.name(),
            function.nodes(),
            () -> UseCounts.of(function.nodes(), function.outputs()));
    function.values().forEach(v -> rewriting.known(v.name()).type = v.type());
    rewriting.pinned.addAll(function.outputs());
    function.inputs().forEach(rewriting::known);
    int before = changes.size();
    List<Node> streamed = rewriting.stream();
    return changes.size() == before ? function : function.withNodes(streamed);
  }

  private Graph run(Graph graph) {
    graph.constants().forEach(this::define);
    for (Input input : graph.inputs()) {
      Known value = known(input.name());
      value.type = input.type();
      value.constant = null; // a default, which callers may override
    }
    graph.outputs().forEach(o -> pinned.add(o.name()));
    for (QuantizationAnnotation annotation : graph.quantization()) {
      pinned.add(annotation.value());
      pinned.addAll(annotation.parameters().values());
    }
    int before = body.changes().size();
    body.transform().begin(graph, this);
    List<Node> nodes = stream();
    return body.changes().size() == before
        ? graph
        : graph.withNodes(nodes).withConstants(constants(graph));
  }

  private List<Constant> constants(Graph graph) {
    if (added.isEmpty() && dropped.isEmpty()) {
      return graph.constants();
    }
    List<Constant> all = new ArrayList<>();
    for (Constant constant : graph.constants()) {
      if (!dropped.contains(constant.name())) {
        all.add(constant);
      }
    }
    all.addAll(added.values());
    return all;
  }

  private void define(Constant constant) {
    Known value = known(constant.name());
    value.type = constant.type();
    if (constant.data() instanceof Tensor tensor) {
      value.constant = tensor;
    }
  }

  private List<Node> stream() {
    for (Node node : source) {
      current = node;
      body.transform().rewrite(withBodies(withInputs(node)), this);
    }
    current = null;
    return renamed.isEmpty() ? emitted.nodes() : withNewNames(emitted.nodes());
  }

  /** Each value is renamed from its node on; what bodies before call by its name is another. */
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
      changed.add(renaming.node(node));
    }
    return changed;
  }

  private Node withInputs(Node node) {
    for (String input : node.inputs()) {
      if (!resolve(input).equals(input)) {
        return node.withInputs(node.inputs().stream().map(this::resolve).toList());
      }
    }
    return node;
  }

  private Node withBodies(Node node) {
    return node.subgraphs().isEmpty() ? node : node.withSubgraphs(graph -> inner(node, graph));
  }

  private Graph inner(Node node, Graph graph) {
    Rewriting inner = of(body, this, node.pathInside(path), graph);
    Graph done = inner.run(graph);
    if (done == graph && inner.emitted.nodes() != graph.nodes()) {
      done = graph.withNodes(inner.emitted.nodes()); // only names of values around it have changed
    }
    for (Output output : graph.outputs()) {
      if (!resolve(output.name()).equals(output.name())) {
        return done.withOutputs(
            done.outputs().stream().map(o -> o.withName(resolve(o.name()))).toList());
      }
    }
    return done;
  }

  private String resolve(String name) {
    for (Rewriting graph = this; graph != null; graph = graph.outer) {
      String by = graph.replaced.size() == 0 ? null : graph.replaced.get(name);
      if (by != null) {
        return by;
      }
    }
    return name;
  }

  // What is known

  private Known known(String value) {
    Known known = this.known.get(value);
    if (known == null) {
      known = new Known();
      this.known.put(value, known);
    }
    return known;
  }

  /** What is known of a value of this very graph, or null if it is none so far. */
  private @Nullable Known find(String value) {
    for (; learned < emitted.size(); learned++) {
      learn(emitted.get(learned), learned);
    }
    Known found = known.get(value);
    return found == null && current != null ? findResult(current, value) : found;
  }

  private void learn(Node node, int index) {
    for (Result result : node.outputs()) {
      if (result.isPresent()) {
        Known value = known(result.name());
        value.type = result.type();
        value.producer = index;
        if (node.is("Constant")) {
          value.constant = constant(node);
        }
      }
    }
  }

  private static @Nullable Tensor constant(Node node) {
    return node.attributes().size() == 1
        ? node.attributes().get(0).value().toTensor().orElse(null)
        : null;
  }

  private static @Nullable Known findResult(Node node, String value) {
    for (Result result : node.outputs()) {
      if (result.name().equals(value)) {
        Known known = new Known();
        known.type = result.type();
        return known;
      }
    }
    return null;
  }

  private UseCounts uses() {
    if (uses == null) {
      uses = countUses.get();
    }
    return uses;
  }

  /** The graph that a value is of: this one or one around it, the outermost if nobody knows it. */
  private Rewriting owner(String value) {
    Rewriting graph = this;
    while (graph.outer != null && graph.find(value) == null) {
      graph = graph.outer;
    }
    return graph;
  }

  // What a transform may ask

  /** The version of a domain's operators, or -1 if it is not imported. */
  public long opset(String domain) {
    return OpsetImport.version(body.imports(), domain).orElse(-1);
  }

  public List<OpsetImport> imports() {
    return body.imports();
  }

  /** Whether this is the body of a function, which can have no constants but Constant nodes. */
  public boolean isFunction() {
    return body.function();
  }

  /** The graph around this one, or null. */
  public @Nullable Rewriting outer() {
    return outer;
  }

  /** The declared or inferred type of a value of this graph or those around it. */
  public ValueType type(String value) {
    Known known = owner(value).find(value);
    return known == null ? ValueType.unknown() : known.type;
  }

  /** The type of a value that is a dense tensor, or null. */
  public @Nullable TensorType tensorType(String value) {
    return type(value) instanceof TensorType tensor ? tensor : null;
  }

  /** A value that is the same in every run, or null. */
  public @Nullable Tensor constant(String value) {
    Known known = owner(value).find(value);
    return known == null ? null : known.constant;
  }

  /** How often a value is used, as an output too; see {@link #release}. */
  public int uses(String value) {
    return owner(value).uses().of(value);
  }

  /** The emitted node of this very graph that gives a value, or null. */
  public @Nullable Node producer(String value) {
    Known known = find(value);
    return known == null || known.producer < 0 ? null : emitted.get(known.producer);
  }

  /** Whether others know the value by its name: an output, or a value with an annotation. */
  public boolean isPinned(String value) {
    return pinned.contains(value);
  }

  /**
   * Whether a subgraph of a node so far has a value of its own by this name. ONNX allows that where
   * the one of this graph comes later; so it must not come earlier.
   */
  public boolean isInBody(String value) {
    return lastBodyWith(value) >= 0;
  }

  /** The last emitted node with a subgraph that defines the name, or -1. */
  private int lastBodyWith(String value) {
    for (; lookedInto < emitted.size(); lookedInto++) {
      int index = lookedInto;
      UsedNames.inBodies(emitted.get(index), name -> inBodies.put(name, index));
    }
    return inBodies.getOrDefault(value, -1);
  }

  /** Whether an attribute depends on a function's caller, so that the node is not fully known. */
  public boolean isOpen(Node node) {
    for (Attribute attribute : node.attributes()) {
      if (attribute.value() instanceof AttributeValue.Reference) {
        return true;
      }
    }
    return false;
  }

  /** A name that nothing has, made from a base. */
  public String fresh(String base) {
    return body.names().fresh(base);
  }

  /** A name that nothing has, made from a base and a number from 1. */
  public String freshNumbered(String base) {
    return body.names().freshNumbered(base);
  }

  // What a transform may do

  /** Puts a node into the new graph. */
  public void emit(Node node) {
    emitted.add(node);
  }

  /** Puts a node in place of an emitted one that has the same results. */
  public void reemit(Node node) {
    Known known = find(node.outputs().get(0).name());
    if (known == null || known.producer < 0) {
      throw new IllegalArgumentException("Node " + node.label() + " has not been emitted");
    }
    emitted.set(known.producer, node);
  }

  /** Adds a constant to the graph; not in functions. */
  public void add(Constant constant) {
    if (body.function()) {
      throw new IllegalStateException("A function has no constants but Constant nodes");
    }
    added.put(constant.name(), constant);
    define(constant);
  }

  /** Removes a constant that is not pinned and lets another value stand for it. */
  public void replace(Constant constant, String by) {
    dropped.add(constant.name());
    resolveTo(constant.name(), by);
  }

  /** Gives a constant of this graph, used by nobody but the caller, other elements. */
  public void redefine(Constant constant) {
    dropped.add(constant.name());
    add(constant);
  }

  /** Whether the value is a constant of this very graph that callers cannot override. */
  public boolean isOwnConstant(String value) {
    Known known = find(value);
    return known != null && known.constant != null && known.producer < 0;
  }

  /**
   * Lets a value stand for another that is no longer computed. Where the other's name has to stay,
   * the value takes it over, or an Identity node is made.
   */
  public void replace(Result result, String by) {
    if (!isPinned(result.name())) {
      resolveTo(result.name(), by);
    } else if (!needsIdentity(result, by)) {
      renamed.put(by, result.name());
      resolveTo(result.name(), by);
    } else {
      emit(identity(result, by));
    }
  }

  /**
   * Counts one use of a value less, that of a dropped node, for those who ask for {@link #uses}.
   */
  public void release(String value) {
    addUses(value, -1);
  }

  private void resolveTo(String value, String by) {
    replaced.put(value, by);
    addUses(by, uses().remove(value));
  }

  /** In all graphs up to that of the value. */
  private void addUses(String value, int count) {
    Rewriting owner = owner(value);
    for (Rewriting graph = this; graph != null; graph = graph == owner ? null : graph.outer) {
      graph.uses().add(value, count);
    }
  }

  /** Whether {@link #replace} would have to make an Identity node. */
  public boolean needsIdentity(Result result, String by) {
    if (!isPinned(result.name())) {
      return false;
    }
    Known known = find(by);
    return known == null
        || known.producer < 0
        || isPinned(by)
        || renamed.containsKey(by)
        || lastBodyWith(result.name()) >= known.producer;
  }

  private static Node identity(Result result, String by) {
    return new Node(
        "", "Identity", "", "", List.of(by), List.of(), List.of(result), Metadata.EMPTY);
  }

  /** Reports a change; without any report the graph stays as it is. */
  public void report(String what) {
    body.changes().add(new Change(body.pass(), path, what));
  }
}
