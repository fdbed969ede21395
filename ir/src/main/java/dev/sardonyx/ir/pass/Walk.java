package dev.sardonyx.ir.pass;

import dev.sardonyx.ir.Function;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.IrVersion;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.OpsetImport;
import dev.sardonyx.ir.check.NodeChecker;
import dev.sardonyx.ir.infer.IncrementalInference;
import dev.sardonyx.ir.op.Purity;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** One walk of transforms over a graph or function: what it shares with all graphs inside. */
final class Walk {
  final List<Sequence.Stage> stages;
  final List<OpsetImport> imports;
  final List<Change> changes;
  final UsedNames names;

  /** Whether constants can be initializers; if not they have to be Constant nodes. */
  final boolean hasInitializers;

  private final List<Function> functions;

  /** For each type of ONNX's own operators, which transform sees a node next, from each one on. */
  private final Map<String, int[]> routes = new HashMap<>();

  private final int[] routeOfOthers;
  private @Nullable NodeChecker checker;
  private @Nullable Purity purity;

  private Walk(
      List<Sequence.Stage> stages,
      List<OpsetImport> imports,
      List<Function> functions,
      boolean hasInitializers,
      UsedNames names,
      List<Change> changes) {
    this.stages = stages;
    this.imports = imports;
    this.functions = functions;
    this.hasInitializers = hasInitializers;
    this.names = names;
    this.changes = changes;
    this.routeOfOthers = route(null);
  }

  /** Takes a whole model through a transform: the functions first, then the main graph. */
  static PassResult through(Model model, String pass, NodeTransform transform) {
    if (!model.training().isEmpty()) {
      return PassResult.unchanged(model);
    }
    List<Change> changes = new ArrayList<>();
    List<Function> functions = new ArrayList<>(model.functions().size());
    for (Function function : model.functions()) {
      functions.add(through(function, model.functions(), pass, transform, changes));
    }
    Graph graph = through(model, model.opsetImports(), pass, transform, changes);
    return changes.isEmpty()
        ? PassResult.unchanged(model)
        : new PassResult(model.withGraph(graph).withFunctions(functions), changes);
  }

  /**
   * Takes those parts of a model, main graph and functions, whose imports are to change through a
   * transform, under the changed imports.
   */
  static PassResult through(
      Model model, String pass, UnaryOperator<List<OpsetImport>> imports, NodeTransform transform) {
    List<Change> changes = new ArrayList<>();
    List<Function> functions = new ArrayList<>(model.functions().size());
    for (Function function : model.functions()) {
      List<OpsetImport> changed = imports.apply(function.opsetImports());
      if (changed.equals(function.opsetImports())) {
        functions.add(function);
      } else {
        changes.add(Change.of(pass, function.name(), () -> "imports " + changed));
        Function restamped = function.withOpsetImports(changed);
        functions.add(through(restamped, model.functions(), pass, transform, changes));
      }
    }
    Model done = model.withFunctions(functions);
    List<OpsetImport> changed = imports.apply(model.opsetImports());
    if (!changed.equals(model.opsetImports())) {
      changes.add(Change.of(pass, model.graph().name(), () -> "imports " + changed));
      Graph graph = through(model, changed, pass, transform, changes);
      done = done.withGraph(graph).withVersions(done.irVersion(), changed);
    }
    return changes.isEmpty() ? PassResult.unchanged(model) : new PassResult(done, changes);
  }

  /** Takes the main graph of a model through a transform, under other imports than it has. */
  static Graph through(
      Model model,
      List<OpsetImport> imports,
      String pass,
      NodeTransform transform,
      List<Change> changes) {
    Graph graph = model.graph();
    Walk walk =
        new Walk(
            Sequence.stages(transform, pass),
            imports,
            model.functions(),
            model.irVersion() >= IrVersion.SEPARATE_INITIALIZERS,
            new UsedNames(graph),
            changes);
    return Rewriter.rewrite(graph, walk);
  }

  static Function through(
      Function function,
      List<Function> functions,
      String pass,
      NodeTransform transform,
      List<Change> changes) {
    Walk walk =
        new Walk(
            Sequence.stages(transform, pass),
            function.opsetImports(),
            functions,
            false,
            new UsedNames(function.asGraph()),
            changes);
    return Rewriter.rewrite(function, walk);
  }

  /** The first transform that sees a node, from a number on; as many as there are if none does. */
  int next(Node node, int from) {
    if (!OpsetImport.canonical(node.domain()).isEmpty()) {
      return routeOfOthers[from];
    }
    int[] route = routes.get(node.opType());
    if (route == null) {
      route = route(node.opType());
      routes.put(node.opType(), route);
    }
    return route[from];
  }

  private int[] route(@Nullable String opType) {
    int[] route = new int[stages.size() + 1];
    route[stages.size()] = stages.size();
    for (int i = stages.size() - 1; i >= 0; i--) {
      Set<String> seen = stages.get(i).transform().operators();
      route[i] = seen == null || opType != null && seen.contains(opType) ? i : route[i + 1];
    }
    return route;
  }

  OptionalLong opset(String domain) {
    return OpsetImport.version(imports, domain);
  }

  IncrementalInference inference() {
    IncrementalInference inference = IncrementalInference.of(imports);
    functions.forEach(inference::add);
    return inference;
  }

  NodeChecker checker() {
    if (checker == null) {
      checker = NodeChecker.of(imports);
      functions.forEach(checker::add);
    }
    return checker;
  }

  Purity purity() {
    if (purity == null) {
      purity = Purity.of(functions, imports);
    }
    return purity;
  }
}
