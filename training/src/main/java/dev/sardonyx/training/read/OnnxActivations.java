package dev.sardonyx.training.read;

import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationHardSigmoid;
import org.nd4j.linalg.activations.impl.ActivationReLU;
import org.nd4j.linalg.activations.impl.ActivationSigmoid;
import org.nd4j.linalg.activations.impl.ActivationSoftPlus;
import org.nd4j.linalg.activations.impl.ActivationSoftSign;
import org.nd4j.linalg.activations.impl.ActivationTanH;

/**
 * The activations that ONNX's recurrent operators know by name, with their default settings. Elu is
 * none of them: without its setting, ONNX Runtime gives 0 below 0.
 */
final class OnnxActivations {
  private OnnxActivations() {}

  static Optional<String> name(@Nullable IActivation function) {
    if (function instanceof ActivationSigmoid) {
      return Optional.of("Sigmoid");
    }
    if (function instanceof ActivationTanH) {
      return Optional.of("Tanh");
    }
    if (function instanceof ActivationHardSigmoid) {
      return Optional.of("HardSigmoid");
    }
    if (function instanceof ActivationSoftSign) {
      return Optional.of("Softsign");
    }
    if (function instanceof ActivationSoftPlus) {
      return Optional.of("Softplus");
    }
    return function instanceof ActivationReLU relu && isPlain(relu)
        ? Optional.of("Relu")
        : Optional.empty();
  }

  private static boolean isPlain(ActivationReLU relu) {
    return relu.getMax() == null
        && (relu.getThreshold() == null || relu.getThreshold() == 0)
        && (relu.getNegativeSlope() == null || relu.getNegativeSlope() == 0);
  }
}
