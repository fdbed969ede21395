package dev.sardonyx.ir.pass;

import dev.sardonyx.ir.Function;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.IrVersion;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.OperatorName;
import dev.sardonyx.ir.OpsetImport;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorData;
import dev.sardonyx.ir.ValueType;
import dev.sardonyx.ir.check.NodeChecker;
import dev.sardonyx.ir.infer.IncrementalInference;
import dev.sardonyx.ir.infer.KnownValues;
import dev.sardonyx.ir.op.Purity;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** One walk of transforms over a graph or function: what it shares with all graphs inside. */
final class Walk {
  /** Floating-point constants of more elements are no scales, limits or steps. */
  private static final int FEW = 8;

  final List<Sequence.Stage> stages;
  final List<OpsetImport> imports;
  final List<Change> changes;
  final UsedNames names;

  /** Whether constants can be initializers; if not they have to be Constant nodes. */
  final boolean hasInitializers;

  private final List<Function> functions;

  /** The types of ONNX's own operators whose place functions of the model take. */
  private final Set<String> overridden = new HashSet<>();

  /** Whether values have got sharper types, or constants that types may depend on. */
  private boolean tellsMore;

  private final Map<OperatorName, int[]> routes = new HashMap<>();
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
    for (Function function : functions) {
      if (OpsetImport.canonical(function.domain()).isEmpty()) {
        overridden.add(function.name());
      }
    }
    this.hasInitializers = hasInitializers;
    this.names = names;
    this.changes = changes;
  }

  /**
   * What a walk made of a model.
   *
   * @param tellsMore whether inference may find out more than it did before the walk
   */
  record Outcome(PassResult result, boolean tellsMore) {}

  /** Takes a whole model through a transform: the functions first, then the main graph. */
  static PassResult through(Model model, String pass, NodeTransform transform) {
    return outcome(model, pass, transform).result();
  }

  static Outcome outcome(Model model, String pass, NodeTransform transform) {
    if (!model.training().isEmpty()) {
      return new Outcome(PassResult.unchanged(model), false);
    }
    List<Change> changes = new ArrayList<>();
    List<Function> functions = new ArrayList<>(model.functions().size());
    for (Function function : model.functions()) {
      functions.add(through(function, model.functions(), pass, transform, changes));
    }
    Walk walk = of(model, model.opsetImports(), pass, transform, changes);
    Graph graph = GraphRewrite.of(model.graph(), walk);
    return new Outcome(
        changes.isEmpty()
            ? PassResult.unchanged(model)
            : new PassResult(model.withGraph(graph).withFunctions(functions), changes),
        walk.tellsMore);
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
    return GraphRewrite.of(model.graph(), of(model, imports, pass, transform, changes));
  }

  private static Walk of(
      Model model,
      List<OpsetImport> imports,
      String pass,
      NodeTransform transform,
      List<Change> changes) {
    return new Walk(
        Sequence.stages(transform, pass),
        imports,
        model.functions(),
        model.irVersion() >= IrVersion.SEPARATE_INITIALIZERS,
        new UsedNames(model.graph()),
        changes);
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
    return GraphRewrite.of(function, walk);
  }

  /**
   * Which transform sees the nodes of an operator next, from each number on; as many as there are
   * if none does.
   */
  int[] route(OperatorName operator) {
    int[] known = routes.get(operator);
    if (known == null) {
      boolean isOther = !operator.domain().isEmpty() || purity().isCall(operator);
      known = routeOf(isOther ? null : operator.opType());
      routes.put(operator, known);
    }
    return known;
  }

  /** Whether a node looks like one of ONNX's own operators, but calls a function of the model. */
  boolean isOverridden(Node node) {
    return !overridden.isEmpty() && overridden.contains(node.opType()) && purity().isCall(node);
  }

  private int[] routeOf(@Nullable String opType) {
    int[] route = new int[stages.size() + 1];
    route[stages.size()] = stages.size();
    for (int i = stages.size() - 1; i >= 0; i--) {
      Set<String> seen = stages.get(i).transform().operators();
      route[i] = seen == null || opType != null && seen.contains(opType) ? i : route[i + 1];
    }
    return route;
  }

  /** Notes what stands for a value of a type. */
  void retyped(ValueType before, ValueType after) {
    tellsMore |= before != after && !before.equals(after);
  }

  /** Notes a new constant: shapes, axes and scales are small. */
  void made(TensorData constant) {
    if (!tellsMore && constant instanceof Tensor tensor) {
      boolean isFloat = tensor.elementType().isFloat();
      tellsMore = tensor.size() <= (isFloat ? FEW : KnownValues.MAX_ELEMENTS);
    }
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
