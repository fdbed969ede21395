package dev.sardonyx.ir.infer;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.AttributeValue;
import dev.sardonyx.ir.Constant;
import dev.sardonyx.ir.Function;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.OpsetImport;
import dev.sardonyx.ir.Output;
import dev.sardonyx.ir.Problem;
import dev.sardonyx.ir.ProblemCode;
import dev.sardonyx.ir.Result;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.ValueType;
import dev.sardonyx.ir.op.OperatorCatalogue;
import dev.sardonyx.ir.op.OperatorSchema;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Infers the type of every value of a model from its inputs and constants, through subgraphs and
 * the model's own functions. Linear in the number of nodes.
 */
public final class ShapeInference {
  private static final int MAX_DEPTH = 64;

  /**
   * What inference found out.
   *
   * @param model the model with all types filled in that could be inferred or were declared
   * @param problems contradictions, in the order of the nodes
   */
  public record Inferred(Model model, List<Problem> problems) {
    public Inferred {
      problems = List.copyOf(problems);
    }
  }

  private final Map<FunctionKey, Function> functions = new HashMap<>();
  private final List<Problem> problems = new ArrayList<>();
  private final Set<FunctionKey> active = new HashSet<>();
  private int depth;

  private record FunctionKey(String domain, String name, String overload) {
    static FunctionKey of(Function f) {
      return new FunctionKey(OpsetImport.canonical(f.domain()), f.name(), f.overload());
    }

    static FunctionKey of(Node n) {
      return new FunctionKey(OpsetImport.canonical(n.domain()), n.opType(), n.overload());
    }
  }

  ShapeInference(List<Function> functions) {
    functions.forEach(this::add);
  }

  void add(Function function) {
    functions.put(FunctionKey.of(function), function);
  }

  /** Found so far. */
  List<Problem> problems() {
    return problems;
  }

  /** Infers a model. Problems are returned, never thrown. */
  public static Inferred infer(Model model) {
    ShapeInference inference = new ShapeInference(model.functions());
    Graph graph =
        inference.graph(model.graph(), null, List.of(), model.opsetImports(), model.graph().name());
    return new Inferred(model.withGraph(graph), inference.problems);
  }

  /** Inputs without an actual type have their declared one. */
  private Graph graph(
      Graph graph,
      @Nullable Scope outer,
      List<ValueType> actualInputs,
      List<OpsetImport> imports,
      String path) {
    Scope scope = new Scope(outer);
    defineInputs(graph, scope, actualInputs);
    Map<String, ValueType> declaredOutputs = new HashMap<>();
    graph.outputs().forEach(o -> declaredOutputs.put(o.name(), o.type()));
    List<Node> nodes = new ArrayList<>(graph.nodes().size());
    for (Node node : graph.nodes()) {
      nodes.add(node(node, scope, declaredOutputs, imports, path));
    }
    List<Input> inputs =
        graph.inputs().stream().map(i -> i.withType(scope.type(i.name()))).toList();
    List<Output> outputs =
        graph.outputs().stream()
            .map(o -> o.withType(TypeMerge.both(o.type(), scope.type(o.name())).orElse(o.type())))
            .toList();
    return graph.withNodes(nodes).withInputs(inputs).withOutputs(outputs);
  }

  private static void defineInputs(Graph graph, Scope scope, List<ValueType> actualInputs) {
    for (Constant constant : graph.constants()) {
      if (constant.data() instanceof Tensor tensor) {
        scope.define(constant.name(), constant.type(), tensor);
      } else {
        scope.define(constant.name(), constant.type());
      }
    }
    // An input with a default may be given another value, so the default's value is not known.
    for (int i = 0; i < graph.inputs().size(); i++) {
      Input input = graph.inputs().get(i);
      ValueType actual = i < actualInputs.size() ? actualInputs.get(i) : ValueType.unknown();
      ValueType declared = TypeMerge.both(input.type(), actual).orElse(input.type());
      if (scope.constant(input.name()) == null) {
        scope.define(input.name(), declared);
      }
    }
  }

