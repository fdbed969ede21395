package dev.sardonyx.samples.read;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.Convolution1D;
import org.deeplearning4j.nn.conf.layers.Convolution1DLayer;
import org.deeplearning4j.nn.conf.layers.Convolution2D;
import org.deeplearning4j.nn.conf.layers.Convolution3D;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.Deconvolution2D;
import org.deeplearning4j.nn.conf.layers.Deconvolution3D;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.DepthwiseConvolution2D;
import org.deeplearning4j.nn.conf.layers.LocallyConnected1D;
import org.deeplearning4j.nn.conf.layers.LocallyConnected2D;
import org.deeplearning4j.nn.conf.layers.SeparableConvolution2D;
import org.deeplearning4j.nn.conf.preprocessor.FeedForwardToCnn3DPreProcessor;
import org.nd4j.linalg.activations.Activation;

/** Convolutions of all kinds. */
final class ConvolutionCases {
  private ConvolutionCases() {}

  static Stream<ParityCase> all() {
    return Stream.of(images(), sequences(), volumes(), ofOtherKinds()).flatMap(List::stream);
  }

  private static List<ParityCase> images() {
    List<ParityCase> all = new ArrayList<>();
    for (CNN2DFormat format : CNN2DFormat.values()) {
      InputType image = InputType.convolutional(7, 9, 3, format);
      all.add(
          ParityCase.chain(
              "convolution " + format,
              image,
              new ConvolutionLayer.Builder(3, 2)
                  .nOut(4)
                  .stride(2, 1)
                  .padding(1, 2)
                  .activation(Activation.RELU)
                  .build()));
      all.add(
          ParityCase.chain(
              "convolution, dilation, no bias " + format,
              image,
              Alias.of(
                  new Convolution2D(),
                  new ConvolutionLayer.Builder(3, 2)
                      .nOut(4)
                      .dilation(2, 3)
                      .hasBias(false)
                      .build())));
      all.add(
          ParityCase.chain(
              "convolution, Same " + format,
              image,
              new ConvolutionLayer.Builder(4, 3)
                  .nOut(2)
                  .stride(2, 3)
                  .convolutionMode(ConvolutionMode.Same)
                  .build()));
      all.add(
          ParityCase.chain(
              "convolution, Same, dilation " + format,
              image,
              new ConvolutionLayer.Builder(3, 2)
                  .nOut(2)
                  .dilation(2, 2)
                  .convolutionMode(ConvolutionMode.Same)
                  .build()));
      all.add(
          ParityCase.chain(
              "convolution, Strict " + format,
              image,
              new ConvolutionLayer.Builder(3, 3)
                  .nOut(2)
                  .stride(2, 2)
                  .convolutionMode(ConvolutionMode.Strict)
                  .build()));
      all.add(
          ParityCase.chain(
              "convolutions, dense " + format,
              image,
              new ConvolutionLayer.Builder(3, 3).nOut(2).build(),
              new ConvolutionLayer.Builder(2, 2).nOut(4).stride(2, 2).build(),
              new DenseLayer.Builder().nOut(3).build()));
    }
    all.add(
        ParityCase.chain(
            "convolution of flattened images",
            InputType.convolutionalFlat(5, 6, 2),
            new ConvolutionLayer.Builder(2, 3).nOut(3).build(),
            new DenseLayer.Builder().nOut(3).build()));
    return all;
  }

