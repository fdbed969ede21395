package dev.sardonyx.export.quantize;

import dev.sardonyx.export.quantize.OperatorRule.Kind;
import dev.sardonyx.ir.ElementType;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Which operators a runtime computes in integers if QuantizeLinear and DequantizeLinear are around
 * them.
 *
 * @param name for messages
 * @param rules by ONNX's own operators; all others stay in {@code float}
 * @param activationTypes the types it computes with
 * @param symmetricOnly whether it knows no zero points other than 0
 * @param integerBias whether a bias is int32; otherwise it stays {@code float}
 * @param inputsOnly whether only inputs are quantised: the runtime finds out itself which results,
 *     and which Relu and Clip after them, can be integers, too
 * @param perTensor operators whose weights have one scale, whatever is asked for
 * @param everywhere whether all nodes are quantised that can be, because one in {@code float} costs
 *     the runtime more than rounding costs in accuracy
 */
public record QuantizationTarget(
    String name,
    Map<String, OperatorRule> rules,
    Set<ElementType> activationTypes,
    boolean symmetricOnly,
    boolean integerBias,
    boolean inputsOnly,
    Set<String> perTensor,
    boolean everywhere) {
  private static final List<String> MOVING =
      List.of(
          "DepthToSpace",
          "Expand",
          "Flatten",
          "Gather",
          "Identity",
          "MaxPool",
          "Reshape",
          "Resize",
          "Slice",
          "SpaceToDepth",
          "Split",
          "Squeeze",
          "Tile",
          "Transpose",
          "Unsqueeze");

  private static final List<String> BOUNDING = List.of("Clip", "Relu");

  /** The range of truth: what Sigmoid and Softmax give. */
  private static final Range SHARE = new Range(0, 1);

  public QuantizationTarget {
    rules = Map.copyOf(rules);
    activationTypes = Set.copyOf(activationTypes);
    perTensor = Set.copyOf(perTensor);
  }

  /**
   * ONNX Runtime's CPU kernels: products with weights, and sums, products, pooling and
   * concatenation in between. Matrix products give {@code float} where nothing quantised follows.
   */
  public static QuantizationTarget cpu() {
    Map<String, OperatorRule> rules = new HashMap<>();
    rules.put("Conv", OperatorRule.of(Kind.PRODUCT, true));
    rules.put("Gemm", OperatorRule.of(Kind.PRODUCT, false));
    rules.put("MatMul", OperatorRule.of(Kind.PRODUCT, false));
    for (String operator :
        List.of("Add", "AveragePool", "Concat", "GlobalAveragePool", "LeakyRelu", "Mul")) {
      rules.put(operator, OperatorRule.of(Kind.FOLLOWING, true));
    }
    rules.put("Sigmoid", new OperatorRule(Kind.FOLLOWING, true, SHARE));
    MOVING.forEach(operator -> rules.put(operator, OperatorRule.of(Kind.MOVING, true)));
    rules.remove("SpaceToDepth"); // ONNX Runtime 1.28 computes it in float
    BOUNDING.forEach(operator -> rules.put(operator, OperatorRule.of(Kind.BOUNDING, true)));
    return new QuantizationTarget(
        "the CPU",
        rules,
        Set.of(ElementType.UINT8, ElementType.INT8),
        false,
        true,
        false,
        Set.of(),
        false);
  }

  /**
   * TensorRT's rules: int8 around zero, at the inputs of products, of sums (of both, so that a
   * shortcut is fused) and of pooling; biases and results stay {@code float}.
   */
  public static QuantizationTarget tensorRt() {
    Map<String, OperatorRule> rules = new HashMap<>();
    for (String operator : List.of("Conv", "ConvTranspose", "Gemm", "MatMul")) {
      rules.put(operator, OperatorRule.of(Kind.PRODUCT, false));
    }
    for (String operator : List.of("Add", "AveragePool", "GlobalAveragePool")) {
      rules.put(operator, OperatorRule.of(Kind.FOLLOWING, false));
    }
    rules.put("MaxPool", OperatorRule.of(Kind.MOVING, false));
    BOUNDING.forEach(operator -> rules.put(operator, OperatorRule.of(Kind.BOUNDING, false)));
    return new QuantizationTarget(
        "TensorRT", rules, Set.of(ElementType.INT8), true, false, true, Set.of(), false);
  }

  /**
   * The rules of Qualcomm's QNN for its tensor processor, which computes in 8 or 16 bits only: all
   * nodes are quantised, from the inputs to the outputs of the graph. Weights of MatMul and of
   * normalisations have one scale, and in 16 bits Sigmoid and Softmax give steps of 1/65536, Tanh
   * of 1/32768, for it knows no others (source: ONNX Runtime's get_qnn_qdq_config).
   */
  public static QuantizationTarget qnn() {
    Map<String, OperatorRule> rules = new HashMap<>();
    for (String operator :
        List.of(
            "Conv",
            "ConvTranspose",
            "Gemm",
            "InstanceNormalization",
            "LayerNormalization",
            "MatMul")) {
      rules.put(operator, OperatorRule.of(Kind.PRODUCT, true));
    }
    for (String operator :
        List.of(
            "Abs",
            "Add",
            "AveragePool",
            "Concat",
            "Div",
            "Elu",
            "Exp",
            "Gelu",
            "GlobalAveragePool",
            "GlobalMaxPool",
            "HardSigmoid",
            "HardSwish",
            "LeakyRelu",
            "Log",
            "LogSoftmax",
            "Max",
            "Min",
            "Mul",
            "Neg",
            "PRelu",
            "ReduceMax",
            "ReduceMean",
            "ReduceMin",
            "ReduceSum",
            "Sqrt",
            "Sub")) {
      rules.put(operator, OperatorRule.of(Kind.FOLLOWING, true));
    }
    rules.put("Sigmoid", new OperatorRule(Kind.FOLLOWING, true, SHARE));
    rules.put("Softmax", new OperatorRule(Kind.FOLLOWING, true, SHARE));
    rules.put("Tanh", new OperatorRule(Kind.FOLLOWING, true, Range.symmetric(1)));
    MOVING.forEach(operator -> rules.put(operator, OperatorRule.of(Kind.MOVING, true)));
    BOUNDING.forEach(operator -> rules.put(operator, OperatorRule.of(Kind.BOUNDING, true)));
    return new QuantizationTarget(
        "QNN",
        rules,
        Set.of(ElementType.UINT8, ElementType.UINT16),
        false,
        true,
        false,
        Set.of("InstanceNormalization", "LayerNormalization", "MatMul"),
        true);
  }

  /**
   * @throws IllegalArgumentException if the target has no kernels for such activations and weights
   */
  void require(QuantizationScheme activations, QuantizationScheme weights) {
    if (!activationTypes.contains(activations.type())) {
      throw new IllegalArgumentException(
          "For "
              + name
              + ", activations are "
              + String.join(
                  " or ", activationTypes.stream().map(ElementType::onnxName).sorted().toList())
              + ", not "
              + activations.type().onnxName());
    }
    if (symmetricOnly && !activations.symmetric()) {
      throw new IllegalArgumentException(
          "For " + name + ", activations are quantised symmetrically");
    }
    boolean hasKernels = weights.type() == ElementType.INT8 || activations.type().isUnsigned();
    if (weights.type().bits() != Byte.SIZE || !hasKernels) {
      throw new IllegalArgumentException(
          "For %s, weights are int8, or uint8 beside unsigned activations, not %s beside %s"
              .formatted(name, weights.type().onnxName(), activations.type().onnxName()));
    }
  }
}
