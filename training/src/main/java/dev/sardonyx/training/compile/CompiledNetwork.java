package dev.sardonyx.training.compile;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.Constant;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.jspecify.annotations.Nullable;

/**
 * A model as a DL4J network, with the way back.
 *
 * @param model what was compiled
 * @param network the network, with the model's weights
 * @param vertices which vertex computes each requested value
 * @param constants the requested values that nothing needs to compute
 * @param bindings which constants are which parameters
 * @param fixedParameters parameters that are no constants of the model
 * @param fixed initializers that training cannot change: single numbers in arithmetic, which DL4J
 *     knows as settings of its layers
 */
public record CompiledNetwork(
    Model model,
    ComputationGraph network,
    Map<String, HeldValue> vertices,
    Map<String, Tensor> constants,
    List<ParameterBinding> bindings,
    List<FixedParameter> fixedParameters,
    List<String> fixed) {

  /** Sets the network's parameters from constants. */
  void loadWeights(Function<String, @Nullable Tensor> constants) {
    fixedParameters.forEach(parameter -> parameter.load(network));
    Map<String, float[]> elements = new HashMap<>();
    for (ParameterBinding binding : bindings) {
      Tensor tensor = Objects.requireNonNull(constants.apply(binding.constant()));
      binding.load(
          elements.computeIfAbsent(binding.constant(), name -> tensor.toFloats()), network);
    }
  }

  /**
   * The model with the network's parameters, running statistics included, as its constants. What
   * was in training mode no longer is.
   */
  public Model trainedModel() {
    Map<String, List<ParameterBinding>> byConstant =
        bindings.stream().collect(Collectors.groupingBy(ParameterBinding::constant));
    List<Constant> changed = new ArrayList<>();
    for (Constant constant : model.graph().constants()) {
      List<ParameterBinding> parts = byConstant.getOrDefault(constant.name(), List.of());
      if (!parts.isEmpty() && constant.data() instanceof Tensor tensor) {
        float[] elements = tensor.toFloats();
        parts.forEach(part -> part.store(network, elements));
        changed.add(constant.withData(Tensor.ofFloats(elements, tensor.dims())));
      } else {
        changed.add(constant);
      }
    }
    List<Node> nodes = model.graph().nodes().stream().map(CompiledNetwork::trained).toList();
    return model.withGraph(model.graph().withConstants(changed).withNodes(nodes));
  }

  /** The node for use, no longer in training mode. */
  private static Node trained(Node node) {
    if (node.is("BatchNormalization") && node.intAttribute("training_mode", 0) != 0) {
      return node.withAttribute(Attribute.ofInt("training_mode", 0))
          .withOutputs(node.outputs().subList(0, 1));
    }
    return node.is("Dropout") && node.hasInput(2)
        ? node.withInputs(node.inputs().subList(0, 2))
        : node;
  }
}
