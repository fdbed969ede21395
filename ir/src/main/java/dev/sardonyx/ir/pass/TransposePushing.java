package dev.sardonyx.ir.pass;

import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Result;
import dev.sardonyx.ir.Value;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Moves Transposes down past nodes that can work on the other layout as well, until they meet
 * others and merge or cancel; a network whose converter put every convolution between two
 * Transposes loses them. A Transpose moves only towards another one, and only if there are no more
 * nodes afterwards: it has no other users, or all that use what comes of it take the move, too. The
 * outcome is the same to the last bit, sums of ReduceSum and the like aside, whose order changes.
 */
public record TransposePushing() implements Pass {
  private static final String NAME = "transpose-pushing";

  @Override
  public PassResult apply(Model model) {
    if (!hasTransposes(model)) {
      return PassResult.unchanged(model);
    }
    PassResult moved = Walk.through(model, NAME, new Transform(true));
    return !moved.isChanged() || nodes(moved.model()) <= nodes(model)
        ? moved
        : Walk.through(model, NAME, new Transform(false));
  }

  private static boolean hasTransposes(Model model) {
    return hasTransposes(model.graph().nodes())
        || model.functions().stream().anyMatch(f -> hasTransposes(f.nodes()));
  }

  private static boolean hasTransposes(List<Node> nodes) {
    for (Node node : nodes) {
      if (node.is("Transpose")
          || !node.subgraphs().isEmpty()
              && node.subgraphs().stream().anyMatch(body -> hasTransposes(body.nodes()))) {
        return true;
      }
    }
    return false;
  }

  private static long nodes(Model model) {
    return nodes(model.graph()) + model.functions().stream().mapToLong(f -> nodes(f.nodes())).sum();
  }

  private static long nodes(Graph graph) {
    return nodes(graph.nodes());
  }

  private static long nodes(List<Node> nodes) {
    long count = nodes.size();
    for (Node node : nodes) {
      for (Graph body : node.subgraphs()) {
        count += nodes(body);
      }
    }
    return count;
  }

  /**
   * The moving.
   *
   * @param past also Transposes with other users move, if all of these take the move
   */
  private record Transform(boolean past) implements NodeTransform {
    @Override
    public void begin(Graph graph, Rewriter to) {
      to.memory(this, () -> Lookahead.of(graph));
    }

    @Override
    public void rewrite(Node node, Rewriter to) {
      Lookahead ahead = to.memory(this, () -> Lookahead.NONE);
      if (!ahead.hasTransposes() || to.isOpen(node) || to.isCall(node)) {
        return;
      }
      if (node.is("Transpose")) {
        merge(node, to);
      } else if (TransposeRules.has(node) && ahead.leadsToTranspose(node)) {
        boolean pays = takesOver(node, to) || past && ahead.isTakenByAll(node);
        if (pays || TransposeRules.mayEnd(node)) {
          move(node, !pays, to);
        }
      }
    }

    /** Whether a Transpose before the node goes when one comes after it. */
    private static boolean takesOver(Node node, Rewriter to) {
      return node.outputs().size() == 1
          && node.inputs().stream()
              .anyMatch(
                  input ->
                      transpose(input, to) != null
                          && !to.isPinned(input)
                          && to.uses(input) == Collections.frequency(node.inputs(), input));
    }
  }

  /** One Transpose of two, or none. */
  private static void merge(Node node, Rewriter to) {
    Node before = transpose(node.input(0), to);
    Permutation second = before == null ? null : Permutation.of(node, to.shape(node.input(0)));
    Permutation first = before == null ? null : Permutation.of(before, to.shape(before.input(0)));
    if (before == null || first == null || second == null || first.rank() != second.rank()) {
      return;
    }
    Permutation both = first.then(second);
    Value source = to.input(before, 0);
    if (!both.isIdentity()) {
      to.replace(node.output(0), to.transpose(source, both.toLongs()));
    } else if (!to.needsIdentity(node.output(0), source)) {
      to.replace(node.output(0), source);
    }
  }

  /**
   * Moves the Transposes before the node after it.
   *
   * @param toVanish only if there is none after it
   */
  private static void move(Node node, boolean toVanish, Rewriter to) {
    Permutation common = null;
    List<Value> inputs = new ArrayList<>();
    for (String input : node.inputs()) {
      Node transpose = transpose(input, to);
      Permutation perm =
          transpose == null ? null : Permutation.of(transpose, to.shape(transpose.input(0)));
      if (transpose == null || perm == null) {
        inputs.add(to.value(input));
        continue;
      }
      if (common != null && !common.equals(perm)) {
        return;
      }
      common = perm;
      inputs.add(to.input(transpose, 0));
    }
    if (common != null) {
      TransposeRules.apply(node, inputs, common, toVanish, to);
    }
  }

  /** The Transpose that gives a value, or null. */
  static @Nullable Node transpose(String value, Rewriter to) {
    Node producer = value.isEmpty() ? null : to.producer(value);
    return producer != null && producer.is("Transpose") && !to.isOpen(producer) ? producer : null;
  }

  /** What comes of the values of a graph, seen before the walk. */
  private record Lookahead(boolean hasTransposes, Set<String> leading, Set<String> refused) {
    static final Lookahead NONE = new Lookahead(false, Set.of(), Set.of());

    static Lookahead of(Graph graph) {
      if (graph.nodes().stream().noneMatch(n -> n.is("Transpose"))) {
        return NONE;
      }
      Set<String> movable = movable(graph);
      Set<String> leading = new HashSet<>();
      Set<String> refused = new HashSet<>();
      graph.outputs().forEach(o -> refused.add(o.name()));
      graph.quantization().forEach(q -> refused.add(q.value()));
      for (int i = graph.nodes().size() - 1; i >= 0; i--) {
        Node node = graph.nodes().get(i);
        boolean isTranspose = node.is("Transpose");
        boolean passes =
            !isTranspose && node.outputs().stream().anyMatch(r -> movable.contains(r.name()));
        boolean ends = isTranspose || passes && TransposeRules.mayEnd(node);
        if (ends || passes && node.outputs().stream().anyMatch(r -> leading.contains(r.name()))) {
          leading.addAll(node.inputs());
        }
        if (!ends
            && !(passes && node.outputs().stream().noneMatch(r -> refused.contains(r.name())))) {
          refused.addAll(node.dependencies());
        }
      }
      return new Lookahead(true, leading, refused);
    }

    /** Values that could be had as the Transpose of something computed in the other layout. */
    private static Set<String> movable(Graph graph) {
      Set<String> constants = new HashSet<>();
      graph.constants().forEach(c -> constants.add(c.name()));
      constants.add(Node.ABSENT);
      Set<String> movable = new HashSet<>();
      for (Node node : graph.nodes()) {
        if (node.is("Constant")) {
          constants.addAll(node.outputs().stream().map(Result::name).toList());
        } else if (node.is("Transpose")
            || TransposeRules.has(node)
                && node.inputs().stream()
                    .allMatch(i -> movable.contains(i) || constants.contains(i))
                && node.inputs().stream().anyMatch(movable::contains)) {
          node.outputs().stream().filter(Result::isPresent).forEach(r -> movable.add(r.name()));
        }
      }
      return movable;
    }

    boolean leadsToTranspose(Node node) {
      return TransposeRules.mayEnd(node)
          || node.outputs().stream().anyMatch(r -> leading.contains(r.name()));
    }

    /** Whether whoever uses the node's results, near or far, takes them in the other layout. */
    boolean isTakenByAll(Node node) {
      return node.outputs().stream().noneMatch(r -> refused.contains(r.name()));
    }
  }
}
