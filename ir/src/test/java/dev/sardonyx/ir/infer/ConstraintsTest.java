package dev.sardonyx.ir.infer;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What operators demand of attributes and operands beyond their types, where runtimes would refuse,
 * crash or differ: the last values that pass, and the first that do not.
 */
class ConstraintsTest {
  private static final String ARITHMETIC =
      """
      BitShift-11(uint8[2], uint8[2]) direction=RIGHT -> uint8[2]
      BitShift-11(uint8[2], uint8[2]) direction=UP -> ! direction must be one of [LEFT, RIGHT], not 'UP'
      Gelu-20(float[N]) approximate=tanh -> float[N]
      Gelu-20(float[N]) approximate=erf -> ! approximate must be one of [none, tanh], not 'erf'
      Clip-13(float[N], float[1], float[]) -> float[N]
      Clip-13(float[N], float[2]) -> ! Clip takes one element as input 1, but b has shape [2]
      Clip-13(float[N], _, float[3]) -> ! Clip takes one element as input 2, but c has shape [3]
      Clip-13(float[N], _, float[0]) -> ! input c has shape [0], but Clip takes rank 0
      Cast-24(float[N]) to=24 round_mode=nearest -> float8e8m0[N]
      Cast-24(float[N]) to=24 round_mode=even -> ! round_mode must be one of [up, down, nearest], not 'even'
      Mod-13(float[N], float[N]) fmod=1 -> float[N]
      Mod-13(float[N], float[N]) -> ! fmod must be 1 for numbers of type float, not 0
      Mod-10(int32[N], int32[N]) fmod=2 -> ! fmod must be from 0 to 1, not 2
      Mod-28(float[N], float[N]) -> float[N]
      Trilu-14(float[3,3], int64[1]) -> float[3,3]
      Trilu-14(float[3,3], {1,2}) -> ! Trilu takes one element as input 1, but b has shape [2]
      Range-11(float[2], float[], float[]) -> ! input a has shape [2], but Range takes rank 0
      Range-11(float[], float[0], float[]) -> ! input b has shape [0], but Range takes rank 0
      Range-11(float[], float[], float[3]) -> ! input c has shape [3], but Range takes rank 0
      Bernoulli-15(float[N]) dtype=6 -> int32[N]
      Multinomial-7(float[N,3]) sample_size=1 -> int32[N,1]
      Multinomial-7(float[N,3]) sample_size=0 -> ! sample_size must be at least 1, not 0
      OneHot-11(int64[N], int64[1], float[2]) -> float[N,?]
      OneHot-11(int64[N], int64[1,1], float[2]) -> ! OneHot takes one element as input 1, but b has shape [1,1]
      ReduceSum-13(float[2,3], {1}) keepdims=2 -> ! keepdims must be from 0 to 1, not 2
      ReduceMax-18(float[2,3], int64[]) -> ! input b has shape [], but ReduceMax takes rank 1
      ArgMax-13(float[2,3]) keepdims=-1 -> ! keepdims must be from 0 to 1, not -1
      ArgMin-13(float[2,3]) keepdims=2 -> ! keepdims must be from 0 to 1, not 2
      TopK-11(float[N,9], int64[1,1]) -> ! TopK takes one element as input 1, but b has shape [1,1]
      CumSum-14(float[N,9], int64[2]) -> ! CumSum takes one element as input 1, but b has shape [2]
      CumProd-26(float[N,9], int64[0]) -> ! CumProd takes one element as input 1, but b has shape [0]
      """;

  private static final String QUANTISATION_AND_NORMALISATION =
      """
      QuantizeLinear-19(float[2,3], float[3], uint8[3]) -> uint8[2,3]
      QuantizeLinear-19(float[2,3], float[], uint8[1]) -> uint8[2,3]
      QuantizeLinear-19(float[2,3], float[3], uint8[2]) -> ! shapes [3] of b and [2] of c must be equal
      QuantizeLinear-19(float[2,3], float[3], uint8[]) -> ! shapes [3] of b and [] of c must be equal
      QuantizeLinear-19(float[2,3], float[], float8e5m2[]) saturate=2 -> ! saturate must be from 0 to 1, not 2
      QuantizeLinear-21(float[2,4], float[2,2], uint8[2,2]) block_size=-1 -> ! block_size must be from 0 to 2147483647, not -1
      DequantizeLinear-19(uint8[2,3], float[3], uint8[2]) -> ! shapes [3] of b and [2] of c must be equal
      DequantizeLinear-19(uint8[2,3], float[3]) -> float[2,3]
      DequantizeLinear-21(uint8[2,4], float[2,2]) block_size=-2 -> ! block_size must be from 0 to 2147483647, not -2
      DequantizeLinear-21(uint8[2,5], float[2,3]) block_size=2 -> float[2,5]
      DequantizeLinear-21(uint8[2,5], float[2,2]) block_size=2 -> ! DequantizeLinear: b [2,2] has 2 on axis 1, but must have 3, the blocks of 2 along axis 1 of a [2,5]
      DequantizeLinear-21(uint8[1,3], float[1,1]) block_size=2 -> ! DequantizeLinear: b [1,1] has 1 on axis 1, but must have 2, the blocks of 2 along axis 1 of a [1,3]
      DequantizeLinear-21(uint8[1,3], float[1,1]) block_size=3 -> float[1,3]
      DequantizeLinear-21(uint8[1,3], float[1,1]) -> float[1,3]
      ConvInteger-10(uint8[1,1,3,3], uint8[2,1,2,2], uint8[1], uint8[2]) -> int32[1,2,2,2]
      ConvInteger-10(uint8[1,1,3,3], uint8[2,1,2,2], uint8[2]) -> ! ConvInteger takes one element as input 2, but c has shape [2]
      ConvInteger-10(uint8[1,1,3,3], uint8[2,1,2,2], _, uint8[2,1]) -> ! d has shape [2,1], but it is one number, or one for each of the 2 filters of b
      QLinearMatMul-10(uint8[2,3], float[], uint8[2], uint8[3,4], float[], uint8[], float[], uint8[]) -> ! zero point c has shape [2], but its scale b has shape []
      QLinearMatMul-10(uint8[2,3], float[], uint8[], uint8[3,4], float[], uint8[4], float[], uint8[]) -> ! zero point f has shape [4], but its scale e has shape []
      BatchNormalization-15(float[2,3], float[3], float[3], float[3], float[3]) training_mode=1 -> float[2,3], float[3], float[3]
      BatchNormalization-14(float[2,3], float[3], float[3], float[3], float[3]) training_mode=1 -> ! training_mode must be 0 where the running mean and variance are not both among the outputs, not 1
      LayerNormalization-17(float[2,3], float[3]) stash_type=1 -> float[2,3]
      LayerNormalization-17(float[2,3], float[3]) stash_type=31 -> ! stash_type 31 is not the number of an element type
      RMSNormalization-23(float[2,3], float[3]) stash_type=-1 -> ! stash_type must be from 0 to 30, not -1
      GroupNormalization-21(float[2,4,5], float[4], float[4]) num_groups=2 stash_type=99 -> ! stash_type must be from 0 to 30, not 99
      GroupNormalization-21(float[2,4,5], float[4], float[4]) num_groups=0 -> ! attribute num_groups is 0, which does not divide the 4 channels of a [2,4,5]
      Dropout-10(float[N]) ratio=0.0 -> float[N]
      Dropout-10(float[N]) ratio=1.0 -> ! ratio must be at least 0 and below 1, not 1.0
      Dropout-13(float[N], 0.0) -> float[N]
      Dropout-13(float[N], -0.5) -> ! ratio must be at least 0 and below 1, not -0.5
      Dropout-12(float[N], 1.0) -> ! ratio must be at least 0 and below 1, not 1.0
      NegativeLogLikelihoodLoss-13(float[2,3], int64[2]) reduction=sum -> float[]
      NegativeLogLikelihoodLoss-13(float[2,3], int64[2]) reduction=max -> ! attribute reduction is max; it takes none, mean or sum
      SoftmaxCrossEntropyLoss-13(float[2,3], int64[2]) reduction=max -> ! attribute reduction is max; it takes none, mean or sum
      ai.onnx.preview.training.Momentum-1(float[], int64[], float[2], float[2], float[2]) alpha=0.5 beta=0.5 norm_coefficient=0.5 mode=nesterov -> float[2], float[2]
      ai.onnx.preview.training.Momentum-1(float[], int64[], float[2], float[2], float[2]) alpha=0.5 beta=0.5 norm_coefficient=0.5 mode=heavy -> ! mode must be one of [standard, nesterov], not 'heavy'
      """;

