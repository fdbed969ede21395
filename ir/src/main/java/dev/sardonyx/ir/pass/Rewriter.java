package dev.sardonyx.ir.pass;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.AttributeValue;
import dev.sardonyx.ir.Constant;
import dev.sardonyx.ir.Function;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Metadata;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.OperatorName;
import dev.sardonyx.ir.OpsetImport;
import dev.sardonyx.ir.Output;
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
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
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
  final Walk walk;
  final Draft draft;
  final String path;
  private final @Nullable Rewriter outer;
  private final Graph source;
  private final Step[] steps;
  private @Nullable Step step;
  private final Map<Object, Object> memory = new HashMap<>();
  private @Nullable Facts facts;

  private Rewriter(Walk walk, @Nullable Rewriter outer, String path, Graph source) {
    this.walk = walk;
    this.outer = outer;
    this.path = path;
    this.source = source;
    this.draft = new Draft(source, outer == null ? null : outer.draft);
    this.steps = new Step[walk.stages.size()];
    for (int i = 0; i < steps.length; i++) {
      steps[i] = new Step(walk.stages.get(i), i);
    }
  }

  // The walk

  static Graph rewrite(Graph graph, Walk walk) {
    return new Rewriter(walk, null, graph.name(), graph).run();
  }

  static Function rewrite(Function function, Walk walk) {
    Graph body = function.asGraph();
    Rewriter rewriter = new Rewriter(walk, null, function.name(), body);
    function.values().forEach(v -> rewriter.draft.define(v.name(), v.type()));
    Graph done = rewriter.run();
    return done == body ? function : function.withNodes(done.nodes());
  }

  private Graph run() {
    for (Step first : steps) {
      begin(first, null);
      first.stage.transform().begin(source, this);
      end(first);
    }
    for (Node node : source.nodes()) {
      offer(withBodies(draft.withInputs(node)), 0);
    }
    return draft.graph();
  }

  /** Shows a node to the transforms from one on. */
  private void offer(Node node, int stage) {
    int next = walk.next(node, stage);
    if (next == steps.length) {
      draft.emitted.add(node);
      return;
    }
    Step own = steps[next];
    begin(own, node);
    own.stage.transform().rewrite(node, this);
    end(own);
  }

  private void begin(Step next, @Nullable Node node) {
    next.begin(node);
    step = next;
    draft.current = node;
  }

  /**
   * Does what follows from what a transform has done, and shows the nodes to the next one, which
   * may let others stand for what later ones of them use.
   */
  private void end(Step own) {
    boolean gone = own.isDirty && new StepEnd(this, own).isGone();
    step = null;
    draft.current = null;
    Node node = gone ? null : own.node;
    int next = own.index + 1;
    int before = own.before < 0 ? own.made.size() : own.before;
    for (int i = 0; i <= own.made.size(); i++) {
      if (i == before && node != null) {
        offer(draft.withInputs(node), next);
      }
      if (i < own.made.size()) {
        offer(draft.withInputs(own.made.get(i)), next);
      }
    }
  }

  private Node withBodies(Node node) {
    return node.subgraphs().isEmpty() ? node : node.withSubgraphs(graph -> inner(node, graph));
  }

  private Graph inner(Node node, Graph graph) {
    Graph done = new Rewriter(walk, this, node.pathInside(path), graph).run();
    for (Output output : graph.outputs()) {
      if (draft.resolve(output.name()) != output.name()) {
        return done.withOutputs(
            done.outputs().stream().map(o -> o.withName(draft.resolve(o.name()))).toList());
      }
    }
    return done;
  }

  // What is known

  /** The graph that a value is of: this one or one around it, the outermost if nobody knows it. */
  Rewriter owner(String value) {
    Rewriter graph = this;
    while (graph.outer != null && graph.draft.find(value) == null) {
      graph = graph.outer;
    }
    return graph;
  }

  @Nullable Facts factsSoFar() {
    return facts;
  }

  Facts facts() {
    if (facts == null) {
      facts = new Facts(this, outer == null ? walk.inference() : outer.facts().inference().inner());
    }
    return facts;
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
    String now = draft.resolve(name);
    Known known = draft.lookUp(now);
    if (known == null) {
      throw GraphBuildException.here(
          "Graph " + path + " has no value " + name + " before " + place());
    }
    return Result.of(now, known.type);
  }

  /** Whether there is a value of the name so far, here or in the graphs around. */
  public boolean has(String name) {
    return draft.lookUp(draft.resolve(name)) != null;
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
    Known known = draft.lookUp(value);
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
    Known known = draft.lookUp(value);
    return known == null ? null : known.tensor;
  }

  /** The elements of a small value such as a shape, as far as inference knows them, or null. */
  public @Nullable KnownValues elements(String value) {
    return facts().elements(value);
  }

  /** How often a value is used, by nodes, in their subgraphs, and as an output. */
  public int uses(String value) {
    return draft.uses(value);
  }

  /** Whether a value is used once only, and not known to others by its name. */
  public boolean isUsedOnce(String value) {
    return draft.uses(value) == 1 && !draft.owner(value).isPinned(value);
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
    Known known = draft.find(value);
    if (known != null && known.producer >= 0) {
      return draft.emitted.get(known.producer);
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
    return draft.isPinned(value);
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

  /** Whether a node calls a function of the model, which counts before any operator of its name. */
  public boolean isCall(Node node) {
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
    walk.made(data);
    String name = fresh(base);
    own.wanted.put(name, base);
    if (walk.hasInitializers) {
      Constant constant = Constant.of(name, data);
      own.constants.put(name, constant);
      draft.define(constant);
      return constant;
    }
    if (!(data instanceof Tensor tensor)) {
      throw GraphBuildException.here("A Constant node takes a dense tensor");
    }
    Node node = constantNode(Result.of(name, tensor.type()), tensor);
    own.made.add(node);
    draft.define(node);
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
    draft.define(node);
    draft.use(node);
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
      if (result.isPresent() && draft.isUsed(result.name())) {
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
    draft.countUses();
    Result heir = own.successors.get(by.name());
    String name = heir == null ? draft.resolve(by.name()) : heir.name();
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
      stands(name, own);
    }
    boolean pinned = isPinned(result.name());
    if (!pinned || !needsIdentity(result, by)) {
      if (pinned) {
        draft.rename(name, result.name());
      }
      draft.replace(result.name(), name);
    } else {
      addAsIs(Node.of("Identity", List.of(name), List.of(result.withType(type))));
    }
  }

  /** An initializer is there from the start, so that no subgraph may use its name. */
  private boolean canTakeName(Step own, String made, Result result) {
    return !own.constants.containsKey(made)
        || isPinned(result.name())
        || draft.lastBodyWith(result.name()) < 0;
  }

  private ValueType commonType(Result result, String by, boolean made) {
    ValueType after = type(by);
    walk.retyped(result.type(), after);
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

  /** Remembers for the list of changes what stands for a result. */
  private void stands(String value, Step own) {
    Node producer = owner(value).producer(value);
    if (producer == null) {
      Known known = draft.lookUp(value);
      own.otherValues.add(known != null && known.isInitializer ? "constant " + value : value);
    } else if (!own.otherNodes.contains(producer)) {
      own.otherNodes.add(producer);
    }
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
    String name = draft.resolve(by.name());
    Known known = draft.find(name);
    return known == null
        || known.producer < 0
        || isPinned(name)
        || draft.lastBodyWith(result.name()) >= known.producer;
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
    draft.use(changed);
    draft.release(before);
    own.node = isSameComputation(before, changed) ? changed : inferred(changed);
    for (int i = 0; i < names.size(); i++) {
      walk.retyped(before.output(i).type(), own.node.output(i).type());
    }
    draft.current = own.node;
  }

  private static boolean isSameComputation(Node a, Node b) {
    return a.inputs().equals(b.inputs())
        && StepEnd.isAlike(a, b)
        && a.attributes().equals(b.attributes());
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
    draft.current = own.node;
    draft.define(inner.name(), inner.type());
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
      if (result.isPresent() && draft.isUsed(result.name())) {
        throw GraphBuildException.here(
            place() + " cannot be removed, for its result " + result.name() + " is used");
      }
    }
    own.isRemoved = true;
  }

  /** Removes an initializer of this graph that is not pinned; another value stands for it. */
  public void replace(Constant constant, String by) {
    draft.replace(constant.name(), by);
    draft.drop(constant.name());
    Step own = step;
    Sequence.Stage stage = own == null ? walk.stages.get(0) : own.stage;
    walk.changes.add(Change.of(stage.pass(), path, constant, by));
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
    String pass = own == null ? "" : own.stage.pass() + ": ";
    return pass + (node == null ? "the first node" : node.described()) + " in " + path;
  }
}
