package dev.sardonyx.training.compile;

import dev.sardonyx.ir.Constant;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Gives each node vectors of its own. Exporters keep equal initializers once, such as the zeros and
 * ones that statistics and biases begin with; those belong to layers that have nothing to do with
 * each other and must learn apart. Filters and matrices that are shared are meant to be.
 */
final class Unsharing {
  private final Map<String, Constant> vectors = new HashMap<>();
  private final Set<String> names = new HashSet<>();
  private final Set<String> used = new HashSet<>();
  private final List<Constant> copies = new ArrayList<>();

  private Unsharing(Graph graph) {
    for (Constant constant : graph.constants()) {
      names.add(constant.name());
      if (constant.data() instanceof Tensor tensor && tensor.rank() == 1 && tensor.size() > 1) {
        vectors.put(constant.name(), constant);
      }
    }
    graph.inputs().forEach(input -> names.add(input.name()));
    graph.nodes().forEach(n -> n.outputs().forEach(r -> names.add(r.name())));
  }

  /** The graph itself if nothing is shared. */
  static Graph of(Graph graph) {
    Unsharing unsharing = new Unsharing(graph);
    List<Node> nodes = graph.nodes().stream().map(unsharing::withOwnVectors).toList();
    if (unsharing.copies.isEmpty()) {
      return graph;
    }
    List<Constant> all = new ArrayList<>(graph.constants());
    all.addAll(unsharing.copies);
    return graph.withNodes(nodes).withConstants(all);
  }

  private Node withOwnVectors(Node node) {
    List<String> inputs =
        IntStream.range(0, node.inputs().size())
            .mapToObj(i -> i > 0 && learns(node) ? own(node.input(i)) : node.input(i))
            .collect(Collectors.toList());
    return inputs.equals(node.inputs()) ? node : node.withInputs(inputs);
  }

  private static boolean learns(Node node) {
    return node.is("BatchNormalization")
        || node.is("Conv")
        || node.is("ConvTranspose")
        || node.is("Gemm")
        || node.is("PRelu");
  }

  private String own(String name) {
    Constant vector = vectors.get(name);
    if (vector == null || used.add(name)) {
      return name;
    }
    int number = 2;
    while (!names.add(name + "_" + number)) {
      number++;
    }
    copies.add(new Constant(name + "_" + number, vector.data(), vector.metadata()));
    return name + "_" + number;
  }
}
