package dev.sardonyx.ir.build;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.Constant;
import dev.sardonyx.ir.Function;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.Metadata;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.OperatorName;
import dev.sardonyx.ir.OpsetImport;
import dev.sardonyx.ir.Output;
import dev.sardonyx.ir.Renaming;
import dev.sardonyx.ir.Result;
import dev.sardonyx.ir.TensorData;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.ValueType;
import dev.sardonyx.ir.check.NodeChecker;
import dev.sardonyx.ir.infer.IncrementalInference;
import dev.sardonyx.ir.infer.InferenceException;
import dev.sardonyx.ir.internal.NameMap;
import dev.sardonyx.ir.op.OperatorCatalogue;
import dev.sardonyx.ir.op.OperatorSchema;
import dev.sardonyx.ir.op.Parameter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Builds a graph node by node. Types are inferred at once, so a mistake is reported at the line
 * that made it, as a {@link GraphBuildException} naming the values and their shapes.
 *
 * <pre>{@code
 * GraphBuilder b = GraphBuilder.of("net", 21);
 * Value x = b.input("x", TensorType.of(ElementType.FLOAT, Shape.parse("N,1,28,28")));
 * Value y = b.relu(b.conv(x, b.constant("w", weights), ConvOptions.same()));
 * b.output(y, "y");
 * Model model = b.buildModel();
 * }</pre>
 *
 * <p>Typed methods come from the interfaces of {@code dev.sardonyx.ir.build}; {@link #nodes} makes
 * a node of any other operator. Names are unique, readable and always the same: the first
 * convolution is {@code conv1}, its result {@code conv1_out}. A builder is for one thread.
 */
public final class GraphBuilder implements StandardOps {
  /** The opset of {@link #of(String)}: one that every current runtime takes. */
  public static final int DEFAULT_OPSET = 21;

  /** What a graph shares with its subgraphs. */
  private static final class Shared {
    final Names names;
    final List<OpsetImport> imports;
    final NodeChecker checker;
    final Map<String, Function> functions = new TreeMap<>();

    /** The graph around all of them if it is no builder's. */
    final @Nullable EnclosingGraph around;

    String prefix = "";

    Shared(int opset) {
      names = new Names(null);
      imports = new ArrayList<>(List.of(OpsetImport.onnx(opset)));
      checker = NodeChecker.of(imports);
      around = null;
    }

    Shared(EnclosingGraph around) {
      this.around = around;
      names = new Names(around);
      imports = List.copyOf(around.imports());
      checker = around.checker();
    }
  }

  private final String graphName;
  private final int opset;
  private final Shared shared;
  private final @Nullable GraphBuilder outer;
  private final IncrementalInference inference;

  private final List<Input> inputs = new ArrayList<>();
  private final List<Constant> constants = new ArrayList<>();
  private final List<Node> nodes = new ArrayList<>();
  private final List<Output> outputs = new ArrayList<>();
  private final NameMap<Value> values = NameMap.of();
  private final Map<String, String> renamed = new HashMap<>();
  private final Set<String> outputNames = new HashSet<>();

  private GraphBuilder(String name, int opset) {
    this.graphName = name;
    this.opset = opset;
    this.shared = new Shared(opset);
    this.outer = null;
    this.inference = IncrementalInference.of(shared.imports);
  }

  private GraphBuilder(String name, EnclosingGraph around) {
    this.graphName = name;
    this.opset = around.opset();
    this.shared = new Shared(around);
    this.outer = null;
    this.inference = around.inference().inner();
  }

  private GraphBuilder(String name, GraphBuilder outer) {
    this.graphName = name;
    this.opset = outer.opset;
    this.shared = outer.shared;
    this.outer = outer;
    this.inference = outer.inference.inner();
  }

  /**
   * An empty graph for an opset of ONNX's own operators.
   *
   * @param opset 7 or later, since typed methods rely on broadcasting, up to the newest there is
   */
  public static GraphBuilder of(String name, int opset) {
    require(name, "name");
    long newest = OperatorCatalogue.standard().newestOpset("");
    if (opset < 7 || opset > newest) {
      throw GraphBuildException.here(
          "opset "
              + opset
              + (opset < 7 ? " is too old to build for" : " does not exist")
              + "; choose one from 7 to "
              + newest);
    }
    return new GraphBuilder(name, opset);
  }

  /**
   * An empty subgraph inside a graph that is no builder's. It imports what that graph does, and
   * defines no functions.
   */
  public static GraphBuilder inside(EnclosingGraph around, String name) {
    require(around, "around");
    require(name, "name");
    return new GraphBuilder(name, around);
  }

  /** Lets nodes refer to an attribute of the function that this graph is to become. */
  void declareAttribute(OperatorName function, String attribute) {
    shared.checker.declare(function, attribute);
  }

  /** An empty graph for {@link #DEFAULT_OPSET}. */
  public static GraphBuilder of(String name) {
    return of(name, DEFAULT_OPSET);
  }

  /** An empty subgraph that sees this graph's values and shares its names. */
  @Override
  public GraphBuilder subgraph(String name) {
    return new GraphBuilder(name, this);
  }

  @Override
  public int opset() {
    return opset;
  }

  // Names

  /**
   * Puts a prefix and a dot before the names of all that is made inside; scopes nest. Names already
   * made up count on, so a scope may be entered again.
   */
  public <R> R scope(String name, Supplier<R> body) {
    require(name, "name");
    String before = shared.prefix;
    shared.prefix = before + name + ".";
    try {
      return body.get();
    } finally {
      shared.prefix = before;
    }
  }

  /**
   * Makes a layer under a name, as in {@code b.named("act").relu(x)}. The node that gives the
   * result is called so, and the result after it. What else the layer is made of, constants and
   * nodes of older operators, is in the scope of the name; bodies of loops and branches are not.
   */
  public StandardOps named(String name) {
    require(name, "name");
    if (name.isEmpty()) {
      throw GraphBuildException.here("A layer's name is empty");
    }
    return new NamedLayer(this, name);
  }

  /** A name for a node or scope that is not in use here: the base and a number from 1. */
  public String freshName(String base) {
    return shared.names.freshNode(shared.prefix + base).substring(shared.prefix.length());
  }

  /** What a constant or node of this name is called in full, with the prefix of the scope. */
  public String fullName(String name) {
    return shared.prefix + name;
  }

  /** A name for a body's input; never the same twice. */
  @Override
  public String innerName(String base) {
    return shared.names.freshValue(shared.prefix + base);
  }

  // Values

  /** A value that callers give; its name is taken as it is, without the scope. */
  public Input input(String name, ValueType type) {
    require(name, "name");
    require(type, "type");
    takeValueName(name, "input");
    Input input = Input.of(name, type);
    inputs.add(input);
    inference.add(input);
    values.put(name, input);
    return input;
  }

  /** An initializer under the given name, inside the current scope. */
  public Constant constant(String name, TensorData data) {
    require(name, "name");
    require(data, "data");
    String full = shared.prefix + name;
    takeValueName(full, "initializer");
    return define(Constant.of(full, data));
  }

  @Override
  public Constant numberedConstant(String role, TensorData data) {
    require(data, "data");
    return define(Constant.of(shared.names.takeNumberedValue(shared.prefix + role), data));
  }

  private Constant define(Constant constant) {
    constants.add(constant);
    inference.add(constant);
    values.put(constant.name(), constant);
    return constant;
  }

  private void takeValueName(String name, String kind) {
    if (name.isEmpty()) {
      throw GraphBuildException.here("The " + kind + " has an empty name");
    }
    if (!shared.names.takeValue(name)) {
      throw GraphBuildException.here(
          "There is already a value named " + name + "; give the " + kind + " another name");
    }
  }

  // Nodes

  @Override
  public List<Value> nodes(
      String operator, int outputCount, List<? extends Value> from, Attribute... attributes) {
    return namedNodes("", operator, outputCount, from, attributes);
  }

  /**
   * As {@link #nodes}.
   *
   * @param chosen the node's name; empty for one made up
   */
  List<Value> namedNodes(
      String chosen,
      String operator,
      int outputCount,
      List<? extends Value> from,
      Attribute... attributes) {
    OperatorName called = OperatorName.parse(operator);
    List<String> names = inputs(called, from);
    importDefined(called.domain());
    String nodeName = nodeName(chosen, called.opType());
    Node bare =
        new Node(
            called.domain(),
            called.opType(),
            called.overload(),
            nodeName,
            names,
            List.of(attributes),
            List.of(),
            Metadata.EMPTY);
    List<Result> results = results(bare, outputCount);
    try {
      Node node = infer(bare.withOutputs(results), from);
      nodes.add(node);
      for (Result result : node.outputs()) {
        if (result.isPresent()) {
          values.put(result.name(), result);
        }
      }
      return List.copyOf(node.outputs());
    } catch (GraphBuildException e) {
      for (int i = results.size() - 1; i >= 0; i--) { // the last taken first
        shared.names.releaseValue(results.get(i).name());
      }
      if (!chosen.isEmpty()) {
        shared.names.releaseNode(nodeName);
      }
      throw e;
    }
  }

  /** Whoever uses an operator that is defined as Java code need not import its domain. */
  private void importDefined(String domain) {
    OperatorCatalogue catalogue = OperatorCatalogue.standard();
    if (OpsetImport.version(shared.imports, domain).isEmpty() && catalogue.hasDefinitions(domain)) {
      importDomain(domain, catalogue.newestOpset(domain));
    }
  }

  private List<String> inputs(OperatorName called, List<? extends Value> from) {
    List<String> names = new ArrayList<>(from.size());
    for (Value value : from) {
      if (value == null) {
        throw GraphBuildException.here(
            called.opType()
                + ": input "
                + names.size()
                + " is null; an optional input that is not given is OperatorBuilder.ABSENT");
      }
      names.add(requireVisible(value, called.opType()));
    }
    return names;
  }

  private String nodeName(String chosen, String opType) {
    if (chosen.isEmpty()) {
      String name = shared.names.freshNode(shared.prefix + Names.base(opType));
      shared.names.takeNode(name);
      return name;
    }
    String name = shared.prefix + chosen;
    if (!shared.names.takeNode(name)) {
      throw GraphBuildException.here(
          "There is already a node named " + name + "; choose another name");
    }
    return name;
  }

  private List<Result> results(Node node, int count) {
    List<Result> results = new ArrayList<>(count);
    OperatorSchema schema =
        count > 1 ? OperatorCatalogue.standard().find(node, opset).orElse(null) : null;
    for (int i = 0; i < count; i++) {
      String suffix = count == 1 ? "out" : "out" + i;
      if (schema != null && i < schema.outputs().size()) {
        Parameter formal = schema.outputs().get(i);
        suffix = formal.kind() == Parameter.Kind.VARIADIC ? suffix : formal.name();
      }
      results.add(Result.of(shared.names.takeFreshValue(node.name() + "_" + suffix)));
    }
    return results;
  }

  private Node infer(Node node, List<? extends Value> from) {
    shared
        .checker
        .check(node)
        .ifPresent(
            problem -> {
              throw GraphBuildException.here(
                  problem.code(), problem.message() + describe(node, from));
            });
    try {
      return inference.add(node);
    } catch (InferenceException e) {
      throw GraphBuildException.here(e.code(), e.getMessage() + describe(node, from));
    }
  }

  /** The node and the types of its inputs, as the end of a message. */
  private static String describe(Node node, List<? extends Value> from) {
    StringBuilder text = new StringBuilder(" (node ").append(node.name());
    String separator = " of ";
    for (Value value : from) {
      if (!value.name().isEmpty()) {
        text.append(separator).append(value.name()).append(" ").append(value.type());
        separator = ", ";
      }
    }
    return text.append(")").toString();
  }

  /** The value's name, if it is one of this graph or of those around it. */
  private String requireVisible(Value value, String user) {
    if (value.name().isEmpty()) {
      return Node.ABSENT;
    }
    for (GraphBuilder graph = this; graph != null; graph = graph.outer) {
      Value own = graph.values.get(value.name());
      if (own != null && (own == value || own.equals(value))) {
        return value.name();
      }
    }
    if (shared.around != null) {
      return shared.around.use(value).name();
    }
    throw GraphBuildException.here(
        user
            + " uses value "
            + value.name()
            + " "
            + value.type()
            + ", which is not of graph "
            + graphName
            + " or one around it; a value made inside a subgraph is seen outside only as its"
            + " output");
  }

  /** Whether the value is the result of a node of this very graph, not of one around it. */
  private boolean isOwnResult(Value value) {
    return value instanceof Result && values.contains(value.name());
  }

  /**
   * Says what inference cannot know, such as the type of a result of an operator of a domain of
   * one's own.
   *
   * @return the value with the type
   */
  public Value declare(Value value, ValueType type) {
    require(value, "value");
    require(type, "type");
    Value own = values.get(value.name());
    if (!(own instanceof Result result)) {
      throw GraphBuildException.here(
          "Only results of this graph's nodes can be declared, and " + value.name() + " is none");
    }
    Result typed = result.withType(type);
    for (int i = nodes.size() - 1; i >= 0; i--) {
      Node node = nodes.get(i);
      if (node.outputs().contains(result)) {
        nodes.set(
            i,
            node.withOutputs(
                node.outputs().stream().map(r -> r.equals(result) ? typed : r).toList()));
        break;
      }
    }
    values.put(typed.name(), typed);
    inference.add(Input.of(typed.name(), type));
    String given = renamed.getOrDefault(typed.name(), typed.name());
    outputs.replaceAll(o -> o.name().equals(given) ? o.withType(type) : o);
    return typed;
  }

  // The model around the graph

  /**
   * Imports a domain's operators at a version, so that nodes may use them. ONNX's own, under either
   * spelling, are imported already.
   *
   * @throws GraphBuildException if it is ONNX's own domain at another version than the builder's
   */
  public GraphBuilder importDomain(String domain, long version) {
    require(domain, "domain");
    if (OpsetImport.canonical(domain).isEmpty()) {
      if (version == opset) {
        return this;
      }
      throw GraphBuildException.here(
          "This graph is built for opset "
              + opset
              + " of ONNX's own operators, not "
              + version
              + "; give the opset to GraphBuilder.of");
    }
    if (shared.around != null) {
      if (OpsetImport.version(shared.imports, domain).orElse(-1) == version) {
        return this;
      }
      throw GraphBuildException.here(
          "Subgraph "
              + graphName
              + " cannot import version "
              + version
              + " of domain "
              + domain
              + "; the model that it becomes part of has to");
    }
    shared.imports.removeIf(i -> i.domain().equals(domain));
    shared.imports.add(OpsetImport.of(domain, version));
    return this;
  }

  /** Adds an operator of the model's own, which nodes may then use by its domain and name. */
  public GraphBuilder function(Function function) {
    require(function, "function");
    if (shared.around != null) {
      throw GraphBuildException.here(
          "Subgraph " + graphName + " cannot define function " + function.name());
    }
    Node call =
        new Node(
            function.domain(),
            function.name(),
            function.overload(),
            "",
            List.of(),
            List.of(),
            List.of(),
            Metadata.EMPTY);
    shared.functions.put(call.operator(), function);
    inference.add(function);
    shared.checker.add(function);
    if (OpsetImport.version(shared.imports, function.domain()).isEmpty()) {
      importDomain(function.domain(), 1);
    }
    return this;
  }

  // Outputs and the end

  /** Gives a value back under its own name. */
  public GraphBuilder output(Value value) {
    require(value, "value");
    requireVisible(value, "output");
    if (isOwnResult(value) && outputNames.add(value.name())) {
      outputs.add(Output.of(value.name(), value.type()));
      return this;
    }
    return output(value, shared.names.takeFreshValue(value.name() + "_copy"), true);
  }

  /**
   * Gives a value back under a name. A node's result takes that name; an input, an initializer or a
   * value of a graph around this one goes through an Identity node.
   */
  public GraphBuilder output(Value value, String name) {
    require(value, "value");
    require(name, "name");
    requireVisible(value, "output " + name);
    if (isOwnResult(value) && value.name().equals(name) && outputNames.add(name)) {
      outputs.add(Output.of(name, value.type()));
      return this;
    }
    takeValueName(name, "output");
    return output(value, name, false);
  }

  private GraphBuilder output(Value value, String name, boolean copy) {
    Value source = value;
    if (copy || !isOwnResult(value) || outputNames.contains(value.name())) {
      source = node("Identity", List.of(value));
    }
    outputNames.add(source.name());
    renamed.put(source.name(), name);
    outputs.add(Output.of(name, source.type()));
    return this;
  }

  /**
   * The graph so far.
   *
   * @throws GraphBuildException if it gives nothing back
   */
  public Graph build() {
    if (outputs.isEmpty()) {
      throw GraphBuildException.here("Graph " + graphName + " has no outputs; call output(value)");
    }
    List<Node> finished = renamed.isEmpty() ? nodes : Renaming.of(renamed).nodes(nodes);
    return Graph.of(graphName, inputs, outputs, finished, constants);
  }

  /** Frees the names that a subgraph took, since it is not used after all. */
  void discard() {
    inputs.forEach(i -> shared.names.releaseValue(i.name()));
    constants.forEach(c -> shared.names.releaseValue(c.name()));
    renamed.values().forEach(shared.names::releaseValue);
    nodes.forEach(this::discard);
  }

  private void discard(Node node) {
    shared.names.releaseNode(node.name());
    node.outputs().forEach(o -> shared.names.releaseValue(o.name()));
    for (Graph body : node.subgraphs()) {
      body.inputs().forEach(i -> shared.names.releaseValue(i.name()));
      body.constants().forEach(c -> shared.names.releaseValue(c.name()));
      body.nodes().forEach(this::discard);
    }
  }

  private static void require(Object argument, String name) {
    if (argument == null) {
      throw GraphBuildException.here("Argument " + name + " is null");
    }
  }

  /** The graph so far as a model, with the opset imports and functions it needs. */
  public Model buildModel() {
    Model model = Model.of(build(), opset).withFunctions(List.copyOf(shared.functions.values()));
    // From IR version 4 on, initializers need not be inputs as well; any opset may be written so.
    return model.withVersions(Math.max(4, model.irVersion()), shared.imports);
  }

  /** Builds a whole graph in one expression. */
  public static Graph graph(String name, int opset, Consumer<GraphBuilder> body) {
    GraphBuilder builder = of(name, opset);
    body.accept(builder);
    return builder.build();
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT, "graph %s, opset %d, %d nodes so far", graphName, opset, nodes.size());
  }
}