  Node node(
      Node node,
      Scope scope,
      Map<String, ValueType> declaredOutputs,
      List<OpsetImport> imports,
      String path) {
    IdentityHashMap<Graph, Graph> typedBodies = new IdentityHashMap<>();
    List<ValueType> types;
    List<@Nullable KnownValues> known = new ArrayList<>();
    try {
      types = outputTypes(node, scope, imports, path, typedBodies, known);
    } catch (InferenceException e) {
      problems.add(
          Problem.error(
              e.code(),
              path,
              node.label(),
              e.value(),
              e.expected(),
              e.actual(),
              node.operator() + ": " + e.getMessage()));
      types = List.of();
    }
    List<Result> results = new ArrayList<>(node.outputs().size());
    for (int i = 0; i < node.outputs().size(); i++) {
      Result result = node.outputs().get(i);
      ValueType inferred = i < types.size() ? types.get(i) : ValueType.unknown();
      ValueType type =
          result.isPresent() ? merge(node, result, inferred, declaredOutputs, path) : result.type();
      results.add(result.withType(type));
      if (result.isPresent()) {
        scope.define(result.name(), type);
        KnownValues values = i < known.size() ? known.get(i) : null;
        if (values != null) {
          scope.know(result.name(), values);
        }
        constantOutput(node, scope);
      }
    }
    Node typed = node.withOutputs(results);
    return typedBodies.isEmpty() ? typed : withBodies(typed, typedBodies);
  }

  /** A Constant node's output is as good as an initializer. */
  private static void constantOutput(Node node, Scope scope) {
    if (node.is("Constant") && node.hasOutput(0)) {
      node.attribute("value", AttributeValue.Dense.class)
          .ifPresent(v -> scope.define(node.output(0).name(), v.value().type(), v.value()));
    }
  }

  private ValueType merge(
      Node node,
      Result result,
      ValueType inferred,
      Map<String, ValueType> declaredOutputs,
      String path) {
    ValueType type = result.type();
    for (ValueType other :
        List.of(declaredOutputs.getOrDefault(result.name(), ValueType.unknown()), inferred)) {
      ValueType merged = TypeMerge.both(type, other).orElse(null);
      if (merged == null) {
        problems.add(
            Problem.error(
                ProblemCode.DECLARED_TYPE,
                path,
                node.label(),
                result.name(),
                other.toString(),
                type.toString(),
                "value "
                    + result.name()
                    + " is declared as "
                    + type
                    + ", but "
                    + node.operator()
                    + " gives "
                    + other));
        return type;
      }
      type = merged;
    }
    return type;
  }

  private List<ValueType> outputTypes(
      Node node,
      Scope scope,
      List<OpsetImport> imports,
      String path,
      IdentityHashMap<Graph, Graph> typedBodies,
      List<@Nullable KnownValues> known) {
    Function function = functions.get(FunctionKey.of(node));
    if (function != null) {
      return call(node, function, scope, path);
    }
    OperatorSchema schema = schema(node, imports);
    if (schema == null) {
      return List.of();
    }
    InferenceContext context =
        NodeInference.infer(
            node, schema, surroundings(scope, imports, path + "/" + node.label(), typedBodies));
    List<ValueType> types = new ArrayList<>();
    for (int i = 0; i < context.outputs(); i++) {
      types.add(context.output(i));
      known.add(context.outputValues(i));
    }
    return types;
  }

  private static @Nullable OperatorSchema schema(Node node, List<OpsetImport> imports) {
    String domain = OpsetImport.canonical(node.domain());
    for (OpsetImport candidate : imports) {
      if (OpsetImport.canonical(candidate.domain()).equals(domain)) {
        return OperatorCatalogue.standard()
            .find(domain, node.opType(), candidate.version())
            .orElse(null);
      }
    }
    return null;
  }

