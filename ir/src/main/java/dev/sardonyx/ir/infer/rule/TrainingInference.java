package dev.sardonyx.ir.infer.rule;

import dev.sardonyx.ir.ProblemCode;
import dev.sardonyx.ir.infer.InferenceContext;
import dev.sardonyx.ir.infer.InferenceException;

/** ONNX's preview of training: gradients and optimisers. */
final class TrainingInference {
  private TrainingInference() {}

  static void addTo(Rules rules) {
    rules.add(Rules.TRAINING, "Gradient", TrainingInference::gradient);
    rules.add(Rules.TRAINING, "Adagrad", c -> optimiser(c, 1));
    rules.add(Rules.TRAINING, "Momentum", c -> optimiser(c, 1));
    rules.add(Rules.TRAINING, "Adam", c -> optimiser(c, 2));
  }

  /** Each output is the gradient by the input in its place, and of its type. */
  private static void gradient(InferenceContext c) {
    for (int i = 0; i < c.outputs(); i++) {
      c.setOutputType(i, c.inputType(i));
    }
  }

  /**
   * Inputs are rate, step, then the tensors, their gradients, and as many times the states an
   * optimiser keeps of each; outputs are the new tensors and states.
   *
   * @param states how many states there are of a tensor
   */
  private static void optimiser(InferenceContext c, int states) {
    int given = c.inputs() - 2;
    int tensors = given / (2 + states);
    if (given % (2 + states) != 0) {
      throw new InferenceException(
          ProblemCode.ATTRIBUTE_VALUE,
          "inputs",
          "a multiple of " + (2 + states),
          Integer.toString(given),
          given
              + " inputs after rate and step are not a multiple of "
              + (2 + states)
              + ": tensors, their gradients, and "
              + states
              + " of each tensor's states");
    }
    for (int i = 0; i < tensors; i++) {
      for (int part = 1; part < 2 + states; part++) {
        Broadcasting.same(c, 2 + i, 2 + part * tensors + i);
      }
    }
    for (int i = 0; i < c.outputs(); i++) {
      // The gradients come after the tensors and are not given back.
      c.setOutputType(i, c.inputType(i < tensors ? 2 + i : 2 + tensors + i));
    }
  }
}
