package dev.sardonyx.samples.read;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.Convolution3D;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.Pooling1D;
import org.deeplearning4j.nn.conf.layers.Pooling2D;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.Subsampling1DLayer;
import org.deeplearning4j.nn.conf.layers.Subsampling3DLayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;

/** Pooling over windows and over all of an image. */
final class PoolingCases {
  private PoolingCases() {}

  static Stream<ParityCase> all() {
    List<ParityCase> all = new ArrayList<>();
    for (CNN2DFormat format : CNN2DFormat.values()) {
      InputType image = InputType.convolutional(7, 8, 3, format);
      for (PoolingType type : List.of(PoolingType.MAX, PoolingType.AVG, PoolingType.PNORM)) {
        for (boolean counted : new boolean[] {false, true}) {
          if (counted && type != PoolingType.AVG) {
            continue;
          }
          String name = "pooling " + type + (counted ? ", pads counted " : " ") + format;
          all.add(
              ParityCase.chain(
                  name,
                  image,
                  pool(type, counted).kernelSize(3, 2).stride(2, 1).padding(1, 1).build()));
          all.add(
              ParityCase.chain(
                  name + " without rest",
                  image,
                  pool(type, counted).kernelSize(2, 2).stride(2, 2).build()));
          all.add(
              ParityCase.chain(
                  name + " Same",
                  image,
                  pool(type, counted)
                      .kernelSize(3, 3)
                      .stride(2, 3)
                      .convolutionMode(ConvolutionMode.Same)
                      .build()));
          all.add(
              ParityCase.chain(
                  name + " dilated",
                  image,
                  pool(type, counted).kernelSize(2, 3).stride(1, 1).dilation(2, 2).build()));
        }
      }
    }
    all.add(
        ParityCase.chain(
            "pooling by its other name",
            InputType.convolutional(6, 6, 2),
            Alias.of(new Pooling2D(), pool(PoolingType.MAX, false).kernelSize(2, 2).build())));
    all.addAll(besideTheImage());
    all.addAll(sequences());
    all.addAll(volumes());
    all.addAll(global());
    return all.stream();
  }

  /** Windows that lie in the padding, and windows that leave out what is at the border. */
  private static List<ParityCase> besideTheImage() {
    List<ParityCase> all = new ArrayList<>();
    for (PoolingType type : List.of(PoolingType.MAX, PoolingType.AVG, PoolingType.PNORM)) {
      all.add(
          ParityCase.chain(
              "pooling, padding as large as the windows " + type,
              InputType.convolutional(5, 6, 2),
              pool(type, true).kernelSize(1, 2).stride(2, 1).padding(1, 2).build()));
      all.add(
          ParityCase.chain(
              "pooling, strides above the windows' size " + type,
              InputType.convolutional(9, 8, 2),
              pool(type, false)
                  .kernelSize(1, 2)
                  .stride(3, 4)
                  .dilation(2, 1)
                  .convolutionMode(ConvolutionMode.Same)
                  .build()));
      all.add(
          ParityCase.chain(
              "pooling, Same, dilation " + type,
              InputType.convolutional(7, 8, 2),
              pool(type, false)
                  .kernelSize(2, 3)
                  .stride(2, 1)
                  .dilation(2, 2)
                  .convolutionMode(ConvolutionMode.Same)
                  .build()));
    }
    all.add(
        ParityCase.chain(
            "pooling of volumes, padding as large as the windows",
            InputType.convolutional3D(Convolution3D.DataFormat.NCDHW, 3, 4, 5, 2),
            new Subsampling3DLayer.Builder(PoolingType.MAX)
                .kernelSize(2, 1, 2)
                .stride(1, 2, 1)
                .padding(1, 1, 1)
                .convolutionMode(ConvolutionMode.Truncate)
                .build()));
    for (PoolingType type : List.of(PoolingType.MAX, PoolingType.AVG)) {
      all.add(
          ParityCase.chain(
              "pooling of volumes, strides above the windows' size " + type,
              InputType.convolutional3D(Convolution3D.DataFormat.NCDHW, 3, 4, 6, 2),
              new Subsampling3DLayer.Builder(type)
                  .kernelSize(1, 2, 1)
                  .stride(3, 4, 3)
                  .convolutionMode(ConvolutionMode.Same)
                  .build()));
    }
    return all;
  }

