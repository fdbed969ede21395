package dev.sardonyx.ir.infer;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.AttributeValue;
import dev.sardonyx.ir.Constant;
import dev.sardonyx.ir.Function;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.OperatorName;
import dev.sardonyx.ir.OpsetImport;
import dev.sardonyx.ir.Output;
import dev.sardonyx.ir.Problem;
import dev.sardonyx.ir.ProblemCode;
import dev.sardonyx.ir.Result;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.ValueType;
import dev.sardonyx.ir.infer.constraint.Constraint;
import dev.sardonyx.ir.infer.constraint.Constraints;
import dev.sardonyx.ir.infer.rule.Rules;
import dev.sardonyx.ir.infer.rule.SmallEvaluation;
import dev.sardonyx.ir.op.OperatorCatalogue;
import dev.sardonyx.ir.op.OperatorSchema;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Infers the nodes of one graph, subgraph or function's body, one after the other. */
final class GraphInference implements InferenceContext.Surroundings {
  private final ShapeInference inference;
  private final FactScope scope;
  private final List<OpsetImport> imports;
  private final String path;
  private final Map<OperatorName, Operator> operators = new HashMap<>();

  /** The bodies of the node in hand, as far as its rule has asked for them. */
  private final IdentityHashMap<Graph, ShapeInference.Body> bodies = new IdentityHashMap<>();

  private record Operator(
      OperatorSchema schema,
      OperatorSignature signature,
      @Nullable InferenceRule rule,
      List<Constraint> constraints) {}

  GraphInference(
      ShapeInference inference, FactScope scope, List<OpsetImport> imports, String path) {
    this.inference = inference;
    this.scope = scope;
    this.imports = imports;
    this.path = path;
  }

  /**
   * Infers a whole graph.
   *
   * @param actualInputs what the inputs are given; those beyond have their declared type
   * @param fixedConstants whether a constant keeps its value though it is an input, too
   * @param each is given each node before its types are inferred
   */
  Graph graph(
      Graph graph, List<ValueType> actualInputs, boolean fixedConstants, Consumer<Node> each) {
    Map<String, Constant> constants = new HashMap<>();
    for (Constant constant : graph.constants()) {
      scope.define(constant);
      constants.put(constant.name(), constant);
    }
    for (int i = 0; i < graph.inputs().size(); i++) {
      Input input = graph.inputs().get(i);
      Constant constant = constants.get(input.name());
      if (constant == null) {
        define(input, i < actualInputs.size() ? actualInputs.get(i) : ValueType.unknown());
      } else {
        withDefault(input, constant, fixedConstants);
      }
    }
    Map<String, ValueType> declared = new HashMap<>();
    graph.outputs().forEach(o -> declared.put(o.name(), o.type()));
    List<Node> nodes = new ArrayList<>(graph.nodes().size());
    for (Node node : graph.nodes()) {
      each.accept(node);
      nodes.add(node(node, declared));
    }
    return graph
        .withNodes(nodes)
        .withInputs(graph.inputs().stream().map(this::input).toList())
        .withOutputs(graph.outputs().stream().map(o -> output(o, declared)).toList());
  }

  /** With what is known of it; a negative dimension stays as it is declared. */
  private Input input(Input input) {
    ValueType known = scope.find(input.name()).type();
    return input.withType(TypeMerge.inferred(known, input.type()).orElse(known));
  }

  private void define(Input input, ValueType actual) {
    ValueType declared = input.type();
    ValueType type = TypeMerge.inferred(actual, declared).orElse(null);
    if (type == null) {
      contradiction("", input.name(), declared, "is given " + actual, actual, false);
    } else {
      warnIfStale("", input.name(), declared, actual);
    }
    ValueType held = type == null ? declared : type;
    scope.define(input.name(), Fact.of(held).with(held, type == null));
  }

  /** A caller may give another value than the default, so only the declared type is known. */
  private void withDefault(Input input, Constant constant, boolean fixedConstants) {
    if (TypeMerge.both(input.type(), constant.type()).isEmpty()) {
      String but = "its initializer has type " + constant.type();
      contradiction("", input.name(), input.type(), but, constant.type(), false);
    }
    if (!fixedConstants) {
      scope.define(input.name(), Fact.of(input.type().isKnown() ? input.type() : constant.type()));
    }
  }

