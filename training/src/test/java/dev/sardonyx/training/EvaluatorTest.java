package dev.sardonyx.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.build.GraphBuilder;
import dev.sardonyx.ir.nn.Layers;
import dev.sardonyx.training.compile.NetworkCompiler;
import java.util.List;
import java.util.Random;
import org.deeplearning4j.datasets.iterator.utilty.ListDataSetIterator;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.nd4j.evaluation.classification.Evaluation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.lossfunctions.ILossFunction;
import org.nd4j.linalg.lossfunctions.impl.LossMCXENT;
import org.nd4j.linalg.lossfunctions.impl.LossSparseMCXENT;

/** Loss and accuracy of what a mask of the labels leaves. */
class EvaluatorTest {
  private static final int EXAMPLES = 5;
  private static final int CLASSES = 3;
  private static final int SIDE = 4;

  @BeforeAll
  static void prepare() {
    Dl4jRuntime.prepare();
  }

  /** A class for each pixel. */
  private static ComputationGraph segmentation() {
    GraphBuilder b = GraphBuilder.of("segmentation");
    var x = b.input("image", TensorType.of(ElementType.FLOAT, Shape.parse("N,2,4,4")));
    b.output(b.sigmoid(Layers.of(b, 3).conv(x, CLASSES, 1)), "classes");
    return NetworkCompiler.forInference(b.buildModel(), List.of("classes")).network();
  }

  private static DataSetIterator iterator(DataSet data) {
    return new ListDataSetIterator<>(List.of(data), EXAMPLES);
  }

  private static int at(INDArray probabilities, int n, int y, int x) {
    int best = 0;
    for (int c = 1; c < CLASSES; c++) {
      if (probabilities.getFloat(n, c, y, x) > probabilities.getFloat(n, best, y, x)) {
        best = c;
      }
    }
    return best;
  }

  @Test
  void maskedPixelsCountNeitherForLossNorAccuracyNorEvaluations() {
    Random random = new Random(4);
    INDArray images = Nd4j.rand(DataType.FLOAT, EXAMPLES, 2, SIDE, SIDE);
    INDArray numbers = Nd4j.zeros(DataType.FLOAT, EXAMPLES, 1, SIDE, SIDE);
    INDArray oneHot = Nd4j.zeros(DataType.FLOAT, EXAMPLES, CLASSES, SIDE, SIDE);
    INDArray mask = Nd4j.zeros(DataType.FLOAT, EXAMPLES, 1, SIDE, SIDE);
    for (int n = 0; n < EXAMPLES; n++) {
      for (int y = 0; y < SIDE; y++) {
        for (int x = 0; x < SIDE; x++) {
          int label = random.nextInt(CLASSES);
          oneHot.putScalar(new int[] {n, label, y, x}, 1);
          boolean counts = random.nextInt(3) > 0;
          mask.putScalar(new int[] {n, 0, y, x}, counts ? 1 : 0);
          // What does not count need not be a class.
          numbers.putScalar(new int[] {n, 0, y, x}, counts ? label : -1);
        }
      }
    }
    DataSet data = new DataSet(images, oneHot, null, mask);
    ComputationGraph network = segmentation();
    INDArray answers = network.output(images)[0];
    double loss = 0;
    int right = 0;
    int counted = 0;
    for (int n = 0; n < EXAMPLES; n++) {
      for (int y = 0; y < SIDE; y++) {
        for (int x = 0; x < SIDE; x++) {
          int label = (int) numbers.getFloat(n, 0, y, x);
          if (label >= 0) {
            counted++;
            right += at(answers, n, y, x) == label ? 1 : 0;
            loss -= Math.log(answers.getFloat(n, label, y, x));
          }
        }
      }
    }
    assertTrue(right > 0 && right < counted && counted < EXAMPLES * SIDE * SIDE);
    DataSet byNumber = new DataSet(images, numbers, null, mask);
    for (Score score :
        List.of(
            Evaluator.evaluate(network, List.of(new LossMCXENT()), Batches.of(iterator(data))),
            Evaluator.evaluate(
                network, List.of(new LossSparseMCXENT()), Batches.of(iterator(byNumber))))) {
      assertEquals(right / (double) counted, score.accuracy().orElseThrow(), 1e-9);
      assertEquals(loss / EXAMPLES, score.loss(), 1e-4);
    }
    for (ILossFunction by : List.of(new LossMCXENT(), new LossSparseMCXENT())) {
      DataSet shown = by instanceof LossSparseMCXENT ? byNumber : data;
      Evaluation evaluation =
          Evaluator.evaluate(network, by, Batches.of(iterator(shown)), 0, new Evaluation(CLASSES));
      assertEquals(counted, evaluation.getNumRowCounter());
      assertEquals(right / (double) counted, evaluation.accuracy(), 1e-9);
    }
    Score nothing =
        Evaluator.evaluate(
            network,
            List.of(new LossMCXENT()),
            Batches.of(iterator(new DataSet(images, oneHot, null, Nd4j.zerosLike(mask)))));
    assertTrue(nothing.accuracy().isEmpty(), "an accuracy of nothing");
  }

  @Test
  void aMaskIsForExamplesStepsPixelsOrNumbers() {
    INDArray steps = Nd4j.arange(2 * 3 * 4).castTo(DataType.FLOAT).reshape('c', 2, 3, 4);
    INDArray mask = Nd4j.createFromArray(new float[][] {{0, 1, 0, 0}, {0, 0, 0, 1}});
    Evaluator.Rows rows = Evaluator.Rows.of(steps, steps, mask);
    assertNotNull(rows);
    assertArrayEquals(new float[] {1, 5, 9}, rows.answers().getRow(0).toFloatVector());
    assertArrayEquals(new float[] {15, 19, 23}, rows.labels().getRow(1).toFloatVector());
    assertEquals(2, rows.count());
    INDArray examples = Nd4j.createFromArray(new float[][] {{0}, {1}});
    Evaluator.Rows second = Evaluator.Rows.of(steps, steps, examples);
    assertNotNull(second);
    assertEquals(4, second.count());
    assertArrayEquals(new float[] {12, 16, 20}, second.answers().getRow(0).toFloatVector());
    INDArray each = Nd4j.zeros(DataType.FLOAT, 2, 3, 4).putScalar(new int[] {1, 2, 0}, 1);
    Evaluator.Rows third = Evaluator.Rows.of(steps, steps, each);
    assertNotNull(third);
    assertArrayEquals(new float[] {0, 0, 1}, third.mask().getRow(0).toFloatVector());
    assertNull(Evaluator.Rows.of(steps, steps, Nd4j.zeros(DataType.FLOAT, 2, 4)));
    assertEquals(
        "The labels' mask is [2, 3], which does not fit answers of [2, 3, 4]",
        assertThrows(
                TrainingException.class,
                () -> Evaluator.Rows.of(steps, steps, Nd4j.ones(DataType.FLOAT, 2, 3)))
            .getMessage());
  }
}
