package dev.sardonyx.export;

import dev.sardonyx.export.Target.Feature;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.IrVersion;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** What runtimes support, by their documentation or by tests; each with its source. */
final class Runtimes {
  private static final Set<Feature> TENSORS_ONLY =
      EnumSet.of(
          Feature.SPARSE_TENSORS,
          Feature.OTHER_THAN_TENSORS,
          Feature.STRINGS,
          Feature.OTHER_DOMAINS);

  private static final Set<Feature> NO_PREVIEW = EnumSet.of(Feature.PREVIEW_OPERATORS);

  private Runtimes() {}

  static List<Target> all() {
    List<Target> all = new ArrayList<>(onnxRuntimes());
    all.add(onnxRuntimeCpu());
    all.add(onnxRuntimeWeb());
    all.add(onnxRuntimeWebGpu());
    all.add(coreMl());
    all.add(openVino());
    all.add(openCv());
    all.add(tensorRt10());
    all.add(tensorRt8());
    return all;
  }

  // ONNX Runtime

  static List<Target> onnxRuntimes() {
    return List.of(
        onnxRuntime("1.28", 26, 13, 5),
        onnxRuntime("1.26", 26, 13, 5),
        onnxRuntime("1.24", 25, 13, 5),
        onnxRuntime("1.23", 23, 11, 5),
        onnxRuntime("1.22", 22, 10, 5),
        onnxRuntime("1.21", 22, 10, 5),
        onnxRuntime("1.20", 21, 10, 5),
        onnxRuntime("1.19", 21, 10, 5),
        onnxRuntime("1.18", 21, 10, 5),
        onnxRuntime("1.17", 20, 9, 4),
        onnxRuntime("1.16", 19, 9, 3),
        onnxRuntime("1.15", 19, 9, 3),
        onnxRuntime("1.14", 18, 8, 3));
  }

  /** Cases that the operators allow and its kernels refuse. */
  private static final List<NodeLimit> ONNX_RUNTIME_LIMITS =
      List.of(
          NodeLimit.noAttribute("GRU", "layout"),
          NodeLimit.noAttribute("LSTM", "layout"),
          NodeLimit.noAttribute("RNN", "layout"),
          NodeLimit.olderVersion("Attention", 25)); // its windows are not known to it

  private static Target onnxRuntime(String version, int opset, int irVersion, int ml) {
    return Target.of("onnxruntime-" + version, 7, opset)
        .withIrVersion(irVersion)
        .withMlOpset(ml)
        .without(NO_PREVIEW)
        .withLimits(ONNX_RUNTIME_LIMITS)
        .withSource("loading models of each version in " + version);
  }

  private static final List<NodeLimit> CPU_LIMITS =
      Stream.concat(
              ONNX_RUNTIME_LIMITS.stream(),
              Stream.of(
                  NodeLimit.noInput("MaxUnpool", 2), // gives other results with it
                  // Its definition needs RandomUniformLike, which has a kernel of version 1 only.
                  NodeLimit.olderVersion("Bernoulli", 22)))
          .toList();

  /** What the execution provider for the CPU runs, which is less than others do. */
  private static Target onnxRuntimeCpu() {
    return onnxRuntime("1.28", 26, 13, 5)
        .withName("onnxruntime-cpu-1.28")
        .withoutTypes(EnumSet.of(ElementType.FLOAT4E2M1))
        .withOperators(Operators.allBut("ImageDecoder Swish"))
        .withKernels(KernelTable.onnxRuntimeCpu())
        .withLimits(CPU_LIMITS)
        .withSource(
            "the kernels that ONNX Runtime registers for the CPU, and the ONNX backend suite in"
                + " 1.28");
  }

  /** Its WASM kernels run the operators that have no WebGPU kernel. */
  private static Target onnxRuntimeWeb() {
    return onnxRuntimeCpu()
        .withName("onnxruntime-web-1.30")
        .withSource(
            "models of each version, and the ONNX backend suite, in 1.30.0 of the npm package; kernels:"
                + " what ONNX Runtime 1.30 registers for the CPU");
  }

