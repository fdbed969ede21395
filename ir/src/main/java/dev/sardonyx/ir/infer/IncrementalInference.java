package dev.sardonyx.ir.infer;

import dev.sardonyx.ir.Constant;
import dev.sardonyx.ir.Function;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.OpsetImport;
import dev.sardonyx.ir.Problem;
import dev.sardonyx.ir.ValueType;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Inference that goes along while a graph grows: what is known of the values so far is kept, so
 * each node costs only its own inference.
 */
public final class IncrementalInference {
  private final ShapeInference inference;
  private final List<OpsetImport> imports;
  private final FactScope scope;
  private final GraphInference graph;

  private IncrementalInference(
      ShapeInference inference, List<OpsetImport> imports, FactScope scope) {
    this.inference = inference;
    this.imports = imports;
    this.scope = scope;
    this.graph = new GraphInference(inference, scope, imports, "");
  }

  /**
   * An empty graph.
   *
   * @param imports looked at anew for each node, so that imports may be added
   */
  public static IncrementalInference of(List<OpsetImport> imports) {
    return new IncrementalInference(new ShapeInference(List.of()), imports, new FactScope(null));
  }

  /** An empty subgraph that sees this graph's values. */
  public IncrementalInference inner() {
    return new IncrementalInference(inference, imports, new FactScope(scope));
  }

  /** Makes a function known, also to the graphs around and inside. */
  public void add(Function function) {
    inference.add(function);
  }

  public void add(Input input) {
    scope.define(input.name(), Fact.of(input.type()));
  }

  public void add(Constant constant) {
    scope.define(constant);
  }

  /**
   * Adds a node whose inputs have been added before.
   *
   * @return the node with the types of its results
   * @throws InferenceException if the node contradicts its operator or its results' declared types;
   *     its results are of no use then
   */
  public Node add(Node node) {
    int before = inference.problems().size();
    Node typed = graph.node(node, Map.of());
    List<Problem> found = inference.problems().subList(before, inference.problems().size());
    Problem problem =
        found.stream().filter(p -> p.severity() == Problem.Severity.ERROR).findFirst().orElse(null);
    found.clear();
    if (problem == null) {
      return typed;
    }
    throw new InferenceException(
        problem.code(), problem.value(), problem.expected(), problem.actual(), problem.message());
  }

  /** All that is known of a value. */
  Fact fact(String value) {
    return scope.find(value);
  }

  /** What is known of a value's type. */
  public ValueType type(String value) {
    return scope.find(value).type();
  }

  /** What is known of a value's elements if they are few and numbers, or null. */
  public @Nullable KnownValues elements(String value) {
    return scope.find(value).known();
  }

  /** Lets a value be known under another name, too. */
  public void define(String name, String value) {
    scope.define(name, scope.find(value));
  }
}
