package dev.sardonyx.samples.spring;

import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.backend.Outputs;
import dev.sardonyx.runtime.batch.BatchingPredictor;
import dev.sardonyx.runtime.image.Preprocessing;
import dev.sardonyx.runtime.image.Preprocessing.Channels;
import dev.sardonyx.runtime.image.Preprocessing.Resize;
import dev.sardonyx.runtime.session.InferenceSession;
import dev.sardonyx.runtime.session.TopK;
import java.awt.image.BufferedImage;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.springframework.stereotype.Service;

/**
 * A network that tells of a grey or coloured image which class it shows: {@code
 * [N,channels,height,width]} in, from 0 to 1, and {@code [N,classes]} out.
 */
@Service
class Classifier {
  private final BatchingPredictor predictor;
  private final Duration timeout;
  private final Input input;
  private final String output;
  private final long[] dims;
  private final Preprocessing preprocessing;

  /**
   * @throws IllegalArgumentException if the model takes anything else, at start-up
   */
  Classifier(
      InferenceSession session, BatchingPredictor predictor, ClassifierProperties properties) {
    this.predictor = predictor;
    this.timeout = properties.timeout();
    this.input = session.inputs().get(0);
    this.output = session.outputs().get(0).name();
    this.dims = oneImage(input);
    this.preprocessing =
        Preprocessing.plain(dims[1] == 1 ? Channels.GRAY : Channels.RGB)
            .withResize(new Resize.Exactly((int) dims[2], (int) dims[3]));
  }

  private static long[] oneImage(Input input) {
    if (input.type() instanceof TensorType type
        && type.elementType() == ElementType.FLOAT
        && type.shape().isRanked()
        && type.shape().rank() == 4
        && type.shape().dims().subList(1, 4).stream().allMatch(dim -> dim.isFixed())) {
      Shape shape = type.shape();
      return new long[] {1, shape.dim(1).value(), shape.dim(2).value(), shape.dim(3).value()};
    }
    throw new IllegalArgumentException(
        "Input '%s' takes %s, not images float[N,channels,height,width]"
            .formatted(input.name(), input.type()));
  }

  /**
   * Classifies numbers, row by row, channel by channel.
   *
   * @throws IllegalArgumentException if they are not as many as the network takes
   */
  CompletableFuture<Classification> classify(float[] pixels) {
    long wanted = dims[1] * dims[2] * dims[3];
    if (pixels.length != wanted) {
      throw new IllegalArgumentException(
          "There are %d numbers; input '%s', %s, takes %d"
              .formatted(pixels.length, input.name(), input.type(), wanted));
    }
    for (int i = 0; i < pixels.length; i++) {
      if (!Float.isFinite(pixels[i])) {
        throw new IllegalArgumentException("Number %d is %s".formatted(i, pixels[i]));
      }
    }
    return classify(Tensor.ofFloats(pixels, dims));
  }

  /** Classifies an image of any size. */
  CompletableFuture<Classification> classify(BufferedImage image) {
    return classify(preprocessing.apply(image));
  }

  /** An image of zeros. */
  Tensor blank() {
    return Tensor.ofFloats(new float[(int) (dims[1] * dims[2] * dims[3])], dims);
  }

  private CompletableFuture<Classification> classify(Tensor pixels) {
    return predictor
        .submit(Map.of(input.name(), pixels))
        .orTimeout(timeout.toMillis(), TimeUnit.MILLISECONDS)
        .thenApply(this::best);
  }

  private Classification best(Outputs outputs) {
    TopK.Ranked best = TopK.of(outputs.tensor(output), 1, List.of()).get(0);
    return new Classification(best.label(), best.score());
  }
}
