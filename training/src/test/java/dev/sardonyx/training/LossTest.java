package dev.sardonyx.training;

import static dev.sardonyx.training.SmallNet.dims;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.training.compile.CompiledNetwork;
import dev.sardonyx.training.compile.NetworkCompiler;
import dev.sardonyx.training.compile.TrainingMethod;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.evaluation.classification.Evaluation;
import org.nd4j.evaluation.regression.RegressionEvaluation;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.dataset.adapter.SingletonMultiDataSetIterator;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.Sgd;

/**
 * What training minimises: its value, its gradients, and models with several inputs and outputs.
 */
class LossTest {
  private static final int BATCH = 4;
  private static final int C = 3;

  /** Models that give numbers without an activation, in every layout that has a loss. */
  private enum Layout {
    VECTORS,
    SEQUENCES,
    IMAGES,
    VOLUMES;

    /** Of labels, which DL4J has with the classes at axis 1. */
    private long[] shape() {
      return switch (this) {
        case VECTORS -> dims(BATCH, C);
        case SEQUENCES -> dims(BATCH, C, 5);
        case IMAGES -> dims(BATCH, C, 2, 3);
        case VOLUMES -> dims(BATCH, C, 2, 2, 2);
      };
    }

    private Model model() {
      SmallNet net = new SmallNet();
      return switch (this) {
        case VECTORS -> {
          String x = net.input("x", 4);
          yield net.model(
              net.node(
                  "Gemm", List.of(x, net.weights("w", 4, C), net.weights("b", C)), "y", dims(C)));
        }
        case SEQUENCES -> {
          String x = net.input("x", 5, 4);
          yield net.model(net.node("MatMul", List.of(x, net.weights("w", 4, C)), "y", dims(5, C)));
        }
        case IMAGES -> {
          String x = net.input("x", 2, 2, 3);
          yield net.model(
              net.node("Conv", List.of(x, net.weights("w", C, 2, 1, 1)), "y", dims(C, 2, 3)));
        }
        case VOLUMES -> {
          String x = net.input("x", 2, 2, 2, 2);
          yield net.model(
              net.node("Conv", List.of(x, net.weights("w", C, 2, 1, 1, 1)), "y", dims(C, 2, 2, 2)));
        }
      };
    }

    private INDArray input() {
      return array(
          switch (this) {
            case VECTORS -> dims(BATCH, 4);
            case SEQUENCES -> dims(BATCH, 5, 4);
            case IMAGES -> dims(BATCH, 2, 2, 3);
            case VOLUMES -> dims(BATCH, 2, 2, 2, 2);
          });
    }

    /** Labels of zeros and ones, one 1 at each place. */
    private INDArray oneHot() {
      INDArray labels = Nd4j.zeros(shape());
      long places = labels.length() / BATCH / C;
      Random random = new Random(4);
      for (long n = 0; n < BATCH; n++) {
        for (long place = 0; place < places; place++) {
          labels.putScalar((n * C + random.nextInt(C)) * places + place, 1);
        }
      }
      return labels;
    }
  }

  private static INDArray array(long... dims) {
    return NdArrays.array(SmallNet.randomTensor(new Random(2), 1, dims));
  }

  static Stream<Arguments> losses() {
    return Stream.of(Layout.values())
        .flatMap(
            layout ->
                Stream.of(
                    Arguments.of("cross entropy", Loss.crossEntropyFromLogits(), layout),
                    Arguments.of("binary", Loss.binaryCrossEntropyFromLogits(), layout),
                    Arguments.of("squares", Loss.meanSquaredError(), layout),
                    Arguments.of("absolute", Loss.meanAbsoluteError(), layout),
                    Arguments.of("Huber", Loss.huber(0.6), layout)));
  }

