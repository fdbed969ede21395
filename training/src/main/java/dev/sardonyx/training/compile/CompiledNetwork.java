package dev.sardonyx.training.compile;

import dev.sardonyx.ir.Constant;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
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
 */
public record CompiledNetwork(
    Model model,
    ComputationGraph network,
    Map<String, String> vertices,
    Map<String, Tensor> constants,
    List<ParameterBinding> bindings) {

  /** The same with another network of the same structure, such as one read from a checkpoint. */
  public CompiledNetwork withNetwork(ComputationGraph other) {
    return new CompiledNetwork(model, other, vertices, constants, bindings);
  }

  /** Sets the network's parameters from constants. */
  void loadWeights(Function<String, @Nullable Tensor> constants) {
    Map<String, float[]> elements = new HashMap<>();
    for (ParameterBinding binding : bindings) {
      Tensor tensor = Objects.requireNonNull(constants.apply(binding.constant()));
      binding.load(
          elements.computeIfAbsent(binding.constant(), name -> tensor.toFloats()), network);
    }
  }

  /** The model with the network's parameters, running statistics included, as its constants. */
  public Model trainedModel() {
    Map<String, float[]> elements = new HashMap<>();
    for (Constant constant : model.graph().constants()) {
      for (ParameterBinding binding : bindings) {
        if (binding.constant().equals(constant.name())) {
          binding.store(
              network,
              elements.computeIfAbsent(
                  constant.name(), name -> new float[((Tensor) constant.data()).length()]));
        }
      }
    }
    List<Constant> changed = new ArrayList<>();
    for (Constant constant : model.graph().constants()) {
      float[] trained = elements.get(constant.name());
      changed.add(
          trained == null
              ? constant
              : constant.withData(Tensor.ofFloats(trained, ((Tensor) constant.data()).dims())));
    }
    return model.withGraph(model.graph().withConstants(changed));
  }
}
