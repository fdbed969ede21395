package dev.sardonyx.training.compile;

import dev.sardonyx.ir.Node;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Where the parameters of a network in the making come from, and which constants learn. */
final class BoundParameters {
  private final RequestedGraph graph;
  private final boolean isTraining;
  private final List<ParameterBinding> bindings = new ArrayList<>();
  private final Map<String, String> layersOfConstants = new HashMap<>();
  private final List<FixedParameter> fixedParameters = new ArrayList<>();
  private final Set<String> untrained = new TreeSet<>();
  private boolean learns;

  BoundParameters(RequestedGraph graph, boolean isTraining) {
    this.graph = graph;
    this.isTraining = isTraining;
  }

  /**
   * Ties a node's constant input to a parameter of a layer.
   *
   * @param isFrozen whether the layer does not learn
   */
  void bind(Node node, ParameterBinding binding, boolean isFrozen) {
    if (isTraining && !graph.isInitializer(binding.constant())) {
      throw new NodeRefusal(
          node,
          "its weights '%s' come from a Constant node and could not be written back; "
                  .formatted(binding.constant())
              + "make them an initializer");
    }
    String other =
        layersOfConstants.put(binding.constant() + '@' + binding.offset(), binding.layer());
    if (isTraining && other != null) {
      throw new NodeRefusal(
          node,
          "it shares the weights '%s' with '%s', and DL4J cannot train shared weights"
              .formatted(binding.constant(), other));
    }
    bindings.add(binding);
    learns |= !isFrozen;
  }

  /** Adds a parameter that belongs to the way an operator is expressed, not to the model. */
  void add(FixedParameter parameter) {
    fixedParameters.add(parameter);
  }

  /** Remembers an initializer that DL4J cannot train, for it knows it as a setting of a layer. */
  void addUntrained(String initializer) {
    untrained.add(initializer);
  }

  /** Which constants are which parameters. */
  List<ParameterBinding> bindings() {
    return List.copyOf(bindings);
  }

  /** Parameters that are no constants of the model. */
  List<FixedParameter> fixedParameters() {
    return List.copyOf(fixedParameters);
  }

  /** The initializers that training leaves as they are, in the order of their names. */
  List<String> untrained() {
    return List.copyOf(untrained);
  }

  /** Whether any weights are not frozen. */
  boolean learns() {
    return learns;
  }
}
