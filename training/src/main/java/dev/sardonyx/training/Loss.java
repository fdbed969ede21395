package dev.sardonyx.training;

import dev.sardonyx.training.compile.OutputLoss;
import java.util.function.LongFunction;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.activations.impl.ActivationSigmoid;
import org.nd4j.linalg.activations.impl.ActivationSoftmax;
import org.nd4j.linalg.lossfunctions.ILossFunction;
import org.nd4j.linalg.lossfunctions.impl.LossBinaryXENT;
import org.nd4j.linalg.lossfunctions.impl.LossMAE;
import org.nd4j.linalg.lossfunctions.impl.LossMCXENT;
import org.nd4j.linalg.lossfunctions.impl.LossMSE;
import org.nd4j.linalg.lossfunctions.impl.LossSparseMCXENT;

/**
 * What training minimises of one output, in the mean over examples. Of images [N,C,H,W] it is the
 * sum over pixels, with a label for each; of sequences, the sum over steps.
 */
public final class Loss {
  private final IActivation activation;
  private final LongFunction<ILossFunction> forColumns;

  private Loss(IActivation activation, LongFunction<ILossFunction> forColumns) {
    this.activation = activation;
    this.forColumns = forColumns;
  }

  /** Any of DL4J's, of the output as it is. */
  public static Loss of(ILossFunction function) {
    return new Loss(new ActivationIdentity(), columns -> function);
  }

  /**
   * Cross entropy of probabilities, such as a Softmax gives.
   *
   * @see #crossEntropyFromLogits
   */
  public static Loss crossEntropy() {
    return new Loss(new ActivationIdentity(), Loss::crossEntropy);
  }

  /**
   * Cross entropy of what a Softmax would make of the output, which itself stays as it is. Labels
   * are class numbers, [N,1], or one-hot, [N,classes].
   */
  public static Loss crossEntropyFromLogits() {
    return new Loss(new ActivationSoftmax(), Loss::crossEntropy);
  }

  private static ILossFunction crossEntropy(long columns) {
    return columns == 1 ? new LossSparseMCXENT() : new LossMCXENT();
  }

  /** Binary cross entropy of probabilities, such as a Sigmoid gives; labels are 0 or 1. */
  public static Loss binaryCrossEntropy() {
    return of(new LossBinaryXENT());
  }

  /** Binary cross entropy of what a Sigmoid would make of the output, which stays as it is. */
  public static Loss binaryCrossEntropyFromLogits() {
    return new Loss(new ActivationSigmoid(), columns -> new LossBinaryXENT());
  }

  /** The mean of squared errors. */
  public static Loss meanSquaredError() {
    return of(new LossMSE());
  }

  /** The mean of absolute errors. */
  public static Loss meanAbsoluteError() {
    return of(new LossMAE());
  }

  /**
   * Squared errors that become absolute ones beyond a width.
   *
   * @param delta the width, positive
   */
  public static Loss huber(double delta) {
    return of(new HuberLoss(delta));
  }

  /**
   * The loss for labels of some width.
   *
   * @param columns numbers a label has; 1 for a class number
   */
  OutputLoss forLabels(long columns) {
    return new OutputLoss(forColumns.apply(columns), activation);
  }
}