  @ParameterizedTest(name = "{0} of {2}")
  @MethodSource("losses")
  void gradientsAreSlopes(String name, Loss loss, Layout layout) {
    CompiledNetwork compiled =
        NetworkCompiler.forTraining(
            layout.model(), TrainingMethod.of(List.of(loss.forLabels(C)), new Sgd(1), 1));
    DataSet batch = new DataSet(layout.input(), layout.oneHot());
    Gradients.assertSlopes(name + " of " + layout, compiled.network(), batch);
    assertEquals(
        Gradients.loss(compiled.network(), batch),
        Evaluator.evaluate(
                compiled.network(),
                List.of(loss.forLabels(C).function()),
                List.of(batch.toMultiDataSet()).iterator())
            .loss(),
        1e-4,
        "the loss that is evaluated");
  }

  @Test
  void logitsAndProbabilitiesHaveOneLoss() throws IOException {
    INDArray x = array(BATCH, 4);
    DataSet numbers =
        new DataSet(x, Nd4j.createFromArray(new float[] {0, 2, 1, 2}).reshape(BATCH, 1));
    SmallNet net = new SmallNet();
    String y = net.node("Gemm", List.of(net.input("x", 4), net.weights("w", 4, C)), "y", dims(C));
    Model logits = net.model(y);
    Model probabilities = net.model(net.node("Softmax", List.of(y), "p", dims(C)));
    TrainingResult byLogits =
        Training.of(logits)
            .loss(Loss.crossEntropyFromLogits())
            .epochs(3)
            .run(new SingletonMultiDataSetIterator(numbers.toMultiDataSet()));
    TrainingResult byProbabilities =
        Training.of(probabilities)
            .epochs(3)
            .run(new SingletonMultiDataSetIterator(numbers.toMultiDataSet()));
    assertEquals(byProbabilities.history().get(2).loss(), byLogits.history().get(2).loss(), 1e-6);
    assertEquals(logits.graph().outputs(), byLogits.model().graph().outputs());
  }

  @Test
  void hubersLossIsSquaresInsideAndLinesOutside() {
    HuberLoss huber = new HuberLoss(2);
    INDArray answers = Nd4j.createFromArray(new float[][] {{1, -5}});
    INDArray labels = Nd4j.zeros(1, 2);
    double expected = (0.5 + 2 * (5 - 1)) / 2;
    ActivationIdentity identity = new ActivationIdentity();
    assertEquals(expected, huber.computeScore(labels, answers, identity, null, false), 1e-6);
    assertEquals(
        Nd4j.createFromArray(new float[][] {{0.5f, -1}}),
        huber.computeGradient(labels, answers, identity, null));
    INDArray nobody = Nd4j.zeros(1, 1);
    assertEquals(0, huber.computeScore(labels, answers, identity, nobody, false));
    assertThrows(IllegalArgumentException.class, () -> new HuberLoss(0));
  }

  @Test
  void hubersLossIsSavedWithTheNetwork() {
    CompiledNetwork compiled =
        NetworkCompiler.forTraining(
            Layout.VECTORS.model(),
            TrainingMethod.of(List.of(Loss.huber(0.7).forLabels(C)), new Sgd(1), 1));
    String json = compiled.network().getConfiguration().toJson();
    assertEquals(json, ComputationGraphConfiguration.fromJson(json).toJson());
    assertTrue(json.contains("0.7"), json);
  }

  /** A class and a number, from an image and some numbers. */
  private static Model twoAndTwo() {
    SmallNet net = new SmallNet();
    String image = net.node("Flatten", List.of(net.input("image", 1, 2, 2)), "flat", dims(4));
    String numbers = net.input("numbers", 2);
    String both =
        net.node("Concat", List.of(image, numbers), "both", dims(6), Attribute.ofInt("axis", 1));
    String hidden = net.node("Gemm", List.of(both, net.weights("w", 6, 5)), "h", dims(5));
    hidden = net.node("Tanh", List.of(hidden), "t", dims(5));
    String kind = net.node("Gemm", List.of(hidden, net.weights("k", 5, C)), "kinds", dims(C));
    kind = net.node("Softmax", List.of(kind), "kind", dims(C));
    String size = net.node("Gemm", List.of(hidden, net.weights("s", 5, 1)), "size", dims(1));
    return net.model(kind, size);
  }

