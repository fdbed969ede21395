package dev.sardonyx.export.quantize;

import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.GraphIndex;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Tensor;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The constant weights and bias of a Conv, Gemm or MatMul, whose channels are scaled. For Conv
 * these are {@code [M, C/group, window...]}, otherwise a matrix.
 */
final class ChannelWeights {
  /** An output whose weights are less than this share of its bias is more bias than weights. */
  private static final double BIAS_SHARE = 0.1;

  private final Node node;
  private final Tensor given;
  private final @Nullable Tensor givenBias;
  private final double[] elements;
  private final double[] bias;
  private final int outputs;

  private ChannelWeights(Node node, Tensor given, @Nullable Tensor givenBias) {
    this.node = node;
    this.given = given;
    this.givenBias = givenBias;
    this.elements = given.toDoubles();
    this.bias = givenBias == null ? new double[0] : givenBias.toDoubles();
    boolean columns = !node.is("Conv") && node.intAttribute("transB", 0) == 0;
    this.outputs = (int) given.dim(columns ? 1 : 0);
  }

  /** The weights of a node, if they are finite float initializers that it alone uses, once. */
  static Optional<ChannelWeights> of(Node node, GraphIndex index) {
    return own(node, 1, index)
        .filter(weights -> node.is("Conv") ? weights.rank() > 2 : weights.rank() == 2)
        .filter(weights -> node.intAttribute("transA", 0) == 0)
        .filter(weights -> WeightedProduct.whyNotNumbers(weights).isEmpty())
        .map(weights -> new ChannelWeights(node, weights, own(node, 2, index).orElse(null)));
  }

  /** A float initializer that is an input of one node alone, once. */
  static Optional<Tensor> own(Node node, int input, GraphIndex index) {
    return node.hasInput(input) ? own(node.input(input), index) : Optional.empty();
  }

  /** A float initializer that is used once. */
  static Optional<Tensor> own(String name, GraphIndex index) {
    boolean alone =
        index.uses(name) == 1 && index.input(name).isEmpty() && index.initializer(name).isPresent();
    return alone
        ? index.constant(name).filter(tensor -> tensor.elementType() == ElementType.FLOAT)
        : Optional.empty();
  }

  String node() {
    return NodeSelection.name(node);
  }

  /** The name of what the node gives. */
  String result() {
    return node.output(0).name();
  }

  int outputs() {
    return outputs;
  }

  /** Whether there is no bias, or one with an element for each output that can be scaled. */
  boolean hasOwnBias() {
    return !node.hasInput(2)
        || givenBias != null
            && bias.length == outputs
            && givenBias.dim(givenBias.rank() - 1) == outputs;
  }

  /** Whether the weights can take so many channels; of a matrix, each may have several rows. */
  boolean takes(int channels) {
    return node.is("Conv") ? inputs() == channels : inputs() % channels == 0;
  }

  int inputs() {
    return node.is("Conv")
        ? (int) (given.dim(1) * node.intAttribute("group", 1))
        : (int) (given.size() / outputs);
  }

  private int output(int element) {
    boolean columns = !node.is("Conv") && node.intAttribute("transB", 0) == 0;
    return columns ? element % outputs : element / (elements.length / outputs);
  }

  private int input(int element) {
    if (!node.is("Conv")) {
      boolean columns = node.intAttribute("transB", 0) == 0;
      return columns ? element / outputs : element % (elements.length / outputs);
    }
    int perGroup = (int) given.dim(1);
    int window = elements.length / outputs / perGroup;
    int outputsOfGroup = outputs / (int) node.intAttribute("group", 1);
    return output(element) / outputsOfGroup * perGroup + element / window % perGroup;
  }

  /** The largest absolute weight of each output. */
  double[] outputRanges() {
    double[] ranges = new double[outputs];
    for (int i = 0; i < elements.length; i++) {
      int channel = output(i);
      ranges[channel] = Math.max(ranges[channel], Math.abs(elements[i]));
    }
    return ranges;
  }

  /** The largest absolute weight of each channel that the weights take. */
  double[] inputRanges(int channels) {
    double[] ranges = new double[channels];
    int each = inputs() / channels;
    for (int i = 0; i < elements.length; i++) {
      int channel = input(i) / each;
      ranges[channel] = Math.max(ranges[channel], Math.abs(elements[i]));
    }
    return ranges;
  }

  /** The same, but not less than a share of each output's bias where there are weights at all. */
  double[] outputReaches() {
    double[] reaches = outputRanges();
    for (int i = 0; i < bias.length; i++) {
      reaches[i] = reaches[i] == 0 ? 0 : Math.max(reaches[i], Math.abs(bias[i]) * BIAS_SHARE);
    }
    return reaches;
  }

  void scaleOutputs(double[] factors) {
    for (int i = 0; i < elements.length; i++) {
      elements[i] *= factors[output(i)];
    }
    for (int i = 0; i < bias.length; i++) {
      bias[i] *= factors[i];
    }
  }

  void unscaleInputs(double[] factors) {
    int each = inputs() / factors.length;
    for (int i = 0; i < elements.length; i++) {
      elements[i] /= factors[input(i) / each];
    }
  }

  /** Puts the changed constants under their names. */
  void into(Map<String, Tensor> constants) {
    constants.put(node.input(1), Tensor.ofNumbers(ElementType.FLOAT, elements, given.dims()));
    if (givenBias != null) {
      constants.put(node.input(2), Tensor.ofNumbers(ElementType.FLOAT, bias, givenBias.dims()));
    }
  }
}
