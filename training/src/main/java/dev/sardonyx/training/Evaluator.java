package dev.sardonyx.training;

import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.OptionalDouble;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.jspecify.annotations.Nullable;
import org.nd4j.evaluation.IEvaluation;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.MultiDataSet;
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

  /** What counts of a batch: a row [features] for each answer, label and, if there is one, mask. */
  record Rows(INDArray answers, INDArray labels, @Nullable INDArray mask) {
    /**
     * The rows of answers [N,C], of sequences [N,C,T], images or volumes [N,C,...], without those
     * that the mask leaves out.
     *
     * @param mask for examples [N,1], for steps [N,T], for pixels [N,H,W] or [N,1,H,W], or like the
     *     answers, for each number of them; null to count all
     * @return null if the mask leaves out everything
     */
    static @Nullable Rows of(INDArray answers, INDArray labels, @Nullable INDArray mask) {
      INDArray answerRows = rows(answers);
      INDArray labelRows = rows(labels);
      if (mask == null) {
        return new Rows(answerRows, labelRows, null);
      }
      INDArray maskRows = maskRows(mask, answers);
      INDArray counts = maskRows.neq(0).castTo(DataType.FLOAT).sum(1);
      int[] kept =
          IntStream.range(0, (int) counts.length()).filter(i -> counts.getDouble(i) > 0).toArray();
      if (kept.length == 0) {
        return null;
      }
      return new Rows(answerRows.getRows(kept), labelRows.getRows(kept), maskRows.getRows(kept));
    }

    /** The axis of the features goes last, and all others become one. */
    private static INDArray rows(INDArray array) {
      return switch (array.rank()) {
        case 3 -> array.permute(0, 2, 1).dup('c').reshape('c', -1, array.size(1));
        case 4 -> array.permute(0, 2, 3, 1).dup('c').reshape('c', -1, array.size(1));
        case 5 -> array.permute(0, 2, 3, 4, 1).dup('c').reshape('c', -1, array.size(1));
        default -> array;
      };
    }

    private static INDArray maskRows(INDArray mask, INDArray answers) {
      if (mask.rank() == answers.rank()) {
        INDArray rows = rows(mask);
        if (rows.size(0) == rows(answers).size(0)) {
          return rows;
        }
      }
      long places = answers.length() / answers.size(1);
      if (mask.length() == places) {
        return mask.dup('c').reshape('c', places, 1);
      }
      if (mask.length() == answers.size(0)) {
        INDArray each = mask.dup('c').reshape('c', answers.size(0), 1);
        return each.repeat(1, places / answers.size(0)).dup('c').reshape('c', places, 1);
      }
      throw new TrainingException(
          "The labels' mask is %s, which does not fit answers of %s"
              .formatted(Arrays.toString(mask.shape()), Arrays.toString(answers.shape())));
    }

    long count() {
      return answers.size(0);
    }
  }

  /**
   * The sum of all outputs' losses, and the accuracy if one of them is of classification. A mask of
   * the labels leaves out what it marks by 0; the loss is the mean over examples.
   *
   * @param losses by output
   */
  static Score evaluate(
      ComputationGraph network, List<ILossFunction> losses, Iterator<MultiDataSet> data) {
    List<Tally> tallies = losses.stream().map(Tally::new).toList();
    long examples = 0;
    while (data.hasNext()) {
      MultiDataSet batch = data.next();
      INDArray[] outputs = network.output(false, batch.getFeatures());
      examples += batch.getFeatures(0).size(0);
      for (int i = 0; i < outputs.length; i++) {
        Rows rows = Rows.of(outputs[i], batch.getLabels(i), mask(batch, i));
        if (rows != null) {
          tallies.get(i).add(rows);
        }
      }
    }
    if (examples == 0) {
      throw new TrainingException("There is nothing to evaluate: the data are empty");
    }
    double total = tallies.stream().mapToDouble(tally -> tally.loss).sum();
    List<Tally> classes = tallies.stream().filter(tally -> tally.counted > 0).toList();
    OptionalDouble accuracy =
        classes.size() == 1
            ? OptionalDouble.of((double) classes.get(0).right / classes.get(0).counted)
            : OptionalDouble.empty();
    return new Score(total / examples, accuracy, examples);
  }

  private static @Nullable INDArray mask(MultiDataSet batch, int output) {
    INDArray[] masks = batch.getLabelsMaskArrays();
    return masks == null ? null : masks[output];
  }

  /** The sums over all batches, for one output. */
  private static final class Tally {
    private final ILossFunction function;
    private double loss;
    private long right;
    private long counted;

    private Tally(ILossFunction function) {
      this.function = function;
    }

    private void add(Rows rows) {
      INDArray answers = rows.answers();
      if (function instanceof LossMCXENT) {
        counted += rows.count();
        right += countRight(answers, rows.labels());
        answers = Transforms.max(answers, EPSILON, true);
      }
      loss += function.computeScore(rows.labels(), answers, IDENTITY, rows.mask(), false);
    }
  }

  /**
   * Shows a network's answers and the labels to one of DL4J's evaluations.
   *
   * @param output which of the network's outputs
   */
  static <E extends IEvaluation<?>> E evaluate(
      ComputationGraph network,
      ILossFunction loss,
      Iterator<MultiDataSet> data,
      int output,
      E evaluation) {
    if (!data.hasNext()) {
      throw new TrainingException("There is nothing to evaluate: the data are empty");
    }
    while (data.hasNext()) {
      MultiDataSet batch = data.next();
      INDArray answers = network.output(false, batch.getFeatures())[output];
      Rows rows = Rows.of(answers, batch.getLabels(output), mask(batch, output));
      if (rows != null) {
        INDArray labels = rows.labels();
        if (loss instanceof LossSparseMCXENT && answers.size(1) > 1) {
          labels = oneHot(labels, answers.size(1));
        }
        evaluation.eval(labels, rows.answers(), rows.mask());
      }
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