  private static List<ParityCase> sequences() {
    List<ParityCase> all = new ArrayList<>();
    for (RNNFormat format : RNNFormat.values()) {
      InputType sequence = InputType.recurrent(3, 8, format);
      for (ConvolutionMode mode : ConvolutionMode.values()) {
        all.add(
            ParityCase.chain(
                "convolution of sequences, " + mode + " " + format,
                sequence,
                new Convolution1DLayer.Builder(3)
                    .nOut(4)
                    .stride(mode == ConvolutionMode.Strict ? 1 : 2)
                    .convolutionMode(mode)
                    .activation(Activation.SOFTMAX)
                    .build()));
        all.add(
            ParityCase.chain(
                "convolution of sequences, dilated, " + mode + " " + format,
                sequence,
                Alias.of(
                    new Convolution1D(),
                    new Convolution1DLayer.Builder(2)
                        .nOut(4)
                        .dilation(3)
                        .hasBias(false)
                        .convolutionMode(mode)
                        .build())));
      }
      all.add(
          ParityCase.chain(
              "convolution of sequences, padded " + format,
              sequence,
              new Convolution1DLayer.Builder(3).nOut(4).stride(2).padding(2).build()));
    }
    return all;
  }

  private static List<ParityCase> volumes() {
    List<ParityCase> all = new ArrayList<>();
    for (Convolution3D.DataFormat format : Convolution3D.DataFormat.values()) {
      InputType volume = InputType.convolutional3D(format, 4, 5, 6, 2);
      all.add(
          ParityCase.chain(
              "convolution of volumes " + format,
              volume,
              new Convolution3D.Builder(2, 3, 2)
                  .nOut(3)
                  .stride(1, 2, 2)
                  .padding(1, 0, 1)
                  .convolutionMode(ConvolutionMode.Truncate)
                  .dataFormat(format)
                  .activation(Activation.RELU)
                  .build()));
      all.add(
          ParityCase.chain(
              "convolution of volumes, Same " + format,
              volume,
              new Convolution3D.Builder(2, 3, 3)
                  .nOut(3)
                  .stride(2, 2, 1)
                  .convolutionMode(ConvolutionMode.Same)
                  .dataFormat(format)
                  .hasBias(false)
                  .build()));
      all.add(
          ParityCase.chain(
              "convolution of volumes, dilated " + format,
              volume,
              new Convolution3D.Builder(2, 2, 2)
                  .nOut(3)
                  .dilation(2, 1, 3)
                  .convolutionMode(ConvolutionMode.Truncate)
                  .dataFormat(format)
                  .build(),
              new DenseLayer.Builder().nOut(3).build()));
      all.add(
          ParityCase.chain(
              "deconvolution of volumes " + format,
              volume,
              new Deconvolution3D.Builder()
                  .kernelSize(3, 2, 2)
                  .stride(2, 1, 2)
                  .padding(1, 0, 0)
                  .nOut(3)
                  .convolutionMode(ConvolutionMode.Truncate)
                  .dataFormat(format)
                  .activation(Activation.RELU)
                  .build()));
      all.add(
          ParityCase.chain(
              "deconvolution of volumes, Same " + format,
              volume,
              new Deconvolution3D.Builder()
                  .kernelSize(3, 2, 2)
                  .stride(2, 2, 1)
                  .nOut(3)
                  .hasBias(false)
                  .convolutionMode(ConvolutionMode.Same)
                  .dataFormat(format)
                  .build()));
    }
    all.add(
        ParityCase.of(
            "convolution of flattened volumes",
            new NeuralNetConfiguration.Builder()
                .list()
                .layer(
                    new Convolution3D.Builder(2, 2, 2)
                        .nIn(2)
                        .nOut(3)
                        .convolutionMode(ConvolutionMode.Truncate)
                        .build())
                .inputPreProcessor(0, new FeedForwardToCnn3DPreProcessor(3, 4, 5, 2, true))
                .build(),
            InputType.feedForward(120)));
    return all;
  }

