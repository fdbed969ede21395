package dev.sardonyx.ir.pass;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.AttributeValue;
import dev.sardonyx.ir.Constant;
import dev.sardonyx.ir.Metadata;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.OperatorName;
import dev.sardonyx.ir.Result;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorData;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.build.GraphBuildException;
import dev.sardonyx.ir.infer.InferenceException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** Makes nodes and constants in front of the node that a transform sees. */
final class NodeMaker {
  private final Rewriter graph;

  NodeMaker(Rewriter graph) {
    this.graph = graph;
  }

  /** A constant under a name made from a base. */
  Value constant(String base, TensorData data) {
    Step own = graph.dirty();
    graph.walk.made(data);
    String name = graph.fresh(base);
    own.wanted.put(name, base);
    if (graph.walk.hasInitializers) {
      Constant constant = Constant.of(name, data);
      own.constants.put(name, constant);
      graph.draft.define(constant);
      return constant;
    }
    if (!(data instanceof Tensor tensor)) {
      throw GraphBuildException.here("A Constant node takes a dense tensor");
    }
    Node node = constantNode(Result.of(name, tensor.type()), tensor);
    own.made.add(node);
    graph.draft.define(node);
    return node.output(0);
  }

  static Node constantNode(Result result, Tensor tensor) {
    return Node.of("Constant", List.of(), List.of(result), Attribute.ofTensor("value", tensor));
  }

  /** What names of new nodes begin with: the name of the current node. */
  String base() {
    Step step = graph.step;
    Node current = step == null ? null : step.original;
    return current == null ? "" : current.name();
  }

  /** Nodes of an operator with types and names; see {@link Rewriter#nodes}. */
  List<Value> nodes(
      String operator, int outputCount, List<? extends Value> from, Attribute... attributes) {
    OperatorName called = OperatorName.parse(operator);
    List<String> inputs = new ArrayList<>(from.size());
    from.forEach(v -> inputs.add(graph.value(v.name()).name()));
    String lower = called.opType().toLowerCase(Locale.ROOT);
    String name = base().isEmpty() ? "" : graph.fresh(base() + "." + lower);
    List<Result> results = new ArrayList<>(outputCount);
    for (int i = 0; i < outputCount; i++) {
      String suffix = outputCount == 1 ? "_out" : "_out" + i;
      results.add(Result.of(graph.fresh((name.isEmpty() ? lower : name) + suffix)));
    }
    return add(
        new Node(
            called.domain(),
            called.opType(),
            called.overload(),
            name,
            inputs,
            graph.walk.hasInitializers ? List.of(attributes) : withConstantNodes(attributes),
            results,
            Metadata.EMPTY));
  }

  /** Subgraphs have no initializers either where the graph has none. */
  private static List<Attribute> withConstantNodes(Attribute... attributes) {
    return Arrays.stream(attributes)
        .map(
            attribute ->
                attribute.value() instanceof AttributeValue.Graph body
                    ? Attribute.ofGraph(
                        attribute.name(), InitializersToConstants.withNodes(body.value()))
                    : attribute)
        .toList();
  }

  private List<Value> add(Node node) {
    graph
        .walk
        .checker()
        .check(node)
        .ifPresent(
            problem -> {
              throw GraphBuildException.here(
                  problem.code(), problem.message() + " (made for " + graph.place() + ")");
            });
    return List.copyOf(addAsIs(inferred(node)).outputs());
  }

  Node inferred(Node node) {
    try {
      return graph.facts().add(node);
    } catch (InferenceException e) {
      throw GraphBuildException.here(
          e.code(), e.getMessage() + " (made for " + graph.place() + ")");
    }
  }

  /** A node that is neither checked nor inferred; for nodes of a function, which have been. */
  Node addAsIs(Node node) {
    Step own = graph.dirty();
    own.made.add(node);
    graph.draft.define(node);
    graph.draft.use(node);
    return node;
  }
}