  /** The declared names of dimensions stay, being the model's interface. */
  private Output output(Output output, Map<String, ValueType> declared) {
    Fact fact = scope.find(output.name());
    ValueType type = TypeMerge.inferredAs(output.type(), fact.type()).orElse(null);
    if (type == null && declared.containsKey(output.name())) {
      contradiction(
          "", output.name(), output.type(), "has type " + fact.type(), fact.type(), fact.suspect());
    }
    return output.withType(type == null ? output.type() : type);
  }

  /** Of numbers declared for dimensions that vary with the model's inputs. */
  private void warnIfStale(String node, String value, ValueType declared, ValueType inferred) {
    if (declared instanceof TensorType a
        && inferred instanceof TensorType b
        && isStale(a.shape(), b.shape())) {
      inference
          .problems()
          .add(
              Problem.error(
                      ProblemCode.STALE_DIMENSION,
                      path,
                      node,
                      value,
                      inferred.toString(),
                      declared.toString(),
                      "value "
                          + value
                          + " is declared as "
                          + declared
                          + ", but is "
                          + inferred
                          + "; the declared number holds for some inputs only")
                  .asWarning());
    }
  }

  private static boolean isStale(Shape declared, Shape inferred) {
    if (!declared.isRanked() || !inferred.isRanked()) {
      return false;
    }
    for (int i = 0; i < declared.rank(); i++) {
      if (declared.dim(i).isFixed() && !inferred.dim(i).canBeOnly(declared.dim(i))) {
        return true;
      }
    }
    return false;
  }

  private void contradiction(
      String node,
      String value,
      ValueType declared,
      String but,
      ValueType actual,
      boolean suspect) {
    Problem problem =
        Problem.error(
            ProblemCode.DECLARED_TYPE,
            path,
            node,
            value,
            actual.toString(),
            declared.toString(),
            "value " + value + " is declared as " + declared + ", but " + but);
    inference.problems().add(suspect ? problem.asConsequence() : problem);
  }

  /**
   * Infers a node and defines its results.
   *
   * @param declaredOutputs types declared for the graph's outputs; those of results are removed
   *     once they have been compared
   * @return the node with the types of its results
   */
  Node node(Node node, Map<String, ValueType> declaredOutputs) {
    List<Fact> inputs = inputs(node);
    boolean suspect = isSuspect(inputs);
    List<Fact> inferred = List.of();
    boolean failed = false;
    try {
      inferred = infer(node, inputs);
    } catch (InferenceException e) {
      failed = true;
      report(node, e, suspect);
    }
    List<Result> results = new ArrayList<>(node.outputs().size());
    for (int i = 0; i < node.outputs().size(); i++) {
      Result result = node.outputs().get(i);
      Fact fact = i < inferred.size() ? inferred.get(i) : Fact.NOTHING;
      results.add(
          result.isPresent()
              ? define(node, result, fact, suspect, failed, declaredOutputs)
              : result);
    }
    Node typed = node.outputs().equals(results) ? node : node.withOutputs(results);
    return bodies.isEmpty() ? typed : takeBodies(typed);
  }

  private void report(Node node, InferenceException e, boolean suspect) {
    Problem problem =
        Problem.error(
            e.code(),
            path,
            node.label(),
            e.value(),
            e.expected(),
            e.actual(),
            node.operator() + ": " + e.getMessage());
    inference.problems().add(suspect ? problem.asConsequence() : problem);
  }

  private List<Fact> inputs(Node node) {
    List<String> names = node.inputs();
    List<Fact> inputs = new ArrayList<>(names.size());
    for (String name : names) {
      inputs.add(name.isEmpty() ? Fact.NOTHING : scope.find(name));
    }
    return inputs;
  }

  private boolean isSuspect(List<Fact> inputs) {
    if (inference.problems().isEmpty()) {
      return false;
    }
    for (Fact input : inputs) {
      if (input.suspect()) {
        return true;
      }
    }
    return false;
  }

