package dev.sardonyx.samples.view;

import dev.sardonyx.ir.OpsetImport;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/** Kinds of operators that are told apart by colour. */
enum OperatorCategory {
  LAYER(
      "Conv ConvTranspose ConvInteger QLinearConv DeformConv Gemm MatMul MatMulInteger QLinearMatMul"
          + " LSTM GRU RNN Einsum Attention MultiHeadAttention GroupQueryAttention FusedConv"
          + " FusedGemm FusedMatMul MatMulNBits LinearAttention"),
  ACTIVATION(
      "Relu LeakyRelu PRelu Sigmoid HardSigmoid Tanh Elu Selu Celu Gelu FastGelu QuickGelu BiasGelu"
          + " Swish HardSwish Mish Softplus Softsign Softmax LogSoftmax Hardmax ThresholdedRelu Clip"
          + " Erf Shrink"),
  NORMALIZATION(
      "BatchNormalization InstanceNormalization LayerNormalization GroupNormalization"
          + " RMSNormalization SimplifiedLayerNormalization SkipLayerNormalization"
          + " SkipSimplifiedLayerNormalization LpNormalization LRN MeanVarianceNormalization Dropout"),
  POOLING(
      "MaxPool AveragePool GlobalMaxPool GlobalAveragePool LpPool GlobalLpPool MaxRoiPool RoiAlign"
          + " MaxUnpool"),
  SHAPE(
      "Reshape Transpose Flatten Squeeze Unsqueeze Concat Split Slice Gather GatherElements GatherND"
          + " ScatterElements ScatterND Scatter Shape Size Expand Tile Pad DepthToSpace SpaceToDepth"
          + " Resize Upsample Identity Cast CastLike Constant ConstantOfShape Range"),
  QUANTIZATION("QuantizeLinear DequantizeLinear DynamicQuantizeLinear"),
  CONTROL("If Loop Scan SequenceMap"),
  OTHER(""),
  /** An operator that the model defines itself. */
  FUNCTION(""),
  /** An input, an output or a captured value. */
  VALUE("");

  private static final Map<String, OperatorCategory> BY_OPERATOR = new HashMap<>();

  static {
    for (OperatorCategory category : values()) {
      for (String operator : category.operators.split(" ", -1)) {
        BY_OPERATOR.put(operator, category);
      }
    }
  }

  private final String operators;

  OperatorCategory(String operators) {
    this.operators = operators;
  }

  /** ONNX's operators, and ONNX Runtime's; all others are {@link #OTHER}. */
  static OperatorCategory of(DisplayGraph.Box box) {
    if (box.node() == null) {
      return VALUE;
    }
    if (box.bodies().stream().anyMatch(DisplayGraph.Body::isFunction)) {
      return FUNCTION;
    }
    String domain = OpsetImport.canonical(box.node().domain());
    return domain.isEmpty() || domain.equals("com.microsoft")
        ? BY_OPERATOR.getOrDefault(box.node().opType(), OTHER)
        : OTHER;
  }

  /** The name of its class in the style sheet. */
  String style() {
    return name().toLowerCase(Locale.ROOT);
  }
}
