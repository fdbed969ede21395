package dev.sardonyx.ir.pass;

import dev.sardonyx.ir.Function;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.OperatorName;
import dev.sardonyx.ir.Output;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The walk of transforms over the nodes of one graph, subgraph or function's body. */
@SuppressWarnings("ReferenceEquality") // the very same object means: not changed
final class GraphRewrite {
  private final Walk walk;
  private final Graph source;
  private final Rewriter rewriter;
  private final Draft draft;
  private final Step[] steps;

  /** Of the source's node that is in hand, or is next. */
  private int position;

  private GraphRewrite(Walk walk, @Nullable Rewriter outer, String path, Graph source) {
    this.walk = walk;
    this.source = source;
    this.rewriter = new Rewriter(walk, outer, path, source);
    this.draft = rewriter.draft;
    this.steps = new Step[walk.stages.size()];
    for (int i = 0; i < steps.length; i++) {
      steps[i] = new Step(walk.stages.get(i), i);
    }
  }

  static Graph of(Graph graph, Walk walk) {
    return new GraphRewrite(walk, null, graph.name(), graph).run();
  }

  static Function of(Function function, Walk walk) {
    Graph body = function.asGraph();
    GraphRewrite rewrite = new GraphRewrite(walk, null, function.name(), body);
    function.values().forEach(v -> rewrite.draft.define(v.name(), v.type()));
    Graph done = rewrite.run();
    return done == body ? function : function.withNodes(done.nodes());
  }

  private Graph run() {
    for (Step first : steps) {
      begin(first, null);
      first.stage.transform().begin(source, rewriter);
      if (first.isDirty) {
        end(first);
      }
    }
    rest();
    List<Node> nodes = source.nodes();
    int[][] routes = source.operators().stream().map(walk::route).toArray(int[][]::new);
    boolean anySeen =
        Arrays.stream(routes).anyMatch(route -> route[0] < steps.length)
            && Arrays.stream(steps).anyMatch(s -> s.stage.transform().concerns(source));
    if (!anySeen && !source.hasSubgraphs() && !draft.hasReplacedHereOrOutside()) {
      draft.emit(0, nodes.size());
      return draft.graph();
    }
    for (position = 0; position < nodes.size(); position++) {
      int[] route = routes[source.operatorNumber(position)];
      boolean keepsInputs = draft.keepsInputs(position);
      if (keepsInputs && route[0] == steps.length && !source.hasSubgraphs()) {
        draft.emit(position, position + 1);
      } else {
        Node node = nodes.get(position);
        Node now = keepsInputs ? node : draft.withInputs(node);
        offer(source.hasSubgraphs() ? withBodies(now) : now, 0, route);
      }
    }
    return draft.graph();
  }

  /**
   * Shows a node to the transforms from one on.
   *
   * @param route which transform sees it next, from each one on
   */
  private void offer(Node node, int stage, int[] route) {
    for (int i = route[stage]; i < steps.length; i = route[i + 1]) {
      Step own = steps[i];
      begin(own, node);
      own.stage.transform().rewrite(node, rewriter);
      if (own.isDirty) {
        end(own);
        return;
      }
    }
    rest();
    draft.emit(node, position);
  }

  /** No node is in hand. */
  private void rest() {
    rewriter.step = null;
    draft.current = null;
  }

  private void begin(Step next, @Nullable Node node) {
    next.begin(node);
    rewriter.step = next;
    draft.current = node;
  }

  /**
   * Does what follows from what a transform has done, and shows the nodes to the next one, which
   * may let others stand for what later ones of them use.
   */
  private void end(Step own) {
    boolean gone = new StepEnd(rewriter, own).isGone();
    rest();
    Node node = gone ? null : own.node;
    int next = own.index + 1;
    int before = own.before < 0 ? own.made.size() : own.before;
    for (int i = 0; i <= own.made.size(); i++) {
      if (i == before && node != null) {
        offer(draft.withInputs(node), next, walk.route(OperatorName.of(node)));
      }
      if (i < own.made.size()) {
        Node made = own.made.get(i);
        offer(draft.withUses(made), next, walk.route(OperatorName.of(made)));
      }
    }
  }

  private Node withBodies(Node node) {
    return node.subgraphs().isEmpty() ? node : node.withSubgraphs(graph -> inner(node, graph));
  }

  private Graph inner(Node node, Graph graph) {
    Graph done = new GraphRewrite(walk, rewriter, node.pathInside(rewriter.path), graph).run();
    for (Output output : graph.outputs()) {
      if (draft.resolve(output.name()) != output.name()) {
        return done.withOutputs(
            done.outputs().stream().map(o -> o.withName(draft.resolve(o.name()))).toList());
      }
    }
    return done;
  }
}