  private static final String WINDOWS_AND_IMAGES =
      """
      Conv-11(float[1,1,9], float[1,1,3]) strides=[2147483648] -> ! strides must be numbers from 1 to 2147483647, not [2147483648]
      Conv-11(float[1,1,9], float[1,1,1]) dilations=[2147483648] -> ! dilations must be numbers from 1 to 2147483647, not [2147483648]
      Conv-11(float[1,1,9], float[1,1,3]) kernel_shape=[3] dilations=[2147483647] pads=[2147483647,2147483647] -> ! dilations must be numbers by which windows reach at most 2147483647, not [2147483647]
      Conv-11(float[1,1,9], float[1,1,3]) kernel_shape=[3] dilations=[1073741823] pads=[2147483647,0] -> float[1,1,10]
      ConvInteger-10(uint8[1,1,9], uint8[1,1,3]) pads=[2147483648,0] -> ! pads must be numbers from 0 to 2147483647, not [2147483648, 0]
      QLinearConv-10(uint8[1,1,9], float[], uint8[], uint8[1,1,3], float[], uint8[], float[], uint8[]) pads=[-1,0] -> ! pads must be numbers from 0 to 2147483647, not [-1, 0]
      ConvTranspose-11(float[1,1,9], float[1,1,3]) strides=[2] output_padding=[-1] -> ! output_padding [-1] must have one number of at least 0 for each of the 1 spatial axes
      ConvTranspose-11(float[1,1,9], float[1,1,3]) strides=[2] output_padding=[2147483648] -> ! output_padding must be numbers from 0 to 2147483647, not [2147483648]
      DeformConv-19(float[1,4,9,9], float[1,4,3,3], float[1,36,7,7]) offset_group=2 -> float[1,1,7,7]
      DeformConv-19(float[1,4,9,9], float[1,4,3,3], float[1,18,7,7]) offset_group=0 -> ! offset_group
      DeformConv-19(float[1,4,9,9], float[1,4,3,3], float[1,18,7,7]) strides=[2147483648,1] -> ! strides must be numbers from 1 to 2147483647
      AveragePool-19(float[1,1,99,99]) kernel_shape=[2147483647,1] pads=[2147483647,0,0,0] -> float[1,1,100,99]
      AveragePool-19(float[1,1,99,99]) kernel_shape=[65536,32768] auto_pad=SAME_UPPER -> ! kernel_shape must be a window of at most 2147483647 elements, not [65536, 32768]
      MaxPool-12(float[1,1,9]) kernel_shape=[3] storage_order=1 -> float[1,1,7]
      MaxPool-12(float[1,1,9]) kernel_shape=[3] storage_order=2 -> ! storage_order must be from 0 to 1, not 2
      MaxPool-12(float[1,1,9]) kernel_shape=[3] pads=[2147483648,0] -> ! pads must be numbers from 0 to 2147483647
      LpPool-18(float[1,1,9]) kernel_shape=[3] p=0 -> ! p must be at least 1, not 0
      LpPool-18(float[1,1,9]) kernel_shape=[3] pads=[2147483648,0] -> ! pads must be numbers from 0 to 2147483647
      GlobalLpPool-2(float[1,1,9]) p=0 -> ! p must be at least 1, not 0
      GlobalLpPool-2(float[1,1,9]) p=1 -> float[1,1,1]
      MaxUnpool-11(float[1,1,4], int64[1,1,4], int64[3]) kernel_shape=[2] strides=[2] -> float[1,1,?]
      MaxUnpool-11(float[1,1,4], int64[1,1,4], int64[1,3]) kernel_shape=[2] strides=[2] -> ! input c has shape [1,3], but MaxUnpool takes rank 1
      MaxUnpool-11(float[1,1,4], int64[1,1,4]) kernel_shape=[2] strides=[2147483648] -> ! strides must be numbers from 1 to 2147483647
      Resize-13(float[1,1,4,4], _, {1.0,1.0,2.0,2.0}) mode=area -> ! mode must be one of [nearest, linear, cubic], not 'area'
      Resize-13(float[1,1,4,4], _, {1.0,1.0,2.0,2.0}) coordinate_transformation_mode=corners -> ! coordinate_transformation_mode must be one of
      Resize-13(float[1,1,4,4], _, {1.0,1.0,2.0,2.0}) nearest_mode=up -> ! nearest_mode must be one of [round_prefer_floor, round_prefer_ceil, floor, ceil], not 'up'
      Resize-13(float[1,1,4,4], float[7], {1.0,1.0,2.0,2.0}) -> float[1,1,8,8]
      Resize-13(float[1,1,4,4], float[8], {1.0,1.0,2.0,2.0}) coordinate_transformation_mode=tf_crop_and_resize -> float[1,1,8,8]
      Resize-13(float[1,1,4,4], float[7], {1.0,1.0,2.0,2.0}) coordinate_transformation_mode=tf_crop_and_resize -> ! roi b has 7 numbers, but a [1,1,4,4] needs 8
      Resize-18(float[1,1,4,4], float[4], {2.0,2.0}) axes=[2,3] coordinate_transformation_mode=tf_crop_and_resize -> float[1,1,8,8]
      Resize-18(float[1,1,4,4], float[5], {2.0,2.0}) axes=[2,3] coordinate_transformation_mode=tf_crop_and_resize -> ! roi b has 5 numbers, but a [1,1,4,4] needs 4
      Resize-13(float[1,1,4,4], _, _, int64[3]) -> ! sizes has 3 numbers
      Resize-10(float[1,1,4,4], float[2,2]) -> ! input b has shape [2,2], but Resize takes rank 1
      Upsample-9(float[1,1,4,4], {1.0,1.0,2.0,2.0}) mode=cubic -> ! mode must be one of [nearest, linear, bilinear], not 'cubic'
      Upsample-9(float[1,1,4,4], float[3]) -> ! scales b has 3 numbers, but a [1,1,4,4] needs 4
      GridSample-16(float[1,1,4,4], float[1,2,2,2]) mode=area -> ! mode must be one of [linear, bilinear, nearest, cubic, bicubic], not 'area'
      GridSample-16(float[1,1,4,4], float[1,2,2,2]) padding_mode=wrap -> ! padding_mode must be one of [zeros, border, reflection], not 'wrap'
      GridSample-16(float[0,1,4,4], float[0,2,2,2]) -> float[0,1,2,2]
      GridSample-16(float[1,1,4,0], float[1,2,2,2]) -> ! GridSample has nothing to take values from: a has shape [1,1,4,0]
      RoiAlign-16(float[1,2,4,4], float[3,4], int64[3]) output_height=2 output_width=3 mode=max -> float[3,2,2,3]
      RoiAlign-16(float[1,2,4,4], float[3,4], int64[3]) mode=sum -> ! mode must be one of [avg, max], not 'sum'
      RoiAlign-16(float[1,2,4,4], float[3,4], int64[3]) coordinate_transformation_mode=pixel -> ! coordinate_transformation_mode must be one of [half_pixel, output_half_pixel], not 'pixel'
      RoiAlign-16(float[1,2,4,4], float[3,4], int64[3]) output_height=0 -> ! output_height
      RoiAlign-16(float[1,2,4,4], float[3,4], int64[3]) output_width=0 -> ! output_width
      RoiAlign-16(float[1,2,4,4], float[3,4], int64[3]) sampling_ratio=-1 -> ! sampling_ratio must be from 0 to 2147483647, not -1
      RoiAlign-16(float[1,2,0,4], float[3,4], int64[3]) -> ! RoiAlign has nothing to take values from: a has shape [1,2,0,4]
      MaxRoiPool-1(float[1,0,4,4], float[3,5]) pooled_shape=[2,2] -> ! MaxRoiPool has nothing to take values from: a has shape [1,0,4,4]
      NonMaxSuppression-11(float[1,6,4], float[1,1,6]) center_point_box=2 -> ! center_point_box must be from 0 to 1, not 2
      NonMaxSuppression-11(float[1,6,4], float[1,1,6], int64[2]) -> ! NonMaxSuppression takes one element as input 2, but c has shape [2]
      NonMaxSuppression-11(float[1,6,4], float[1,1,6], _, float[2]) -> ! NonMaxSuppression takes one element as input 3, but d has shape [2]
      NonMaxSuppression-11(float[1,6,4], float[1,1,6], _, _, float[0]) -> ! NonMaxSuppression takes one element as input 4, but e has shape [0]
      DepthToSpace-13(float[1,8,2,2]) blocksize=2 mode=RCD -> ! mode must be one of [DCR, CRD], not 'RCD'
      AffineGrid-20(float[1,2,3], int64[4]) align_corners=2 -> ! align_corners must be from 0 to 1, not 2
      Col2Im-18(float[1,4,16], int64[2], int64[2]) strides=[1,1,1] -> ! strides must be 2 elements, for 2 axes, not 3 elements
      Col2Im-18(float[1,4,16], int64[], int64[1]) -> ! input b has shape [], but Col2Im takes rank 1
      CenterCropPad-18(float[4], int64[]) -> ! input b has shape [], but CenterCropPad takes rank 1
      """;

