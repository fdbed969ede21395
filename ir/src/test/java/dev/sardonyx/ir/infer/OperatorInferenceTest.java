package dev.sardonyx.ir.infer;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What inference says of single nodes, symbols, old versions and errors included. */
class OperatorInferenceTest {
  private static final String ELEMENTWISE =
      """
      Relu-13(float[N,3]) -> float[N,3]
      Relu-1(float16[N,3]) -> float16[N,3]
      IsNaN-13(float[N,3]) -> bool[N,3]
      Add-13(float[N,3], float[1,3]) -> float[N,3]
      Add-13(float[N,1], float[4]) -> float[N,4]
      Add-13(float[N], float[M]) -> float[?]
      Add-13(float[N,3], float[N,3]) -> float[N,3]
      Add-13(float[N], float[7]) -> float[7]
      Add-13(float[min(9,N)], float[N]) -> float[N]
      Add-13(float, float[7]) -> float
      Add-13(float[2,3], float[4]) -> ! Add: shapes [2,3] of a and [4] of b cannot be broadcast together
      Add-6(float[N,3,4], float[3]) broadcast=1 axis=1 -> float[N,3,4]
      Add-6(float[N,3,4], float[3,4]) broadcast=1 -> float[N,3,4]
      Add-6(float[N,3,4], float[3]) broadcast=1 -> ! shapes [N,3,4] of a and [3] of b do not align
      Add-6(float[N,3], float[1,3]) -> float[1,3]
      Add-6(float[2,3], float[3]) -> ! must be equal
      Add-6(float[N,3], float[2,3]) -> float[2,3]
      Add-13(float[2], double[2]) -> ! input 1 (B) b has type double, but another input of type parameter T has float; Add-13 takes them of one type
      And-13(bool[N,3], bool[3]) -> bool[N,3]
      And-13(float[N], bool[N]) -> ! input 0 (A) a has type float; And-7 takes [bool]
      Equal-13(int64[N,1], int64[1,M]) -> bool[N,M]
      Greater-1(float[N,3], float[N,3]) -> bool[N,3]
      Pow-15(float[N,3], int64[]) -> float[N,3]
      Mod-13(int64[N], int64[1]) -> int64[N]
      BitShift-11(uint8[2,1], uint8[3]) direction=LEFT -> uint8[2,3]
      Sum-13(float[N,1], float[1,3], float[]) -> float[N,3]
      Sum-6(float[N,3], float[2,3]) -> float[2,3]
      Max-13(float[2], float[3]) -> ! shapes [2] of a and [3] of b cannot be broadcast together
      Mean-8(float[N,3], float[3]) -> float[N,3]
      Where-16(bool[N,1], float[3], float[]) -> float[N,3]
      PRelu-16(float[N,3,4], float[3,1]) -> float[N,3,4]
      PRelu-16(float[3,4], float[2,3,4]) -> ! cannot be broadcast in this direction
      PRelu-6(float[N,3,4,4], float[3]) -> float[N,3,4,4]
      PRelu-6(float[N,3,4,4], float[4]) -> ! differ in the number of channels
      Clip-13(float[N,3], float[], float[]) -> float[N,3]
      Clip-6(float[N,3]) min=0.0 -> float[N,3]
      Cast-13(float[N,3]) to=7 -> int64[N,3]
      Cast-1(float[N,3]) to=DOUBLE -> double[N,3]
      Cast-13(float[N]) to=99 -> ! to 99 is not the number of an element type
      Cast-13(float[N]) to=17 -> ! to is float8e4m3fn; Cast-13 takes
      CastLike-15(float[N,3], int32[]) -> int32[N,3]
      BitCast-26(float[N,3]) to=6 -> int32[N,3]
      BitCast-26(float[N]) to=7 -> ! to is int64 of 64 bits, but a is float of 32
      Softmax-13(float[N,10]) axis=1 -> float[N,10]
      Softmax-13(float[N,10]) axis=2 -> ! axis 2 is out of range: rank 2 takes -2 to 1
      Softmax-1(float[N,10]) axis=2 -> float[N,10]
      Hardmax-13(float[N,10]) -> float[N,10]
      LpNormalization-22(float[N,10]) -> float[N,10]
      CumSum-14(float[N,10], 5) -> ! axis 5 is out of range: rank 2 takes -2 to 1
      CumProd-26(float[N,10], 1) -> float[N,10]
      """;

