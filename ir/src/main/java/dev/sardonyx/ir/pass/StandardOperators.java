package dev.sardonyx.ir.pass;

import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.OpsetImport;
import dev.sardonyx.ir.build.GraphBuildException;
import dev.sardonyx.ir.build.NoStandardFormException;
import dev.sardonyx.ir.build.StandardForm;
import dev.sardonyx.ir.infer.ShapeInference;
import dev.sardonyx.ir.op.OperatorCatalogue;
import dev.sardonyx.ir.op.OperatorDefinition;
import dev.sardonyx.ir.op.OperatorSchema;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Says operators of other domains, such as those that ONNX Runtime's optimizer puts into a model
 * ({@code com.microsoft.FusedConv}), in ONNX's own, where their definitions know how. A node that
 * cannot be said so in the model's opset stays. Domains that nobody uses any longer are no longer
 * imported. Outputs may differ by rounding: what was fused is computed step by step.
 */
public record StandardOperators() implements Pass {
  private static final String NAME = "standard-operators";

  @Override
  public PassResult apply(Model model) {
    return withReasons(model, new LinkedHashMap<>());
  }

  /**
   * Why nodes that have a standard form keep theirs, by their labels; for models that have none, a
   * newer opset may do.
   */
  public Map<String, String> refusals(Model model) {
    Map<String, String> reasons = new LinkedHashMap<>();
    withReasons(model, reasons);
    return reasons;
  }

  private static PassResult withReasons(Model model, Map<String, String> reasons) {
    Set<String> before = domains(model);
    NodeTransform transform = (node, to) -> rewrite(node, to, reasons);
    PassResult written = Pass.of(NAME, transform).apply(ShapeInference.infer(model).model());
    return written.isChanged()
        ? new PassResult(withoutUnusedDomains(before, written.model()), written.changes())
        : PassResult.unchanged(model);
  }

  private static void rewrite(Node node, Rewriter to, Map<String, String> reasons) {
    StandardForm form = form(node, to);
    if (form == null) {
      return;
    }
    try {
      if (to.isOpen(node)) {
        throw new NoStandardFormException("an attribute depends on the caller of its function");
      }
      to.replace(form.write(to, withDefaults(node, to), to.inputs(node)));
    } catch (NoStandardFormException e) {
      reasons.put(node.label(), String.valueOf(e.getMessage()));
    } catch (GraphBuildException e) {
      reasons.put(node.label(), e.problem());
    }
  }

  private static @Nullable OperatorSchema schema(Node node, Rewriter to) {
    return OperatorCatalogue.standard().find(node, to.opset(node.domain())).orElse(null);
  }

  private static Node withDefaults(Node node, Rewriter to) {
    OperatorSchema schema = schema(node, to);
    return schema == null ? node : schema.withDefaults(node);
  }

  private static @Nullable StandardForm form(Node node, Rewriter to) {
    OperatorSchema schema = to.isCall(node) ? null : schema(node, to);
    OperatorDefinition definition =
        schema == null ? null : OperatorCatalogue.standard().definition(schema).orElse(null);
    return definition instanceof StandardForm form ? form : null;
  }

  /** The changed model without the imports of domains that only the nodes before were of. */
  private static Model withoutUnusedDomains(Set<String> before, Model after) {
    Set<String> gone = new HashSet<>(before);
    gone.removeAll(domains(after));
    gone.remove("");
    List<OpsetImport> imports =
        after.opsetImports().stream()
            .filter(i -> !gone.contains(OpsetImport.canonical(i.domain())))
            .toList();
    return imports.size() == after.opsetImports().size()
        ? after
        : after.withVersions(after.irVersion(), imports);
  }

  private static Set<String> domains(Model model) {
    Set<String> domains = new HashSet<>();
    Deque<List<Node>> open = new ArrayDeque<>();
    open.push(model.graph().nodes());
    model.functions().forEach(f -> open.push(f.nodes()));
    while (!open.isEmpty()) {
      for (Node node : open.pop()) {
        domains.add(OpsetImport.canonical(node.domain()));
        for (Graph body : node.subgraphs()) {
          open.push(body.nodes());
        }
      }
    }
    return domains;
  }
}
