package dev.sardonyx.ir.pass;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.AttributeValue;
import dev.sardonyx.ir.Constant;
import dev.sardonyx.ir.Function;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.Metadata;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.OperatorName;
import dev.sardonyx.ir.OpsetImport;
import dev.sardonyx.ir.Output;
import dev.sardonyx.ir.QuantizationAnnotation;
import dev.sardonyx.ir.Renaming;
import dev.sardonyx.ir.Result;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorData;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.ValueType;
import dev.sardonyx.ir.build.ActivationOps;
import dev.sardonyx.ir.build.ConvolutionOps;
import dev.sardonyx.ir.build.GraphBuildException;
import dev.sardonyx.ir.build.IndexingOps;
import dev.sardonyx.ir.build.LogicOps;
import dev.sardonyx.ir.build.MathOps;
import dev.sardonyx.ir.build.NormalizationOps;
import dev.sardonyx.ir.build.PoolingOps;
import dev.sardonyx.ir.build.QuantizationOps;
import dev.sardonyx.ir.build.ReductionOps;
import dev.sardonyx.ir.build.SequenceModelOps;
import dev.sardonyx.ir.build.ShapeOps;
import dev.sardonyx.ir.infer.InferenceException;
import dev.sardonyx.ir.infer.KnownValues;
import dev.sardonyx.ir.infer.TypeMerge;
import dev.sardonyx.ir.internal.NameMap;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A graph in the middle of being rewritten: what a {@link NodeTransform} may ask about it, and what
 * it may do with the node it is given. A rewriter is an operator builder: its typed methods make
 * nodes in front of that node, with types, names and the forms of the model's opset.
 *
 * <p>A node with which nothing is done is kept. What follows from what is done need not be said:
 * nodes and constants that nothing uses any more go, made nodes that nobody uses never come, a made
 * value takes the name of the result it stands for, and changes are listed.
 *
 * <p>Graphs, subgraphs and functions look the same: where there can be no initializers, constants
 * are Constant nodes.
 */