  /**
   * The operators with kernels on the GPU. All others run on WASM, to which their data is copied.
   */
  private static final String WEB_GPU =
      """
      Abs Acos Acosh Add ArgMax ArgMin Asin Asinh Atan Atanh AveragePool BatchNormalization Cast Ceil
      Clip Concat Constant Conv ConvTranspose Cos Cosh CumSum DFT DepthToSpace DequantizeLinear Div
      Einsum Elu Equal Erf Exp Expand Flatten Floor Gather GatherElements GatherND Gelu Gemm
      GlobalAveragePool GlobalMaxPool Greater GreaterOrEqual GridSample HardSigmoid HardSwish If
      InstanceNormalization LayerNormalization LeakyRelu Less LessOrEqual Log MatMul MaxPool Mul Neg
      Not Pad Pow Range Reciprocal ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceMax
      ReduceMean ReduceMin ReduceProd ReduceSum ReduceSumSquare Relu Reshape Resize ScatterND Shape
      Sigmoid Sin Sinh Slice Softmax Split Sqrt Squeeze Sub Tan Tanh ThresholdedRelu Tile Transpose
      Unsqueeze Where""";

  private static Target onnxRuntimeWebGpu() {
    return Target.of("onnxruntime-webgpu-1.30", 7, 26)
        .withIrVersion(13)
        .without(TENSORS_ONLY)
        .withOperators(Operators.only(WEB_GPU))
        .withSource("docs/webgpu-operators.md in 1.30.0 of the npm package onnxruntime-web");
  }

  // CoreML

  private static final String CORE_ML =
      """
      Add ArgMax AveragePool Cast Ceil Clip Concat Constant Conv ConvTranspose Cos DepthToSpace Div
      Elu Erf Exp GatherND Gelu Gemm GlobalAveragePool GlobalMaxPool GridSample GroupNormalization
      HardSigmoid Identity InstanceNormalization LayerNormalization LeakyRelu MatMul Max MaxPool Mul
      PRelu Pow Range Reciprocal ReduceMax ReduceMean ReduceSum Relu Reshape Resize Round Shape
      Sigmoid Sin Slice Softmax Softplus Split Sqrt Squeeze Sub Tanh Tile Transpose Unsqueeze""";

  private static final List<NodeLimit> CORE_ML_LIMITS =
      List.of(
          NodeLimit.constantInput("Conv", 2),
          NodeLimit.constantInput("ConvTranspose", 1),
          NodeLimit.constantInput("ConvTranspose", 2),
          NodeLimit.otherValue("ConvTranspose", "auto_pad", "SAME_UPPER"),
          NodeLimit.otherValue("ConvTranspose", "auto_pad", "SAME_LOWER"),
          NodeLimit.noAttribute("ConvTranspose", "output_shape"),
          NodeLimit.noAttribute("ConvTranspose", "output_padding"),
          NodeLimit.noAttribute("GatherND", "batch_dims"),
          NodeLimit.constantInput("Gemm", 1),
          NodeLimit.constantInput("Slice", 1),
          NodeLimit.constantInput("Slice", 2),
          NodeLimit.constantInput("Slice", 3),
          NodeLimit.constantInput("Slice", 4),
          NodeLimit.constantInput("Split", 1));

  /**
   * As an execution provider of ONNX Runtime, whose CPU kernels run the operators that it lacks.
   */
  private static Target coreMl() {
    return Target.of("coreml", 7, 23)
        .withIrVersion(11)
        .without(EnumSet.complementOf(EnumSet.of(Feature.OPEN_DIMENSIONS, Feature.VECTOR_INPUTS)))
        .withOperators(Operators.only(CORE_ML))
        .withLimits(CORE_ML_LIMITS)
        .withSource(
            "operators of ML programs: tools/ci_build/github/apple/"
                + "coreml_supported_mlprogram_ops.md in ONNX Runtime's repository");
  }

  // OpenVINO

  /** The operators without a supported version in the table of operators. */
  private static final String NOT_IN_OPEN_VINO =
      """
      Bernoulli DeformConv Det ImageDecoder LpPool MaxUnpool MelWeightMatrix Optional
      OptionalGetElement OptionalHasElement RegexFullMatch SequenceMap StringConcat StringNormalizer
      StringSplit TfIdfVectorizer""";

  private static Target openVino() {
    return Target.of("openvino-2025", 7, 23)
        .withIrVersion(11)
        .without(
            EnumSet.of(
                Feature.FUNCTIONS,
                Feature.SPARSE_TENSORS,
                Feature.OTHER_THAN_TENSORS,
                Feature.STRINGS,
                Feature.CONTRIB_OPERATORS,
                Feature.OTHER_DOMAINS))
        .withoutTypes(EnumSet.of(ElementType.COMPLEX64, ElementType.COMPLEX128))
        .withOperators(Operators.allBut(NOT_IN_OPEN_VINO))
        .withLimits(
            List.of(
                NodeLimit.noAttribute("AveragePool", "dilations"),
                NodeLimit.noAttribute("Resize", "antialias")))
        .withSource("src/frontends/onnx/docs/supported_ops.md in OpenVINO's repository");
  }

