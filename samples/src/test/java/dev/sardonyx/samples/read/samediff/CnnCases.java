package dev.sardonyx.samples.read.samediff;

import java.util.List;
import org.nd4j.autodiff.samediff.ops.SDCNN;
import org.nd4j.enums.DataFormat;
import org.nd4j.enums.WeightsFormat;
import org.nd4j.linalg.api.ops.impl.layers.convolution.Pooling2D.Divisor;
import org.nd4j.linalg.api.ops.impl.layers.convolution.config.Conv1DConfig;
import org.nd4j.linalg.api.ops.impl.layers.convolution.config.Conv2DConfig;
import org.nd4j.linalg.api.ops.impl.layers.convolution.config.Conv3DConfig;
import org.nd4j.linalg.api.ops.impl.layers.convolution.config.DeConv2DConfig;
import org.nd4j.linalg.api.ops.impl.layers.convolution.config.DeConv3DConfig;
import org.nd4j.linalg.api.ops.impl.layers.convolution.config.LocalResponseNormalizationConfig;
import org.nd4j.linalg.api.ops.impl.layers.convolution.config.PaddingMode;
import org.nd4j.linalg.api.ops.impl.layers.convolution.config.Pooling2DConfig;
import org.nd4j.linalg.api.ops.impl.layers.convolution.config.Pooling2DConfig.Pooling2DConfigBuilder;
import org.nd4j.linalg.api.ops.impl.layers.convolution.config.Pooling3DConfig;

/** Convolutions and pooling. */
final class CnnCases {
  private CnnCases() {}

  static List<OperatorCase> all() {
    OperatorCases cases = new OperatorCases(SDCNN.class);
    images(cases);
    others(cases);
    transposed(cases);
    pooling(cases);
    shapes(cases);
    return cases.list();
  }

  private static SDCNN cnn(Bench b) {
    return b.sd().cnn();
  }

  private static Conv2DConfig.Conv2DConfigBuilder conv() {
    return Conv2DConfig.builder().kH(3).kW(2);
  }

  private static void images(OperatorCases cases) {
    cases
        .of(
            "conv2d",
            b ->
                cnn(b).conv2d(b.x(2, 3, 6, 5), b.weights(3, 2, 3, 4), b.weights(4), conv().build()))
        .of(
            "conv2d",
            "without a bias, padded, with strides and dilations",
            b ->
                cnn(b)
                    .conv2d(
                        b.x(2, 3, 8, 7),
                        b.weights(3, 2, 3, 4),
                        conv().sH(2).sW(1).pH(1).pW(2).dH(1).dW(2).build()))
        .of(
            "conv2d",
            "same",
            b ->
                cnn(b)
                    .conv2d(
                        b.x(2, 3, 6, 5),
                        b.weights(3, 2, 3, 4),
                        conv().sH(2).sW(2).paddingMode(PaddingMode.SAME).build()))
        .of(
            "conv2d",
            "channels last",
            b ->
                cnn(b)
                    .conv2d(
                        b.x(2, 6, 5, 3),
                        b.weights(3, 2, 3, 4),
                        b.weights(4),
                        conv().dataFormat("NHWC").build()))
        .of(
            "conv2d",
            "weights OIYX",
            b ->
                cnn(b)
                    .conv2d(
                        b.x(2, 3, 6, 5),
                        b.weights(4, 3, 3, 2),
                        conv().weightsFormat(WeightsFormat.OIYX).build()))
        .of(
            "conv2d",
            "weights OYXI",
            b ->
                cnn(b)
                    .conv2d(
                        b.x(2, 6, 5, 3),
                        b.weights(4, 3, 2, 3),
                        conv().dataFormat("NHWC").weightsFormat(WeightsFormat.OYXI).build()))
        .of(
            "depthWiseConv2d",
            b ->
                cnn(b)
                    .depthWiseConv2d(
                        b.x(2, 3, 6, 5), b.weights(3, 2, 3, 2), b.weights(6), conv().build()))
        .of(
            "depthWiseConv2d",
            "same, channels last",
            b ->
                cnn(b)
                    .depthWiseConv2d(
                        b.x(2, 6, 5, 3),
                        b.weights(3, 2, 3, 2),
                        conv().dataFormat("NHWC").sH(2).paddingMode(PaddingMode.SAME).build()))
        .of(
            "separableConv2d",
            b ->
                cnn(b)
                    .separableConv2d(
                        b.x(2, 3, 6, 5),
                        b.weights(3, 2, 3, 2),
                        b.weights(1, 1, 6, 4),
                        b.weights(4),
                        conv().build()))
        .of(
            "separableConv2d",
            "one channel",
            b ->
                cnn(b)
                    .separableConv2d(
                        b.x(2, 1, 6, 5),
                        b.weights(3, 2, 1, 2),
                        b.weights(1, 1, 2, 2),
                        b.weights(2),
                        conv().build()))
        .of(
            "separableConv2d",
            "same, channels last",
            b ->
                cnn(b)
                    .separableConv2d(
                        b.x(2, 6, 5, 3),
                        b.weights(3, 2, 3, 2),
                        b.weights(1, 1, 6, 4),
                        conv().dataFormat("NHWC").paddingMode(PaddingMode.SAME).build()));
  }

