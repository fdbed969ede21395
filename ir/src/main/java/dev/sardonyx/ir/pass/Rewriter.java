package dev.sardonyx.ir.pass;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.AttributeValue;
import dev.sardonyx.ir.Constant;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.OpsetImport;
import dev.sardonyx.ir.Result;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorData;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.ValueType;
import dev.sardonyx.ir.build.GraphBuildException;
import dev.sardonyx.ir.build.GraphBuilder;
import dev.sardonyx.ir.build.StandardOps;
import dev.sardonyx.ir.infer.KnownValues;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A graph in the middle of being rewritten: what a {@link NodeTransform} may ask about it, and what
 * it may do with the node it is given. A rewriter is an operator builder: its typed methods make
 * nodes in front of that node, with types, names and the forms of the model's opset; branches and
 * bodies of loops are lambdas as with {@link GraphBuilder}, which may use all values so far.
 *
 * <p>A node with which nothing is done is kept. What follows from what is done need not be said:
 * nodes and initializers that nothing uses any more go, made nodes that nobody uses never come, a
 * made value takes the name of the result it stands for, and changes are listed.
 *
 * <p>Graphs, subgraphs and functions look the same: where there can be no initializers, constants
 * are Constant nodes.
 */
public final class Rewriter implements StandardOps {
  final Walk walk;
  final Draft draft;
  final String path;
  private final @Nullable Rewriter outer;
  private final NodeMaker maker = new NodeMaker(this);

  /** What is being done with the node in hand; null between nodes. */
  @Nullable Step step;

  private final Map<Object, Object> memory = new HashMap<>();
  private @Nullable Facts facts;

  Rewriter(Walk walk, @Nullable Rewriter outer, String path, Graph source) {
    this.walk = walk;
    this.outer = outer;
    this.path = path;
    this.draft = new Draft(source, outer == null ? null : outer.draft);
  }

  // What is known