  // OpenCV

  /** The operators that OpenCV's importer lists, except GRU and Hardmax, which it cannot build. */
  private static final String OPEN_CV =
      """
      Abs Acos Acosh Add And ArgMax ArgMin Asin Asinh Atan Atanh AveragePool BatchNormalization
      Cast Ceil Celu Clip Concat Constant ConstantOfShape Conv ConvTranspose Cos Cosh CumSum
      DepthToSpace DequantizeLinear Div Dropout Einsum Elu Equal Erf Exp Expand Flatten Floor
      Gather GatherElements GatherND Gelu Gemm GlobalAveragePool GlobalMaxPool Greater
      GreaterOrEqual GroupNormalization HardSigmoid HardSwish Identity InstanceNormalization LRN
      LSTM LayerNormalization LeakyRelu Less LessOrEqual Log LogSoftmax MatMul Max MaxPool
      MaxUnpool Mean Min Mod Mul Neg Or PRelu Pad Pow QLinearConv QLinearMatMul QuantizeLinear
      Range Reciprocal ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceMax ReduceMean
      ReduceMin ReduceProd ReduceSum ReduceSumSquare Relu Reshape Resize Round Scatter
      ScatterElements ScatterND Selu Shape Shrink Sigmoid Sign Sin Sinh Slice Softmax Softplus
      Softsign SpaceToDepth Split Sqrt Squeeze Sub Sum Tan Tanh ThresholdedRelu Tile TopK
      Transpose Unsqueeze Upsample Where Xor""";

  private static final List<NodeLimit> OPEN_CV_LIMITS =
      List.of(
          NodeLimit.constantInput("BatchNormalization", 1),
          NodeLimit.constantInput("ConvTranspose", 1),
          NodeLimit.noAttribute("ConvTranspose", "dilations"),
          NodeLimit.noAttribute("ConvTranspose", "output_shape"),
          NodeLimit.otherValue("ConvTranspose", "auto_pad", "SAME_UPPER"),
          NodeLimit.otherValue("ConvTranspose", "auto_pad", "SAME_LOWER"),
          NodeLimit.constantInput("Gemm", 1),
          NodeLimit.constantInput("LSTM", 1),
          NodeLimit.constantInput("PRelu", 1),
          NodeLimit.constantInput("Resize", 2),
          NodeLimit.constantInput("Resize", 3),
          NodeLimit.otherValue("Resize", "mode", "cubic"),
          NodeLimit.otherValue("Resize", "coordinate_transformation_mode", "half_pixel"),
          NodeLimit.otherValue("Resize", "coordinate_transformation_mode", "tf_crop_and_resize"),
          NodeLimit.otherValue("Resize", "nearest_mode", "round_prefer_ceil"),
          NodeLimit.noInput("MaxUnpool", 2),
          NodeLimit.oneAxis("Unsqueeze"),
          NodeLimit.oneAxis(
              "ReduceL1"), // of reductions over all or three axes some end the process
          NodeLimit.oneAxis("ReduceL2"),
          NodeLimit.oneAxis("ReduceLogSum"),
          NodeLimit.oneAxis("ReduceLogSumExp"),
          NodeLimit.oneAxis("ReduceMax"),
          NodeLimit.oneAxis("ReduceMean"),
          NodeLimit.oneAxis("ReduceMin"),
          NodeLimit.oneAxis("ReduceProd"),
          NodeLimit.oneAxis("ReduceSum"),
          NodeLimit.oneAxis("ReduceSumSquare"),
          NodeLimit.noAttribute("Mod", "fmod"),
          NodeLimit.noAttribute("AveragePool", "count_include_pad"),
          NodeLimit.noAttribute("AveragePool", "dilations"),
          NodeLimit.otherValue("AveragePool", "auto_pad", "SAME_LOWER"),
          NodeLimit.noAttribute("MaxPool", "dilations"),
          NodeLimit.otherValue("MaxPool", "auto_pad", "SAME_LOWER"));

  static Target openCv() {
    return Target.of("opencv-4", 7, 17)
        .withIrVersion(IrVersion.newest())
        .without(EnumSet.complementOf(EnumSet.of(Feature.OPEN_DIMENSIONS)))
        .withoutTypes(
            EnumSet.of(
                ElementType.UINT16,
                ElementType.UINT32,
                ElementType.UINT64,
                ElementType.COMPLEX64,
                ElementType.COMPLEX128))
        .withOperators(Operators.only(OPEN_CV))
        .withLimits(OPEN_CV_LIMITS)
        .withSource(
            "operators: modules/dnn/src/onnx/onnx_importer.cpp in OpenCV's repository; limits: the"
                + " ONNX backend suite in OpenCV 4.13, which fails or gives other results there");
  }

