package dev.sardonyx.training;

import java.util.OptionalDouble;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.evaluation.IEvaluation;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.lossfunctions.ILossFunction;
import org.nd4j.linalg.lossfunctions.impl.LossMCXENT;
import org.nd4j.linalg.lossfunctions.impl.LossSparseMCXENT;
import org.nd4j.linalg.ops.transforms.Transforms;

/** Loss and accuracy of a network over data, each batch computed once. */
final class Evaluator {
  /** Probabilities below this count as this, as in Keras. */
  private static final double EPSILON = 1e-7;

  private static final IActivation IDENTITY = new ActivationIdentity();

  private Evaluator() {}

  static Score evaluate(ComputationGraph network, ILossFunction loss, DataSetIterator data) {
    boolean isClassification = loss instanceof LossMCXENT;
    double total = 0;
    long right = 0;
    long examples = 0;
    long rows = 0;
    while (data.hasNext()) {
      DataSet batch = data.next();
      INDArray output = network.output(false, batch.getFeatures())[0];
      examples += output.size(0);
      INDArray labels = rows(batch.getLabels());
      output = rows(output);
      rows += output.size(0);
      if (isClassification) {
        right += countRight(output, labels);
        output = Transforms.max(output, EPSILON, true);
      }
      total += loss.computeScore(labels, output, IDENTITY, batch.getLabelsMaskArray(), false);
    }
    if (examples == 0) {
      throw new TrainingException("There is nothing to evaluate: the data are empty");
    }
    OptionalDouble accuracy =
        isClassification ? OptionalDouble.of((double) right / rows) : OptionalDouble.empty();
    return new Score(total / examples, accuracy, examples);
  }

  /** Shows a network's answers and the labels to one of DL4J's evaluations. */
  static <E extends IEvaluation<?>> E evaluate(
      ComputationGraph network, ILossFunction loss, DataSetIterator data, E evaluation) {
    if (!data.hasNext()) {
      throw new TrainingException("There is nothing to evaluate: the data are empty");
    }
    while (data.hasNext()) {
      DataSet batch = data.next();
      INDArray output = rows(network.output(false, batch.getFeatures())[0]);
      INDArray labels = rows(batch.getLabels());
      if (loss instanceof LossSparseMCXENT && output.size(1) > 1) {
        labels = oneHot(labels, output.size(1));
      }
      evaluation.eval(labels, output, batch.getLabelsMaskArray());
    }
    return evaluation;
  }

  private static INDArray oneHot(INDArray numbers, long classes) {
    INDArray labels = Nd4j.zeros(DataType.FLOAT, numbers.size(0), classes);
    for (long i = 0; i < numbers.size(0); i++) {
      long number = (long) numbers.getDouble(i, 0);
      if (number < 0 || number >= classes) {
        throw new TrainingException(
            "A label is class "
                + number
                + ", but the network has the classes 0 to "
                + (classes - 1));
      }
      labels.putScalar(i, number, 1);
    }
    return labels;
  }

  /** Images [N,C,H,W] as a row for each pixel, as the loss takes them. */
  private static INDArray rows(INDArray array) {
    return array.rank() == 4
        ? array.permute(0, 2, 3, 1).dup('c').reshape('c', -1, array.size(1))
        : array;
  }

  private static long countRight(INDArray output, INDArray labels) {
    long[] predicted = output.argMax(1).toLongVector();
    boolean oneHot = labels.size(1) > 1;
    long[] expected = oneHot ? labels.argMax(1).toLongVector() : null;
    long right = 0;
    for (int i = 0; i < predicted.length; i++) {
      long label = expected != null ? expected[i] : (long) labels.getDouble(i, 0);
      if (label == predicted[i]) {
        right++;
      }
    }
    return right;
  }
}
