package dev.sardonyx.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The gradients that training uses, helpers included, against differences of the loss along random
 * directions. (Along a wrong gradient itself the slope may well be its length.)
 */
final class Gradients {
  private static final long DROPOUT = 77;
  private static final int DIRECTIONS = 2;

  /** Small enough to stay clear of the kinks of Relu and maxima, in doubles. */
  private static final double STEP = 1e-6;

  private Gradients() {}

  /** The loss in training mode, with the same dropout each time. */
  static double loss(ComputationGraph network, DataSet batch) {
    Nd4j.getRandom().setSeed(DROPOUT);
    return network.score(batch, true);
  }

  /** The values that {@link #loss} computes, by their vertices. */
  static Map<String, INDArray> values(ComputationGraph network, DataSet batch) {
    Nd4j.getRandom().setSeed(DROPOUT);
    return network.feedForward(new INDArray[] {batch.getFeatures().dup()}, true, true);
  }

  /** Gradients of the loss by parameter, the running statistics of batch normalisation left out. */
  static Map<String, INDArray> of(ComputationGraph network, DataSet batch) {
    network.setInputs(batch.getFeatures().dup());
    network.setLabels(batch.getLabels());
    Nd4j.getRandom().setSeed(DROPOUT);
    network.computeGradientAndScore();
    Map<String, INDArray> gradients = new HashMap<>();
    network
        .gradient()
        .gradientForVariable()
        .forEach(
            (key, gradient) -> {
              if (!key.endsWith("_mean") && !key.endsWith("_var")) {
                // DL4J adds up over the batch and divides when it updates.
                gradients.put(key, gradient.div(batch.numExamples()));
              }
            });
    return gradients;
  }

  static void assertSlopes(String what, ComputationGraph network, DataSet batch) {
    Map<String, INDArray> gradients = of(network, batch);
    assertFalse(gradients.isEmpty());
    ComputationGraph exact = network.convertDataType(DataType.DOUBLE);
    DataSet exactBatch = new DataSet(exact(batch.getFeatures()), exact(batch.getLabels()));
    assertEquals(loss(network, batch), loss(exact, exactBatch), 1e-4, what + ": loss");
    Random random = new Random(5);
    gradients.forEach(
        (key, gradient) -> {
          for (int i = 0; i < DIRECTIONS; i++) {
            INDArray direction = Nd4j.create(normal(random, gradient.length()));
            direction = direction.reshape(gradient.ordering(), gradient.shape());
            double expected = exact(gradient).mul(direction).sumNumber().doubleValue();
            double length = gradient.norm2Number().doubleValue();
            assertEquals(
                slope(exact, exactBatch, key, direction),
                expected,
                1e-5 + 2e-3 * length,
                what + ", " + key + ": slope, gradient");
          }
        });
  }

  private static INDArray exact(INDArray array) {
    return array.castTo(DataType.DOUBLE);
  }

  private static double[] normal(Random random, long size) {
    return random.doubles(size, -1, 1).toArray();
  }

  private static double slope(
      ComputationGraph network, DataSet batch, String key, INDArray direction) {
    INDArray parameter = network.getParam(key);
    INDArray before = parameter.dup();
    parameter.assign(before.add(direction.mul(STEP)));
    double up = loss(network, batch);
    parameter.assign(before.sub(direction.mul(STEP)));
    double down = loss(network, batch);
    parameter.assign(before);
    return (up - down) / (2 * STEP);
  }
}