  // TensorRT

  /** The operators marked with N in the table of supported operators. */
  private static final String NOT_IN_TENSOR_RT_10 =
      """
      AffineGrid Bernoulli BitShift BitwiseAnd BitwiseNot BitwiseOr BitwiseXor Col2Im CenterCropPad
      Compress ConcatFromSequence ConvInteger DFT Det DynamicQuantizeLinear ImageDecoder
      MatMulInteger MaxRoiPool MaxUnpool MelWeightMatrix Multinomial NegativeLogLikelihoodLoss
      Optional OptionalGetElement OptionalHasElement QLinearConv QLinearMatMul RegexFullMatch
      SequenceAt SequenceConstruct SequenceEmpty SequenceErase SequenceInsert SequenceLength
      SequenceMap SoftmaxCrossEntropyLoss SplitToSequence StringConcat StringNormalizer StringSplit
      TfIdfVectorizer Unique Swish""";

  private static final String NOT_IN_TENSOR_RT_8 =
      """
      BitShift Compress ConcatFromSequence ConvInteger Det DynamicQuantizeLinear Hardmax IsInf
      MatMulInteger MaxRoiPool MaxUnpool MeanVarianceNormalization Mod Multinomial
      NegativeLogLikelihoodLoss NonZero OneHot QLinearConv QLinearMatMul RandomNormal
      RandomNormalLike RoiAlign SequenceAt SequenceConstruct SequenceEmpty SequenceErase
      SequenceInsert SequenceLength Shrink SoftmaxCrossEntropyLoss SplitToSequence StringNormalizer
      TfIdfVectorizer Unique""";

  private static final List<NodeLimit> TENSOR_RT_10_LIMITS =
      List.of(
          NodeLimit.noAttribute("AveragePool", "dilations"),
          NodeLimit.noAttribute("LpPool", "dilations"),
          NodeLimit.noAttribute("MaxPool", "dilations"),
          NodeLimit.noAttribute("LSTM", "input_forget"),
          NodeLimit.noAttribute("LSTM", "layout"),
          NodeLimit.noAttribute("Resize", "antialias"),
          NodeLimit.otherValue("Resize", "mode", "cubic"),
          NodeLimit.constantInput("CumSum", 1),
          NodeLimit.constantInput("OneHot", 1));

  private static final List<NodeLimit> TENSOR_RT_8_LIMITS =
      List.of(
          NodeLimit.constantInput("Conv", 1),
          NodeLimit.constantInput("ConvTranspose", 1),
          NodeLimit.constantInput("CumSum", 1),
          NodeLimit.constantInput("InstanceNormalization", 1),
          NodeLimit.constantInput("InstanceNormalization", 2),
          NodeLimit.constantInput("Slice", 3),
          NodeLimit.constantInput("Squeeze", 1),
          NodeLimit.constantInput("TopK", 1),
          NodeLimit.constantInput("Unsqueeze", 1),
          NodeLimit.otherValue("Resize", "mode", "cubic"));

  private static Target tensorRt10() {
    return Target.of("tensorrt-10", 9, 24)
        .withIrVersion(IrVersion.newest())
        .without(TENSORS_ONLY)
        .withoutTypes(
            EnumSet.of(
                ElementType.INT16,
                ElementType.UINT16,
                ElementType.UINT32,
                ElementType.UINT64,
                ElementType.COMPLEX64,
                ElementType.COMPLEX128))
        .withOperators(Operators.allBut(NOT_IN_TENSOR_RT_10))
        .withLimits(TENSOR_RT_10_LIMITS)
        .withSource("docs/operators.md of onnx-tensorrt for TensorRT 10.15");
  }

  private static Target tensorRt8() {
    return Target.of("tensorrt-8", 7, 13)
        .withIrVersion(8)
        .without(TENSORS_ONLY)
        .withoutTypes(
            EnumSet.of(
                ElementType.BFLOAT16,
                ElementType.UINT8,
                ElementType.INT16,
                ElementType.UINT16,
                ElementType.UINT32,
                ElementType.UINT64,
                ElementType.COMPLEX64,
                ElementType.COMPLEX128))
        .withOperators(Operators.allBut(NOT_IN_TENSOR_RT_8))
        .withLimits(TENSOR_RT_8_LIMITS)
        .withSource("docs/operators.md of onnx-tensorrt for TensorRT 8.4");
  }
}
