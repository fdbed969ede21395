package dev.sardonyx.training.read;

import dev.sardonyx.ir.Dim;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.backend.UnsupportedModelException;
import java.util.List;
import java.util.Optional;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.BaseRecurrentLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.Cnn3DLossLayer;
import org.deeplearning4j.nn.conf.layers.CnnLossLayer;
import org.deeplearning4j.nn.conf.layers.Convolution1DLayer;
import org.deeplearning4j.nn.conf.layers.Convolution3D;
import org.deeplearning4j.nn.conf.layers.Convolution3D.DataFormat;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.Deconvolution3D;
import org.deeplearning4j.nn.conf.layers.EmbeddingLayer;
import org.deeplearning4j.nn.conf.layers.EmbeddingSequenceLayer;
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.LocallyConnected1D;
import org.deeplearning4j.nn.conf.layers.LocallyConnected2D;
import org.deeplearning4j.nn.conf.layers.PReLULayer;
import org.deeplearning4j.nn.conf.layers.RecurrentAttentionLayer;
import org.deeplearning4j.nn.conf.layers.RnnLossLayer;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.conf.layers.SelfAttentionLayer;
import org.deeplearning4j.nn.conf.layers.Subsampling1DLayer;
import org.deeplearning4j.nn.conf.layers.Subsampling3DLayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayer;
import org.deeplearning4j.nn.conf.layers.recurrent.Bidirectional;
import org.deeplearning4j.nn.conf.layers.recurrent.TimeDistributed;
import org.deeplearning4j.nn.conf.layers.wrapper.BaseWrapperLayer;
import org.deeplearning4j.nn.conf.preprocessor.Cnn3DToFeedForwardPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.CnnToFeedForwardPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.CnnToRnnPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.ComposableInputPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.FeedForwardToCnn3DPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.FeedForwardToCnnPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.FeedForwardToRnnPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.RnnToCnnPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.RnnToFeedForwardPreProcessor;
import org.jspecify.annotations.Nullable;

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
  static Shape of(NetworkPlan plan, String input, List<InputType> given) {
    int index = plan.inputs().indexOf(input);
    if (!given.isEmpty()) {
      return of(given.get(index));
    }
    return plan.consumers(input).stream()
        .flatMap(step -> taken(step).stream())
        .findFirst()
        .orElseThrow(
            () ->
                new UnsupportedModelException(
                    "Nothing in the network tells the shape of its input '%s'; give its input type"
                        .formatted(input)));
  }

  /** The axis of time of an input that is a sequence; 0 if it is none. */
  static int timeAxis(NetworkPlan plan, String input, List<InputType> given) {
    Shape shape = of(plan, input, given);
    if (shape.rank() == 2) {
      boolean isSequence =
          plan.consumers(input).stream()
              .anyMatch(step -> step.parts().get(0) instanceof EmbeddingSequenceLayer);
      return isSequence ? 1 : 0;
    }
    if (shape.rank() != 3) {
      return 0;
    }
    if (!given.isEmpty()) {
      InputType type = given.get(plan.inputs().indexOf(input));
      boolean isLast =
          type instanceof InputType.InputTypeRecurrent of && of.getFormat() == RNNFormat.NWC;
      return isLast ? 1 : 2;
    }
    return shape.dim(1).equals(T) ? 1 : 2;
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
          volume.getDataFormat() == DataFormat.NDHWC);
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

  /** What a step takes, as far as its preprocessor and layer know. */
  private static Optional<Shape> taken(NetworkStep step) {
    Object first = step.parts().get(0);
    Shape shape = null;
    if (first instanceof RnnToFeedForwardPreProcessor of
        && step.main() instanceof FeedForwardLayer layer) {
      shape = sequence(size(layer.getNIn(), C), T, of.getRnnDataFormat() == RNNFormat.NWC);
    } else if (first instanceof FeedForwardToRnnPreProcessor
        && step.main() instanceof FeedForwardLayer layer) {
      shape = row(layer.getNIn());
    } else if (first instanceof InputPreProcessor preprocessor) {
      shape = takenByPreprocessor(preprocessor);
    } else if (first instanceof Layer layer) {
      shape = takenByLayer(layer);
    }
    return Optional.ofNullable(shape);
  }

  private static @Nullable Shape takenByPreprocessor(InputPreProcessor what) {
    if (what instanceof CnnToFeedForwardPreProcessor of) {
      return image(
          size(of.getNumChannels(), C),
          size(of.getInputHeight(), H),
          size(of.getInputWidth(), W),
          of.getFormat() == CNN2DFormat.NHWC);
    }
    if (what instanceof FeedForwardToCnnPreProcessor of) {
      return row(of.getNumChannels() * of.getInputHeight() * of.getInputWidth());
    }
    if (what instanceof Cnn3DToFeedForwardPreProcessor of) {
      return volume(
          size(of.getNumChannels(), C),
          size(of.getInputDepth(), D),
          size(of.getInputHeight(), H),
          size(of.getInputWidth(), W),
          !of.isNCDHW());
    }
    if (what instanceof FeedForwardToCnn3DPreProcessor of) {
      long plane = (long) of.getInputHeight() * of.getInputWidth();
      return row(plane * of.getInputDepth() * of.getNumChannels());
    }
    if (what instanceof RnnToCnnPreProcessor of) {
      long size = (long) of.getNumChannels() * of.getInputHeight() * of.getInputWidth();
      return sequence(size(size, C), T, of.getRnnDataFormat() == RNNFormat.NWC);
    }
    if (what instanceof CnnToRnnPreProcessor of) {
      return image(
          size(of.getNumChannels(), C),
          size(of.getInputHeight(), H),
          size(of.getInputWidth(), W),
          false);
    }
    if (what instanceof ComposableInputPreProcessor of) {
      return takenByPreprocessor(of.getInputPreProcessors()[0]);
    }
    return null;
  }

  private static @Nullable Shape takenByLayer(Layer what) {
    if (what instanceof FrozenLayer of) {
      return takenByLayer(of.getLayer());
    }
    if (what instanceof TimeDistributed of) {
      Shape inner = takenByLayer(of.getUnderlying());
      return inner == null || inner.rank() != 2
          ? null
          : sequence(inner.dim(1), T, of.getRnnDataFormat() == RNNFormat.NWC);
    }
    if (what instanceof Bidirectional of) {
      return takenByLayer(of.getFwd());
    }
    if (what instanceof BaseRecurrentLayer of) {
      return sequence(size(of.getNIn(), C), T, of.getRnnDataFormat() == RNNFormat.NWC);
    }
    if (what instanceof SelfAttentionLayer of) {
      return sequence(size(of.getNIn(), C), T, false);
    }
    if (what instanceof RecurrentAttentionLayer of) {
      return sequence(size(of.getNIn(), C), T, false);
    }
    if (what instanceof BaseWrapperLayer of) {
      return takenByLayer(of.getUnderlying());
    }
    if (what instanceof EmbeddingLayer) {
      return row(1);
    }
    if (what instanceof EmbeddingSequenceLayer of) {
      return Shape.of(N, of.isInferInputLength() ? T : size(of.getInputLength(), T));
    }
    Shape windows = takenByWindows(what);
    if (windows != null || what instanceof BatchNormalization || what instanceof PReLULayer) {
      return windows; // the others take rows and images
    }
    return what instanceof FeedForwardLayer of && of.getNIn() > 0 ? row(of.getNIn()) : null;
  }

  /** Images, sequences and volumes over which a window slides. */
  private static @Nullable Shape takenByWindows(Layer what) {
    if (what instanceof RnnOutputLayer of) {
      return sequence(size(of.getNIn(), C), T, of.getRnnDataFormat() == RNNFormat.NWC);
    }
    if (what instanceof RnnLossLayer of) {
      return sequence(C, T, of.getRnnDataFormat() == RNNFormat.NWC);
    }
    if (what instanceof Convolution1DLayer of) {
      return sequence(size(of.getNIn(), C), T, of.getRnnDataFormat() == RNNFormat.NWC);
    }
    if (what instanceof Subsampling1DLayer of) {
      return sequence(C, T, of.getCnn2dDataFormat() == CNN2DFormat.NHWC);
    }
    if (what instanceof Convolution3D of) {
      return volume(size(of.getNIn(), C), D, H, W, of.getDataFormat() == DataFormat.NDHWC);
    }
    if (what instanceof Deconvolution3D of) {
      return volume(size(of.getNIn(), C), D, H, W, of.getDataFormat() == DataFormat.NDHWC);
    }
    if (what instanceof Subsampling3DLayer of) {
      return volume(C, D, H, W, of.getDataFormat() == DataFormat.NDHWC);
    }
    if (what instanceof ConvolutionLayer of) {
      return image(size(of.getNIn(), C), H, W, of.getCnn2dDataFormat() == CNN2DFormat.NHWC);
    }
    if (what instanceof SubsamplingLayer of) {
      return image(C, H, W, of.getCnn2dDataFormat() == CNN2DFormat.NHWC);
    }
    if (what instanceof CnnLossLayer of) {
      return image(C, H, W, of.getFormat() == CNN2DFormat.NHWC);
    }
    if (what instanceof Cnn3DLossLayer of) {
      return volume(C, D, H, W, of.getDataFormat() == DataFormat.NDHWC);
    }
    if (what instanceof LocallyConnected1D of) {
      return sequence(size(of.getNIn(), C), size(of.getInputSize(), T), false);
    }
    if (what instanceof LocallyConnected2D of) {
      return image(
          size(of.getNIn(), C),
          size(of.getInputSize()[0], H),
          size(of.getInputSize()[1], W),
          of.getFormat() == CNN2DFormat.NHWC);
    }
    return null;
  }

  private static Shape row(long size) {
    return Shape.of(N, size(size, C));
  }
}
