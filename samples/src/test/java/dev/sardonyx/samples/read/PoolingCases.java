package dev.sardonyx.samples.read;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.Pooling2D;
import org.deeplearning4j.nn.conf.layers.PoolingType;
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
    return all.stream();
  }

  private static SubsamplingLayer.Builder pool(PoolingType type, boolean counted) {
    SubsamplingLayer.Builder builder =
        new SubsamplingLayer.Builder(type).avgPoolIncludePadInDivisor(counted);
    return type == PoolingType.PNORM ? builder.pnorm(3) : builder;
  }
}
