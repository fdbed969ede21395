package dev.sardonyx.export;

import dev.sardonyx.export.Target.Feature;
import dev.sardonyx.ir.Constant;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Function;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.OnnxRelease;
import dev.sardonyx.ir.OpsetImport;
import dev.sardonyx.ir.SparseTensor;
import dev.sardonyx.ir.SparseTensorType;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.ValueType;
import dev.sardonyx.ir.backend.UnsupportedModelException;
import dev.sardonyx.ir.op.OperatorCatalogue;
import dev.sardonyx.ir.op.OperatorSchema;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** Makes a model fit a target without changing what it computes, or says why it cannot be. */
record TargetFit(Target target) {

  /**
   * The model with the target's versions and whatever it wants spelled out.
   *
   * @throws UnsupportedModelException if the target cannot express the model
   */
  Model fit(Model model) {
    new GraphWalk(this::requireGraph, this::requireNode).model(model);
    for (Function function : model.functions()) {
      requireFeature(Feature.FUNCTIONS, "function '" + function.name() + "'");
    }
    Model explicit = target.explicitKernelShape() ? KernelShapes.state(model) : model;
    Model stamped = withOpset(explicit);
    return stamped.withVersions(irVersion(stamped), stamped.opsetImports());
  }

  private void requireFeature(Feature feature, String label) {
    if (target.lacks().contains(feature)) {
      throw refused(label, "the target has no " + feature.text());
    }
  }

  private UnsupportedModelException refused(String label, String reason) {
    return new UnsupportedModelException(
        "The model does not fit the target " + target.name() + ": " + label + ": " + reason);
  }

  private void requireNode(Node node) {
    if (!node.subgraphs().isEmpty()) {
      requireFeature(Feature.CONTROL_FLOW, node.label());
    }
    node.outputs().forEach(result -> requireType(result.type(), "value '" + result.name() + "'"));
  }

  private void requireGraph(Graph graph) {
    graph.inputs().forEach(i -> requireType(i.type(), "input '" + i.name() + "'"));
    graph.outputs().forEach(o -> requireType(o.type(), "output '" + o.name() + "'"));
    for (Constant constant : graph.constants()) {
      String label = "constant '" + constant.name() + "'";
      if (constant.data() instanceof SparseTensor) {
        requireFeature(Feature.SPARSE_TENSORS, label);
      }
      requireType(constant.type(), label);
    }
  }

  private void requireType(ValueType type, String label) {
    if (type instanceof TensorType tensor) {
      if (tensor.elementType() == ElementType.STRING) {
        requireFeature(Feature.STRINGS, label);
      }
    } else if (type instanceof SparseTensorType) {
      requireFeature(Feature.SPARSE_TENSORS, label);
    } else if (type.isKnown()) {
      requireFeature(Feature.OTHER_THAN_TENSORS, label);
    }
  }

  private long irVersion(Model model) {
    IrVersionNeeded needed = IrVersionNeeded.of(model);
    if (needed.version() > target.newestIrVersion()) {
      throw refused(
          needed.reason(),
          "needs IR version "
              + needed.version()
              + ", and the target takes none beyond "
              + target.newestIrVersion());
    }
    long customary = OnnxRelease.irVersionFor(model.opset("").orElse(target.oldestOpset()));
    return Math.max(needed.version(), Math.min(customary, target.newestIrVersion()));
  }

  /** The model under an opset that the target takes, if its operators are the same there. */
  private Model withOpset(Model model) {
    OptionalLong opset = model.opset("");
    if (opset.isEmpty()) {
      return model;
    }
    long before = opset.getAsLong();
    long after = Math.max(target.oldestOpset(), Math.min(before, target.newestOpset()));
    new GraphWalk(graph -> {}, node -> requireSame(node, before, after)).model(mainPart(model));
    model.functions().forEach(this::requireOpset);
    return withOwnOpset(model, after);
  }

  /** Functions have imports of their own. */
  private static Model mainPart(Model model) {
    return model.withFunctions(List.of());
  }

  private static Model withOwnOpset(Model model, long version) {
    List<OpsetImport> imports =
        model.opsetImports().stream()
            .map(
                i ->
                    OpsetImport.canonical(i.domain()).isEmpty()
                        ? OpsetImport.of(i.domain(), version)
                        : i)
            .toList();
    return model.withVersions(model.irVersion(), imports);
  }

  private void requireOpset(Function function) {
    long opset = OpsetImport.version(function.opsetImports(), "").orElse(target.oldestOpset());
    if (opset < target.oldestOpset() || opset > target.newestOpset()) {
      throw refused(
          "function '" + function.name() + "'",
          "imports opset " + opset + "; the target takes " + opsets());
    }
  }

  private void requireSame(Node node, long before, long after) {
    if (before == after || !OpsetImport.canonical(node.domain()).isEmpty()) {
      return;
    }
    Optional<OperatorSchema> old = OperatorCatalogue.standard().find(node, before);
    Optional<OperatorSchema> now = OperatorCatalogue.standard().find(node, after);
    boolean same =
        old.isPresent()
            && now.isPresent()
            && old.get().since() == now.get().since()
            && old.get().deprecated() == now.get().deprecated();
    if (!same) {
      throw refused(
          node.label(),
          "the operator "
              + node.operator()
              + " is another one in opset "
              + after
              + " than in the model's opset "
              + before
              + "; the target takes "
              + opsets()
              + ", and operators are not converted");
    }
  }

  private String opsets() {
    return target.oldestOpset() == target.newestOpset()
        ? "opset " + target.oldestOpset()
        : "opsets " + target.oldestOpset() + " to " + target.newestOpset();
  }
}