  private static void others(OperatorCases cases) {
    cases
        .of(
            "conv1d",
            b ->
                cnn(b)
                    .conv1d(
                        b.x(2, 3, 7),
                        b.weights(2, 3, 4),
                        b.weights(4),
                        Conv1DConfig.builder()
                            .k(2)
                            .s(1)
                            .p(0)
                            .d(1)
                            .paddingMode(PaddingMode.VALID)
                            .build()))
        .of(
            "conv1d",
            "same, channels last",
            b ->
                cnn(b)
                    .conv1d(
                        b.x(2, 7, 3),
                        b.weights(2, 3, 4),
                        Conv1DConfig.builder()
                            .k(2)
                            .s(2)
                            .p(0)
                            .d(1)
                            .dataFormat("NWC")
                            .paddingMode(PaddingMode.SAME)
                            .build()))
        .of(
            "conv1d",
            "causal, dilated",
            b ->
                cnn(b)
                    .conv1d(
                        b.x(2, 3, 7),
                        b.weights(2, 3, 4),
                        Conv1DConfig.builder()
                            .k(2)
                            .s(1)
                            .p(0)
                            .d(2)
                            .paddingMode(PaddingMode.CAUSAL)
                            .build()))
        .of(
            "conv3d",
            b ->
                cnn(b)
                    .conv3d(
                        b.x(2, 3, 4, 5, 6),
                        b.weights(2, 3, 2, 3, 4),
                        b.weights(4),
                        Conv3DConfig.builder()
                            .kD(2)
                            .kH(3)
                            .kW(2)
                            .paddingMode(PaddingMode.VALID)
                            .dataFormat("NCDHW")
                            .build()))
        .of(
            "conv3d",
            "same, channels last",
            b ->
                cnn(b)
                    .conv3d(
                        b.x(2, 4, 5, 6, 3),
                        b.weights(2, 3, 2, 3, 4),
                        Conv3DConfig.builder()
                            .kD(2)
                            .kH(3)
                            .kW(2)
                            .sD(2)
                            .paddingMode(PaddingMode.SAME)
                            .dataFormat("NDHWC")
                            .build()))
        .broken(
            "dilation2D",
            "",
            b ->
                cnn(b)
                    .dilation2D(
                        b.x(2, 6, 5, 3),
                        b.weights(3, 2, 3),
                        new int[] {1, 1, 1, 1},
                        new int[] {1, 1, 1, 1},
                        true))
        .of(
            "localResponseNormalization",
            b ->
                cnn(b)
                    .localResponseNormalization(
                        b.x(2, 6, 4, 4),
                        LocalResponseNormalizationConfig.builder()
                            .alpha(0.1)
                            .beta(0.7)
                            .bias(1.5)
                            .depth(2)
                            .build()));
  }

  private static void transposed(OperatorCases cases) {
    cases
        .of(
            "deconv2d",
            b ->
                cnn(b)
                    .deconv2d(
                        b.x(2, 3, 4, 5),
                        b.weights(3, 2, 4, 3),
                        b.weights(4),
                        DeConv2DConfig.builder().kH(3).kW(2).sH(2).sW(1).pH(1).build()))
        .of(
            "deconv2d",
            "same, channels last",
            b ->
                cnn(b)
                    .deconv2d(
                        b.x(2, 4, 5, 3),
                        b.weights(3, 2, 4, 3),
                        DeConv2DConfig.builder()
                            .kH(3)
                            .kW(2)
                            .sH(2)
                            .sW(2)
                            .isSameMode(true)
                            .dataFormat("NHWC")
                            .build()))
        .of(
            "deconv3d",
            b ->
                cnn(b)
                    .deconv3d(
                        b.x(2, 3, 3, 4, 3),
                        b.weights(2, 3, 2, 4, 3),
                        b.weights(4),
                        DeConv3DConfig.builder().kD(2).kH(3).kW(2).sD(2).build()))
        .of(
            "deconv3d",
            "same, channels last",
            b ->
                cnn(b)
                    .deconv3d(
                        b.x(2, 3, 4, 3, 3),
                        b.weights(2, 3, 2, 4, 3),
                        DeConv3DConfig.builder()
                            .kD(2)
                            .kH(3)
                            .kW(2)
                            .sD(2)
                            .sH(2)
                            .sW(2)
                            .isSameMode(true)
                            .dataFormat("NDHWC")
                            .build()));
  }

  private static Pooling2DConfigBuilder pool() {
    return Pooling2DConfig.builder().kH(3).kW(2).sH(2).sW(1);
  }

