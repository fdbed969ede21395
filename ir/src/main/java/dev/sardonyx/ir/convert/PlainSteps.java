package dev.sardonyx.ir.convert;

import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.ValueType;
import dev.sardonyx.ir.infer.TypeMerge;
import dev.sardonyx.ir.pass.Rewriter;
import java.util.List;

/** Steps without rules of their own: the number, element types, and operators that came new. */
final class PlainSteps {
  /** Clarified, or allowed more shapes, with nothing that nodes say differently. */
  private static final String NUMBER =
      """
      AveragePool 11
      Conv 11
      ConvTranspose 11
      DepthToSpace 28
      LpPool 11
      MaxPool 11
      MaxUnpool 11
      NegativeLogLikelihoodLoss 13
      NonMaxSuppression 11
      OneHot 11
      Scan 11""";

  private static final String TYPES =
      """
      Abs 13
      Acos 22
      Acosh 22
      Add 13 14
      ArgMax 13
      ArgMin 13
      Asin 22
      Asinh 22
      Atan 22
      Atanh 22
      AveragePool 22
      BatchNormalization 15
      Bernoulli 22
      Cast 9 13 21 23 25 28
      CastLike 21 23 25
      Ceil 13
      Celu 28
      Clip 12 13
      Compress 28
      Concat 13
      Constant 13 19 21 23 24 25
      ConstantOfShape 20 21 23 24 25
      Conv 22
      ConvTranspose 22
      Cos 22
      Cosh 22
      CumSum 14
      DeformConv 22
      DepthToSpace 13
      DequantizeLinear 19 24 25 28
      Det 22
      Div 13 14
      Dropout 13 22
      Einsum 28
      Elu 22
      Equal 11 13 19
      Erf 13
      Exp 13
      Expand 13
      EyeLike 22
      Flatten 9 13 21 23 24 25
      Floor 13
      GRU 22
      Gather 13
      GatherElements 13
      GatherND 13
      Gemm 9 13
      GlobalAveragePool 22
      GlobalLpPool 22
      GlobalMaxPool 22
      Greater 9 13
      GreaterOrEqual 16
      GridSample 22
      HardSigmoid 22
      HardSwish 22
      Identity 13 14 16 19 21 23 24 25
      If 13 16 19 21 23 24 25
      InstanceNormalization 22
      IsInf 20
      IsNaN 13 20
      LRN 13
      LSTM 22
      LeakyRelu 16
      Less 9 13
      LessOrEqual 16
      Log 13
      Loop 13 16 19 21 23 24 25
      LpNormalization 22
      LpPool 22
      MatMul 9 13
      Max 12 13
      MaxPool 12 22
      MaxRoiPool 22
      MaxUnpool 22
      Mean 13
      MeanVarianceNormalization 13
      Min 12 13
      Mish 22
      Mod 13
      Mul 13 14
      Multinomial 22
      Neg 13
      NegativeLogLikelihoodLoss 22
      NonZero 13
      OneHot 28
      Optional 28
      OptionalGetElement 28
      OptionalHasElement 28
      PRelu 9 16
      Pad 13 21 23 24 25
      Pow 13 15
      QLinearMatMul 21
      QuantizeLinear 24 25 28
      RNN 22
      RandomNormal 22
      RandomNormalLike 22
      RandomUniform 22
      RandomUniformLike 22
      Reciprocal 13
      ReduceL1 13
      ReduceL2 13
      ReduceLogSum 13 28
      ReduceLogSumExp 13 28
      ReduceMax 12 13 20
      ReduceMean 13
      ReduceMin 12 13 20
      ReduceProd 13
      ReduceSumSquare 13
      Relu 13 14
      Reshape 13 19 21 23 24 25
      ReverseSequence 28
      RoiAlign 22
      Round 22
      Scan 16 19 21 23 24 25
      ScatterElements 13
      ScatterND 13
      Selu 22
      Shape 13 19 21 23 24 25
      Sigmoid 13
      Sign 13
      Sin 22
      Sinh 22
      Size 13 19 21 23 24 25
      Slice 13
      SoftmaxCrossEntropyLoss 13
      Softplus 22
      Softsign 22
      SpaceToDepth 13
      SplitToSequence 24
      Sqrt 13
      Squeeze 21 23 24 25
      Sub 13 14
      Sum 13
      Tan 22
      Tanh 13
      ThresholdedRelu 22
      Tile 13
      TopK 24
      Transpose 13 21 23 24 25
      Unique 28
      Unsqueeze 21 23 24 25
      Where 16""";

  /** Operators for which nothing stands in the version before. */
  private static final String ADDED =
      """
      Scan 8
      Acosh 9
      Asinh 9
      Atanh 9
      Compress 9
      Erf 9
      MaxUnpool 9
      NonZero 9
      OneHot 9
      Scatter 9
      Shrink 9
      Sinh 9
      TfIdfVectorizer 9
      Where 9
      ConvInteger 10
      DequantizeLinear 10
      NonMaxSuppression 10
      QLinearConv 10
      QLinearMatMul 10
      QuantizeLinear 10
      ReverseSequence 10
      RoiAlign 10
      StringNormalizer 10
      BitShift 11
      ConcatFromSequence 11
      CumSum 11
      Det 11
      GatherElements 11
      GatherND 11
      Round 11
      ScatterND 11
      SequenceAt 11
      SequenceConstruct 11
      SequenceEmpty 11
      SequenceErase 11
      SequenceInsert 11
      SequenceLength 11
      SplitToSequence 11
      Unique 11
      NegativeLogLikelihoodLoss 12
      SoftmaxCrossEntropyLoss 12
      Optional 15
      OptionalGetElement 15
      OptionalHasElement 15
      GridSample 16
      DFT 17
      MelWeightMatrix 17
      STFT 17
      SequenceMap 17
      BitwiseAnd 18
      BitwiseOr 18
      BitwiseXor 18
      Col2Im 18
      DeformConv 19
      ImageDecoder 20
      RegexFullMatch 20
      StringConcat 20
      StringSplit 20
      TensorScatter 24
      BitCast 26
      CumProd 26""";

  private PlainSteps() {}

  static void addTo(StepTable table) {
    table.each(NUMBER, Effect.NUMBER, StepRule.SAME);
    table.each(TYPES, Effect.TYPES, StepRule.SAME);
    for (String[] words : StepTable.words(ADDED)) {
      table.added(words[0], Integer.parseInt(words[1]));
    }
    table.down("Loop", 11, Effect.REWRITTEN, PlainSteps::loop);
    table.down("If", 11, Effect.REWRITTEN, PlainSteps::branches);
    String batched = "Scan of opset 8 takes batches, and that of opset 9 does not";
    table.step(
        "Scan",
        9,
        Effect.REFUSED,
        StepRule.refusing(batched),
        Effect.REFUSED,
        StepRule.refusing(batched));
  }

  private static Node loop(Node node, Rewriter to) {
    if (node.inputs().size() < 3) {
      throw new RefusedStepException("loops that carry nothing came with opset 11");
    }
    return node;
  }

  /** Up to opset 10 both branches give the same shapes. */
  private static Node branches(Node node, Rewriter to) {
    List<Graph> branches = node.subgraphs();
    for (int i = 0; i < node.outputs().size(); i++) {
      ValueType first = branches.get(0).outputs().get(i).type();
      ValueType second = branches.get(1).outputs().get(i).type();
      if (TypeMerge.both(first, second).isEmpty()) {
        throw new RefusedStepException(
            "branches that give different shapes, %s and %s, came with opset 11"
                .formatted(first, second));
      }
    }
    return node;
  }
}