  /** Infers a function's body for the types and attributes of one call. */
  private List<ValueType> call(Node node, Function function, Scope scope, String path) {
    FunctionKey key = FunctionKey.of(function);
    if (depth >= MAX_DEPTH || !active.add(key)) {
      return List.of();
    }
    depth++;
    try {
      Scope body = new Scope(null);
      for (int i = 0; i < function.inputs().size(); i++) {
        String actual = node.input(i);
        Tensor constant = actual.isEmpty() ? null : scope.constant(actual);
        String formal = function.inputs().get(i);
        if (constant != null) {
          body.define(formal, scope.type(actual), constant);
        } else {
          body.define(formal, actual.isEmpty() ? ValueType.unknown() : scope.type(actual));
          KnownValues values = actual.isEmpty() ? null : scope.known(actual);
          if (values != null) {
            body.know(formal, values);
          }
        }
      }
      Map<String, Attribute> actuals = new HashMap<>();
      function.defaults().forEach(a -> actuals.put(a.name(), a));
      node.attributes().forEach(a -> actuals.put(a.name(), a));
      for (Node inner : function.nodes()) {
        node(
            bindAttributes(inner, actuals),
            body,
            Map.of(),
            function.opsetImports(),
            path + "/" + node.label());
      }
      return function.outputs().stream().map(body::type).toList();
    } finally {
      active.remove(key);
      depth--;
    }
  }

  /** The node with references to the function's attributes replaced by what the call gives. */
  static Node bindAttributes(Node node, Map<String, Attribute> actuals) {
    List<Attribute> bound = new ArrayList<>();
    boolean changed = false;
    for (Attribute attribute : node.attributes()) {
      if (attribute.value() instanceof AttributeValue.Reference reference) {
        changed = true;
        Attribute actual = actuals.get(reference.attribute());
        if (actual != null) {
          bound.add(Attribute.of(attribute.name(), actual.value()));
        }
      } else if (attribute.value() instanceof AttributeValue.Subgraph body) {
        Graph inner =
            body.value()
                .withNodes(
                    body.value().nodes().stream().map(n -> bindAttributes(n, actuals)).toList());
        changed = true;
        bound.add(Attribute.ofGraph(attribute.name(), inner));
      } else {
        bound.add(attribute);
      }
    }
    return changed ? node.withAttributes(bound) : node;
  }

  private InferenceContext.Surroundings surroundings(
      Scope scope,
      List<OpsetImport> imports,
      String path,
      @Nullable IdentityHashMap<Graph, Graph> typedBodies) {
    return new InferenceContext.Surroundings() {
      @Override
      public ValueType type(String value) {
        return scope.type(value);
      }

      @Override
      public @Nullable Tensor constant(String value) {
        return scope.constant(value);
      }

      @Override
      public @Nullable KnownValues known(String value) {
        return scope.known(value);
      }

      @Override
      public List<ValueType> subgraph(Graph body, List<ValueType> inputTypes) {
        if (depth >= MAX_DEPTH) {
          return body.outputs().stream().map(Output::type).toList();
        }
        depth++;
        try {
          Graph typed = graph(body, scope, inputTypes, imports, path);
          if (typedBodies != null) {
            typedBodies.put(body, typed);
          }
          return typed.outputs().stream().map(Output::type).toList();
        } finally {
          depth--;
        }
      }
    };
  }

  private static Node withBodies(Node node, IdentityHashMap<Graph, Graph> typedBodies) {
    return node.withAttributes(
        node.attributes().stream()
            .map(
                a ->
                    a.value() instanceof AttributeValue.Subgraph body
                            && typedBodies.containsKey(body.value())
                        ? a.withValue(new AttributeValue.Subgraph(typedBodies.get(body.value())))
                        : a)
            .toList());
  }
}
