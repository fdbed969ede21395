package dev.sardonyx.samples.read.samediff;

import java.util.List;
import java.util.function.Function;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.ops.SDLoss;

/** Losses, which are for training. */
final class LossCases {
  private LossCases() {}

  static List<OperatorCase> all() {
    OperatorCases cases = new OperatorCases(SDLoss.class);
    add(cases, "absoluteDifference", b -> loss(b).absoluteDifference(b.x(3, 4), b.x(3, 4), null));
    add(cases, "cosineDistance", b -> loss(b).cosineDistance(b.x(3, 4), b.x(3, 4), null, 1));
    cases.broken(
        "ctcLoss",
        "",
        b -> loss(b).ctcLoss(b.ints(3, 2, 3), b.x(2, 5, 4), b.constant(3, 2), b.constant(5, 5)));
    add(cases, "hingeLoss", b -> loss(b).hingeLoss(b.x(3, 4), b.x(3, 4), null));
    add(cases, "huberLoss", b -> loss(b).huberLoss(b.x(3, 4), b.x(3, 4), null, 1));
    add(cases, "l2Loss", b -> loss(b).l2Loss(b.x(3, 4)));
    add(cases, "logLoss", b -> loss(b).logLoss(b.probabilities(3, 4), b.probabilities(3, 4)));
    add(cases, "logPoisson", b -> loss(b).logPoisson(b.x(3, 4), b.x(3, 4), null, true));
    add(
        cases,
        "meanPairwiseSquaredError",
        b -> loss(b).meanPairwiseSquaredError(b.x(3, 4), b.x(3, 4), null));
    add(cases, "meanSquaredError", b -> loss(b).meanSquaredError(b.x(3, 4), b.x(3, 4), null));
    add(cases, "sigmoidCrossEntropy", b -> loss(b).sigmoidCrossEntropy(b.x(3, 4), b.x(3, 4), null));
    add(
        cases,
        "softmaxCrossEntropy",
        b -> loss(b).softmaxCrossEntropy(b.probabilities(3, 4), b.x(3, 4), null));
    add(
        cases,
        "sparseSoftmaxCrossEntropy",
        b -> loss(b).sparseSoftmaxCrossEntropy(b.x(3, 4), b.ints(4, 3)));
    return cases.list();
  }

  private static void add(OperatorCases cases, String method, Function<Bench, SDVariable> body) {
    cases.refused(method, body);
  }

  private static SDLoss loss(Bench b) {
    return b.sd().loss();
  }
}
