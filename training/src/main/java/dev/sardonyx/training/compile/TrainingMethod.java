package dev.sardonyx.training.compile;

import java.util.List;
import java.util.Set;
import org.deeplearning4j.nn.conf.GradientNormalization;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.lossfunctions.ILossFunction;

/**
 * How a network learns.
 *
 * @param losses what to minimise, one for each output of the model in their order; the loss is
 *     their sum
 * @param updater what a step does with a gradient
 * @param seed decides about dropout
 * @param l1 factor of the sum of absolute weights that is added to the loss; 0 for none
 * @param l2 factor of half the sum of squared weights that is added to the loss; 0 for none
 * @param weightDecay share of each weight, times the learning rate, that every step takes away; 0
 *     for none
 * @param gradientNormalization what is done with gradients before they are used
 * @param gradientThreshold what that compares with
 * @param frozenUntil values that, with all they are computed from, do not learn: batch
 *     normalisation there uses its running statistics, dropout is off
 */
public record TrainingMethod(
    List<OutputLoss> losses,
    IUpdater updater,
    long seed,
    double l1,
    double l2,
    double weightDecay,
    GradientNormalization gradientNormalization,
    double gradientThreshold,
    Set<String> frozenUntil) {
  public TrainingMethod {
    losses = List.copyOf(losses);
    frozenUntil = Set.copyOf(frozenUntil);
  }

  /** Plain steps along the gradient of the loss of one output alone, in the whole network. */
  public static TrainingMethod of(ILossFunction loss, IUpdater updater, long seed) {
    return of(List.of(OutputLoss.of(loss)), updater, seed);
  }

  /** Plain steps along the gradient of the losses alone, in the whole network. */
  public static TrainingMethod of(List<OutputLoss> losses, IUpdater updater, long seed) {
    return new TrainingMethod(
        losses, updater, seed, 0, 0, 0, GradientNormalization.None, 1, Set.of());
  }
}
