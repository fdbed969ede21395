package dev.sardonyx.samples.read;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.Convolution2D;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.nd4j.linalg.activations.Activation;

/** Convolutions of all kinds. */
final class ConvolutionCases {
  private ConvolutionCases() {}

  static Stream<ParityCase> all() {
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
    return all.stream();
  }
}