  private static MultiDataSet twoAndTwoBatch() {
    Tensor image = SmallNet.randomTensor(new Random(1), 1, 12, 1, 2, 2);
    Tensor numbers = SmallNet.randomTensor(new Random(2), 1, 12, 2);
    INDArray kinds = Nd4j.zeros(12, C);
    INDArray sizes = Nd4j.zeros(12, 1);
    for (int i = 0; i < 12; i++) {
      kinds.putScalar(i, i % C, 1);
      sizes.putScalar(i, 0, i % C - 1);
    }
    return new MultiDataSet(
        new INDArray[] {NdArrays.array(image), NdArrays.array(numbers)},
        new INDArray[] {kinds, sizes});
  }

  @Test
  void severalInputsAndOutputsAreLearntTogether() throws IOException {
    SingletonMultiDataSetIterator data = new SingletonMultiDataSetIterator(twoAndTwoBatch());
    TrainingResult result =
        Training.of(twoAndTwo())
            .loss("size", Loss.meanSquaredError())
            .updater(new Adam(0.05))
            .epochs(60)
            .run(data, new SingletonMultiDataSetIterator(twoAndTwoBatch()));
    List<EpochResult> history = result.history();
    assertTrue(history.get(59).loss() < 0.5 * history.get(0).loss(), history::toString);
    data.reset();
    Score score = result.evaluate(data);
    assertEquals(history.get(59).validationLoss().orElseThrow(), score.loss(), 1e-6);
    data.reset();
    Evaluation kinds = result.evaluate("kind", data, new Evaluation(C));
    assertEquals(score.accuracy().orElseThrow(), kinds.accuracy(), 1e-9);
    data.reset();
    RegressionEvaluation sizes = result.evaluate("size", data, new RegressionEvaluation());
    assertTrue(sizes.rSquared(0) > 0.5, sizes::stats);
  }

  @Test
  void whatDoesNotFitIsSaid() {
    Training training = Training.of(twoAndTwo()).loss("size", Loss.meanSquaredError());
    String message =
        assertThrows(
                IllegalArgumentException.class,
                () ->
                    training.run(
                        new SingletonMultiDataSetIterator(
                            new MultiDataSet(array(2, 1, 2, 2), array(2, C)))))
            .getMessage();
    assertEquals("The model has 2 inputs, but the data give 1", message);
    message =
        assertThrows(IllegalArgumentException.class, () -> training.run(Bars.images(8, 1)))
            .getMessage();
    assertTrue(message.contains("2 inputs and 2 outputs"), message);
    message =
        assertThrows(
                IllegalArgumentException.class,
                () -> Training.of(twoAndTwo()).loss("width", Loss.meanSquaredError()))
            .getMessage();
    assertEquals("The model has no output 'width', only [kind, size]", message);
    message =
        assertThrows(
                IllegalArgumentException.class,
                () ->
                    Training.of(twoAndTwo())
                        .run(new SingletonMultiDataSetIterator(twoAndTwoBatch())))
            .getMessage();
    assertTrue(message.contains("'size'") && message.contains("loss"), message);
  }

  @Test
  void aTrainingOnSeveralInputsGoesOnAsIfItHadNotStopped(@TempDir Path folder) throws IOException {
    SingletonMultiDataSetIterator data = new SingletonMultiDataSetIterator(twoAndTwoBatch());
    TrainingResult whole = twoAndTwoTraining(3).run(data);
    twoAndTwoTraining(1).checkpoint(folder).run(data);
    TrainingResult resumed = twoAndTwoTraining(3).resume(folder).run(data);
    assertEquals(whole.model(), resumed.model());
    assertThrows(
        IOException.class,
        () -> twoAndTwoTraining(3).loss("size", Loss.huber(1)).resume(folder).run(data),
        "a checkpoint of another loss");
  }

  private static Training twoAndTwoTraining(int epochs) {
    return Training.of(twoAndTwo()).loss("size", Loss.meanSquaredError()).epochs(epochs);
  }
}