  private static final String MOVEMENT =
      """
      Pad-18(float[N], {1,1}) mode=reflect -> float[N+2]
      Pad-18(float[N], int64[], _, int64[?]) -> ! input b has shape [], but Pad takes rank 1
      Pad-13(float[N], {1,1}, float[2]) -> ! Pad takes one element as input 2, but c has shape [2]
      Pad-13(float[N], {1099511627776,0}) -> float[N+1099511627776]
      Pad-13(float[N], {1099511627777,0}) -> ! pads must be numbers of at most 2^40, not [1099511627777, 0]
      Pad-2(float[N]) pads=[0,-1099511627777] -> ! pads must be numbers of at most 2^40, not [0, -1099511627777]
      ScatterElements-16(float[4], int64[2], float[2]) reduction=mul -> float[4]
      ScatterElements-16(float[4], int64[2], float[2]) reduction=sub -> ! reduction must be one of [none, add, mul, max, min], not 'sub'
      ScatterND-16(float[4], int64[2,1], float[2]) reduction=sub -> ! reduction must be one of [none, add, mul, max, min], not 'sub'
      TensorScatter-24(float[2,4,3], float[2,1,3]) mode=ring -> ! mode must be one of [linear, circular], not 'ring'
      Reshape-13(float[4], int64[]) -> ! input b has shape [], but Reshape takes rank 1
      Expand-13(float[4], int64[]) -> ! input b has shape [], but Expand takes rank 1
      Tile-13(float[4], int64[]) -> ! input b has shape [], but Tile takes rank 1
      ConstantOfShape-9(int64[]) -> ! input a has shape [], but ConstantOfShape takes rank 1
      Compress-11(float[4], bool[2,2]) -> ! input b has shape [2,2], but Compress takes rank 1
      ReverseSequence-10(float[3,2], int64[2]) time_axis=0 batch_axis=2 -> ! batch_axis
      ReverseSequence-10(float[3,2], int64[2]) time_axis=2 -> ! time_axis
      ReverseSequence-10(float[3,2], int64[2,1]) -> ! input b has shape [2,1], but ReverseSequence takes rank 1
      Slice-13(float[4], int64[], int64[1]) -> ! input b has shape [], but Slice takes rank 1
      Slice-13(float[4], int64[1], int64[]) -> ! input c has shape [], but Slice takes rank 1
      Slice-13(float[4], {0}, {1}, {0}, int64[]) -> ! input e has shape [], but Slice
      Slice-13(float[4], {0}, {1}, int64[]) -> ! input d has shape [], but Slice takes rank 1
      Split-13(float[4], int64[]) -> ! input b has shape [], but Split takes rank 1
      Split-18(float[4]) num_outputs=0 -> ! num_outputs
      SequenceAt-11(seq(float[2]), int64[2]) -> ! SequenceAt takes one element as input 1, but b has shape [2]
      SequenceErase-11(seq(float[2]), int64[2]) -> ! SequenceErase takes one element as input 1, but b has shape [2]
      SequenceInsert-11(seq(float[2]), float[2], int64[2]) -> ! SequenceInsert takes one element as input 2, but c has shape [2]
      ConcatFromSequence-11(seq(float[2])) axis=0 new_axis=2 -> ! new_axis must be from 0 to 1, not 2
      """;