  private static final String REDUCTIONS =
      """
      ReduceSum-13(float[N,3,4], {1}) -> float[N,1,4]
      ReduceSum-13(float[N,3,4], {-1,0}) keepdims=0 -> float[3]
      ReduceSum-13(float[N,3,4]) -> float[1,1,1]
      ReduceSum-13(float[N,3,4]) keepdims=0 -> float[]
      ReduceSum-13(float) keepdims=0 -> float[]
      ReduceSum-13(float[N,3,4]) noop_with_empty_axes=1 -> float[N,3,4]
      ReduceSum-13(float[N,3,4], {}) noop_with_empty_axes=1 -> float[N,3,4]
      ReduceSum-13(float[N,3,4], int64[1]) -> float[?,?,?]
      ReduceSum-13(float[N,3,4], int64[1]) keepdims=0 -> float[?,?]
      ReduceSum-13(float[N,3,4], {3}) -> ! axes 3 is out of range: rank 3 takes -3 to 2
      ReduceSum-13(float[N,3,4], {1,-2}) -> ! axes [1, -2] names axis -2 twice
      ReduceMean-11(float[N,3,4]) axes=[2] -> float[N,3,1]
      ReduceMean-18(float[N,3,4], {2}) keepdims=0 -> float[N,3]
      ReduceMax-20(bool[N,3], {0}) -> bool[1,3]
      ReduceL1-1(float[N,3]) axes=[0] keepdims=0 -> float[3]
      ArgMax-13(float[N,3,4]) axis=1 -> int64[N,1,4]
      ArgMax-13(float[N,3,4]) axis=-1 keepdims=0 -> int64[N,3]
      ArgMin-1(float[N,0]) axis=1 -> ! axis 1 of a [N,0] has no elements to choose from
      """;

  private static final String LINEAR_ALGEBRA =
      """
      MatMul-13(float[N,3], float[3,4]) -> float[N,4]
      MatMul-13(float[B,1,N,3], float[8,3,4]) -> float[B,8,N,4]
      MatMul-13(float[3], float[3]) -> float[]
      MatMul-13(float[3], float[N,3,4]) -> float[N,4]
      MatMul-13(float[N,2,3], float[3]) -> float[N,2]
      MatMul-13(float[N,3], float[4,5]) -> ! shapes [N,3] of a and [4,5] of b cannot be multiplied: 3 columns meet 4 rows
      MatMul-13(float[2,5,3], float[4,3,5]) -> ! have batch dimensions that cannot be broadcast
      MatMulInteger-10(uint8[N,3], int8[3,4], uint8[], int8[4]) -> int32[N,4]
      QLinearMatMul-10(uint8[N,3], float[], uint8[], int8[3,4], float[], int8[], float[], uint8[]) -> uint8[N,4]
      Gemm-13(float[N,3], float[3,4], float[4]) -> float[N,4]
      Gemm-13(float[3,N], float[4,3]) transA=1 transB=1 -> float[N,4]
      Gemm-13(float[N,3], float[4,5]) -> ! cannot be multiplied (transA=0, transB=0): 3 columns meet 4 rows
      Gemm-13(float[N,3], float[3,4], float[5]) -> ! input c of shape [5] cannot be added to the product
      Gemm-13(float[N,3,1], float[3,4]) -> ! input a has shape [N,3,1], but Gemm takes rank 2
      Gemm-6(float[2,3], float[3,4], float[4]) -> ! cannot be added
      Gemm-6(float[2,3], float[3,4], float[4]) broadcast=1 -> float[2,4]
      Det-11(float[N,3,3]) -> float[N]
      Det-11(float[N,3,4]) -> ! input a of shape [N,3,4] does not hold square matrices
      Einsum-12(float[N,3], float[3,4]) equation=ij,jk->ik -> float[N,4]
      Einsum-12(float[B,N,3], float[B,3,4]) equation=...ij,...jk->...ik -> float[B,N,4]
      Einsum-12(float[N,3]) equation=ij->ji -> float[3,N]
      Einsum-12(float[3,3]) equation=ii -> float[]
      Einsum-12(float[N,3], float[4,5]) equation=ij,jk -> ! letter j of equation 'ij,jk' is 3 before and 4 in b [4,5]
      Einsum-12(float[N,3]) equation=ij,jk -> ! equation 'ij,jk' names 2 inputs, but there are 1
      """;

