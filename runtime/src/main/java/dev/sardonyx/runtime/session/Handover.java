package dev.sardonyx.runtime.session;

import ai.onnxruntime.OrtException;
import dev.sardonyx.ir.Function;
import dev.sardonyx.ir.LimitExceededException;
import dev.sardonyx.ir.Limits;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Nesting;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.OpsetImport;
import dev.sardonyx.ir.Problem;
import dev.sardonyx.ir.backend.UnsupportedModelException;
import dev.sardonyx.ir.check.Checker;
import dev.sardonyx.ir.op.OperatorCatalogue;
import dev.sardonyx.ir.op.OperatorSchema;
import dev.sardonyx.ir.pass.FunctionInlining;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/**
 * Prepares a model for native code, in which unusual models may crash the JVM. Models with errors
 * are refused, as are models whose functions, inlined, have too many nodes. Functions are inlined
 * here: ONNX Runtime inlines them too, but recursively and in quadratic time. Sparse constants are
 * made dense. Absent inputs at the end of a node's list are removed, since some kernels read them,
 * and guards against {@link NativeFaults} are added. Models are refused if their {@link
 * NestedGraphs} would take ONNX Runtime too long to load.
 */
final class Handover {
  private Handover() {}

  /**
   * The model as it may be handed over, and what is to be guarded against in it.
   *
   * @param checked whether one with errors is refused
   * @param limits how much it may cost
   * @throws UnsupportedModelException if it may not, saying why
   */
  static NativeFaults of(Model model, boolean checked, Limits limits) {
    try {
      return NativeCalls.onLargeStack(() -> fit(model, checked, limits));
    } catch (OrtException e) {
      throw new IllegalStateException("ONNX Runtime was not called yet", e);
    }
  }

  private static NativeFaults fit(Model model, boolean checked, Limits limits) {
    requireKnownOpset(model);
    if (checked) {
      requireSound(model);
    }
    return NativeFaults.of(withoutAbsentTails(inlined(model, limits)));
  }

  private static void requireKnownOpset(Model model) {
    long newest = InferenceSession.TARGET.newestOpset();
    OptionalLong opset = OpsetImport.version(model.opsetImports(), "");
    if (opset.isPresent() && opset.getAsLong() > newest) {
      throw new UnsupportedModelException(
          "opset "
              + opset.getAsLong()
              + " is newer than "
              + newest
              + ", the newest that ONNX Runtime "
              + Environments.shared().getVersion()
              + " takes. Convert the model to opset "
              + newest
              + " or lower");
    }
  }

  private static void requireSound(Model model) {
    List<Problem> errors = Checker.check(model).errors();
    if (!errors.isEmpty()) {
      throw new UnsupportedModelException(
          "The model has errors, on which ONNX Runtime may crash: "
              + errors.get(0)
              + (errors.size() == 1 ? "" : " (and " + (errors.size() - 1) + " more)"));
    }
  }

  private static Model inlined(Model model, Limits limits) {
    try {
      Nesting.of(model).requireExpansions(limits, "graph " + model.graph().name());
      Model inlined = new FunctionInlining(limits).apply(model).model();
      NestedGraphs.requireLoadable(inlined, limits);
      return DenseConstants.of(inlined, limits);
    } catch (LimitExceededException | IllegalArgumentException e) {
      throw new UnsupportedModelException(
          "ONNX Runtime is not given the model: " + e.getMessage(), e);
    }
  }

  private static Model withoutAbsentTails(Model model) {
    List<Function> functions = new ArrayList<>();
    for (Function function : model.functions()) {
      functions.add(
          function.withNodes(withoutAbsentTails(function.nodes(), function.opsetImports())));
    }
    List<Node> nodes = withoutAbsentTails(model.graph().nodes(), model.opsetImports());
    return model.withGraph(model.graph().withNodes(nodes)).withFunctions(functions);
  }

  private static List<Node> withoutAbsentTails(List<Node> nodes, List<OpsetImport> imports) {
    return nodes.stream().map(node -> withoutAbsentTail(node, imports)).toList();
  }

  private static Node withoutAbsentTail(Node node, List<OpsetImport> imports) {
    Node inside =
        node.withSubgraphs(body -> body.withNodes(withoutAbsentTails(body.nodes(), imports)));
    int count = node.inputs().size();
    if (count == 0 || node.hasInput(count - 1)) {
      return inside;
    }
    int least = leastInputs(node, imports);
    while (count > least && !node.hasInput(count - 1)) {
      count--;
    }
    return inside.withInputs(node.inputs().subList(0, count));
  }

  /** How many inputs must be written, all of them where the operator is not known. */
  private static int leastInputs(Node node, List<OpsetImport> imports) {
    OptionalLong opset = OpsetImport.version(imports, node.domain());
    return OperatorCatalogue.standard()
        .find(node, opset.orElse(1))
        .map(OperatorSchema::minInputs)
        .orElse(node.inputs().size());
  }
}
