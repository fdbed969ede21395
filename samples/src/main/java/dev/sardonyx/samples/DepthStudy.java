package dev.sardonyx.samples;

import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.build.ConvOptions;
import dev.sardonyx.ir.build.GraphBuilder;
import dev.sardonyx.ir.nn.Initializer;
import dev.sardonyx.ir.nn.Layers;
import dev.sardonyx.ir.nn.ModelSummary;
import dev.sardonyx.ir.nn.ResidualOptions;
import dev.sardonyx.samples.LossCurve.LossPoint;
import dev.sardonyx.training.Score;
import dev.sardonyx.training.Training;
import dev.sardonyx.training.TrainingResult;
import dev.sardonyx.training.data.LabelledImages;
import java.io.IOException;
import java.util.List;

/**
 * Plain and residual networks of one depth after another, trained alike: the experiment of He et
 * al., "Deep Residual Learning for Image Recognition", 2015, with narrow networks and few images.
 *
 * @param epochs how often each network sees the images
 * @param seed decides the weights and the order of the images
 */
record DepthStudy(
    LabelledImages train,
    LabelledImages test,
    int classes,
    int epochs,
    int batchSize,
    double learningRate,
    long seed) {
  /** Filters of the first of three stages; each stage has twice as many on half the size. */
  private static final long FILTERS = 4;

  /** How many points the loss curve of a training has. */
  private static final int POINTS = 40;

  /** The initialization of the paper, a normal distribution. */
  private static final Initializer HE =
      Initializer.varianceScaling(
          2, Initializer.Fan.IN, Initializer.Distribution.UNTRUNCATED_NORMAL);

  /**
   * How a network learnt.
   *
   * @param depth its layers with weights, shortcuts not counted
   * @param curve training loss by images seen, each the mean since the previous point
   * @param end loss and accuracy on the test images
   */
  record Learnt(int depth, boolean residual, long parameters, List<LossPoint> curve, Score end) {
    String name() {
      return (residual ? "residual " : "plain ") + depth;
    }

    /** The training loss at the end. */
    double lastLoss() {
      return curve.get(curve.size() - 1).loss();
    }
  }

  /**
   * Trains one network.
   *
   * @param depth {@code 6 n + 2}
   * @throws IllegalArgumentException if there is no network of the depth
   */
  Learnt run(int depth, boolean residual) throws IOException {
    Model model = network(depth, residual);
    LossCurve curve = new LossCurve((double) train.size() * epochs, POINTS);
    TrainingResult result =
        Training.of(model)
            .epochs(epochs)
            .batchSize(batchSize)
            .learningRate(learningRate)
            .seed(seed)
            .progress(curve)
            .run(train);
    return new Learnt(
        depth,
        residual,
        ModelSummary.of(model).parameters(),
        curve.points(),
        result.evaluate(test));
  }

  /** A convolution, three stages of {@code (depth - 2) / 6} blocks, means, a dense layer. */
  private Model network(int depth, boolean residual) {
    int blocks = (depth - 2) / 6;
    if (blocks < 1 || depth != 6 * blocks + 2) {
      throw new IllegalArgumentException(
          "A depth is 6 n + 2 (8, 14, 20, 26, 32, 38, 44, ...), not " + depth);
    }
    GraphBuilder b = GraphBuilder.of((residual ? "residual" : "plain") + depth);
    Layers nn = Layers.of(b, seed).withWeights(HE);
    Shape images =
        Shape.parse("N,%d,%d,%d".formatted(train.channels(), train.height(), train.width()));
    Value x = b.input("image", TensorType.of(ElementType.FLOAT, images));
    ConvOptions half = ConvOptions.DEFAULT.withStrides(2).withPads(1);
    x = b.relu(nn.batchNorm(nn.conv(x, FILTERS, 3, half, false)));
    for (int stage = 0; stage < 3; stage++) {
      for (int block = 0; block < blocks; block++) {
        long stride = stage > 0 && block == 0 ? 2 : 1;
        x = block(nn, x, FILTERS << stage, stride, residual);
      }
    }
    x = b.flatten(b.globalAveragePool(x));
    b.output(b.softmax(Layers.of(b, seed).dense(x, classes), 1), "probabilities");
    return b.buildModel();
  }

  /** The same two convolutions with and without a shortcut. */
  private static Value block(Layers nn, Value x, long filters, long stride, boolean residual) {
    if (residual) {
      return nn.residual(x, filters, ResidualOptions.NORMALIZED.withStride(stride));
    }
    GraphBuilder b = nn.builder();
    ConvOptions first = ConvOptions.DEFAULT.withStrides(stride).withPads(1);
    ConvOptions second = ConvOptions.DEFAULT.withPads(1);
    Value y = b.relu(nn.batchNorm(nn.conv(x, filters, 3, first, false)));
    return b.relu(nn.batchNorm(nn.conv(y, filters, 3, second, false)));
  }
}