  private static final String SHAPES =
      """
      Shape-15(float[N,3,4]) start=1 -> int64[2]
      Shape-15(float[N,3,4]) start=-1 end=9 -> int64[1]
      Shape-1(float) -> int64[?]
      Size-13(float[N,3]) -> int64[]
      Reshape-14(float[N,3,4], {0,-1}) -> float[N,12]
      Reshape-14(float[N,3,4], {-1,4}) -> float[3*N,4]
      Reshape-14(float[?,3,4], {0,-1}) -> float[?,12]
      Reshape-14(float[?,3,4], {-1,12}) -> float[?,12]
      Reshape-14(float[2,3,4], {4,-1}) -> float[4,6]
      Reshape-14(float[2,3,4], {5,-1}) -> ! input a of shape [2,3,4] cannot be reshaped to [5,-1] (b): it does not divide the number of elements
      Reshape-14(float[2,3,4], {5,5}) -> ! it holds a different number of elements
      Reshape-14(float[2,3], {-1,-1}) -> ! it has -1 twice
      Reshape-14(float[2,3], {6,1,0}) -> ! it copies axis 2, which the input does not have
      Reshape-14(float[0,3], {0,3}) allowzero=1 -> float[0,3]
      Reshape-14(float[2,3], int64[4]) -> float[?,?,?,?]
      Reshape-1(float[N,3,4]) shape=[0,12] -> float[N,12]
      Flatten-13(float[N,3,4]) -> float[N,12]
      Flatten-13(float[N,H,W]) axis=-1 -> float[H*N,W]
      Flatten-13(float[N,3]) axis=0 -> float[1,3*N]
      Flatten-13(float[N,3]) axis=3 -> ! axis 3 is out of range: rank 2 takes -2 to 2
      Squeeze-13(float[N,1,3], {1}) -> float[N,3]
      Squeeze-11(float[N,1,3]) axes=[-2] -> float[N,3]
      Squeeze-13(float[2,1,3]) -> float[2,3]
      Squeeze-13(float[N,1,3]) -> float
      Squeeze-13(float[N,2], {1}) -> ! axis 1 of a [N,2] is 2 and cannot be squeezed; only 1 can
      Unsqueeze-13(float[N,3], {0,-1}) -> float[1,N,3,1]
      Unsqueeze-11(float[N,3]) axes=[1] -> float[N,1,3]
      Unsqueeze-13(float[N,3], int64[2]) -> float[?,?,?,?]
      Transpose-13(float[N,3,4]) perm=[0,2,1] -> float[N,4,3]
      Transpose-13(float[N,3,4]) -> float[4,3,N]
      Transpose-13(float[N,3]) perm=[0,0] -> ! perm [0, 0] names axis 0 twice
      Transpose-13(float[N,3]) perm=[0] -> ! perm [0] has 1 axes, but a has shape [N,3]
      Expand-13(float[N,1], {1,4}) -> float[N,4]
      Expand-13(float[3], {2,4}) -> ! input a of shape [3] cannot be expanded to [2,4] (b)
      Expand-13(float[3,1], int64[3]) -> float[?,3,?]
      Identity-16(seq(float[N,3])) -> seq(float[N,3])
      DepthToSpace-13(float[N,12,H,W]) blocksize=2 -> float[N,3,2*H,2*W]
      DepthToSpace-13(float[N,10,H,W]) blocksize=2 -> ! axis 1 of a [N,10,H,W] is 10, not a multiple of 4
      SpaceToDepth-13(float[N,3,H,8]) blocksize=2 -> float[N,12,H/2,4]
      ConstantOfShape-9({2,3}) -> float[2,3]
      ConstantOfShape-9({-2}) -> ! shape a has -2 at axis 0; it must not be negative
      ConstantOfShape-9(int64[2]) -> float[?,?]
      EyeLike-9(float[N,3]) dtype=7 -> int64[N,3]
      Range-11(0, 10, 3) -> int64[4]
      Range-11(10, 0, -4) -> int64[3]
      Range-11(0.0, 1.0, 0.3) -> float[4]
      Range-11(5, 1, 1) -> int64[0]
      Range-11(0, 10, 0) -> ! delta c is 0
      """;

