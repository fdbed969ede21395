package dev.sardonyx.training;

import java.util.OptionalDouble;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;
import org.nd4j.linalg.lossfunctions.ILossFunction;
import org.nd4j.linalg.lossfunctions.impl.LossMCXENT;
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