  private static final String RECURRENT_AND_TEXT =
      """
      RNN-14(float[5,2,3], float[1,4,3], float[1,4,4]) hidden_size=4 layout=2 -> ! layout must be from 0 to 1, not 2
      RNN-14(float[5,2,3], float[2,4,3], float[2,4,4]) hidden_size=4 direction=bidirectional activations=[Tanh,Relu] activation_alpha=[0.5,0.5] -> float[5,2,2,4]
      RNN-14(float[5,2,3], float[2,4,3], float[2,4,4]) hidden_size=4 direction=bidirectional activations=[Tanh] -> ! activations must be 2 names, not 1 names: [Tanh]
      RNN-14(float[5,2,3], float[1,4,3], float[1,4,4]) hidden_size=4 activations=[Swish] -> ! activations must be names of activations, not 'Swish'
      GRU-14(float[5,2,3], float[1,12,3], float[1,12,4]) hidden_size=4 activation_alpha=[0.5,0.5,0.5] -> ! activation_alpha must be 1 to 2 numbers, or left out, not 3 numbers
      LSTM-14(float[5,2,3], float[1,16,3], float[1,16,4]) hidden_size=4 activation_beta=[0.5,0.5,0.5,0.5] -> ! activation_beta must be 1 to 3 numbers, or left out, not 4 numbers
      LSTM-14(float[5,2,3], float[1,16,3], float[1,16,4]) hidden_size=4 activation_beta=[0.5,0.5,0.5] -> float[5,1,2,4]
      Attention-23(float[1,2,3,4], float[1,2,3,4], float[1,2,3,4]) is_causal=2 -> ! is_causal must be from 0 to 1, not 2
      Attention-23(float[1,2,3,4], float[1,2,3,4], float[1,2,3,4]) qk_matmul_output_mode=4 -> ! qk_matmul_output_mode must be from 0 to 3, not 4
      Attention-23(float[1,2,3,4], float[1,2,3,4], float[1,2,3,4]) q_num_heads=2 kv_num_heads=2 -> ! q_num_heads must be left out for inputs of rank 4, not given for [1,2,3,4]
      RotaryEmbedding-23(float[1,2,3,4], float[5,2], float[5,2], int64[1,3]) num_heads=-1 -> ! num_heads must be from 0 to 2147483647, not -1
      RotaryEmbedding-23(float, float[5,2], float[5,2], int64[1,3]) rotary_embedding_dim=-1 -> ! rotary_embedding_dim
      StringNormalizer-10(string[3]) case_change_action=TITLE -> ! case_change_action must be one of [NONE, LOWER, UPPER], not 'TITLE'
      HammingWindow-17(int64[1]) -> ! input a has shape [1], but HammingWindow takes rank 0
      BlackmanWindow-17(int64[1]) -> ! input a has shape [1], but BlackmanWindow takes rank 0
      DFT-17(float[1,8,1], int64[1]) -> ! input b has shape [1], but DFT takes rank 0
      STFT-17(float[1,9,1], int64[1], float[4]) -> ! input b has shape [1], but STFT takes rank 0
      STFT-17(float[1,9,1], int64[], float[4,1]) -> ! input c has shape [4,1], but STFT takes rank 1
      STFT-17(float[1,9,1], int64[], _, int64[1]) -> ! input d has shape [1], but STFT takes rank 0
      MelWeightMatrix-17(int64[1], 16, 8192, 0.0, 4096.0) -> ! input a has shape [1], but MelWeightMatrix takes rank 0
      MelWeightMatrix-17(8, int64[1], 8192, 0.0, 4096.0) -> ! input b has shape [1], but MelWeightMatrix takes rank 0
      MelWeightMatrix-17(8, 16, int64[1], 0.0, 4096.0) -> ! input c has shape [1], but MelWeightMatrix takes rank 0
      MelWeightMatrix-17(8, 16, 8192, float[1], 4096.0) -> ! input d has shape [1], but MelWeightMatrix takes rank 0
      MelWeightMatrix-17(8, 16, 8192, 0.0, float[1]) -> ! input e has shape [1], but MelWeightMatrix takes rank 0
      TfIdfVectorizer-9(int64[4]) mode=TF min_gram_length=1 max_gram_length=2 max_skip_count=0 ngram_counts=[0,2] ngram_indexes=[0,1,2] pool_int64s=[5,6,7,8] -> float[3]
      TfIdfVectorizer-9(int64[4]) mode=TF min_gram_length=1 max_gram_length=2 max_skip_count=0 ngram_counts=[0,4] ngram_indexes=[0,1,2,3] pool_int64s=[5,6,7,8] -> float[4]
      TfIdfVectorizer-9(int64[4]) mode=TF min_gram_length=1 max_gram_length=2 max_skip_count=0 ngram_counts=[0,0] ngram_indexes=[0,7] pool_int64s=[5,6,7,8] -> float[8]
      TfIdfVectorizer-9(int64[4]) mode=IF min_gram_length=1 max_gram_length=2 max_skip_count=0 ngram_counts=[0,2] ngram_indexes=[0,1,2] pool_int64s=[5,6,7,8] -> ! mode must be one of [TF, IDF, TFIDF], not 'IF'
      TfIdfVectorizer-9(int64[4]) mode=TF min_gram_length=0 max_gram_length=2 max_skip_count=0 ngram_counts=[0,2] ngram_indexes=[0,1,2] pool_int64s=[5,6,7,8] -> ! min_gram_length must be from 1 to 2147483647, not 0
      TfIdfVectorizer-9(int64[4]) mode=TF min_gram_length=1 max_gram_length=2 max_skip_count=-1 ngram_counts=[0,2] ngram_indexes=[0,1,2] pool_int64s=[5,6,7,8] -> ! max_skip_count must be from 0 to 2147483647, not -1
      TfIdfVectorizer-9(int64[4]) mode=TF min_gram_length=1 max_gram_length=2 max_skip_count=0 ngram_counts=[0,2] ngram_indexes=[0,1,2] -> ! pool_strings must be exactly one of [pool_strings, pool_int64s], not none of them
      TfIdfVectorizer-9(int64[4]) mode=TF min_gram_length=1 max_gram_length=2 max_skip_count=0 ngram_counts=[0,2] ngram_indexes=[0,1,2] pool_int64s=[5,6,7,8] pool_strings=[a,b,c,d] -> ! pool_int64s must be exactly one of [pool_strings, pool_int64s], not [pool_strings, pool_int64s]
      TfIdfVectorizer-9(int64[4]) mode=IDF min_gram_length=1 max_gram_length=2 max_skip_count=0 ngram_counts=[0,2] ngram_indexes=[0,1,2] pool_int64s=[5,6,7,8] weights=[0.5,0.5] -> ! weights must be 3 elements, as ngram_indexes has, not 2 elements
      TfIdfVectorizer-9(int64[4]) mode=TF min_gram_length=1 max_gram_length=2 max_skip_count=0 ngram_counts=[0,2] ngram_indexes=[0,-1,2] pool_int64s=[5,6,7,8] -> ! ngram_indexes must be numbers from 0 to 2147483647
      TfIdfVectorizer-9(int64[4]) mode=TF min_gram_length=2 max_gram_length=1 max_skip_count=0 ngram_counts=[0,2] ngram_indexes=[0,1,2] pool_int64s=[5,6,7,8] -> ! max_gram_length must be at least min_gram_length 2, not 1
      TfIdfVectorizer-9(int64[4]) mode=TF min_gram_length=1 max_gram_length=3 max_skip_count=0 ngram_counts=[0,2] ngram_indexes=[0,1,2] pool_int64s=[5,6,7,8] -> ! ngram_counts must be a number for each length up to max_gram_length 3, not [0, 2]
      TfIdfVectorizer-9(int64[4]) mode=TF min_gram_length=1 max_gram_length=2 max_skip_count=0 ngram_counts=[0,1] ngram_indexes=[0,1,2] pool_int64s=[5,6,7,8] -> ! ngram_counts must be ascending positions in a pool of 4, whole n-grams apart, not [0, 1]
      TfIdfVectorizer-9(int64[4]) mode=TF min_gram_length=1 max_gram_length=2 max_skip_count=0 ngram_counts=[0,5] ngram_indexes=[0,1,2] pool_int64s=[5,6,7,8] -> ! ngram_counts must be ascending positions
      TfIdfVectorizer-9(int64[4]) mode=TF min_gram_length=1 max_gram_length=2 max_skip_count=0 ngram_counts=[-1,2] ngram_indexes=[0,1,2,3] pool_int64s=[5,6,7,8] -> ! ngram_counts must be ascending positions
      TfIdfVectorizer-9(int64[4]) mode=TF min_gram_length=1 max_gram_length=2 max_skip_count=0 ngram_counts=[0,2] ngram_indexes=[0,1] pool_int64s=[5,6,7,8] -> ! ngram_indexes must be 3 elements, one for each n-gram of the pool, not 2 elements
      """;