  private static final String MOVEMENT =
      """
      Concat-13(float[N,3], float[5,3]) axis=0 -> float[N+5,3]
      Concat-13(float[N,3], float[N,4]) axis=-1 -> float[N,7]
      Concat-13(float[N,3], float[5,4]) axis=0 -> ! shapes [N,3] of a and [5,4] of b differ at axis 1; only axis 0 may when joined
      Concat-1(float[N,3], float[N,4]) -> float[N,7]
      Concat-13(float[N,3], float[N]) axis=0 -> ! have different ranks and cannot be joined
      Split-13(float[N,6]) axis=1 -> float[N,3], float[N,3]
      Split-13(float[N,6], {2,4}) axis=1 -> float[N,2], float[N,4]
      Split-13(float[N,6], {5}) axis=1 -> ! split [5] adds up to 5, but axis 1 of a [N,6] is 6
      Split-2(float[N,6]) axis=1 split=[1,5] -> float[N,1], float[N,5]
      Split-18(float[7]) num_outputs=2 -> float[4], float[3]
      Split-18(float[N]) num_outputs=2 -> float[(N+1)/2], float[N-(N+1)/2]
      Split-13(float[7]) -> float[7]
      Slice-13(float[N,10], {1}, {5}, {1}) -> float[N,4]
      Slice-13(float[N,10], {1}, {9223372036854775807}) -> float[max(0,N-1),10]
      Slice-13(float[N,10], {0}, {-1}) -> float[max(0,N-1),10]
      Slice-13(float[N,10], {-3}, {9223372036854775807}) -> float[min(3,N),10]
      Slice-13(float[N,10], {-1}, {9223372036854775807}) -> float[min(1,N),10]
      Slice-13(float[N,10], {0}, {5}) -> float[min(5,N),10]
      Slice-13(float[N,10], {-1}, {-9223372036854775807}, {0}, {-1}) -> float[N,10]
      Slice-13(float[N,10], {9}, {-20}, {1}, {-2}) -> float[N,5]
      Slice-13(float[N,10], {0}, {100}, {0}, {2}) -> float[(min(100,N)+1)/2,10]
      Slice-13(float[N,10], {0}, {1}, {2}) -> ! axes 2 is out of range: rank 2 takes -2 to 1
      Slice-13(float[N,10], {0}, {1}, {0}, {0}) -> ! steps has a 0 at 0
      Slice-1(float[N,10]) starts=[2] ends=[4] axes=[1] -> float[N,2]
      Slice-1(float[20,10]) starts=[0,-3] ends=[10,99] -> float[10,3]
      Slice-13(float[N,10], int64[1], int64[1], {1}) -> float[N,?]
      Tile-13(float[N,3], {2,4}) -> float[2*N,12]
      Tile-13(float[N,3], {2}) -> ! repeats has 1 number; it must have 2, one an axis of a [N,3]
      Pad-13(float[N,3], {0,1,0,2}) -> float[N,6]
      Pad-18(float[N,3,4], {1,2}, _, {-1}) -> float[N,3,7]
      Pad-2(float[N,3]) pads=[0,-1,0,0] -> float[N,2]
      Pad-1(float[N,3]) paddings=[1,0,1,0] -> float[N+2,3]
      Pad-13(float[N,3], {1,1}) -> ! pads has 2 numbers; it must have 4, two an axis of a [N,3]
      CenterCropPad-18(float[N,10,8], {4,9}) axes=[1,2] -> float[N,4,9]
      ReverseSequence-10(float[T,N,3], int64[N]) -> float[T,N,3]
      ReverseSequence-10(float[T,2,3], int64[4]) -> ! differ in the number of sequences
      Trilu-14(float[N,3,4], 1) -> float[N,3,4]
      Trilu-14(float[3]) -> ! input a has shape [3], but Trilu takes rank of at least 2
      """;

  private static final String INDEXING =
      """
      Gather-13(float[N,10], int64[B,4]) axis=1 -> float[N,B,4]
      Gather-13(float[N,10], 3) axis=1 -> float[N]
      Gather-13(float[N,10], 10) axis=1 -> ! index 10 of b is outside axis 1 of a [N,10]
      GatherElements-13(float[N,10], int64[4,2]) -> float[4,2]
      GatherElements-13(float[N,10], int64[4]) -> ! must have the same rank
      GatherND-13(float[N,10,3], int64[B,2]) -> float[B,3]
      GatherND-12(float[N,10,3], int64[N,1]) batch_dims=1 -> float[N,3]
      GatherND-13(float[N,10], int64[B,3]) -> ! indices of length 3 are too long
      Scatter-9(float[N,3], int64[2,3], float[2,3]) -> float[N,3]
      ScatterElements-18(float[N,3], int64[2,3], float[2,4]) -> ! must be equal
      ScatterND-18(float[N,3], int64[5,1], float[5,3]) -> float[N,3]
      ScatterND-18(float[N,3], int64[5,1], float[5,4]) -> ! updates c [5,4] must have shape [5,3]
      TensorScatter-24(float[B,8,M,64], float[B,8,1,64], int64[B]) -> float[B,8,M,64]
      TensorScatter-24(float[B,8,M,64], float[B,9,1,64]) -> ! do not fit at axis 1
      TopK-11(float[N,10], {3}) -> float[N,3], int64[N,3]
      TopK-1(float[N,10]) k=3 -> float[N,3], int64[N,3]
      TopK-11(float[N,10], {11}) -> ! k 11 is not from 0 to 10, the size of axis 1 of a [N,10]
      Unique-11(float[N,3]) axis=0 -> float[?,3], int64[?], int64[N], int64[?]
      Unique-11(float[N,3]) -> float[?], int64[?], int64[3*N], int64[?]
      NonZero-13(float[N,3]) -> int64[2,?]
      Compress-11(float[N,3], bool[2]) axis=1 -> float[N,?]
      OneHot-11(int64[N], 10, float[2]) -> float[N,10]
      OneHot-11(int64[N,4], 10.0, float[2]) axis=1 -> float[N,10,4]
      OneHot-11(int64[N], 10, float[3]) -> ! must be the off and the on value, [2]
      """;

