package dev.sardonyx.training;

import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.lossfunctions.ILossFunction;
import org.nd4j.linalg.ops.transforms.Transforms;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * The Huber loss: for an error e, e^2/2 up to delta and delta (|e| - delta/2) beyond it, in the
 * mean over the outputs of an example (P. J. Huber, "Robust Estimation of a Location Parameter",
 * 1964). DL4J has none; a network saved with it needs this class to be read.
 */
public final class HuberLoss implements ILossFunction {
  private static final long serialVersionUID = 1L;

  private final double delta;

  /**
   * The loss with a width.
   *
   * @param delta where squares become straight lines, positive
   */
  public HuberLoss(@JsonProperty("delta") double delta) {
    if (!(delta > 0 && delta < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException("Huber's delta must be positive, not " + delta);
    }
    this.delta = delta;
  }

  /** Where squares become straight lines. */
  @JsonProperty("delta")
  public double delta() {
    return delta;
  }

  @Override
  public double computeScore(
      INDArray labels, INDArray preOutput, IActivation activation, INDArray mask, boolean average) {
    double sum = computeScoreArray(labels, preOutput, activation, mask).sumNumber().doubleValue();
    return average ? sum / labels.size(0) : sum;
  }

  @Override
  public INDArray computeScoreArray(
      INDArray labels, INDArray preOutput, IActivation activation, INDArray mask) {
    INDArray size = Transforms.abs(errors(labels, preOutput, activation), false);
    INDArray inside = Transforms.min(size, delta, true);
    // e^2/2 up to delta, and delta for each unit beyond: both parts are right on either side.
    INDArray each = inside.mul(inside).muli(0.5).addi(size.sub(inside).muli(delta));
    return masked(each, mask).sum(true, 1).divi(labels.size(1));
  }

  @Override
  public INDArray computeGradient(
      INDArray labels, INDArray preOutput, IActivation activation, INDArray mask) {
    INDArray errors = errors(labels, preOutput, activation);
    INDArray slopes =
        Transforms.max(Transforms.min(errors, delta, true), -delta, true).divi(labels.size(1));
    INDArray gradient = activation.backprop(preOutput, masked(slopes, mask)).getFirst();
    return masked(gradient, mask);
  }

  private static INDArray errors(INDArray labels, INDArray preOutput, IActivation activation) {
    return activation.getActivation(preOutput.dup(), true).sub(labels.castTo(preOutput.dataType()));
  }

  private static INDArray masked(INDArray rows, INDArray mask) {
    if (mask == null) {
      return rows;
    }
    INDArray factors = mask.castTo(rows.dataType());
    return mask.isColumnVectorOrScalar() ? rows.muliColumnVector(factors) : rows.muli(factors);
  }

  @Override
  public Pair<Double, INDArray> computeGradientAndScore(
      INDArray labels, INDArray preOutput, IActivation activation, INDArray mask, boolean average) {
    return Pair.of(
        computeScore(labels, preOutput, activation, mask, average),
        computeGradient(labels, preOutput, activation, mask));
  }

  @Override
  public String name() {
    return toString();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof HuberLoss huber && huber.delta == delta;
  }

  @Override
  public int hashCode() {
    return Double.hashCode(delta);
  }

  @Override
  public String toString() {
    return "HuberLoss(delta=" + delta + ")";
  }
}