  private List<Fact> infer(Node node, List<Fact> inputs) {
    Function function = inference.function(node);
    if (function != null) {
      return inference.call(FunctionCall.of(function, node, inputs), () -> node.pathInside(path));
    }
    Operator operator = operator(node);
    if (operator == null) {
      return List.of();
    }
    InferenceContext context = new InferenceContext(node, operator.schema, inputs, this);
    NodeInference.infer(context, operator.signature, operator.rule);
    for (Constraint constraint : operator.constraints) {
      try {
        constraint.check(context);
      } catch (InferenceException e) {
        // What the node gives is known all the same.
        report(node, e, isSuspect(inputs));
      }
    }
    return SmallEvaluation.refine(node, imports, inputs, context.results());
  }

  private @Nullable Operator operator(Node node) {
    OperatorName name = OperatorName.of(node);
    Operator known = operators.get(name);
    if (known != null) {
      return known;
    }
    OptionalLong opset = OpsetImport.version(imports, name.domain());
    OperatorSchema schema =
        opset.isEmpty()
            ? null
            : OperatorCatalogue.standard().find(node, opset.getAsLong()).orElse(null);
    if (schema == null) {
      return null;
    }
    Operator found =
        new Operator(
            schema,
            OperatorSignature.of(schema),
            Rules.STANDARD.find(schema),
            Constraints.STANDARD.find(name.domain(), name.opType()));
    operators.put(name, found);
    return found;
  }

  /** Compares what is inferred of a result with what is declared, and defines the value. */
  private Result define(
      Node node,
      Result result,
      Fact fact,
      boolean suspect,
      boolean failed,
      Map<String, ValueType> declaredOutputs) {
    ValueType type = fact.type();
    boolean wrong = false;
    boolean differs = false;
    ValueType asOutput = declaredOutputs.isEmpty() ? null : declaredOutputs.remove(result.name());
    for (int i = 0; i < 2; i++) {
      ValueType declared = i == 0 ? result.type() : asOutput;
      if (declared == null || declared.equals(type)) {
        continue;
      }
      differs = true;
      if (!declared.isKnown()) {
        continue;
      }
      // What follows from the graph goes on from here, names of dimensions included.
      ValueType both = TypeMerge.inferred(type, declared).orElse(null);
      if (both == null) {
        contradiction(
            node.label(),
            result.name(),
            declared,
            node.operator() + " gives " + type,
            type,
            suspect || wrong);
        wrong = true;
      } else {
        warnIfStale(node.label(), result.name(), declared, type);
        type = both;
      }
    }
    boolean open = failed && !type.isKnown();
    scope.define(
        result.name(),
        suspect || wrong || open || fact.type() != type
            ? fact.with(type, suspect || wrong || open)
            : fact);
    return differs ? result.withType(type) : result;
  }

  /** The node with its bodies' types; their problems count once, as the rule last saw them. */
  private Node takeBodies(Node node) {
    List<Attribute> attributes = new ArrayList<>(node.attributes().size());
    for (Attribute attribute : node.attributes()) {
      ShapeInference.Body body =
          attribute.value() instanceof AttributeValue.Graph subgraph
              ? bodies.remove(subgraph.value())
              : null;
      attributes.add(
          body == null ? attribute : attribute.withValue(new AttributeValue.Graph(body.graph())));
      if (body != null) {
        inference.problems().addAll(body.problems());
      }
    }
    bodies.clear();
    return node.withAttributes(attributes);
  }

  @Override
  public int loopLevels(Graph graph) {
    return inference.loopLevels(graph);
  }

  @Override
  public List<ValueType> subgraph(Node node, Graph graph, List<ValueType> inputTypes) {
    String inner = node.pathInside(path);
    ShapeInference.Body body =
        inference.body(
            () ->
                new GraphInference(inference, new FactScope(scope, graph), imports, inner)
                    .graph(graph, inputTypes, true, each -> {}));
    if (body == null) {
      return graph.outputs().stream().map(Output::type).toList();
    }
    bodies.put(graph, body);
    return body.graph().outputs().stream().map(Output::type).toList();
  }
}