  private static void pooling(OperatorCases cases) {
    cases
        .of("avgPooling2d", b -> cnn(b).avgPooling2d(b.x(2, 3, 7, 6), pool().build()))
        .of(
            "avgPooling2d",
            "padded",
            b -> cnn(b).avgPooling2d(b.x(2, 3, 7, 6), pool().pH(1).pW(1).build()))
        .of(
            "avgPooling2d",
            "the padding counts",
            b ->
                cnn(b)
                    .avgPooling2d(
                        b.x(2, 3, 7, 6),
                        pool().pH(1).pW(1).divisor(Divisor.INCLUDE_PADDING).build()))
        .of(
            "avgPooling2d",
            "same, channels last",
            b ->
                cnn(b)
                    .avgPooling2d(
                        b.x(2, 7, 6, 3), pool().isNHWC(true).paddingMode(PaddingMode.SAME).build()))
        .of("maxPooling2d", b -> cnn(b).maxPooling2d(b.x(2, 3, 7, 6), pool().build()))
        .of(
            "maxPooling2d",
            "padded",
            b -> cnn(b).maxPooling2d(b.x(2, 3, 7, 6), pool().pH(1).pW(1).build()))
        .of(
            "maxPooling2d",
            "same, channels last",
            b ->
                cnn(b)
                    .maxPooling2d(
                        b.x(2, 7, 6, 3), pool().isNHWC(true).paddingMode(PaddingMode.SAME).build()))
        .refusedAll(
            "maxPoolWithArgmax", "", b -> cnn(b).maxPoolWithArgmax(b.x(2, 3, 7, 6), pool().build()))
        .of(
            "avgPooling3d",
            b ->
                cnn(b)
                    .avgPooling3d(
                        b.x(2, 3, 4, 5, 6),
                        Pooling3DConfig.builder()
                            .kD(2)
                            .kH(3)
                            .kW(2)
                            .sD(1)
                            .sH(1)
                            .sW(1)
                            .isNCDHW(true)
                            .build()))
        .of(
            "avgPooling3d",
            "same, channels last",
            b ->
                cnn(b)
                    .avgPooling3d(
                        b.x(2, 4, 5, 6, 3),
                        Pooling3DConfig.builder()
                            .kD(2)
                            .kH(2)
                            .kW(2)
                            .sD(2)
                            .sH(2)
                            .sW(2)
                            .isSameMode(true)
                            .isNCDHW(false)
                            .build()))
        .of(
            "maxPooling3d",
            b ->
                cnn(b)
                    .maxPooling3d(
                        b.x(2, 3, 4, 5, 6),
                        Pooling3DConfig.builder()
                            .kD(2)
                            .kH(3)
                            .kW(2)
                            .sD(1)
                            .sH(2)
                            .sW(1)
                            .isNCDHW(true)
                            .build()));
  }

  private static void shapes(OperatorCases cases) {
    int[] none = {0, 0};
    cases
        .of("batchToSpace", b -> cnn(b).batchToSpace(b.x(4, 2, 3, 2), new int[] {2, 2}, none, 0, 0))
        .of(
            "batchToSpace",
            "cropped",
            b -> cnn(b).batchToSpace(b.x(4, 2, 3, 2), new int[] {2, 2}, new int[] {0, 1}, 1, 0))
        .of("spaceToBatch", b -> cnn(b).spaceToBatch(b.x(1, 4, 6, 2), new int[] {2, 2}, none, 0, 0))
        .of(
            "spaceToBatch",
            "padded",
            b -> cnn(b).spaceToBatch(b.x(1, 3, 5, 2), new int[] {2, 2}, new int[] {0, 1}, 1, 0))
        .of("depthToSpace", b -> cnn(b).depthToSpace(b.x(2, 8, 3, 2), 2, DataFormat.NCHW))
        .of(
            "depthToSpace",
            "channels last",
            b -> cnn(b).depthToSpace(b.x(2, 3, 2, 8), 2, DataFormat.NHWC))
        .of("spaceToDepth", b -> cnn(b).spaceToDepth(b.x(2, 3, 4, 6), 2, DataFormat.NCHW))
        .of(
            "spaceToDepth",
            "channels last",
            b -> cnn(b).spaceToDepth(b.x(2, 4, 6, 3), 2, DataFormat.NHWC))
        .refused("upsampling2d", "by one factor", b -> cnn(b).upsampling2d(b.x(2, 3, 4, 5), 2))
        .of(
            "upsampling2d",
            "by two factors, channels last",
            b -> cnn(b).upsampling2d(b.x(2, 4, 5, 3), 2, 3, false))
        .of("upsampling2d", "by two factors", b -> cnn(b).upsampling2d(b.x(2, 3, 4, 5), 2, 3, true))
        .of("upsampling3d", b -> cnn(b).upsampling3d(b.x(2, 3, 2, 3, 2), true, 2, 3, 2))
        .of(
            "upsampling3d",
            "channels last",
            b -> cnn(b).upsampling3d(b.x(2, 2, 3, 2, 3), false, 2, 3, 2))
        .refused(
            "extractImagePatches",
            b -> cnn(b).extractImagePatches(b.x(2, 6, 5, 3), 2, 2, 1, 1, 1, 1, true))
        .refused("im2Col", b -> cnn(b).im2Col(b.x(2, 3, 6, 5), conv().build()))
        .refused("col2Im", b -> cnn(b).col2Im(b.x(2, 3, 3, 2, 4, 4), conv().build()));
  }
}
