package dev.sardonyx.ir.infer;

import dev.sardonyx.ir.Function;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.GraphIndex;
import dev.sardonyx.ir.IrVersion;
import dev.sardonyx.ir.LimitExceededException;
import dev.sardonyx.ir.Limits;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Nesting;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.OperatorName;
import dev.sardonyx.ir.Problem;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Infers the type of every value of a model from its inputs and initializers, through subgraphs and
 * the model's own functions. Linear in the number of nodes.
 *
 * <p>Declared types help where nothing can be inferred, and are compared with what can. A
 * function's body has no types of its own, for each call may give it others; it is inferred anew
 * for every combination of types and values it is called with.
 */
public final class ShapeInference {
  /**
   * Graphs and calls nested deeper than this are not looked into while a graph is built; a whole
   * model's nesting is known before.
   */
  private static final int MAX_DEPTH = 64;

  /** Which part of the limit expansions is for functions with the very types of their calls. */
  private static final int PRECISE_PART = 20;

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

  private final Map<OperatorName, Function> functions = new HashMap<>();
  private final Map<FunctionCall, List<Fact>> calls = new HashMap<>();
  private final Set<OperatorName> active = new HashSet<>();
  private List<Problem> problems = new ArrayList<>();
  private final int maxDepth;

  /**
   * Functions are inferred for each combination of types and values they are called with until so
   * many nodes have been, then once for all shapes, and after as many again no more. Calls of calls
   * would take exponential time otherwise.
   */
  private final long maxCalledNodes;

  private final IdentityHashMap<Graph, Integer> loopLevels = new IdentityHashMap<>();
  private int depth;
  private long calledNodes;

  ShapeInference(List<Function> functions) {
    this(functions, Limits.standard().withDepth(MAX_DEPTH));
  }

  private ShapeInference(List<Function> functions, Limits limits) {
    this.maxDepth = limits.depth();
    this.maxCalledNodes = limits.expansions() / PRECISE_PART;
    functions.forEach(this::add);
  }

  void add(Function function) {
    functions.put(OperatorName.of(function), function);
  }

  /** Found so far. */
  List<Problem> problems() {
    return problems;
  }

  /** Infers a model. Problems are returned, never thrown. */
  public static Inferred infer(Model model) {
    return infer(model, Limits.standard());
  }

  /** Infers a model within limits; one that nests deeper stays as it is, with a problem. */
  public static Inferred infer(Model model, Limits limits) {
    Nesting nesting = Nesting.of(model);
    try {
      nesting.requireDepth(limits);
    } catch (LimitExceededException e) {
      return new Inferred(model, List.of(e.problem(model.graph().name())));
    }
    return nesting.run(() -> infer(model, limits, node -> {}));
  }

  /**
   * Infers a model while somebody else looks at its nodes. A large graph does not fit the
   * processor's cache, so it is faster to go through it once.
   *
   * @param limits whose depth the caller has seen to, for nested graphs are followed in its thread
   * @param each is given each node of the main graph just before its types are inferred
   */
  public static Inferred infer(Model model, Limits limits, Consumer<Node> each) {
    ShapeInference inference = new ShapeInference(model.functions(), limits);
    Graph graph = model.graph();
    GraphInference main =
        new GraphInference(
            inference, FactScope.of(GraphIndex.of(graph)), model.opsetImports(), graph.name());
    boolean fixedConstants = model.irVersion() < IrVersion.SEPARATE_INITIALIZERS;
    return new Inferred(
        model.withGraph(main.graph(graph, List.of(), fixedConstants, each)), inference.problems);
  }

  /** The function that a node calls, or null. */
  @Nullable Function function(Node node) {
    return functions.isEmpty() ? null : functions.get(OperatorName.of(node));
  }

  /** What a function gives for the given inputs; nothing for one that calls itself. */
  List<Fact> call(FunctionCall asked, Supplier<String> path) {
    boolean many = calledNodes >= maxCalledNodes;
    FunctionCall call = many ? asked.forAnyShape() : asked;
    List<Fact> before = calls.get(call);
    if (before != null) {
      return before;
    }
    OperatorName key = OperatorName.of(call.function());
    if (depth >= maxDepth || calledNodes >= 2 * maxCalledNodes || !active.add(key)) {
      return List.of();
    }
    depth++;
    calledNodes += call.function().nodes().size() + 1;
    try {
      List<Fact> outputs = call.infer(this, path.get());
      calls.put(call, outputs);
      return outputs;
    } finally {
      active.remove(key);
      depth--;
    }
  }

  /** How many loops stand in one another in a graph, whatever graphs are between them. */
  int loopLevels(Graph graph) {
    Integer known = loopLevels.get(graph);
    if (known != null) {
      return known;
    }
    int levels = 0;
    for (Node node : graph.nodes()) {
      for (Graph inner : node.subgraphs()) {
        levels = Math.max(levels, loopLevels(inner) + (node.is("Loop") ? 1 : 0));
      }
    }
    loopLevels.put(graph, levels);
    return levels;
  }

  /** A subgraph with types, and what is wrong with it. */
  record Body(Graph graph, List<Problem> problems) {}

  /** Infers a subgraph, leaving it to the caller what becomes of its problems. */
  @Nullable Body body(Supplier<Graph> subgraph) {
    if (depth >= maxDepth) {
      return null;
    }
    List<Problem> outer = problems;
    problems = new ArrayList<>();
    depth++;
    try {
      Graph typed = subgraph.get();
      return new Body(typed, problems);
    } finally {
      depth--;
      problems = outer;
    }
  }
}
