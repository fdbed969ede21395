package dev.sardonyx.ir.convert;

import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.OpsetImport;
import dev.sardonyx.ir.Result;
import dev.sardonyx.ir.build.GraphBuildException;
import dev.sardonyx.ir.pass.NodeTransform;
import dev.sardonyx.ir.pass.Rewriter;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Takes nodes across one version of a domain, and remembers those that cannot cross. */
final class StepTransform implements NodeTransform {
  /** What has been refused so far, in all steps. */
  static final class Refusals {
    final List<Refusal> all = new ArrayList<>();
    private final Set<List<String>> nodes = new HashSet<>();

    private static List<String> key(Node node, Rewriter to) {
      return List.of(to.path(), node.outputs().stream().map(Result::name).toList().toString());
    }
  }

  private final String domain;

  /** The version crossed: that the nodes have on the way down, or are to have on the way up. */
  private final long version;

  private final boolean upward;
  private final Refusals refusals;

  StepTransform(String domain, long version, boolean upward, Refusals refusals) {
    this.domain = domain;
    this.version = version;
    this.upward = upward;
    this.refusals = refusals;
  }

  @Override
  public void rewrite(Node node, Rewriter to) {
    if (!OpsetImport.canonical(node.domain()).equals(domain) || to.isCall(node)) {
      return;
    }
    StepRules entry = StepTable.standard().find(domain, node.opType(), version);
    if (entry == null
        || entry.effect(upward) == Effect.NUMBER
        || refusals.nodes.contains(Refusals.key(node, to))) {
      return;
    }
    try {
      cross(node, entry, to);
    } catch (RefusedStepException e) {
      refuse(node, String.valueOf(e.getMessage()), to);
    } catch (GraphBuildException e) {
      refuse(node, "what would replace it is not allowed: " + e.problem(), to);
    }
  }

  private void refuse(Node node, String reason, Rewriter to) {
    refusals.nodes.add(Refusals.key(node, to));
    refusals.all.add(
        new Refusal(
            to.path(), node.label(), node.operator(), reason, upward ? version - 1 : version));
  }

  private void cross(Node node, StepRules entry, Rewriter to) {
    if (to.isOpen(node) && entry.effect(upward) != Effect.TYPES) {
      throw new RefusedStepException("an attribute depends on the caller of the function it is in");
    }
    if (entry.effect(upward) == Effect.DECOMPOSED && Given.isEmpty(node, to)) {
      to.replace(Given.empty(node, to));
      return;
    }
    Node converted = entry.rule(upward).apply(node, to);
    if (converted != null) {
      Placement.put(node, converted, to);
    }
  }
}