  private static final String SIGNALS_AND_IMAGES =
      """
      DFT-17(float[N,10,1]) -> float[N,10,2]
      DFT-17(float[N,10,1]) onesided=1 -> float[N,6,2]
      DFT-20(float[N,T,1], _, 1) onesided=1 -> float[N,T/2+1,2]
      DFT-20(float[N,6,2], _, 1) onesided=1 inverse=1 -> float[N,10,1]
      DFT-20(float[N,10,1], 16, 1) -> float[N,16,2]
      DFT-20(float[N,10,3]) -> ! the last dimension of a [N,10,3] is 3; it must be 1 (real) or 2 (complex)
      STFT-17(float[N,128,1], 8, float[16]) -> float[N,15,9,2]
      STFT-17(float[N,T,1], 8, _, 16) onesided=0 -> float[N,T/8-1,16,2]
      HannWindow-17(10) -> float[10]
      HammingWindow-17(10) output_datatype=11 -> double[10]
      BlackmanWindow-17(int64[]) -> float[?]
      MelWeightMatrix-17(8, 16, 8192, 0.0, 4096.0) -> float[9,8]
      Upsample-7(float[N,3,H,W]) scales=[1.0,1.0,2.0,2.5] -> float[N,3,2*H,2*W+W/2]
      Upsample-9(float[N,3,4,5], {1.0,1.0,2.0,2.5}) -> float[N,3,8,12]
      Upsample-1(float[N,3,4,5]) height_scale=2.0 width_scale=3.0 -> float[N,3,8,15]
      Resize-10(float[N,3,4,5], {1.0,1.0,0.5,0.6}) -> float[N,3,2,3]
      Resize-13(float[1,3,5,4], _, {1.0,1.0,2.6,2.6}) -> float[1,3,?,10]
      Resize-13(float[N,3,H,W], _, {1.0,1.0,2.0,2.0}) -> float[N,3,2*H,2*W]
      Resize-13(float[N,3,H,W], _, _, {1,3,20,30}) -> float[1,3,20,30]
      Resize-11(float[N,3,H,W], float[0], float[0], {1,3,20,30}) -> float[1,3,20,30]
      Resize-18(float[N,3,10,20], _, _, {20,30}) axes=[2,3] keep_aspect_ratio_policy=not_larger -> float[N,3,15,30]
      Resize-18(float[N,3,10,20], _, _, {20,30}) axes=[2,3] keep_aspect_ratio_policy=not_smaller -> float[N,3,20,40]
      Resize-13(float[N,3,4,5]) -> ! neither scales nor sizes are given; one of them must be
      Resize-13(float[N,3,4,5], _, {1.0,2.0}) -> ! scales has 2 numbers, but a [N,3,4,5] needs 4
      GridSample-20(float[N,3,4,5], float[N,8,9,2]) -> float[N,3,8,9]
      GridSample-20(float[N,3,4,5,6], float[N,7,8,9,3]) -> float[N,3,7,8,9]
      GridSample-20(float[N,3,4,5], float[N,8,9,3]) -> ! places need 2 coordinates
      AffineGrid-20(float[N,2,3], {4,3,5,6}) -> float[4,5,6,2]
      AffineGrid-20(float[N,3,4], int64[5]) -> float[N,?,?,?,3]
      Col2Im-18(float[N,12,20], {5,6}, {2,2}) -> float[N,3,5,6]
      Col2Im-18(float[N,10,20], {5,6}, {2,2}) -> ! axis 1 of a [N,10,20] is no multiple of the block's 4
      """;