  private static final String MACHINE_LEARNING =
      """
      ai.onnx.ml.Normalizer-1(float[2,3]) norm=L2 -> float[2,3]
      ai.onnx.ml.Scaler-1(float[2,3]) offset=[1.0] scale=[2.0] -> float[2,3]
      ai.onnx.ml.Scaler-1(float[2,3]) offset=[1.0,2.0] -> ! offset must be 1 or 3 elements, as many as there are features, not 2 elements
      ai.onnx.ml.Scaler-1(float[2,3]) scale=[1.0,2.0] -> ! scale must be 1 or 3 elements, as many as there are features, not 2 elements
      ai.onnx.ml.Scaler-1(float[2,N]) scale=[1.0,2.0] -> float[2,N]
      ai.onnx.ml.Imputer-1(float[2,3]) imputed_value_floats=[1.0,2.0,3.0] -> float[2,3]
      ai.onnx.ml.Imputer-1(float[2,3]) imputed_value_floats=[1.0,2.0] -> ! imputed_value_floats must be 1 or 3 elements, as many as there are features, not 2 elements
      ai.onnx.ml.Imputer-1(int64[2,3]) imputed_value_int64s=[1,2] -> ! imputed_value_int64s must be 1 or 3 elements, as many as there are features, not 2 elements
      ai.onnx.ml.Imputer-1(int64[2,3]) imputed_value_int64s=[1] imputed_value_floats=[1.0] -> ! imputed_value_int64s must be exactly one of [imputed_value_floats, imputed_value_int64s]
      ai.onnx.ml.LabelEncoder-2(int64[N]) keys_int64s=[1,2] values_strings=[a,b] -> string[N]
      ai.onnx.ml.LabelEncoder-2(int64[N]) keys_int64s=[1,2] values_strings=[a] -> ! values_strings must be 2 elements, as keys_int64s has, not 1 element
      ai.onnx.ml.LabelEncoder-2(int64[N]) keys_int64s=[1,2] values_strings=[a,b] values_floats=[1.0,2.0] -> ! values_floats must be exactly one of
      ai.onnx.ml.CategoryMapper-1(string[N]) cats_int64s=[1,2] cats_strings=[a,b] -> int64[N]
      ai.onnx.ml.CategoryMapper-1(string[N]) cats_int64s=[1,2] cats_strings=[a] -> ! cats_strings must be 2 elements, as cats_int64s has
      ai.onnx.ml.OneHotEncoder-1(int64[N]) cats_int64s=[1,2,3] -> float[N,3]
      ai.onnx.ml.OneHotEncoder-1(string[N]) cats_strings=[a,b] cats_int64s=[] -> float[N,2]
      ai.onnx.ml.OneHotEncoder-1(int64[N]) cats_int64s=[1] cats_strings=[a] -> ! cats_strings must be exactly one of [cats_int64s, cats_strings]
      ai.onnx.ml.FeatureVectorizer-1(float[2,3], float[2,1]) inputdimensions=[3,1] -> float[2,4]
      ai.onnx.ml.FeatureVectorizer-1(float[2,3], float[2,1]) inputdimensions=[3] -> ! inputdimensions must be 2 elements, one for each input, not 1 element
      ai.onnx.ml.FeatureVectorizer-1(float[2,3], float[3,1]) inputdimensions=[3,1] -> ! has 3 rows, but the inputs before it have 2
      ai.onnx.ml.LinearClassifier-1(float[N,3]) classlabels_ints=[0,1] coefficients=[1.0,1.0,1.0,1.0,1.0,1.0] intercepts=[0.5,0.5] -> int64[N], float[N,2]
      ai.onnx.ml.LinearClassifier-1(float[N,1]) classlabels_strings=[a,b] coefficients=[1.0,1.0] -> string[N], float[N,2]
      ai.onnx.ml.LinearClassifier-1(float[N,4]) classlabels_ints=[0,1] coefficients=[1.0,1.0,1.0,1.0,1.0,1.0] intercepts=[0.5,0.5] -> ! coefficients must be 8 numbers, for 2 times 4 features, not 6 numbers
      ai.onnx.ml.LinearClassifier-1(float[N,3]) classlabels_ints=[0,1] coefficients=[1.0,1.0,1.0] intercepts=[0.5,0.5] -> ! coefficients must be a number for each class and feature, not 3 numbers
      ai.onnx.ml.LinearClassifier-1(float[N,3]) classlabels_ints=[0,1] classlabels_strings=[a,b] coefficients=[1.0] -> ! classlabels_strings must be exactly one of
      ai.onnx.ml.LinearClassifier-1(float[N,1]) classlabels_ints=[0,1] coefficients=[1.0,1.0] post_transform=RELU -> ! post_transform must be one of [NONE, SOFTMAX, LOGISTIC, SOFTMAX_ZERO, PROBIT], not 'RELU'
      ai.onnx.ml.LinearRegressor-1(float[N,2]) targets=2 coefficients=[1.0,1.0,1.0,1.0] intercepts=[0.5,0.5] -> float[N,2]
      ai.onnx.ml.LinearRegressor-1(float[N,2]) targets=2 coefficients=[1.0,1.0,1.0,1.0] intercepts=[0.5] -> ! intercepts must be 2 elements, one for each target, not 1 element
      ai.onnx.ml.LinearRegressor-1(float[N,2]) targets=2 coefficients=[1.0,1.0,1.0] -> ! coefficients must be a number for each of 2 targets and each feature, not 3 numbers
      ai.onnx.ml.LinearRegressor-1(float[N,3]) targets=2 coefficients=[1.0,1.0,1.0,1.0] -> ! coefficients must be 6 numbers, for 2 times 3 features, not 4 numbers
      ai.onnx.ml.SVMClassifier-1(float[N,2]) classlabels_ints=[0,1,2] vectors_per_class=[1,1,2] support_vectors=[1.0,1.0,1.0,1.0,1.0,1.0,1.0,1.0] coefficients=[1.0,1.0,1.0,1.0,1.0,1.0,1.0,1.0] rho=[0.5,0.5,0.5] kernel_params=[0.5,0.5,0.5] -> int64[N], float[N,3]
      ai.onnx.ml.SVMClassifier-1(float[N,2]) classlabels_ints=[0,1,2] vectors_per_class=[1,1,2] support_vectors=[1.0,1.0,1.0,1.0,1.0,1.0,1.0] coefficients=[1.0] rho=[0.5,0.5,0.5] -> ! support_vectors must be whole vectors, 4 of them, not 7 numbers
      ai.onnx.ml.SVMClassifier-1(float[N,2]) classlabels_ints=[0,1] vectors_per_class=[0,0] coefficients=[1.0] -> ! support_vectors must be whole vectors, 0 of them, not 0 numbers
      ai.onnx.ml.SVMClassifier-1(float[N,2]) classlabels_ints=[0,1,2] vectors_per_class=[1,1,2] support_vectors=[1.0,1.0,1.0,1.0,1.0,1.0,1.0,1.0] coefficients=[1.0,1.0,1.0,1.0] rho=[0.5,0.5,0.5] -> ! coefficients must be 8 numbers, one a vector and other class, not 4 numbers
      ai.onnx.ml.SVMClassifier-1(float[N,2]) classlabels_ints=[0,1,2] vectors_per_class=[2,2] support_vectors=[1.0,1.0,1.0,1.0,1.0,1.0,1.0,1.0] coefficients=[1.0,1.0,1.0,1.0] rho=[0.5,0.5,0.5] -> ! vectors_per_class must be 3 numbers, one a class, not 2 numbers
      ai.onnx.ml.SVMClassifier-1(float[N,2]) classlabels_ints=[0,1,2] vectors_per_class=[1,1,2] support_vectors=[1.0,1.0,1.0,1.0,1.0,1.0,1.0,1.0] coefficients=[1.0,1.0,1.0,1.0,1.0,1.0,1.0,1.0] rho=[0.5,0.5] -> ! rho must be 3 numbers, one for each pair of classes, not 2 numbers
      ai.onnx.ml.SVMClassifier-1(float[N,2]) classlabels_ints=[0,1] vectors_per_class=[1,1] support_vectors=[1.0,1.0] coefficients=[1.0,1.0] rho=[0.5] kernel_params=[0.5] -> ! kernel_params must be 3 elements, gamma, coef0 and degree, not 1 element
      ai.onnx.ml.SVMClassifier-1(float[N,2]) classlabels_ints=[0,1] vectors_per_class=[1,-1] -> ! vectors_per_class must be numbers from 0 to 2147483647
      ai.onnx.ml.SVMClassifier-1(float[N,2]) classlabels_ints=[0,1] prob_a=[0.5] prob_b=[0.5,0.5] -> ! prob_b must be 1 element, as prob_a has, not 2 elements
      ai.onnx.ml.SVMClassifier-1(float[N,2]) classlabels_ints=[0,1] kernel_type=COSINE -> ! kernel_type must be one of [LINEAR, POLY, RBF, SIGMOID], not 'COSINE'
      ai.onnx.ml.SVMRegressor-1(float[N,2]) n_supports=2 support_vectors=[1.0,1.0,1.0,1.0] coefficients=[1.0,1.0] rho=[0.5] -> float[N,1]
      ai.onnx.ml.SVMRegressor-1(float[N,2]) n_supports=2 support_vectors=[1.0,1.0,1.0] coefficients=[1.0,1.0] rho=[0.5] -> ! n_supports must be the number of vectors in support_vectors, which has 3 numbers, not 2
      ai.onnx.ml.SVMRegressor-1(float[N,2]) n_supports=2 coefficients=[1.0,1.0] rho=[0.5] -> ! n_supports must be the number of vectors in support_vectors, which has 0 numbers, not 2
      ai.onnx.ml.SVMRegressor-1(float[N,2]) n_supports=-1 rho=[0.5] -> ! n_supports must be the number of vectors
      ai.onnx.ml.SVMRegressor-1(float[N,2]) n_supports=2 support_vectors=[1.0,1.0,1.0,1.0] coefficients=[1.0] rho=[0.5] -> ! coefficients must be 2 elements, one for each support vector, not 1 element
      ai.onnx.ml.SVMRegressor-1(float[N,2]) n_supports=2 support_vectors=[1.0,1.0,1.0,1.0] coefficients=[1.0,1.0] -> ! rho must be at least one number, not none
      ai.onnx.ml.SVMRegressor-1(float[N,2]) n_supports=0 coefficients=[1.0,1.0] -> float[N,1]
      """;

