package dev.sardonyx.export;

import dev.sardonyx.export.Target.Feature;
import dev.sardonyx.ir.Constant;
import dev.sardonyx.ir.Dim;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Function;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.IrVersion;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.OnnxRelease;
import dev.sardonyx.ir.OpsetImport;
import dev.sardonyx.ir.Result;
import dev.sardonyx.ir.SparseTensor;
import dev.sardonyx.ir.SparseTensorType;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.TrainingInfo;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.ValueType;
import dev.sardonyx.ir.backend.UnsupportedModelException;
import dev.sardonyx.ir.convert.OpsetConversion;
import dev.sardonyx.ir.convert.OpsetConversionException;
import dev.sardonyx.ir.edit.ModelEditor;
import dev.sardonyx.ir.infer.ShapeInference;
import dev.sardonyx.ir.op.OperatorCatalogue;
import dev.sardonyx.ir.op.OperatorSchema;
import dev.sardonyx.ir.pass.FunctionInlining;
import dev.sardonyx.ir.pass.Pass;
import dev.sardonyx.ir.pass.Passes;
import dev.sardonyx.ir.pass.StandardOperators;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Makes a model fit a target without changing what it computes, or says why that is impossible. */
final class TargetFit {
  private static final String ML = "ai.onnx.ml";
  private static final String CONTRIB = "com.microsoft";
  private static final String PREVIEW = "ai.onnx.preview";

  /** The opset that introduced blocked dequantisation; few operators need a newer one. */
  private static final int BLOCKS = 21;

  /**
   * Computes constant expressions, which come from inlined functions and from conversion to older
   * opsets; simple runtimes often cannot compute them.
   */
  private static final Pass CONSTANTS =
      Passes.named("constant-folding")
          .andThen(Passes.named("constants-to-initializers"))
          .andThen(Passes.named("dead-code"));

  private final Target target;

  /** All reasons why the model does not fit, each once. */
  private final Set<String> reasons = new LinkedHashSet<>();

  private final Set<String> functions = new HashSet<>();
  private final Set<String> constants = new HashSet<>();
  private final Map<String, ValueType> types = new HashMap<>();
  private final Deque<Before> before = new ArrayDeque<>();
  private List<OpsetImport> imports = List.of();

  TargetFit(Target target) {
    this.target = target;
  }

  /**
   * The model in the target's versions, with all that the target requires.
   *
   * @throws UnsupportedModelException if the target cannot express the model, naming all nodes
   */
  Model fit(Model model) {
    Model fitted = fitted(model);
    if (reasons.isEmpty()) {
      return fitted;
    }
    String start = "The model does not fit the target " + target.name();
    throw new UnsupportedModelException(
        reasons.size() == 1
            ? start + ": " + reasons.iterator().next()
            : start + " in " + reasons.size() + " places:\n" + String.join("\n", reasons));
  }

  /** Why the target cannot run a model; empty if it can. */
  List<String> whyUnsupported(Model model) {
    fitted(model);
    return List.copyOf(reasons);
  }

  private Model fitted(Model model) {
    Model flat =
        target.lacks().contains(Feature.FUNCTIONS)
            ? new FunctionInlining().apply(model).model()
            : model;
    Model standard = hasContribOperators() ? flat : withStandardOperators(flat);
    Model converted = withOperators(withOpsets(standard));
    boolean plain = target.lacks().contains(Feature.FUNCTIONS);
    Model folded = plain ? CONSTANTS.apply(converted).model() : converted;
    Model known = target.name().startsWith("onnxruntime") ? PadAxes.state(folded) : folded;
    Model explicit = withinFormat(KernelShapes.state(withSingleAxes(known)));
    explicit.functions().forEach(f -> functions.add(f.operator()));
    require(explicit);
    return explicit.withVersions(irVersion(explicit), explicit.opsetImports());
  }

  /** Without what only says something about parts, if the target's files have no place for it. */
  private Model withinFormat(Model model) {
    return target.newestIrVersion() < IrVersion.METADATA
        ? ModelEditor.of(model).withoutPropertiesOfParts().model()
        : model;
  }

  private Model withSingleAxes(Model model) {
    Set<String> operators =
        target.limits().stream()
            .filter(limit -> limit.kind() == NodeLimit.Kind.ONE_AXIS)
            .map(NodeLimit::operator)
            .collect(Collectors.toSet());
    return operators.isEmpty()
        ? model
        : SingleAxes.of(ShapeInference.infer(model).model(), operators);
  }

  private void require(Model fitted) {
    Model typed = ShapeInference.infer(fitted).model(); // a file need not declare types
    imports = typed.opsetImports();
    requireWithin(typed.graph(), typed.training());
    for (Function function : typed.functions()) {
      imports = function.opsetImports();
      requireNodes(function.nodes());
      forget(0);
    }
    typed.graph().inputs().forEach(this::requireDimensions);
    for (Function function : typed.functions()) {
      requireFeature(Feature.FUNCTIONS, "function '" + function.name() + "'");
    }
  }

