package dev.sardonyx.ir.eval;

import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.LimitExceededException;
import dev.sardonyx.ir.Limits;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Nesting;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.OpsetImport;
import dev.sardonyx.ir.Output;
import dev.sardonyx.ir.Result;
import dev.sardonyx.ir.backend.Backend;
import dev.sardonyx.ir.backend.Options;
import dev.sardonyx.ir.backend.PreparedModel;
import dev.sardonyx.ir.backend.UnsupportedModelException;
import dev.sardonyx.ir.eval.kernel.AllocationLimit;
import dev.sardonyx.ir.eval.kernel.Kernels;
import dev.sardonyx.ir.eval.kernel.Parallel;
import dev.sardonyx.ir.eval.program.Compiler;
import dev.sardonyx.ir.eval.program.Prepared;
import dev.sardonyx.ir.eval.program.Program;
import dev.sardonyx.ir.eval.program.Scope;
import dev.sardonyx.ir.op.OperatorSchema;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Evaluates a model with ONNX's exact meaning, in Java alone. Any value of the main graph can be
 * asked for. A prepared model keeps no state between runs and may be run by several threads at
 * once.
 *
 * <p>What is computed is the same on any number of threads and on any processor. Matrix products
 * and convolutions of floats are summed in float, at most 96 products at a time, then the sums of
 * these; all other sums of floats are kept in double and rounded once. A value is let go after its
 * last use. A run ends, with an {@link EvaluationException}, when its thread is interrupted.
 */
public final class ReferenceBackend implements Backend {
  /** A reference evaluator; it has no state. */
  public ReferenceBackend() {}

  @Override
  public String name() {
    return "reference";
  }

  @Override
  public Optional<String> whyUnsupported(Model model) {
    try {
      compile(model, Nesting.of(model), Options.DEFAULT);
      return Optional.empty();
    } catch (UnsupportedModelException | IllegalArgumentException e) {
      return Optional.ofNullable(e.getMessage());
    }
  }

  /**
   * @throws IllegalArgumentException if {@link Options#outputs} names a value the main graph does
   *     not have
   * @throws UnsupportedModelException also if the model nests deeper, or its function calls come to
   *     more nodes, than {@link Options#limits} allow
   */
  @Override
  public PreparedModel prepare(Model model, Options options) {
    Nesting nesting = Nesting.of(model);
    return new Prepared(model.graph(), compile(model, nesting, options), nesting, options);
  }

  private static Program compile(Model model, Nesting nesting, Options options) {
    try {
      nesting.requireDepth(options.limits());
      nesting.requireExpansions(options.limits(), "graph " + model.graph().name());
      return nesting.run(() -> compile(model, options));
    } catch (LimitExceededException e) {
      throw new UnsupportedModelException(
          "The reference evaluator cannot run the model: " + e.getMessage(), e);
    }
  }

  private static Program compile(Model model, Options options) {
    List<String> wanted = options.outputs();
    Graph graph = model.graph();
    List<String> outputs =
        wanted.isEmpty() ? graph.outputs().stream().map(Output::name).toList() : wanted;
    Program program =
        new Compiler(model.functions(), options.limits())
            .graph(graph, outputs, model.opsetImports());
    String open = program.captures().stream().min(Comparator.naturalOrder()).orElse(null);
    if (open != null) {
      throw new IllegalArgumentException(
          "Graph " + graph.name() + " has no value " + open + ", which " + user(program, open));
    }
    return program;
  }

  private static String user(Program program, String value) {
    return program.steps().stream()
        .map(Program.Step::node)
        .filter(node -> node.inputs().contains(value))
        .map(node -> "node " + node.label() + " takes")
        .findFirst()
        .orElse("is asked for");
  }

  /** Names of the operators it can evaluate, as {@code domain:name}, in order. */
  public static Set<String> operators() {
    Set<String> operators = new TreeSet<>(Kernels.STANDARD.operators());
    operators.add("ai.onnx.preview.training:Gradient");
    return operators;
  }

  /**
   * Whether {@link #evaluate} knows the node's operator (and those of its subgraphs). Cheap: looks
   * at names only. Gradient is not among them, for it means the nodes around it.
   *
   * @param imports the opset versions the node is written in
   */
  public static boolean supports(Node node, List<OpsetImport> imports) {
    OperatorSchema schema = Compiler.schema(node, imports);
    return schema != null
        && Compiler.whyUnsupported(node, schema, Kernels.STANDARD.find(schema), imports) == null
        && node.subgraphs().stream()
            .flatMap(g -> g.nodes().stream())
            .allMatch(n -> supports(n, imports));
  }

  /**
   * Evaluates one node, such as one whose inputs are all constant.
   *
   * @param imports the opset versions the node is written in
   * @param inputs a value for each of the node's inputs, null for an absent one
   * @return the values of the node's present outputs, in order
   * @throws UnsupportedModelException if there is no kernel for it, see {@link #supports}
   * @throws EvaluationException if the inputs contradict the operator
   */
  public static List<Datum> evaluate(
      Node node, List<OpsetImport> imports, List<? extends @Nullable Datum> inputs) {
    return evaluate(node, imports, inputs, Limits.standard());
  }

  /** The same within limits. */
  public static List<Datum> evaluate(
      Node node, List<OpsetImport> imports, List<? extends @Nullable Datum> inputs, Limits limits) {
    List<String> outputs =
        node.outputs().stream().filter(Result::isPresent).map(Result::name).toList();
    Graph graph = Graph.of("", List.of(), List.of(), List.of(node), List.of());
    Program program = new Compiler(List.of(), limits).graph(graph, outputs, imports);
    Scope scope = new Scope(null, Map.of());
    for (int i = 0; i < inputs.size(); i++) {
      Datum input = inputs.get(i);
      if (input != null && node.hasInput(i)) {
        scope.define(node.input(i), input);
      }
    }
    return AllocationLimit.within(limits, () -> program.run(List.of(), scope, Parallel.SEQUENTIAL));
  }
}