  private static final String TREES =
      """
      ai.onnx.ml.TreeEnsembleRegressor-3(float[N,2]) nodes_treeids=[0,0,0] nodes_nodeids=[0,1,2] nodes_featureids=[0,0,0] nodes_values=[0.5,0.0,0.0] nodes_modes=[BRANCH_LEQ,LEAF,LEAF] nodes_truenodeids=[1,0,0] nodes_falsenodeids=[2,0,0] n_targets=1 target_treeids=[0,0] target_nodeids=[1,2] target_ids=[0,0] target_weights=[1.0,2.0] -> float[N,1]
      ai.onnx.ml.TreeEnsembleRegressor-3(float[N,2]) nodes_treeids=[0,0,0] nodes_nodeids=[0,1,1] nodes_featureids=[0,0,0] nodes_values=[0.5,0.0,0.0] nodes_modes=[BRANCH_LEQ,LEAF,LEAF] nodes_truenodeids=[1,0,0] nodes_falsenodeids=[2,0,0] -> ! nodes_nodeids must be different numbers in tree 0, not twice 1
      ai.onnx.ml.TreeEnsembleRegressor-3(float[N,2]) nodes_treeids=[0,0,0] nodes_nodeids=[0,1,2] nodes_featureids=[0,0,0] nodes_values=[0.5,0.0,0.0] nodes_modes=[BRANCH,LEAF,LEAF] nodes_truenodeids=[1,0,0] nodes_falsenodeids=[2,0,0] -> ! nodes_modes must be one of
      ai.onnx.ml.TreeEnsembleRegressor-3(float[N,2]) nodes_treeids=[0,0,0] nodes_nodeids=[0,1,2] nodes_featureids=[-1,0,0] nodes_values=[0.5,0.0,0.0] nodes_modes=[BRANCH_LEQ,LEAF,LEAF] nodes_truenodeids=[1,0,0] nodes_falsenodeids=[2,0,0] -> ! nodes_featureids must be numbers of features, not [-1, 0, 0]
      ai.onnx.ml.TreeEnsembleRegressor-3(float[N,2]) nodes_treeids=[0,0,0] nodes_nodeids=[0,1,2] nodes_featureids=[0,0,0] nodes_values=[0.5,0.0,0.0] nodes_modes=[BRANCH_LEQ,LEAF,LEAF] nodes_truenodeids=[1,0,0] nodes_falsenodeids=[3,0,0] -> ! nodes_falsenodeids must be numbers of nodes in tree 0, not what node 0 of the list has
      ai.onnx.ml.TreeEnsembleRegressor-3(float[N,2]) nodes_treeids=[0,0,1] nodes_nodeids=[0,1,2] nodes_featureids=[0,0,0] nodes_values=[0.5,0.0,0.0] nodes_modes=[BRANCH_LEQ,LEAF,LEAF] nodes_truenodeids=[1,0,0] nodes_falsenodeids=[2,0,0] -> ! nodes_falsenodeids must be numbers of nodes in tree 0, not what node 0 of the list has
      ai.onnx.ml.TreeEnsembleRegressor-3(float[N,2]) nodes_treeids=[0,0,0] nodes_nodeids=[0,1,2] nodes_featureids=[0,0,0] nodes_values=[0.5,0.5,0.0] nodes_modes=[BRANCH_LEQ,BRANCH_GT,LEAF] nodes_truenodeids=[1,0,0] nodes_falsenodeids=[2,2,0] -> ! nodes_truenodeids must be numbers that lead to leaves, not a cycle of nodes
      ai.onnx.ml.TreeEnsembleRegressor-3(float[N,2]) nodes_treeids=[7,7,-3,7] nodes_nodeids=[9223372036854775807,5,5,-9223372036854775808] nodes_featureids=[0,0,0,0] nodes_values=[0.5,0.0,0.0,0.0] nodes_modes=[LEAF,BRANCH_LEQ,LEAF,LEAF] nodes_truenodeids=[0,9223372036854775807,0,0] nodes_falsenodeids=[0,-9223372036854775808,0,0] n_targets=1 target_treeids=[-3,7] target_nodeids=[5,-9223372036854775808] target_ids=[0,0] target_weights=[1.0,2.0] -> float[N,1]
      ai.onnx.ml.TreeEnsembleRegressor-3(float[N,2]) nodes_treeids=[7,7,-3,7] nodes_nodeids=[5,9223372036854775807,5,5] nodes_featureids=[0,0,0,0] nodes_values=[0.5,0.0,0.0,0.0] nodes_modes=[LEAF,BRANCH_LEQ,LEAF,LEAF] nodes_truenodeids=[0,5,0,0] nodes_falsenodeids=[0,5,0,0] -> ! nodes_nodeids must be different numbers in tree 7, not twice 5
      ai.onnx.ml.TreeEnsembleRegressor-3(float[N,2]) nodes_treeids=[7,7,-3,7] nodes_nodeids=[4,3,2,1] nodes_featureids=[0,0,0,0] nodes_values=[0.5,0.0,0.0,0.0] nodes_modes=[LEAF,BRANCH_LEQ,LEAF,LEAF] nodes_truenodeids=[0,4,0,0] nodes_falsenodeids=[0,2,0,0] -> ! nodes_falsenodeids must be numbers of nodes in tree 7, not what node 1 of the list has
      ai.onnx.ml.TreeEnsembleRegressor-3(float[N,2]) nodes_treeids=[0,0,0] nodes_nodeids=[0,1,2] nodes_featureids=[0,0] nodes_values=[0.5,0.0,0.0] nodes_modes=[BRANCH_LEQ,LEAF,LEAF] -> ! nodes_featureids must be 3 elements, as nodes_treeids has, not 2 elements
      ai.onnx.ml.TreeEnsembleRegressor-3(float[N,2]) nodes_treeids=[0] nodes_nodeids=[0] nodes_featureids=[0] nodes_values=[0.5] nodes_modes=[LEAF] nodes_truenodeids=[0] nodes_falsenodeids=[0] target_treeids=[0] target_nodeids=[0] target_ids=[1] target_weights=[1.0] -> ! target_ids must be numbers from 0 to 0, not [1]
      ai.onnx.ml.TreeEnsembleRegressor-3(float[N,2]) nodes_treeids=[0] nodes_nodeids=[0] nodes_featureids=[0] nodes_values=[0.5] nodes_modes=[LEAF] nodes_truenodeids=[0] nodes_falsenodeids=[0] target_treeids=[0] target_nodeids=[0] target_ids=[0] target_weights=[1.0,2.0] -> ! target_weights must be 1 element, as target_treeids has, not 2 elements
      ai.onnx.ml.TreeEnsembleRegressor-3(float[N,2]) nodes_treeids=[0] nodes_nodeids=[0] nodes_modes=[LEAF] n_targets=0 -> ! n_targets must be from 1 to 2147483647, not 0
      ai.onnx.ml.TreeEnsembleRegressor-3(float[N,2]) aggregate_function=MEDIAN -> ! aggregate_function must be one of [SUM, AVERAGE, MIN, MAX], not 'MEDIAN'
      ai.onnx.ml.TreeEnsembleRegressor-3(float[N,2]) nodes_treeids=[0] nodes_nodeids=[0] -> ! nodes_treeids must be a number for each node, as nodes_nodeids and nodes_modes, not 1 numbers
      ai.onnx.ml.TreeEnsembleClassifier-3(float[N,2]) nodes_treeids=[0] nodes_nodeids=[0] nodes_featureids=[0] nodes_values=[0.5] nodes_modes=[LEAF] nodes_truenodeids=[0] nodes_falsenodeids=[0] class_treeids=[0] class_nodeids=[0] class_ids=[1] class_weights=[1.0] classlabels_int64s=[7] -> int64[N], float[N,?]
      ai.onnx.ml.TreeEnsembleClassifier-3(float[N,2]) nodes_treeids=[0] nodes_nodeids=[0] nodes_featureids=[0] nodes_values=[0.5] nodes_modes=[LEAF] nodes_truenodeids=[0] nodes_falsenodeids=[0] class_treeids=[0] class_nodeids=[0] class_ids=[3] class_weights=[1.0] classlabels_strings=[a,b,c] -> ! class_ids must be numbers from 0 to 2, not [3]
      ai.onnx.ml.TreeEnsembleClassifier-3(float[N,2]) nodes_treeids=[0] nodes_nodeids=[0] nodes_modes=[LEAF] class_treeids=[0] class_nodeids=[1] classlabels_strings=[a,b,c] -> ! class_nodeids must be numbers of nodes, not 1 in tree 0, which has no such node
      ai.onnx.ml.TreeEnsembleClassifier-3(float[N,2]) nodes_treeids=[0] nodes_nodeids=[0] nodes_modes=[LEAF] class_ids=[0] class_weights=[1.0,2.0] classlabels_strings=[a,b,c] -> ! class_weights must be 1 element, as class_ids has, not 2 elements
      """;

  static Stream<String> lines() {
    return Stream.of(
            MACHINE_LEARNING,
            TREES,
            ARITHMETIC,
            QUANTISATION_AND_NORMALISATION,
            WINDOWS_AND_IMAGES,
            MOVEMENT,
            RECURRENT_AND_TEXT)
        .flatMap(String::lines);
  }

  @ParameterizedTest
  @MethodSource("lines")
  void areDemanded(String line) {
    NodeLine node = NodeLine.parse(line);
    if (!node.holds()) {
      assertEquals(node.expected(), node.actual(), line);
    }
  }
}
