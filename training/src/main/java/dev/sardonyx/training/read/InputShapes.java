package dev.sardonyx.training.read;

import dev.sardonyx.ir.Dim;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.backend.UnsupportedModelException;
import java.util.List;
import java.util.Optional;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.Convolution3D;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.EmbeddingLayer;
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.conf.preprocessor.CnnToFeedForwardPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.FeedForwardToCnnPreProcessor;

/**
 * The shapes of a network's inputs. DL4J does not keep the input types a network was made with, so
 * they follow from what reads an input first, as far as that goes: the batch {@code N}, the time
 * {@code T} and the sizes of images stay symbols.
 */
final class InputShapes {
  private static final Dim N = Dim.symbol("N");
  private static final Dim T = Dim.symbol("T");
  private static final Dim C = Dim.symbol("C");
  private static final Dim D = Dim.symbol("D");
  private static final Dim H = Dim.symbol("H");
  private static final Dim W = Dim.symbol("W");

  private InputShapes() {}

  /**
   * The shape of an input.
   *
   * @param given all input types, if the caller knows them
   * @throws UnsupportedModelException if nothing tells the shape
   */
  static Shape of(Plan plan, String input, List<InputType> given) {
    int index = plan.inputs().indexOf(input);
    if (!given.isEmpty()) {
      return of(given.get(index));
    }
    return plan.consumers(input).stream()
        .flatMap(step -> taken(step.parts().get(0)).stream())
        .findFirst()
        .orElseThrow(
            () ->
                new UnsupportedModelException(
                    "Nothing in the network tells the shape of its input '%s'; give its input type"
                        .formatted(input)));
  }

  /** The arrays that DL4J takes for a type. */
  static Shape of(InputType type) {
    if (type instanceof InputType.InputTypeConvolutionalFlat flat) {
      return Shape.of(N, Dim.of(flat.getFlattenedSize()));
    }
    if (type instanceof InputType.InputTypeFeedForward row) {
      return Shape.of(N, size(row.getSize(), C));
    }
    if (type instanceof InputType.InputTypeRecurrent sequence) {
      return sequence(
          size(sequence.getSize(), C),
          size(sequence.getTimeSeriesLength(), T),
          sequence.getFormat() == RNNFormat.NWC);
    }
    if (type instanceof InputType.InputTypeConvolutional image) {
      return image(
          size(image.getChannels(), C),
          size(image.getHeight(), H),
          size(image.getWidth(), W),
          image.getFormat() == CNN2DFormat.NHWC);
    }
    if (type instanceof InputType.InputTypeConvolutional3D volume) {
      return volume(
          size(volume.getChannels(), C),
          size(volume.getDepth(), D),
          size(volume.getHeight(), H),
          size(volume.getWidth(), W),
          volume.getDataFormat() == Convolution3D.DataFormat.NDHWC);
    }
    throw new UnsupportedModelException("There is no input of type " + type);
  }

  private static Dim size(long size, Dim otherwise) {
    return size > 0 ? Dim.of(size) : otherwise;
  }

  private static Shape sequence(Dim features, Dim time, boolean last) {
    return last ? Shape.of(N, time, features) : Shape.of(N, features, time);
  }

  private static Shape image(Dim channels, Dim height, Dim width, boolean last) {
    return last ? Shape.of(N, height, width, channels) : Shape.of(N, channels, height, width);
  }

  private static Shape volume(Dim channels, Dim depth, Dim height, Dim width, boolean last) {
    return last
        ? Shape.of(N, depth, height, width, channels)
        : Shape.of(N, channels, depth, height, width);
  }

  /** What a preprocessor or layer takes, as far as it knows. */
  private static Optional<Shape> taken(Object what) {
    if (what instanceof CnnToFeedForwardPreProcessor of) {
      return Optional.of(
          image(
              size(of.getNumChannels(), C),
              size(of.getInputHeight(), H),
              size(of.getInputWidth(), W),
              of.getFormat() == CNN2DFormat.NHWC));
    }
    if (what instanceof FeedForwardToCnnPreProcessor of) {
      long size = of.getNumChannels() * of.getInputHeight() * of.getInputWidth();
      return Optional.of(Shape.of(N, size(size, C)));
    }
    if (what instanceof ConvolutionLayer of) {
      return Optional.of(
          image(size(of.getNIn(), C), H, W, of.getCnn2dDataFormat() == CNN2DFormat.NHWC));
    }
    if (what instanceof SubsamplingLayer of) {
      return Optional.of(image(C, H, W, of.getCnn2dDataFormat() == CNN2DFormat.NHWC));
    }
    if (what instanceof EmbeddingLayer) {
      return Optional.of(Shape.of(N, Dim.of(1)));
    }
    if (what instanceof BatchNormalization) {
      return Optional.empty(); // of rows or images
    }
    if (what instanceof FeedForwardLayer of) {
      return Optional.of(Shape.of(N, size(of.getNIn(), C)));
    }
    return Optional.empty();
  }
}
