package dev.sardonyx.samples.read;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.graph.PreprocessorVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.Convolution1DLayer;
import org.deeplearning4j.nn.conf.layers.Convolution3D;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.SpaceToBatchLayer;
import org.deeplearning4j.nn.conf.layers.SpaceToDepthLayer;
import org.deeplearning4j.nn.conf.layers.Upsampling1D;
import org.deeplearning4j.nn.conf.layers.Upsampling2D;
import org.deeplearning4j.nn.conf.layers.Upsampling3D;
import org.deeplearning4j.nn.conf.layers.ZeroPadding1DLayer;
import org.deeplearning4j.nn.conf.layers.ZeroPadding3DLayer;
import org.deeplearning4j.nn.conf.layers.ZeroPaddingLayer;
import org.deeplearning4j.nn.conf.layers.convolutional.Cropping1D;
import org.deeplearning4j.nn.conf.layers.convolutional.Cropping2D;
import org.deeplearning4j.nn.conf.layers.convolutional.Cropping3D;
import org.deeplearning4j.nn.conf.preprocessor.CnnToFeedForwardPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.CnnToRnnPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.ComposableInputPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.FeedForwardToRnnPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.RnnToCnnPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.RnnToFeedForwardPreProcessor;

/** Layers without parameters that repeat, pad, crop or move elements, and preprocessors. */
final class ShapeCases {
  private ShapeCases() {}

  static Stream<ParityCase> all() {
    return Stream.of(sequences(), images(), volumes(), preprocessors()).flatMap(List::stream);
  }

  private static List<ParityCase> sequences() {
    InputType sequence = InputType.recurrent(3, 5);
    return List.of(
        ParityCase.chain("upsampling of sequences", sequence, new Upsampling1D.Builder(2).build()),
        ParityCase.chain(
            "padding of sequences", sequence, new ZeroPadding1DLayer.Builder(2, 1).build()),
        ParityCase.chain("cropping of sequences", sequence, new Cropping1D.Builder(1, 2).build()),
        ParityCase.chain(
            "cropping of sequences at one end", sequence, new Cropping1D.Builder(2, 0).build()));
  }

  private static List<ParityCase> images() {
    List<ParityCase> all = new ArrayList<>();
    for (CNN2DFormat format : CNN2DFormat.values()) {
      InputType image = InputType.convolutional(4, 6, 3, format);
      all.add(
          ParityCase.chain(
              "upsampling " + format,
              image,
              new Upsampling2D.Builder().size(new int[] {2, 3}).dataFormat(format).build()));
      all.add(
          ParityCase.chain(
              "padding " + format,
              image,
              new ZeroPaddingLayer.Builder(1, 2, 0, 3).dataFormat(format).build()));
      all.add(
          ParityCase.chain(
              "cropping " + format,
              image,
              new Cropping2D.Builder(1, 2, 0, 3).dataFormat(format).build()));
      all.add(
          ParityCase.chain(
              "space to depth " + format,
              image,
              new SpaceToDepthLayer.Builder<>(2, format).build()));
      all.add(
          ParityCase.chain(
              "space to batch " + format,
              image,
              new SpaceToBatchLayer.Builder<>(new int[] {2, 3}).dataFormat(format).build()));
      all.add(
          ParityCase.chain(
              "space to batch, padded " + format,
              image,
              new SpaceToBatchLayer.Builder<>(new int[] {2, 2}, new int[][] {{1, 1}, {2, 0}})
                  .dataFormat(format)
                  .build()));
    }
    return all;
  }

  private static List<ParityCase> volumes() {
    List<ParityCase> all = new ArrayList<>();
    for (Convolution3D.DataFormat format : Convolution3D.DataFormat.values()) {
      all.add(
          ParityCase.chain(
              "upsampling of volumes " + format,
              InputType.convolutional3D(format, 2, 3, 4, 2),
              new Upsampling3D.Builder().size(new int[] {1, 2, 3}).dataFormat(format).build()));
    }
    InputType volume = InputType.convolutional3D(Convolution3D.DataFormat.NCDHW, 3, 4, 5, 2);
    all.add(
        ParityCase.chain(
            "padding of volumes",
            volume,
            new ZeroPadding3DLayer.Builder(1, 2, 0, 1, 3, 0).build()));
    all.add(
        ParityCase.chain(
            "cropping of volumes", volume, new Cropping3D.Builder(1, 0, 0, 2, 1, 1).build()));
    return all;
  }

  private static List<ParityCase> preprocessors() {
    List<ParityCase> all = new ArrayList<>();
    for (RNNFormat format : RNNFormat.values()) {
      all.add(
          ParityCase.of(
              "sequences to rows and back " + format,
              new NeuralNetConfiguration.Builder()
                  .list()
                  .layer(new DenseLayer.Builder().nIn(3).nOut(4).build())
                  .layer(
                      new Convolution1DLayer.Builder(2)
                          .rnnDataFormat(format)
                          .nIn(4)
                          .nOut(2)
                          .build())
                  .inputPreProcessor(0, new RnnToFeedForwardPreProcessor(format))
                  .inputPreProcessor(1, new FeedForwardToRnnPreProcessor(format))
                  .build(),
              InputType.recurrent(3, 5, format)));
      all.add(
          ParityCase.of(
              "sequences to images and back " + format,
              new NeuralNetConfiguration.Builder()
                  .list()
                  .layer(new ConvolutionLayer.Builder(2, 2).nIn(2).nOut(4).build())
                  .layer(
                      new Convolution1DLayer.Builder(2)
                          .rnnDataFormat(format)
                          .nIn(4 * 3 * 2)
                          .nOut(2)
                          .build())
                  .inputPreProcessor(0, new RnnToCnnPreProcessor(4, 3, 2, format))
                  .inputPreProcessor(1, new CnnToRnnPreProcessor(3, 2, 4, format))
                  .build(),
              InputType.recurrent(4 * 3 * 2, 5, format)));
    }
    InputPreProcessor toSequences =
        new ComposableInputPreProcessor(
            new CnnToFeedForwardPreProcessor(2, 3, 2), new FeedForwardToRnnPreProcessor());
    all.add(
        ParityCase.unchecked(
            "composed preprocessors",
            g -> g.addVertex("p", new PreprocessorVertex(toSequences), "in0").setOutputs("p"),
            InputType.convolutional(2, 3, 2)));
    return all;
  }
}