  private static List<ParityCase> ofOtherKinds() {
    List<ParityCase> all = new ArrayList<>();
    for (CNN2DFormat format : CNN2DFormat.values()) {
      InputType image = InputType.convolutional(5, 6, 3, format);
      for (boolean same : new boolean[] {false, true}) {
        ConvolutionMode mode = same ? ConvolutionMode.Same : ConvolutionMode.Truncate;
        String how = (same ? ", Same " : " ") + format;
        int pad = same ? 0 : 1;
        all.add(
            ParityCase.chain(
                "deconvolution" + how,
                image,
                new Deconvolution2D.Builder(3, 2)
                    .nOut(4)
                    .stride(2, 1)
                    .padding(pad, pad)
                    .convolutionMode(mode)
                    .dataFormat(format)
                    .activation(Activation.RELU)
                    .build()));
        all.add(
            ParityCase.chain(
                "deconvolution, dilated" + how,
                image,
                new Deconvolution2D.Builder(2, 3)
                    .nOut(4)
                    .dilation(2, 2)
                    .convolutionMode(mode)
                    .dataFormat(format)
                    .hasBias(false)
                    .build()));
        all.add(
            ParityCase.chain(
                "deconvolution, stride above kernel" + how,
                image,
                new Deconvolution2D.Builder(2, 1)
                    .nOut(2)
                    .stride(3, 2)
                    .convolutionMode(mode)
                    .dataFormat(format)
                    .build()));
        all.add(
            ParityCase.chain(
                "deconvolution, stride far above kernel" + how,
                image,
                new Deconvolution2D.Builder(1, 2)
                    .nOut(2)
                    .stride(4, 3)
                    .convolutionMode(mode)
                    .dataFormat(format)
                    .activation(Activation.TANH)
                    .build()));
        all.add(
            ParityCase.chain(
                "depthwise" + how,
                image,
                new DepthwiseConvolution2D.Builder(3, 2)
                    .depthMultiplier(2)
                    .nOut(6)
                    .stride(1, 2)
                    .padding(pad, pad)
                    .convolutionMode(mode)
                    .dataFormat(format)
                    .activation(Activation.TANH)
                    .build()));
        all.add(
            ParityCase.chain(
                "separable" + how,
                image,
                new SeparableConvolution2D.Builder(3, 2)
                    .depthMultiplier(2)
                    .nOut(4)
                    .stride(2, 2)
                    .padding(pad, pad)
                    .convolutionMode(mode)
                    .dataFormat(format)
                    .activation(Activation.TANH)
                    .build()));
        all.add(
            ParityCase.chain(
                "locally connected" + how,
                image,
                new LocallyConnected2D.Builder()
                    .nOut(4)
                    .kernelSize(3, 2)
                    .stride(1, 2)
                    .padding(pad, pad)
                    .convolutionMode(mode)
                    .dataFormat(format)
                    .setInputSize(5, 6)
                    .activation(Activation.TANH)
                    .build()));
      }
      all.add(
          ParityCase.chain(
              "separable, one channel " + format,
              InputType.convolutional(5, 6, 1, format),
              new SeparableConvolution2D.Builder(2, 2)
                  .nOut(3)
                  .depthMultiplier(3)
                  .dataFormat(format)
                  .build()));
      all.add(
          ParityCase.chain(
              "separable, no bias, dilated " + format,
              image,
              new SeparableConvolution2D.Builder(2, 2)
                  .nOut(4)
                  .dilation(2, 2)
                  .hasBias(false)
                  .dataFormat(format)
                  .build()));
    }
    for (ConvolutionMode mode : List.of(ConvolutionMode.Same, ConvolutionMode.Truncate)) {
      all.add(
          ParityCase.chain(
              "locally connected sequence, LeakyReLU " + mode,
              InputType.recurrent(3, 7),
              new LocallyConnected1D.Builder()
                  .nOut(4)
                  .kernelSize(2)
                  .convolutionMode(mode)
                  .setInputSize(7)
                  .activation(Activation.LEAKYRELU)
                  .build()));
      all.add(
          ParityCase.chain(
              "locally connected sequence " + mode,
              InputType.recurrent(3, 7),
              new LocallyConnected1D.Builder()
                  .nOut(4)
                  .kernelSize(3)
                  .stride(2)
                  .convolutionMode(mode)
                  .setInputSize(7)
                  .activation(Activation.SIGMOID)
                  .hasBias(mode == ConvolutionMode.Same)
                  .build()));
    }
    return all;
  }
}