  /** The graph that a value is of: this one or one around it, the outermost if nobody knows it. */
  Rewriter owner(String value) {
    Rewriter graph = this;
    while (graph.outer != null && graph.draft.ownType(value) == null) {
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

  /** How many nodes there are before the walk. */
  int size() {
    return draft.size();
  }

  /** The graph or function as a path of names from the main graph. */
  public String path() {
    return path;
  }

  /** What a transform remembers of this graph, made when first asked for. */
  @SuppressWarnings("unchecked") // a transform's own key leads to what it put there
  public <T> T memory(Object key, Supplier<T> first) {
    Object known = memory.get(key);
    if (known == null) {
      known = first.get();
      memory.put(key, known);
    }
    return (T) known;
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
    ValueType type = draft.type(now);
    if (type == null) {
      throw GraphBuildException.here(
          "Graph " + path + " has no value " + name + " before " + place());
    }
    return Result.of(now, type);
  }

  /** Whether there is a value of the name so far, here or in the graphs around. */
  public boolean has(String name) {
    return draft.type(draft.resolve(name)) != null;
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
    ValueType type = draft.type(value);
    return type == null ? ValueType.unknown() : type;
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
    return draft.tensor(value);
  }

  /** The number that all elements of a value are in every run; NaN if they are not. */
  double number(String value) {
    return draft.number(value);
  }

  /** Whether a value is a constant all of whose elements are a number. */
  boolean isAll(String value, double number) {
    return draft.isAll(value, number);
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

  /**
   * The node of this very graph that gives a value, or null. It is none for a call of a function
   * that takes the place of one of ONNX's own operators, which it only looks like.
   */
  public @Nullable Node producer(String value) {
    Node node = giving(value);
    return node != null && walk.isOverridden(node) ? null : node;
  }

  private @Nullable Node giving(String value) {
    Step own = step;
    if (own != null && own.isDirty) {
      Node maker = own.maker(value);
      if (maker != null) {
        return maker;
      }
    }
    Node there = draft.producer(value);
    Node current = own == null ? null : own.node;
    if (there != null || current == null || draft.isGiven(value)) {
      return there;
    }
    return gives(current, value) ? current : null;
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
    return maker.constant(base, data);
  }

  @Override
  public Value numberedConstant(String role, TensorData data) {
    String base = maker.base();
    return constant(base.isEmpty() ? role : base + "." + role, data);
  }

  @Override
  public List<Value> nodes(
      String operator, int outputCount, List<? extends Value> from, Attribute... attributes) {
    return maker.nodes(operator, outputCount, from, attributes);
  }

  /** An empty subgraph that sees this graph's values and takes no name of its. */
  @Override
  public GraphBuilder subgraph(String name) {
    return GraphBuilder.inside(new Enclosing(this), name);
  }

  @Override
  public String innerName(String base) {
    return walk.names.unused(base);
  }

  /** A node that is neither checked nor inferred; for nodes of a function, which have been. */
  Node addAsIs(Node node) {
    return maker.addAsIs(node);
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

  /**
   * Lets values stand for the node's results, one for each; {@link #ABSENT} for unused ones. There
   * may be more, for a node may leave out its last results.
   *
   * @throws GraphBuildException if there are fewer, or one cannot stand for its result
   */
  public void replace(List<? extends Value> by) {
    Node node = current();
    if (by.size() < node.outputs().size()) {
      throw GraphBuildException.here(
          "For the results of " + place() + " stand " + by.size() + " values, not one for each");
    }
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
   * @throws GraphBuildException if the value has not the result's type, or is none of this graph
   */
  public void replace(Result result, Value by) {
    requireOwn(result);
    stand(result, by);
  }

  private void stand(Result result, Value by) {
    requireToStand(result, by);
    new Replacing(this, dirty(), result).by(by);
  }

  private void requireOwn(Result result) {
    if (!gives(current(), result.name())) {
      throw GraphBuildException.here(result.name() + " is no result of " + place());
    }
  }

  private void requireToStand(Result result, @Nullable Value by) {
    String name = by == null ? "" : by.name();
    if (name.isEmpty()) {
      throw GraphBuildException.here(
          "Nothing is given to stand for " + result.name() + " of " + place());
    }
    if (name.equals(result.name())) {
      throw GraphBuildException.here(name + " of " + place() + " cannot stand for itself");
    }
    requireThere(name);
  }

  /** What a node uses must have been computed before it. */
  private void requireThere(String name) {
    if (!has(name) && !dirty().successors.containsKey(name)) {
      throw GraphBuildException.here(
          "Graph " + path + " has no value " + name + " before " + place());
    }
  }

  /** Whether {@link #replace} would have to make an Identity node for a value that is not made. */
  public boolean needsIdentity(Result result, Value by) {
    return Replacing.needsIdentity(this, result, by);
  }

  /** Whether only a node can give the result, not an initializer. */
  public boolean staysNode(Result result) {
    return !walk.hasInitializers || isPinned(result.name());
  }

  /**
   * Puts a changed node in the place of the node, with the same results.
   *
   * @throws GraphBuildException if its results have other names or types, or it uses what there is
   *     not
   */
  public void change(Node changed) {
    Step own = dirty();
    Node before = current();
    for (String input : changed.inputs()) {
      if (!input.isEmpty() && !before.inputs().contains(input)) {
        requireThere(input);
      }
    }
    List<String> names = before.outputs().stream().map(Result::name).toList();
    if (!changed.outputs().stream().map(Result::name).toList().equals(names)) {
      throw GraphBuildException.here(
          place() + " is to be changed to a node with other results; replace it instead");
    }
    draft.use(changed);
    draft.release(before);
    own.node = isSameComputation(before, changed) ? changed : maker.inferred(changed);
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
    if (i < 0 || i >= inputs.size()) {
      throw GraphBuildException.here(place() + " has no input " + i + "; it has " + inputs);
    }
    inputs.set(i, value(input.name()).name());
    change(current().withInputs(inputs));
  }

  /** Lets all that uses a result of the node use what is built from it instead. */
  public void insertAfter(Result result, UnaryOperator<Value> build) {
    Step own = dirty();
    requireOwn(result);
    Node node = current();
    Result inner = Result.of(fresh(result.name()), result.type());
    own.node =
        node.withOutputs(node.outputs().stream().map(r -> r.equals(result) ? inner : r).toList());
    if (own.before < 0) { // what was built after another result comes after the node, too
      own.before = own.made.size();
    }
    draft.current = own.node;
    draft.define(inner.name(), inner.type());
    stand(result, build.apply(inner));
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

  Step dirty() {
    Step own = step;
    if (own == null) {
      throw new IllegalStateException("A rewriter is of use only while a transform sees a node");
    }
    own.isDirty = true;
    return own;
  }

  Node current() {
    Node node = step == null ? null : step.node;
    if (node == null) {
      throw new IllegalStateException("There is no node to do this with");
    }
    return node;
  }

  /** How messages name where the walk is. */
  String place() {
    Step own = step;
    Node node = own == null ? null : own.original;
    String pass = own == null ? "" : own.stage.pass() + ": ";
    return pass + (node == null ? "the first node" : node.described()) + " in " + path;
  }
}