  // Operators of ONNX Runtime's own

  private boolean hasContribOperators() {
    return Collections.disjoint(
        target.lacks(), Set.of(Feature.OTHER_DOMAINS, Feature.CONTRIB_OPERATORS));
  }

  /**
   * Replaces ONNX Runtime's own operators by standard ones; the model is first converted to opset
   * 21 if an older opset lacks the operators that are needed.
   */
  private Model withStandardOperators(Model model) {
    StandardOperators pass = new StandardOperators();
    Model standard = pass.apply(model).model();
    Map<String, String> refused = pass.refusals(standard);
    OpsetConversion newer = OpsetConversion.to(BLOCKS);
    if (!refused.isEmpty()
        && model.opset("").orElse(BLOCKS) < BLOCKS
        && newer.refusals(standard).isEmpty()) {
      standard = pass.apply(newer.apply(standard).model()).model();
      refused = pass.refusals(standard);
    }
    refused.forEach((node, reason) -> reasons.add(node + ": " + reason));
    return standard;
  }

  // Versions

  private Model withOpsets(Model model) {
    OptionalLong opset = model.opset("");
    OptionalLong ml = model.opset(ML);
    boolean mlFits = ml.isEmpty() || ml.getAsLong() <= target.newestMlOpset();
    List<Long> all = new ArrayList<>(opset.stream().boxed().toList());
    for (Function function : model.functions()) {
      OpsetImport.version(function.opsetImports(), "").ifPresent(all::add);
    }
    boolean fits =
        all.stream().allMatch(v -> v >= target.oldestOpset() && v <= target.newestOpset());
    if (opset.isEmpty() || fits && mlFits) {
      return model;
    }
    long wanted = Math.max(target.oldestOpset(), Math.min(opset.getAsLong(), target.newestOpset()));
    OpsetConversion conversion = OpsetConversion.to(wanted);
    return converted(model, mlFits ? conversion : conversion.ml(target.newestMlOpset()));
  }

  private Model converted(Model model, OpsetConversion conversion) {
    try {
      return conversion.apply(model).model();
    } catch (OpsetConversionException e) {
      e.refusals().forEach(r -> reasons.add(r.toString()));
      return model;
    }
  }

  // Operators

  /**
   * Converts to older opsets as long as that replaces operators that the target lacks by others.
   */
  private Model withOperators(Model model) {
    Model result = model;
    for (long opset = newestLacking(result); opset > target.oldestOpset(); ) {
      OpsetConversion conversion = OpsetConversion.to(opset - 1);
      if (!conversion.refusals(result).isEmpty()) {
        break;
      }
      result = conversion.apply(result).model();
      long next = newestLacking(result);
      opset = next < opset ? next : 0;
    }
    return result;
  }

  /**
   * The opset that introduced the newest operator of the model, or version of one, that the target
   * lacks; 0 if it lacks none.
   */
  private long newestLacking(Model model) {
    long opset = model.opset("").orElse(0);
    long[] newest = {0};
    new GraphWalk(
            graph -> {},
            node -> {
              if (isOwn(node) && !target.operators().has(node.opType())) {
                List<OperatorSchema> versions =
                    OperatorCatalogue.standard().versions("", node.opType());
                long since = versions.isEmpty() ? 0 : versions.get(0).since();
                newest[0] = Math.max(newest[0], Math.min(since, opset));
              }
              if (isOwn(node)) {
                target
                    .kernels()
                    .ifPresent(k -> newest[0] = Math.max(newest[0], k.missingVersion(node, opset)));
              }
              for (NodeLimit limit : target.limits()) {
                newest[0] = Math.max(newest[0], limit.opsetAbove(node, opset));
              }
            })
        .model(model);
    return newest[0];
  }

  private static boolean isOwn(Node node) {
    return OpsetImport.canonical(node.domain()).isEmpty();
  }

  // What a model is made of

  /** A name as it was known before a graph used it for a value of its own. */
  private record Before(String name, @Nullable ValueType type, boolean isConstant) {}

  /** A graph's own names hide those around it, and are not known beside it. */
  private void requireWithin(Graph graph, List<TrainingInfo> training) {
    int outer = before.size();
    graph.constants().forEach(constant -> collect(constant, true));
    graph.inputs().forEach(input -> collect(input, false)); // callers may pass another value
    requireGraph(graph);
    requireNodes(graph.nodes());
    for (TrainingInfo each : training) {
      requireWithin(each.initialization(), List.of());
      requireWithin(each.algorithm(), List.of());
    }
    forget(outer);
  }

  private void requireNodes(List<Node> nodes) {
    nodes.forEach(node -> node.outputs().forEach(r -> collect(r, node.is("Constant"))));
    for (Node node : nodes) {
      requireNode(node);
      node.subgraphs().forEach(graph -> requireWithin(graph, List.of()));
    }
  }

