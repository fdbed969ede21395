package dev.sardonyx.runtime.reduce;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.Constant;
import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Output;
import dev.sardonyx.ir.Result;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Leaves out outputs, optional operands and results, and attributes. */
final class DetailReduction {
  /** In a larger model this would take more trials than it is worth. */
  private static final int MOST_NODES = 8;

  private final Search search;

  DetailReduction(Search search) {
    this.search = search;
  }

  void run() {
    outputs();
    if (search.smallest().nodes() <= MOST_NODES) {
      for (int i = 0; i < search.smallest().nodes(); i++) {
        results(i);
        operands(i);
        attributes(i);
      }
    }
  }

  private Node node(int i) {
    return search.smallest().model().graph().nodes().get(i);
  }

  private void outputs() {
    List<Output> all = search.smallest().model().graph().outputs();
    for (Output output : all) {
      if (all.size() > 1 && search.keep(with(graph().withOutputs(List.of(output))))) {
        return;
      }
    }
  }

  private Graph graph() {
    return search.smallest().model().graph();
  }

  /** Results that nothing needs. */
  private void results(int i) {
    Set<String> used = new HashSet<>(search.smallest().outputs());
    graph().nodes().forEach(other -> used.addAll(other.dependencies()));
    List<Result> results =
        node(i).outputs().stream()
            .map(result -> used.contains(result.name()) ? result : Result.ABSENT)
            .toList();
    if (!results.equals(node(i).outputs())) {
      search.keep(with(graph().withNode(i, node(i).withOutputs(results))));
    }
  }

  private void operands(int i) {
    for (int at = node(i).inputs().size() - 1; at >= 0; at--) {
      if (node(i).hasInput(at)) {
        Node without =
            at == node(i).inputs().size() - 1
                ? node(i).withInputs(node(i).inputs().subList(0, at))
                : node(i).withInput(at, Node.ABSENT);
        search.keep(with(graph().withNode(i, without)));
      }
    }
  }

  private void attributes(int i) {
    for (Attribute attribute : node(i).attributes()) {
      search.keep(with(graph().withNode(i, node(i).withoutAttribute(attribute.name()))));
    }
  }

  /** Another graph, without the inputs and initializers that it does not use. */
  private Specimen with(Graph changed) {
    Set<String> used = new HashSet<>();
    changed.nodes().forEach(node -> used.addAll(node.dependencies()));
    changed.outputs().forEach(output -> used.add(output.name()));
    List<Input> inputs =
        changed.inputs().stream().filter(input -> used.contains(input.name())).toList();
    List<Constant> constants =
        changed.constants().stream().filter(c -> used.contains(c.name())).toList();
    Map<String, Datum> values = new LinkedHashMap<>(search.smallest().inputs());
    values.keySet().retainAll(used);
    return new Specimen(
        search.smallest().model().withGraph(changed.withInputs(inputs).withConstants(constants)),
        values);
  }
}
