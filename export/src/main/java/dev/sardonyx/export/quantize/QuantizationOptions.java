package dev.sardonyx.export.quantize;

import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Node;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * What is quantised, and how.
 *
 * @param target where the model is to run
 * @param activations how values in between are stored
 * @param weights how constant weights are stored
 * @param perChannel whether each channel of weights has a scale of its own
 * @param operators the operators that are quantised by themselves, of those the target has; empty
 *     for all of them. What merely moves or bounds elements follows its neighbours
 * @param included names of the nodes that may be quantised, {@code *} standing for any characters
 *     and {@code ?} for one; empty for all. A node without a name has that of its first result
 * @param excluded names of the nodes that stay in {@code float}, in the same way
 * @param activationProducts whether products of two activations, as in attention, are quantised,
 *     too, though they lose more than products with weights do
 */
public record QuantizationOptions(
    QuantizationTarget target,
    QuantizationScheme activations,
    QuantizationScheme weights,
    boolean perChannel,
    Set<String> operators,
    List<String> included,
    List<String> excluded,
    boolean activationProducts) {
  /**
   * @throws IllegalArgumentException if the target does not compute with such integers, or weights
   *     of channels are not symmetric
   */
  public QuantizationOptions {
    operators = Set.copyOf(operators);
    included = List.copyOf(included);
    excluded = List.copyOf(excluded);
    target.require(activations, weights);
    if (perChannel && !weights.symmetric()) {
      throw new IllegalArgumentException(
          "Weights with a scale for each channel are quantised symmetrically");
    }
  }

  /** For the CPU: uint8 activations, int8 weights with a scale for each channel. */
  public static QuantizationOptions cpu() {
    return of(QuantizationTarget.cpu(), QuantizationScheme.asymmetric(ElementType.UINT8));
  }

  /** For TensorRT: int8 activations and weights, all around zero. */
  public static QuantizationOptions tensorRt() {
    return of(QuantizationTarget.tensorRt(), QuantizationScheme.symmetric(ElementType.INT8));
  }

  /** For QNN: uint8 activations; {@link #withActivations} makes them uint16. */
  public static QuantizationOptions qnn() {
    return of(QuantizationTarget.qnn(), QuantizationScheme.asymmetric(ElementType.UINT8));
  }

  private static QuantizationOptions of(QuantizationTarget target, QuantizationScheme activations) {
    QuantizationScheme weights = QuantizationScheme.symmetric(ElementType.INT8);
    return new QuantizationOptions(
        target, activations, weights, true, Set.of(), List.of(), List.of(), false);
  }

  public QuantizationOptions withActivations(QuantizationScheme changed) {
    return new QuantizationOptions(
        target, changed, weights, perChannel, operators, included, excluded, activationProducts);
  }

  /** With one scale for each tensor of weights, or one for each of its channels. */
  public QuantizationOptions withWeights(QuantizationScheme changed, boolean forEachChannel) {
    return new QuantizationOptions(
        target,
        activations,
        changed,
        forEachChannel,
        operators,
        included,
        excluded,
        activationProducts);
  }

  /** With weights of 7 bits, for x86 processors without VNNI. */
  public QuantizationOptions withReducedRange() {
    return withWeights(weights.withReducedRange(true), perChannel);
  }

  /** With these operators alone. */
  public QuantizationOptions operators(String... changed) {
    return new QuantizationOptions(
        target,
        activations,
        weights,
        perChannel,
        Set.of(changed),
        included,
        excluded,
        activationProducts);
  }

  /** With nodes of one name alone; those that are excluded stay so. */
  public QuantizationOptions only(String name) {
    return new QuantizationOptions(
        target,
        activations,
        weights,
        perChannel,
        operators,
        List.of(name),
        excluded,
        activationProducts);
  }

  /** With nodes of these names, too, if any are named; otherwise all may be quantised. */
  public QuantizationOptions include(String... names) {
    return new QuantizationOptions(
        target,
        activations,
        weights,
        perChannel,
        operators,
        joined(included, names),
        excluded,
        activationProducts);
  }

  /** With nodes of these names in {@code float}, beside those that stay so already. */
  public QuantizationOptions exclude(String... names) {
    return new QuantizationOptions(
        target,
        activations,
        weights,
        perChannel,
        operators,
        included,
        joined(excluded, names),
        activationProducts);
  }

  /** With products of two activations quantised, too. */
  public QuantizationOptions withActivationProducts() {
    return new QuantizationOptions(
        target, activations, weights, perChannel, operators, included, excluded, true);
  }

  private static List<String> joined(List<String> before, String... added) {
    List<String> all = new ArrayList<>(before);
    all.addAll(List.of(added));
    return all;
  }

  boolean includes(Node node) {
    return included.isEmpty() || included.stream().anyMatch(name -> isNamed(node, name));
  }

  boolean excludes(Node node) {
    return excluded.stream().anyMatch(name -> isNamed(node, name));
  }

  /** Whether a node, or without a name its first result, has a name with such wildcards. */
  static boolean isNamed(Node node, String wildcards) {
    return NodeSelection.matches(wildcards, NodeSelection.name(node));
  }
}
