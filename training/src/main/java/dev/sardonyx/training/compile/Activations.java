package dev.sardonyx.training.compile;

import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Tensor;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationELU;
import org.nd4j.linalg.activations.impl.ActivationHardSigmoid;
import org.nd4j.linalg.activations.impl.ActivationHardTanH;
import org.nd4j.linalg.activations.impl.ActivationLReLU;
import org.nd4j.linalg.activations.impl.ActivationMish;
import org.nd4j.linalg.activations.impl.ActivationReLU;
import org.nd4j.linalg.activations.impl.ActivationReLU6;
import org.nd4j.linalg.activations.impl.ActivationSELU;
import org.nd4j.linalg.activations.impl.ActivationSigmoid;
import org.nd4j.linalg.activations.impl.ActivationSoftPlus;
import org.nd4j.linalg.activations.impl.ActivationSoftSign;
import org.nd4j.linalg.activations.impl.ActivationSoftmax;
import org.nd4j.linalg.activations.impl.ActivationSwish;
import org.nd4j.linalg.activations.impl.ActivationTanH;
import org.nd4j.linalg.activations.impl.ActivationThresholdedReLU;

/**
 * Activation functions: alone as layers, or fused into the layer before. Gelu is missing: DL4J's
 * two formulas, x sigmoid(1.702 x) and x (1 + tanh(sqrt(2/pi) x)) / 2, are neither of ONNX's.
 */
final class Activations {
  private static final float SELU_ALPHA = 1.6732632f;
  private static final float SELU_GAMMA = 1.050701f;

  private Activations() {}

  /** Says which function a node stands for; refuses parameters that DL4J lacks. */
  private interface Reader {
    IActivation read(Node node, NetworkBuilder network);
  }

  private static final Map<String, Reader> READERS =
      Map.ofEntries(
          Map.entry("Relu", (node, network) -> new ActivationReLU()),
          Map.entry("Sigmoid", (node, network) -> new ActivationSigmoid()),
          Map.entry("Tanh", (node, network) -> new ActivationTanH()),
          Map.entry("Softplus", (node, network) -> new ActivationSoftPlus()),
          Map.entry("Softsign", (node, network) -> new ActivationSoftSign()),
          Map.entry("Mish", (node, network) -> new ActivationMish()),
          Map.entry(
              "LeakyRelu",
              (node, network) -> new ActivationLReLU(node.floatAttribute("alpha", 0.01f))),
          Map.entry(
              "ThresholdedRelu",
              (node, network) -> new ActivationThresholdedReLU(node.floatAttribute("alpha", 1))),
          Map.entry("Elu", Activations::elu),
          Map.entry("Selu", (node, network) -> selu(node)),
          Map.entry("Swish", (node, network) -> swish(node)),
          Map.entry("HardSigmoid", (node, network) -> hardSigmoid(node)),
          Map.entry("Clip", Activations::clip),
          Map.entry("Softmax", (node, network) -> new ActivationSoftmax()));

  static Iterable<String> operators() {
    return READERS.keySet();
  }

  static void lower(Node node, NetworkBuilder network) {
    if (node.is("Softmax") && !Softmaxes.isDl4js(node, network)) {
      Softmaxes.lower(node, network);
      return;
    }
    network.activation(node.output(0).name(), read(node, network), node, 0);
  }

  private static IActivation read(Node node, NetworkBuilder network) {
    Reader reader = READERS.get(node.opType());
    if (reader == null) {
      throw new NodeRefusal(node, "it is not an activation");
    }
    return reader.read(node, network);
  }

  /**
   * The activation behind a node that its layer can compute at once, so that the value between them
   * need not exist.
   *
   * @param fusedInto the layer's node
   * @return null if something else follows
   */
  static @Nullable Fused following(Node fusedInto, NetworkBuilder network) {
    Optional<Node> next =
        network
            .fusible(fusedInto)
            .filter(n -> READERS.containsKey(n.opType()) && n.is(n.opType()))
            .filter(n -> n.input(0).equals(fusedInto.output(0).name()));
    return next.filter(n -> !n.is("Softmax") || Softmaxes.isDl4js(n, network))
        .map(n -> new Fused(n, read(n, network)))
        .orElse(null);
  }

  /** A function of a recurrent operator, by its name there. */
  static IActivation named(String name, Node node) {
    return switch (name) {
      case "Tanh" -> new ActivationTanH();
      case "Sigmoid" -> new ActivationSigmoid();
      case "Relu" -> new ActivationReLU();
      case "Softsign" -> new ActivationSoftSign();
      case "Softplus" -> new ActivationSoftPlus();
      default -> throw new NodeRefusal(node, "DL4J has no recurrent layer with " + name);
    };
  }

  /** An activation to be computed by the layer before it. */
  record Fused(Node node, IActivation function) {
    String value() {
      return node.output(0).name();
    }
  }

  private static IActivation elu(Node node, NetworkBuilder network) {
    float alpha = node.floatAttribute("alpha", 1);
    if (alpha != 1 && network.isTraining()) {
      throw new NodeRefusal(node, "DL4J's gradient of ELU is right for alpha = 1 only");
    }
    return new ActivationELU(alpha);
  }

  private static IActivation selu(Node node) {
    if (Math.abs(node.floatAttribute("alpha", SELU_ALPHA) - SELU_ALPHA) > 1e-5
        || Math.abs(node.floatAttribute("gamma", SELU_GAMMA) - SELU_GAMMA) > 1e-5) {
      throw new NodeRefusal(node, "DL4J's SELU has the standard alpha and gamma only");
    }
    return new ActivationSELU();
  }

  private static IActivation swish(Node node) {
    if (node.floatAttribute("alpha", 1) != 1) {
      throw new NodeRefusal(node, "DL4J's swish has alpha = 1 only");
    }
    return new ActivationSwish();
  }

  private static IActivation hardSigmoid(Node node) {
    if (node.floatAttribute("alpha", 0.2f) != 0.2f || node.floatAttribute("beta", 0.5f) != 0.5f) {
      throw new NodeRefusal(node, "DL4J's hard sigmoid has alpha = 0.2 and beta = 0.5 only");
    }
    return new ActivationHardSigmoid();
  }

  private static IActivation clip(Node node, NetworkBuilder network) {
    double min = bound(node, network, 1, "min", Float.NEGATIVE_INFINITY);
    double max = bound(node, network, 2, "max", Float.POSITIVE_INFINITY);
    if (min == 0 && max == 6) {
      return new ActivationReLU6();
    }
    if (min == -1 && max == 1) {
      return new ActivationHardTanH();
    }
    if (min == 0 && max >= Float.MAX_VALUE) {
      return new ActivationReLU();
    }
    throw new NodeRefusal(
        node, "DL4J clips to 0..6, -1..1 or at 0 only, not to " + min + ".." + max);
  }

  private static double bound(
      Node node, NetworkBuilder network, int input, String attribute, float otherwise) {
    Tensor constant = network.optionalConstant(node, input);
    return constant != null ? constant.toScalar() : node.floatAttribute(attribute, otherwise);
  }
}