  /** What is not known stays open, and what cannot be is said. */
  private static final String EDGES =
      """
      Softmax-13(float[N,10]) axis=-2 -> float[N,10]
      Softmax-13(float[N,10]) axis=-3 -> ! axis -3 is out of range: rank 2 takes -2 to 1
      ArgMax-13(float[]) -> ! ArgMax: axis 0 is out of range: rank 0 takes 0 to -1
      MatMul-13(float, float[3]) -> float
      MatMul-13(float[3], float) -> float
      MatMulInteger-10(uint8[5,3], int8[3,4], uint8[5]) -> int32[5,4]
      MatMulInteger-10(uint8[5,3], int8[3,4], uint8[2]) -> ! zero point
      MatMulInteger-10(uint8[5,3], int8[3,4], uint8[], int8[5]) -> ! zero point
      Det-11(float[3,3]) -> float[]
      Det-11(float[3]) -> ! input a has shape [3], but Det takes rank of at least 2
      Conv-11(float[1,4,9], float[8,3,3]) -> ! input a [1,4,9] has 4 channels, but weight b [8,3,3] expects 3
      Conv-11(float[1,4,9], float[8,3,3]) group=2 -> ! input a [1,4,9] has 4 channels, but weight b [8,3,3] with group 2 expects 6 (3*2)
      Conv-11(float[1,4], float[8,4]) -> ! input a has shape [1,4], but Conv takes rank at least 3
      DeformConv-19(float[1,4,9,9], float[1,4,3,3], float[1,18,7,7], _, float[1,8,7,7]) -> ! offset_group * kernel size
      DeformConv-19(float[1,4,9,9], float[1,4,3,3], float[1,18,7,7], _, float[1,9,7,7]) -> float[1,1,7,7]
      RotaryEmbedding-23(float[1,2,3,4], float[5,2], float[5,2], int64[3]) -> ! input d has shape [3], but RotaryEmbedding takes rank 2
      RotaryEmbedding-23(float[1,2,3,4], float[1,3,2], float[1,3,2]) -> float[1,2,3,4]
      Attention-23(float[1,3,8], float[1,3,8], float[1,3,8]) q_num_heads=1 kv_num_heads=1 -> float[1,3,8]
      Attention-23(float[1,3,8], float[1,3,8], float[1,3,8]) -> ! input a [1,3,8] packs its heads into 8, so attribute q_num_heads must be given and divide it, but is missing
      Attention-23(float[1,3,8], float[1,3,8], float[1,3,8]) q_num_heads=3 kv_num_heads=1 -> ! must be given and divide it, but is 3
      Attention-23(float, float, float) -> float
      LinearAttention-27(float[1,3,8], float[1,3,8], float[1,3,8], float[1,2,4,4]) q_num_heads=2 kv_num_heads=2 update_rule=linear -> float[1,3,8], float[1,2,4,4]
      LinearAttention-27(float[1,3,8], float[1,3,8], float[1,3,8], float[1,2,4,5]) q_num_heads=2 kv_num_heads=2 update_rule=linear -> ! past state d [1,2,4,5] must have shape [1,2,4,4]
      ai.onnx.preview.FlexAttention-1(float[1,4,5,8], float[1,2,6,8], float[1,2,6,3]) -> float[1,4,5,3]
      ai.onnx.preview.FlexAttention-1(float[1,3,5,8], float[1,2,6,8], float[1,2,6,3]) -> ! heads
      Attention-23(float[1,2,3,4], float[1,2,5,4], float[1,2,5,6], _, float[1,2,7,4], float[1,2,7,6]) -> float[1,2,3,6], float[1,2,12,4], float[1,2,12,6]
      Attention-23(float[1,3,5,4], float[1,2,6,4], float[1,2,6,4]) -> ! heads
      Attention-23(float[1,2,3,4], float[1,2,3,5], float[1,2,3,5]) -> ! head size
      LinearAttention-27(float[1,3,8], float[1,3,8], float[1,3,8]) q_num_heads=2 kv_num_heads=2 update_rule=gated -> ! update_rule gated needs input decay, which is not given
      LinearAttention-27(float[1,3,8], float[1,3,8], float[1,3,8]) q_num_heads=2 kv_num_heads=2 update_rule=delta -> ! update_rule delta needs input beta, which is not given
      RotaryEmbedding-23(float[1,2,3,4], float[1,3,3], float[1,3,3]) -> ! half of the rotated 4
      Concat-13(float, float) axis=0 -> float
      Split-13(float) -> float, float
      Tile-1(float[2,3], 2.0, 1.0) -> float[2,6]
      Tile-1(float[2,3], float[], 1.0) -> float[2,?]
      Tile-1(float[2,3], 2.0, float[]) -> float[?,?]
      CenterCropPad-18(float[4,5], {3}) axes=[-1] -> float[4,3]
      CenterCropPad-18(float[4,5], int64[?]) -> float[?,?]
      CenterCropPad-18(float[4,5], {3}) -> ! shape has 1 number; it must have 2, one an axis
      Compress-11(float[4], bool[]) -> ! input b has shape [], but Compress takes rank 1
      BatchNormalization-15(float[2,3], float[3], float[3], float[3], float[3]) -> float[2,3]
      BatchNormalization-15(float[2,3], float[3], float[3], float[3], float[4]) -> ! the channels of a [2,3]
      BatchNormalization-7(float[N,3,4], float[3,4], float[3,4], float[3,4], float[3,4]) spatial=0 -> float[N,3,4]
      BatchNormalization-7(float[N,3,4], float[3,4], float[3,4], float[3,4], float[3,5]) spatial=0 -> ! e [3,5] must have shape [3,4], a number for each position of a [N,3,4]
      MeanVarianceNormalization-13(float[2,3]) axes=[0] -> float[2,3]
      MeanVarianceNormalization-13(float[2,3]) axes=[2] -> ! axes 2 is out of range: rank 2 takes -2 to 1
      RandomNormal-1() shape=[2,3] -> float[2,3]
      RandomUniform-1() shape=[-1] -> ! attribute shape is [-1], but must give sizes of at least 0
      RandomNormal-1() -> ! attribute shape is missing, but must give sizes of at least 0
      RandomNormalLike-1(double[2,N]) -> double[2,N]
      RandomUniformLike-1(double[2,N]) dtype=1 -> float[2,N]
      Bernoulli-15(double[2,N]) -> double[2,N]
      LpPool-18(float[1,1,9]) kernel_shape=[3] -> float[1,1,7]
      GlobalLpPool-2(float[N,3,9,9]) -> float[N,3,1,1]
      LSTM-14(float[5,2,3], float[1,16,3], float[1,16,4], float[1,32]) hidden_size=4 -> float[5,1,2,4], float[1,2,4], float[1,2,4]
      LSTM-14(float[5,2,3], float[1,16,3], float[1,16,4], float[1,31]) hidden_size=4 -> ! 8 * hidden_size
      LSTM-14(float[5,2,3], float[1,16,3], float[1,16,4], _, _, _, _, float[1,12]) hidden_size=4 -> float[5,1,2,4]
      LSTM-14(float[5,2,3], float[1,16,3], float[1,16,4], _, _, _, _, float[1,11]) hidden_size=4 -> ! 3 * hidden_size
      LSTM-14(float[5,2,3], float[1,16,3], float[1,16,4], _, _, _, _, float[12]) hidden_size=4 -> ! takes rank 2
      RNN-14(float[5,2,3], float[1,4,3], float[1,5,4]) hidden_size=4 -> ! hidden_size
      RNN-14(float[5,2,3], float[1,4,3], float[1,4,4], float[8]) hidden_size=4 -> ! input d has shape [8], but RNN takes rank 2
      Reshape-13(float[6], {-2,3}) -> ! has -2 at axis 0
      Reshape-13(float[6], {-1,-1}) -> ! has -1 twice
      Reshape-14(float[6], {0,-1}) allowzero=1 -> ! has both 0 and -1, which allowzero forbids
      Reshape-14(float[0], {0,3}) allowzero=1 -> float[0,3]
      Squeeze-13(float[1,3], int64[1]) -> float[?]
      Squeeze-13(float[1,3], int64[?]) -> float
      Unsqueeze-1(float[3]) -> ! attribute axes (INTS) is missing
      Unsqueeze-13(float[3], int64[2]) -> float[?,?,?]
      DFT-17(float) -> float
      DFT-20(float[N,10,1], _, int64[]) -> float[?,?,2]
      DFT-20(float[N,10,1], _, 2) -> ! axis 2 is that of real and imaginary parts of a [N,10,1]
      STFT-17(float[1,9,1], 2, float[5], 5) -> float[1,3,3,2]
      STFT-17(float[1,9,1], 2, float[4], 5) -> ! window c [4] is not as long as a frame, 5
      STFT-17(float[1,9,1], 2, float[4,1], 4) -> ! input c has shape [4,1], but STFT takes rank 1
      STFT-17(float[1,9,1], 0, float[4], 4) -> ! frame_step 0 must be at least 1
      HannWindow-17(-1) -> ! size -1 is negative
      HannWindow-17(0) -> ! HannWindow: size 0 leaves no window
      HannWindow-17(5) output_datatype=8 -> ! output_datatype is string
      Slice-13(float[N,9], int64[1], int64[1], int64[1]) -> float[?,?]
      Slice-13(float[N,9], int64[?], int64[?]) -> float[?,?]
      Slice-13(float, {0}, {1,2}) -> ! ends has 2 numbers; it must have 1, as many as starts
      Slice-13(float[9], int64[?], {1}, {0}, {1,1}) -> ! steps has 2 numbers; it must have 1, as many as ends
      Slice-13(float[9], {0,0}, {1,1}) -> ! starts has 2 numbers; it must have at most 1
      Slice-13(float[9], {0}, {1}, {0}, {0}) -> ! steps has a 0 at 0
      Slice-13(float[N], {-2147483648}, {2147483647}) -> float[N]
      Slice-13(float[N], {0}, {-9223372036854775808}) -> float[0]
      Slice-13(float[N], {2147483647}, {2147483647}) -> float[0]
      Slice-13(float[N], {-3}, {2147483647}) -> float[min(3,N)]
      Slice-13(float[N], {-1}, {-9223372036854775808}, {0}, {-1}) -> float[N]
      Slice-13(float[N], {9223372036854775807}, {-9223372036854775808}, {0}, {-2}) -> float[(N+1)/2]
      Slice-13(float[N], {5}, {-9223372036854775808}, {0}, {-1}) -> float[?]
      Slice-13(float[N], {-1}, {0}, {0}, {-1}) -> float[?]
      Slice-13(float[9], {7}, {2}, {0}, {-2}) -> float[3]
      Slice-13(float[9], {100}, {-100}, {0}, {-3}) -> float[3]
      Slice-13(float[9], {-100}, {100}, {0}, {-1}) -> float[0]
      Slice-13(float[9], {-4}, {100}, {0}, {3}) -> float[2]
      MaxRoiPool-1(float[1,2,4,4], float[3,5]) pooled_shape=[2,3] -> float[3,2,2,3]
      MaxRoiPool-1(float[1,2,4,4], float[3,5]) pooled_shape=[2,0] -> ! attribute pooled_shape is [2, 0], but must give a positive height and width
      MaxRoiPool-1(float[1,2,4,4], float[3,5]) pooled_shape=[0,2] -> ! attribute pooled_shape is [0, 2], but must give
      MaxRoiPool-1(float[1,2,4,4], float[3,5]) -> ! attribute pooled_shape is missing
      NonMaxSuppression-11(float[1,6,4], float[1,1,6]) -> int64[?,3]
      Upsample-1(float[3,4]) height_scale=2.0 width_scale=2.0 -> ! input a has shape [3,4], but Upsample takes rank 4
      Upsample-9(float[1,4], float[2]) -> float[?,?]
      Resize-13(float[1,2], float[?], float[?], int64[?]) -> float[?,?]
      Resize-13(float[1,2], float[?], float[2], int64[2]) -> ! both scales and sizes are given; only one of them may be
      Resize-13(float[1,2], _, float[2]) -> float[?,?]
      StringNormalizer-10(string) -> string
      StringNormalizer-10(string[3]) stopwords=[a] -> string[?]
      StringNormalizer-10(string[1,3]) -> string[1,3]
      StringNormalizer-10(string[0]) -> string[1]
      StringConcat-20(string[N,1], string[3]) -> string[N,3]
      RegexFullMatch-20(string[N]) pattern=a -> bool[N]
      StringNormalizer-10(string[2,3]) -> ! the only batch size StringNormalizer takes
      StringSplit-20(string[N]) -> string[N,?], int64[N]
      TfIdfVectorizer-9(int64[4]) mode=TF ngram_indexes=[] -> ! attribute ngram_indexes is missing or empty
      TfIdfVectorizer-9(int64[4]) mode=TF -> ! attribute ngram_indexes is missing or empty
      Cast-13(int64[N]) to=11 -> double[N]
      SpaceToDepth-13(float[N,2,4,6]) blocksize=2 -> float[N,8,2,3]
      Dropout-13(float[N], float[1]) -> ! input b has shape [1], but Dropout takes rank 0
      Dropout-13(float[N], float[], bool[1]) -> ! input c has shape [1], but Dropout takes rank 0
      MaxUnpool-11(float[1,1,4], int64[1,1,4]) kernel_shape=[2] strides=[2] -> float[1,1,8]
      MaxUnpool-11(float, int64, {1,1,9}) kernel_shape=[2] -> float[1,1,9]
      MaxUnpool-11(float, int64, int64[3]) kernel_shape=[2] -> float[?,?,?]
      ai.onnx.preview.training.Gradient-1(float[2], double[3]) xs=[a,b] y=c -> float[2], double[3]
      ai.onnx.preview.training.Momentum-1(float[], int64[], float[2], float[3], float[2], float[3], float[2], float[3]) alpha=0.5 beta=0.5 norm_coefficient=0.5 mode=standard -> float[2], float[3], float[2], float[3]
      ai.onnx.preview.training.Momentum-1(float[], int64[], float[2], float[3], float[2], float[3], float[2], float[2]) alpha=0.5 beta=0.5 norm_coefficient=0.5 mode=standard -> ! must be equal
      ai.onnx.preview.training.Momentum-1(float[], int64[], float[2], float[2], float[2], float[2]) alpha=0.5 beta=0.5 norm_coefficient=0.5 mode=standard -> ! 4 inputs after rate and step are not a multiple of 3
      """;

  static Stream<String> lines() {
    return Stream.of(
            EDGES,
            ELEMENTWISE,
            REDUCTIONS,
            LINEAR_ALGEBRA,
            SHAPES,
            MOVEMENT,
            INDEXING,
            SIGNALS_AND_IMAGES)
        .flatMap(String::lines);
  }

  @ParameterizedTest
  @MethodSource("lines")
  void nodeHasTheseTypes(String line) {
    NodeLine node = NodeLine.parse(line);
    if (!node.holds()) {
      assertEquals(node.expected(), node.actual(), line);
    }
  }
}