  private void collect(Value value, boolean isConstant) {
    String name = value.name();
    before.push(new Before(name, types.put(name, value.type()), constants.remove(name)));
    if (isConstant) {
      constants.add(name);
    }
  }

  private void forget(int outer) {
    while (before.size() > outer) {
      Before last = before.pop();
      constants.remove(last.name());
      if (last.isConstant()) {
        constants.add(last.name());
      }
      if (last.type() == null) {
        types.remove(last.name());
      } else {
        types.put(last.name(), last.type());
      }
    }
  }

  private void requireFeature(Feature feature, String label) {
    if (target.lacks().contains(feature)) {
      reasons.add(label + ": the target has no " + feature.text());
    }
  }

  private void requireNode(Node node) {
    if (isOwn(node) && !target.operators().has(node.opType())) {
      reasons.add(node.label() + ": the target has no operator " + node.opType());
    }
    if (!isOwn(node) && !functions.contains(node.operator())) {
      String label = node.label() + " (" + node.operator() + ")";
      requireFeature(Feature.OTHER_DOMAINS, label);
      if (node.domain().startsWith(CONTRIB)) { // and com.microsoft.nchwc
        requireFeature(Feature.CONTRIB_OPERATORS, label);
      }
      if (node.domain().startsWith(PREVIEW)) {
        requireFeature(Feature.PREVIEW_OPERATORS, label);
      }
    }
    if (!functions.contains(node.operator())) {
      target
          .kernels()
          .flatMap(kernels -> kernels.whyMissing(node, types, version(node.domain())))
          .ifPresent(why -> reasons.add(node.label() + ": " + why));
    }
    NodeLimit.Surroundings around = new NodeLimit.Surroundings(constants, types, version(""));
    for (NodeLimit limit : target.limits()) {
      limit.brokenBy(node, around).ifPresent(why -> reasons.add(node.label() + ": " + why));
    }
    if (!node.subgraphs().isEmpty()) {
      requireFeature(Feature.CONTROL_FLOW, node.label());
    }
    for (Result result : node.outputs()) {
      String label = "value '" + result.name() + "'";
      requireType(result.type(), label);
      requireElements(result.type(), label);
    }
  }

  private long version(String domain) {
    return OpsetImport.version(imports, domain).orElse(1);
  }

  private void requireGraph(Graph graph) {
    graph.inputs().forEach(i -> requireType(i.type(), "input '" + i.name() + "'"));
    graph.outputs().forEach(o -> requireType(o.type(), "output '" + o.name() + "'"));
    for (Constant constant : graph.constants()) {
      String label = "initializer '" + constant.name() + "'";
      if (constant.data() instanceof SparseTensor) {
        requireFeature(Feature.SPARSE_TENSORS, label);
      }
      if (constant.data() instanceof Tensor tensor && tensor.elementType() == ElementType.BOOL) {
        requireFeature(Feature.BOOLEAN_INITIALIZERS, label);
      }
      requireType(constant.type(), label);
    }
  }

  private void requireDimensions(Input input) {
    if (input.type() instanceof TensorType type) {
      String label = "input '" + input.name() + "' " + type;
      if (!(type.shape().isRanked() && type.shape().isStatic())) {
        requireFeature(Feature.OPEN_DIMENSIONS, label);
      }
      if (type.shape().isRanked() && type.shape().rank() < 2) {
        requireFeature(Feature.VECTOR_INPUTS, label);
      }
      requireElements(type, label);
    }
  }

  private void requireType(ValueType type, String label) {
    if (type instanceof TensorType tensor) {
      if (tensor.elementType() == ElementType.STRING) {
        requireFeature(Feature.STRINGS, label);
      }
      if (target.lacksTypes().contains(tensor.elementType())) {
        reasons.add(label + ": the target has no type " + tensor.elementType());
      }
    } else if (type instanceof SparseTensorType) {
      requireFeature(Feature.SPARSE_TENSORS, label);
    } else if (type.isKnown()) {
      requireFeature(Feature.OTHER_THAN_TENSORS, label);
    }
  }

  private void requireElements(ValueType type, String label) {
    if (type instanceof TensorType tensor
        && tensor.shape().isRanked()
        && tensor.shape().dims().contains(Dim.of(0))) {
      requireFeature(Feature.EMPTY_TENSORS, label + " " + type);
    }
  }

  private long irVersion(Model model) {
    IrVersionNeeded needed = IrVersionNeeded.of(model);
    if (needed.version() > target.newestIrVersion()) {
      reasons.add(
          needed.reason()
              + ": needs IR version "
              + needed.version()
              + ", and the target takes none beyond "
              + target.newestIrVersion());
    }
    long customary = OnnxRelease.irVersionFor(model.opset("").orElse(target.oldestOpset()));
    return Math.max(needed.version(), Math.min(customary, target.newestIrVersion()));
  }
}