@SuppressWarnings("ReferenceEquality") // the very same object means: not changed
public final class Rewriter
    implements ActivationOps,
        ConvolutionOps,
        IndexingOps,
        LogicOps,
        MathOps,
        NormalizationOps,
        PoolingOps,
        QuantizationOps,
        ReductionOps,
        SequenceModelOps,
        ShapeOps {
  private final Walk walk;
  private final @Nullable Rewriter outer;
  private final String path;
  private final Graph source;
  private final Emitted emitted;
  private final Step[] steps;
  private @Nullable Step step;

  private final Map<String, Constant> added = new LinkedHashMap<>();
  private final Set<String> dropped = new HashSet<>();
  private final Set<String> pinned = new HashSet<>();
  private final NameMap<String> replaced = NameMap.of();
  private final Map<String, String> renamed = new HashMap<>();
  private final Map<String, Integer> inBodies = new HashMap<>();
  private int lookedInto;
  private final Map<Object, Object> memory = new HashMap<>();

  // Most transforms ask little of most graphs, so what they ask for is found out only then.
  private final NameMap<Known> values = NameMap.of();
  private int learned;
  private boolean usesCounted;
  private final Deque<String> unused = new ArrayDeque<>();
  private @Nullable Facts facts;

  /** What is known of a value. */
  private static final class Known {
    boolean isDefined;
    ValueType type = ValueType.unknown();
    @Nullable Tensor tensor;

    /** Where among the emitted nodes the one is that gives the value, or -1. */
    int producer = -1;

    /** How often it is used by nodes, their subgraphs, and as an output. */
    int uses;

    boolean isInitializer;
  }

  private Rewriter(Walk walk, @Nullable Rewriter outer, String path, Graph source) {
    this.walk = walk;
    this.outer = outer;
    this.path = path;
    this.source = source;
    this.emitted = new Emitted(source.nodes());
    this.steps = new Step[walk.stages.size()];
    for (int i = 0; i < steps.length; i++) {
      steps[i] = new Step(i);
    }
  }

  // The walk

  static Graph rewrite(Graph graph, Walk walk) {
    return new Rewriter(walk, null, graph.name(), graph).run();
  }

  static Function rewrite(Function function, Walk walk) {
    List<Output> outputs =
        function.outputs().stream().map(o -> Output.of(o, ValueType.unknown())).toList();
    Graph body = Graph.of(function.name(), List.of(), outputs, function.nodes(), List.of());
    Rewriter rewriter = new Rewriter(walk, null, function.name(), body);
    function.values().forEach(v -> rewriter.define(v.name(), v.type()));
    function.inputs().forEach(i -> rewriter.define(i, rewriter.type(i)));
    Graph done = rewriter.run();
    return done == body ? function : function.withNodes(done.nodes());
  }

  private Graph run() {
    source.constants().forEach(c -> define(c).isInitializer = true);
    for (Input input : source.inputs()) {
      Known value = define(input.name(), input.type());
      value.tensor = null; // a default, which callers may override
      value.isInitializer = false;
    }
    source.outputs().forEach(o -> pinned.add(o.name()));
    for (QuantizationAnnotation annotation : source.quantization()) {
      pinned.add(annotation.value());
      pinned.addAll(annotation.parameters().values());
    }
    for (Step first : steps) {
      begin(first, null);
      walk.stages.get(first.stage).transform().begin(source, this);
      end(first);
    }
    for (Node node : source.nodes()) {
      offer(withBodies(withInputs(node)), 0);
    }
    List<Node> nodes = renamed.isEmpty() ? emitted.nodes() : withNewNames(emitted.nodes());
    Graph done = nodes == source.nodes() ? source : source.withNodes(nodes);
    return added.isEmpty() && dropped.isEmpty() ? done : done.withConstants(constants());
  }

  /** Shows a node to the transforms from one on. */
  private void offer(Node node, int stage) {
    if (stage == steps.length) {
      emitted.add(node);
      return;
    }
    Step own = steps[stage];
    begin(own, node);
    walk.stages.get(stage).transform().rewrite(node, this);
    end(own);
  }

  private void begin(Step next, @Nullable Node node) {
    next.begin(node);
    step = next;
  }

  /** Does what follows from what a transform has done, and shows the nodes to the next one. */
  private void end(Step own) {
    Node node = own.node;
    if (!own.isDirty) {
      step = null;
      if (node != null) {
        offer(node, own.stage + 1);
      }
      return;
    }
    boolean gone = node != null && isGone(own, node);
    if (node != null && !gone && !own.replaced.isEmpty()) {
      node = withoutReplaced(own, node);
      own.node = node;
    }
    if (gone && node != null) {
      release(node);
    }
    forgetUnused(own);
    sweep(own);
    own.inheritNames();
    nameSuccessors(own, gone);
    addConstants(own);
    if (gone
        || node != own.original
        || !own.made.isEmpty()
        || !own.constants.isEmpty()
        || !own.swept.isEmpty()) {
      walk.changes.add(own.change(walk.stages.get(own.stage).pass(), path, gone));
    }
    step = null;
    int next = own.stage + 1;
    int before = own.before < 0 ? own.made.size() : own.before;
    for (int i = 0; i <= own.made.size(); i++) {
      if (i == before && !gone && node != null) {
        offer(node, next);
      }
      if (i < own.made.size()) {
        offer(own.made.get(i), next);
      }
    }
  }

  /** Whether nothing of the node is left that anybody uses. */
  private boolean isGone(Step own, Node node) {
    if (own.isRemoved) {
      return true;
    }
    if (own.replaced.isEmpty()) {
      return false;
    }
    for (Result result : node.outputs()) {
      if (result.isPresent() && !own.replaced.contains(result.name()) && isUsed(result.name())) {
        return false;
      }
    }
    return true;
  }

  private boolean isUsed(String value) {
    return isPinned(value) || uses(value) > 0;
  }

  /** The node with other names for the results that something else stands for. */
  private Node withoutReplaced(Step own, Node node) {
    return node.withOutputs(
        node.outputs().stream()
            .map(r -> own.replaced.contains(r.name()) ? Result.of(fresh(r.name()), r.type()) : r)
            .toList());
  }

  /** Made nodes that nobody uses never come. */
  private void forgetUnused(Step own) {
    for (int i = own.made.size() - 1; i >= 0; i--) {
      Node made = own.made.get(i);
      boolean used = false;
      for (Result result : made.outputs()) {
        used |=
            result.isPresent()
                && (own.successors.containsKey(result.name()) || isUsed(result.name()));
      }
      if (!used) {
        own.made.remove(i);
        own.before -= i < own.before ? 1 : 0;
        release(made);
      }
    }
    own.constants.keySet().removeIf(name -> !own.successors.containsKey(name) && uses(name) == 0);
  }

  /** Removes nodes and constants that nothing uses any more, here and in the graphs around. */
  private void sweep(Step own) {
    for (Rewriter graph = this; graph != null; graph = graph.outer) {
      while (!graph.unused.isEmpty()) {
        graph.sweep(graph.unused.pop(), own);
      }
    }
  }

  private void sweep(String value, Step own) {
    Known known = values.get(value);
    if (known == null || known.uses > 0 || isPinned(value)) {
      return;
    }
    find(value); // learns what has been emitted
    if (known.producer < 0) {
      if (known.isInitializer) {
        dropped.add(value);
        added.remove(value);
        known.isInitializer = false;
        known.isDefined = false;
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

  /** Made values take the names of the results they stand for, and their nodes those of nodes. */
  private void nameSuccessors(Step own, boolean gone) {
    if (own.successors.isEmpty()) {
      return;
    }
    Map<String, String> names = new HashMap<>();
    own.successors.forEach((value, result) -> names.put(value, result.name()));
    Renaming renaming = Renaming.of(names);
    Set<Node> heirs = new HashSet<>();
    for (int i = 0; i < own.made.size(); i++) {
      Node node = own.made.get(i);
      Node named = renaming.uses(node);
      boolean heir = false;
      List<Result> results = new ArrayList<>(node.outputs().size());
      for (Result result : node.outputs()) {
        Result successor = own.successors.get(result.name());
        heir |= successor != null;
        results.add(successor == null ? result : successor);
      }
      if (heir) {
        named = named.withOutputs(results);
        Node ancestor = gone ? ancestor(own, named) : null;
        if (ancestor != null && heirs.add(ancestor)) {
          named = named.withName(ancestor.name());
          named = named.metadata().isEmpty() ? named.withMetadata(ancestor.metadata()) : named;
        }
      }
      own.made.set(i, named);
    }
    own.successors.forEach(
        (value, result) -> {
          if (facts != null) {
            facts.rename(value, result.name());
          }
          define(result.name(), result.type()).uses += known(value).uses;
        });
  }

  /** The node whose place a made one takes: of those that go one of its operator, or the first. */
  private static @Nullable Node ancestor(Step own, Node made) {
    Node first = own.original;
    if (first != null && !isAlike(first, made)) {
      for (Node swept : own.swept) {
        if (isAlike(swept, made)) {
          return swept;
        }
      }
    }
    return first;
  }

  private static boolean isAlike(Node a, Node b) {
    return a.opType().equals(b.opType()) && a.domain().equals(b.domain());
  }

  private void addConstants(Step own) {
    Map<String, Constant> all = new LinkedHashMap<>();
    own.constants.forEach(
        (name, constant) -> {
          Result as = own.successors.get(name);
          Constant named =
              as == null ? constant : new Constant(as.name(), constant.data(), as.metadata());
          all.put(named.name(), named);
          added.put(named.name(), named);
          define(named).isInitializer = true;
        });
    own.constants.clear();
    own.constants.putAll(all);
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
      if (resolve(input) != input) {
        return node.withInputs(node.inputs().stream().map(this::resolve).toList());
      }
    }
    return node;
  }

  private Node withBodies(Node node) {
    return node.subgraphs().isEmpty() ? node : node.withSubgraphs(graph -> inner(node, graph));
  }

  private Graph inner(Node node, Graph graph) {
    Graph done = new Rewriter(walk, this, node.pathInside(path), graph).run();
    for (Output output : graph.outputs()) {
      if (resolve(output.name()) != output.name()) {
        return done.withOutputs(
            done.outputs().stream().map(o -> o.withName(resolve(o.name()))).toList());
      }
    }
    return done;
  }

  /** What a value is called now; the very same name if nothing else stands for it. */
  private String resolve(String name) {
    for (Rewriter graph = this; graph != null; graph = graph.outer) {
      String by = graph.replaced.size() == 0 ? null : graph.replaced.get(name);
      if (by != null) {
        return by;
      }
    }
    return name;
  }

  // What is known

  private Known known(String value) {
    Known known = values.get(value);
    if (known == null) {
      known = new Known();
      values.put(value, known);
    }
    return known;
  }

  private Known define(String value, ValueType type) {
    Known known = known(value);
    known.isDefined = true;
    known.type = type;
    return known;
  }

  private Known define(Constant constant) {
    Known value = define(constant.name(), constant.type());
    value.tensor = constant.data() instanceof Tensor tensor ? tensor : null;
    return value;
  }

  /** What is known of a value of this very graph, or null if it is none so far. */
  private @Nullable Known find(String value) {
    for (; learned < emitted.size(); learned++) {
      Node node = emitted.get(learned);
      if (node != null) {
        learn(node, learned);
      }
    }
    Known known = values.get(value);
    if (known != null && known.isDefined) {
      return known;
    }
    Node current = step == null ? null : step.node;
    if (current != null) {
      for (Result result : current.outputs()) {
        if (result.name().equals(value)) {
          Known found = new Known();
          found.type = result.type();
          return found;
        }
      }
    }
    return null;
  }

  private void learn(Node node, int index) {
    for (Result result : node.outputs()) {
      if (result.isPresent()) {
        Known value = define(result.name(), result.type());
        value.producer = index;
        value.tensor = node.is("Constant") ? constantOf(node) : null;
      }
    }
  }

  private static @Nullable Tensor constantOf(Node node) {
    return node.attributes().size() == 1
        ? node.attributes().get(0).value().toTensor().orElse(null)
        : null;
  }

  /** The graph that a value is of: this one or one around it, the outermost if nobody knows it. */
  Rewriter owner(String value) {
    Rewriter graph = this;
    while (graph.outer != null && graph.find(value) == null) {
      graph = graph.outer;
    }
    return graph;
  }

  Facts facts() {
    if (facts == null) {
      facts = new Facts(this, outer == null ? walk.inference() : outer.facts().inference().inner());
    }
    return facts;
  }

  // Uses

  private void countUses() {
    if (!usesCounted) {
      usesCounted = true;
      for (Node node : source.nodes()) {
        for (String input : node.inputs()) {
          known(input).uses++;
        }
        for (Graph body : node.subgraphs()) {
          Captures.of(body).forEach((value, count) -> known(value).uses += count);
        }
      }
      source.outputs().forEach(o -> known(o.name()).uses++);
    }
  }

  /** Only the graph that a value is of counts its uses, those in subgraphs included. */
  private void addUses(String value, int count) {
    if (!value.isEmpty() && count != 0) {
      Rewriter owner = owner(value);
      owner.countUses();
      Known known = owner.known(value);
      known.uses += count;
      if (known.uses <= 0) {
        owner.unused.add(value);
      }
    }
  }

  private void addUses(Node node, int sign) {
    node.inputs().forEach(input -> addUses(input, sign));
    for (Graph body : node.subgraphs()) {
      Captures.of(body).forEach((value, count) -> addUses(value, sign * count));
    }
  }

  private void release(Node node) {
    addUses(node, -1);
  }

  // What a transform may ask

  /** The version of ONNX's own operators that the graph is written in. */
  @Override
  public int opset() {
    return (int) walk.opset("").orElse(0);
  }

  /** The version of a domain's operators, or -1 if it is not imported. */
  public long opset(String domain) {
    return walk.opset(domain).orElse(-1);
  }

  public List<OpsetImport> imports() {
    return walk.imports;
  }

  /** Whether constants can be initializers; in functions and old files they are nodes. */
  public boolean hasInitializers() {
    return walk.hasInitializers;
  }

  /** The rewriter of the graph around this one, or null. */
  public @Nullable Rewriter outer() {
    return outer;
  }

  /** The graph or function as a path of names from the main graph. */
  public String path() {
    return path;
  }

  /** What a transform remembers of this graph, made when first asked for. */
  @SuppressWarnings("unchecked") // a transform's own key leads to what it put there
  public <T> T memory(Object key, Supplier<T> first) {
    return (T) memory.computeIfAbsent(key, k -> first.get());
  }

  /**
   * A value of this graph or those around it, by its name or by that of one it stands for.
   *
   * @throws GraphBuildException if there is none so far
   */
  public Value value(String name) {
    if (name.isEmpty()) {
      return ABSENT;
    }
    String now = resolve(name);
    Known known = owner(now).find(now);
    if (known == null) {
      throw GraphBuildException.here(
          "Graph " + path + " has no value " + name + " before " + place());
    }
    return Result.of(now, known.type);
  }

  /** Whether there is a value of the name so far, here or in the graphs around. */
  public boolean has(String name) {
    String now = resolve(name);
    return owner(now).find(now) != null;
  }

  /** An input of a node, {@link #ABSENT} if it is not given. */
  public Value input(Node node, int i) {
    return value(node.input(i));
  }

  /** The inputs of a node. */
  public List<Value> inputs(Node node) {
    return node.inputs().stream().map(this::value).toList();
  }

  /** The declared type of a value, or what inference says of a made one. */
  public ValueType type(String value) {
    Known known = owner(value).find(value);
    return known == null ? ValueType.unknown() : known.type;
  }

  /** The type of a value that is a dense tensor, or null. */
  public @Nullable TensorType tensorType(String value) {
    return type(value) instanceof TensorType tensor ? tensor : null;
  }

  /** The shape of a value, of unknown rank if it is not known to be a dense tensor. */
  public Shape shape(String value) {
    return type(value) instanceof TensorType tensor ? tensor.shape() : Shape.UNKNOWN;
  }

  /** The elements of a value that is the same in every run, or null. */
  public @Nullable Tensor tensor(String value) {
    Known known = owner(value).find(value);
    return known == null ? null : known.tensor;
  }

  /** The elements of a small value such as a shape, as far as inference knows them, or null. */
  public @Nullable KnownValues elements(String value) {
    return facts().elements(value);
  }

  /** How often a value is used, by nodes, in their subgraphs, and as an output. */
  public int uses(String value) {
    Rewriter owner = owner(value);
    owner.countUses();
    Known known = owner.values.get(value);
    return known == null ? 0 : known.uses;
  }

  /** Whether a value is used once only, and not known to others by its name. */
  public boolean isUsedOnce(String value) {
    Rewriter owner = owner(value);
    return owner.uses(value) == 1 && !owner.isPinned(value);
  }

  /** The node of this very graph that gives a value, or null. */
  public @Nullable Node producer(String value) {
    Step own = step;
    if (own != null && own.isDirty) {
      Node maker = own.maker(value);
      if (maker != null) {
        return maker;
      }
    }
    Known known = find(value);
    if (known != null && known.producer >= 0) {
      return emitted.get(known.producer);
    }
    Node current = own == null ? null : own.node;
    return current != null && known != null && gives(current, value) ? current : null;
  }

  private static boolean gives(Node node, String value) {
    for (Result result : node.outputs()) {
      if (result.name().equals(value)) {
        return true;
      }
    }
    return false;
  }

  /** Whether others know the value by its name: an output, or a value with an annotation. */
  public boolean isPinned(String value) {
    return pinned.contains(value) || renamed.containsKey(value);
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

  /** Whether a node always gives equal results for equal inputs; unknown operators do not. */
  public boolean isPure(Node node) {
    return walk.purity().isPure(node, this::tensor);
  }

  /** Whether a node calls a function of the model. */
  boolean isCall(Node node) {
    return walk.purity().isCall(node);
  }

  // What a transform may make

  /** A name that nothing has, made from a base. */
  public String fresh(String base) {
    return walk.names.fresh(base);
  }

  /** A name that nothing has, made from a base and a number from 1. */
  public String freshNumbered(String base) {
    return walk.names.freshNumbered(base);
  }

  /** A constant under a name made from a base. */
  public Value constant(String base, TensorData data) {
    Step own = dirty();
    String name = fresh(base);
    own.wanted.put(name, base);
    if (walk.hasInitializers) {
      Constant constant = Constant.of(name, data);
      own.constants.put(name, constant);
      define(constant);
      return constant;
    }
    if (!(data instanceof Tensor tensor)) {
      throw GraphBuildException.here("A Constant node takes a dense tensor");
    }
    Node node = constantNode(Result.of(name, tensor.type()), tensor);
    own.made.add(node);
    define(name, tensor.type()).tensor = tensor;
    return node.output(0);
  }

  private static Node constantNode(Result result, Tensor tensor) {
    return Node.of("Constant", List.of(), List.of(result), Attribute.ofTensor("value", tensor));
  }

  @Override
  public Value numberedConstant(String role, TensorData data) {
    return constant(base().isEmpty() ? role : base() + "." + role, data);
  }

  /** What names of new nodes begin with: the name of the current node. */
  private String base() {
    Node current = step == null ? null : step.original;
    return current == null ? "" : current.name();
  }

  @Override
  public List<Value> nodes(
      String operator, int outputCount, List<? extends Value> from, Attribute... attributes) {
    OperatorName called = OperatorName.parse(operator);
    List<String> inputs = new ArrayList<>(from.size());
    from.forEach(v -> inputs.add(value(v.name()).name()));
    String lower = called.opType().toLowerCase(Locale.ROOT);
    String name = base().isEmpty() ? "" : fresh(base() + "." + lower);
    List<Result> results = new ArrayList<>(outputCount);
    for (int i = 0; i < outputCount; i++) {
      String suffix = outputCount == 1 ? "_out" : "_out" + i;
      results.add(Result.of(fresh((name.isEmpty() ? lower : name) + suffix)));
    }
    return add(
        new Node(
            called.domain(),
            called.opType(),
            called.overload(),
            name,
            inputs,
            List.of(attributes),
            results,
            Metadata.EMPTY));
  }

  private List<Value> add(Node node) {
    walk.checker()
        .check(node)
        .ifPresent(
            problem -> {
              throw GraphBuildException.here(
                  problem.code(), problem.message() + " (made for " + place() + ")");
            });
    return List.copyOf(addAsIs(inferred(node)).outputs());
  }

  private Node inferred(Node node) {
    try {
      return facts().add(node);
    } catch (InferenceException e) {
      throw GraphBuildException.here(e.code(), e.getMessage() + " (made for " + place() + ")");
    }
  }

  /** A node that is neither checked nor inferred; for nodes of a function, which have been. */
  Node addAsIs(Node node) {
    Step own = dirty();
    own.made.add(node);
    for (Result result : node.outputs()) {
      if (result.isPresent()) {
        define(result.name(), result.type()).tensor = node.is("Constant") ? constantOf(node) : null;
      }
    }
    addUses(node, 1);
    return node;
  }

  // What a transform may do with its node

  /**
   * Lets a value stand for the node's only result that is used: an old value, or one just made.
   *
   * @throws GraphBuildException if the value has not the result's type, or other results are used
   */
  public void replace(Value by) {
    Node node = current();
    Result only = null;
    for (Result result : node.outputs()) {
      if (result.isPresent() && isUsed(result.name())) {
        if (only != null) {
          throw GraphBuildException.here(
              place() + " has several results in use; say what stands for each");
        }
        only = result;
      }
    }
    replace(only == null ? node.output(0) : only, by);
  }

  /** Lets values stand for the node's results, one for each; {@link #ABSENT} for unused ones. */
  public void replace(List<? extends Value> by) {
    Node node = current();
    for (int i = 0; i < node.outputs().size(); i++) {
      if (node.hasOutput(i) && !by.get(i).name().isEmpty()) {
        replace(node.output(i), by.get(i));
      }
    }
  }

  /**
   * Lets a value stand for a result of the node. Where the result's name has to stay, the value
   * takes it over, or an Identity node is made. The node goes once nobody uses its results.
   *
   * @throws GraphBuildException if the value has not the result's type
   */
  public void replace(Result result, Value by) {
    Step own = dirty();
    countUses();
    Result heir = own.successors.get(by.name());
    String name = heir == null ? resolve(by.name()) : heir.name();
    Node maker = own.maker(name);
    boolean made = maker != null || own.constants.containsKey(name);
    ValueType common = commonType(result, name, made);
    // An output has its type elsewhere.
    ValueType type = isPinned(result.name()) ? result.type() : common;
    own.replaced.add(result.name());
    if (made && canTakeName(own, name, result)) {
      Result successor = new Result(result.name(), type, result.metadata());
      if (maker == null && isPinned(result.name())) { // an initializer cannot be an output's value
        Constant constant = Objects.requireNonNull(own.constants.remove(name));
        Tensor tensor = (Tensor) constant.data();
        own.made.add(constantNode(Result.of(name, tensor.type()), tensor));
      }
      own.successors.put(name, successor);
      return;
    }
    if (!made && heir == null && !current().inputs().contains(name)) {
      own.others.add(describe(name));
    }
    if (!isPinned(result.name())) {
      replaced.put(result.name(), name);
      int uses = known(result.name()).uses;
      known(result.name()).uses = 0;
      addUses(name, uses);
    } else if (!needsIdentity(result, by)) {
      renamed.put(name, result.name());
      replaced.put(result.name(), name);
      int uses = known(result.name()).uses;
      known(result.name()).uses = 0;
      addUses(name, uses);
    } else {
      addAsIs(Node.of("Identity", List.of(name), List.of(result.withType(type))));
    }
  }

  /** An initializer is there from the start, so that no subgraph may use its name. */
  private boolean canTakeName(Step own, String made, Result result) {
    return !own.constants.containsKey(made)
        || isPinned(result.name())
        || lastBodyWith(result.name()) < 0;
  }

  private ValueType commonType(Result result, String by, boolean made) {
    ValueType after = type(by);
    boolean isOpen = made && after.isKnown() && !result.type().isKnown();
    ValueType before = isOpen ? facts().type(result.name()) : result.type();
    return TypeMerge.both(before, after)
        .orElseThrow(
            () ->
                GraphBuildException.here(
                    "The replacement of "
                        + place()
                        + " gives "
                        + result.name()
                        + " type "
                        + after
                        + " instead of "
                        + before
                        + "; what stands for a value must have its type"));
  }

  private String describe(String value) {
    Node producer = owner(value).producer(value);
    if (producer != null) {
      return producer.described();
    }
    Known known = owner(value).find(value);
    return known != null && known.isInitializer ? "constant " + value : value;
  }

  /** Whether only a node can give the result, not an initializer. */
  public boolean staysNode(Result result) {
    return !walk.hasInitializers || isPinned(result.name());
  }

  /** Whether {@link #replace} would have to make an Identity node for a value that is not made. */
  public boolean needsIdentity(Result result, Value by) {
    if (!isPinned(result.name())) {
      return false;
    }
    String name = resolve(by.name());
    Known known = find(name);
    return known == null
        || known.producer < 0
        || isPinned(name)
        || lastBodyWith(result.name()) >= known.producer;
  }

  /** The last emitted node with a subgraph that defines the name, or -1. */
  private int lastBodyWith(String value) {
    for (; lookedInto < emitted.size(); lookedInto++) {
      int index = lookedInto;
      Node node = emitted.get(index);
      if (node != null) {
        UsedNames.inBodies(node, name -> inBodies.put(name, index));
      }
    }
    return inBodies.getOrDefault(value, -1);
  }

  /**
   * Puts a changed node in the place of the node, with the same results.
   *
   * @throws GraphBuildException if its results have other names or types
   */
  public void change(Node changed) {
    Step own = dirty();
    Node before = current();
    List<String> names = before.outputs().stream().map(Result::name).toList();
    if (!changed.outputs().stream().map(Result::name).toList().equals(names)) {
      throw GraphBuildException.here(
          place() + " is to be changed to a node with other results; replace it instead");
    }
    addUses(changed, 1);
    release(before);
    own.node = isSameComputation(before, changed) ? changed : inferred(changed);
  }

  private static boolean isSameComputation(Node a, Node b) {
    return a.inputs().equals(b.inputs()) && isAlike(a, b) && a.attributes().equals(b.attributes());
  }

  /** Puts a changed value in the place of one of the node's inputs. */
  public void changeInput(int i, Value input) {
    List<String> inputs = new ArrayList<>(current().inputs());
    inputs.set(i, value(input.name()).name());
    change(current().withInputs(inputs));
  }

  /** Lets all that uses a result of the node use what is built from it instead. */
  public void insertAfter(Result result, UnaryOperator<Value> build) {
    Step own = dirty();
    Node node = current();
    Result inner = Result.of(fresh(result.name()), result.type());
    own.node =
        node.withOutputs(node.outputs().stream().map(r -> r.equals(result) ? inner : r).toList());
    own.before = own.made.size();
    define(inner.name(), inner.type());
    replace(result, build.apply(inner));
    own.replaced.remove(result.name());
  }

  /**
   * Removes the node.
   *
   * @throws GraphBuildException if somebody uses one of its results
   */
  public void remove() {
    Step own = dirty();
    for (Result result : current().outputs()) {
      if (result.isPresent() && isUsed(result.name())) {
        throw GraphBuildException.here(
            place() + " cannot be removed, for its result " + result.name() + " is used");
      }
    }
    own.isRemoved = true;
  }

  /** Removes an initializer of this graph that is not pinned; another value stands for it. */
  public void replace(Constant constant, String by) {
    dropped.add(constant.name());
    replaced.put(constant.name(), by);
    countUses();
    int uses = known(constant.name()).uses;
    known(constant.name()).uses = 0;
    addUses(by, uses);
    String before = "constant " + constant.name();
    String after = "constant " + by;
    walk.changes.add(
        new Change(
            walk.stages.get(step == null ? 0 : step.stage).pass(),
            path,
            "replaced " + before + " by " + by,
            List.of(before),
            List.of(after)));
  }

  private Step dirty() {
    Step own = step;
    if (own == null) {
      throw new IllegalStateException("A rewriter is of use only while a transform sees a node");
    }
    own.isDirty = true;
    return own;
  }

  private Node current() {
    Node node = step == null ? null : step.node;
    if (node == null) {
      throw new IllegalStateException("There is no node to do this with");
    }
    return node;
  }

  /** How messages name where the walk is. */
  private String place() {
    Step own = step;
    Node node = own == null ? null : own.original;
    String pass = own == null ? "" : walk.stages.get(own.stage).pass() + ": ";
    return pass + (node == null ? "the first node" : node.described()) + " in " + path;
  }
}