  private static List<ParityCase> sequences() {
    List<ParityCase> all = new ArrayList<>();
    for (RNNFormat format : RNNFormat.values()) {
      for (PoolingType type : List.of(PoolingType.MAX, PoolingType.AVG, PoolingType.PNORM)) {
        for (ConvolutionMode mode : List.of(ConvolutionMode.Truncate, ConvolutionMode.Same)) {
          all.add(
              ParityCase.chain(
                  "pooling of sequences %s %s %s".formatted(type, mode, format),
                  InputType.recurrent(3, 8, format),
                  new Subsampling1DLayer.Builder(type, 3)
                      .stride(2)
                      .convolutionMode(mode)
                      .pnorm(2)
                      .build()));
        }
      }
    }
    all.add(
        ParityCase.chain(
            "pooling of sequences by its other name",
            InputType.recurrent(3, 8),
            Alias.of(
                new Pooling1D(),
                new Subsampling1DLayer.Builder(PoolingType.AVG, 3).stride(2).build())));
    return all;
  }

  private static List<ParityCase> volumes() {
    List<ParityCase> all = new ArrayList<>();
    for (Convolution3D.DataFormat format : Convolution3D.DataFormat.values()) {
      for (PoolingType type : List.of(PoolingType.MAX, PoolingType.AVG)) {
        for (ConvolutionMode mode : List.of(ConvolutionMode.Truncate, ConvolutionMode.Same)) {
          int pad = mode == ConvolutionMode.Same ? 0 : 1;
          all.add(
              ParityCase.chain(
                  "pooling of volumes %s %s %s".formatted(type, mode, format),
                  InputType.convolutional3D(format, 4, 5, 6, 2),
                  new Subsampling3DLayer.Builder(type)
                      .kernelSize(2, 3, 2)
                      .stride(1, 2, 3)
                      .padding(pad, pad, pad)
                      .convolutionMode(mode)
                      .dataFormat(format)
                      .build()));
        }
      }
    }
    return all;
  }

  private static List<ParityCase> global() {
    List<ParityCase> all = new ArrayList<>();
    for (PoolingType type : PoolingType.values()) {
      for (int p : type == PoolingType.PNORM ? new int[] {1, 2, 3} : new int[] {2}) {
        String how = type + (type == PoolingType.PNORM ? " " + p : "");
        for (CNN2DFormat format : CNN2DFormat.values()) {
          all.add(
              ParityCase.chain(
                  "global pooling %s %s".formatted(how, format),
                  InputType.convolutional(3, 4, 2, format),
                  new GlobalPoolingLayer.Builder(type).pnorm(p).build()));
        }
        all.add(
            ParityCase.chain(
                "global pooling of sequences " + how,
                InputType.recurrent(3, 5),
                new GlobalPoolingLayer.Builder(type).pnorm(p).build()));
        all.add(
            ParityCase.chain(
                "global pooling of volumes " + how,
                InputType.convolutional3D(Convolution3D.DataFormat.NCDHW, 2, 3, 4, 2),
                new GlobalPoolingLayer.Builder(type).pnorm(p).build()));
      }
    }
    all.add(
        ParityCase.chain(
            "global pooling, kept dimensions",
            InputType.convolutional(3, 4, 2),
            new GlobalPoolingLayer.Builder(PoolingType.AVG).collapseDimensions(false).build()));
    return all;
  }

  private static SubsamplingLayer.Builder pool(PoolingType type, boolean counted) {
    SubsamplingLayer.Builder builder =
        new SubsamplingLayer.Builder(type).avgPoolIncludePadInDivisor(counted);
    return type == PoolingType.PNORM ? builder.pnorm(3) : builder;
  }
}
