package dev.sardonyx.training.compile;

import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.lossfunctions.ILossFunction;

/**
 * What training minimises of one output.
 *
 * @param function compares labels with the output
 * @param activation what the output goes through before, such as softmax if the model gives logits
 */
public record OutputLoss(ILossFunction function, IActivation activation) {

  /** The loss of an output as it is. */
  public static OutputLoss of(ILossFunction function) {
    return new OutputLoss(function, new ActivationIdentity());
  }

  @Override
  public String toString() {
    return takesOutputAsItIs() ? function.toString() : function + " of " + activation;
  }

  boolean takesOutputAsItIs() {
    return activation instanceof ActivationIdentity;
  }
}
