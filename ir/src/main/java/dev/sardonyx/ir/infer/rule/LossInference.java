package dev.sardonyx.ir.infer.rule;

import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.infer.InferenceContext;
import dev.sardonyx.ir.infer.TypeMerge;

/** Losses over scores {@code [N,C,d1,...]} and class numbers {@code [N,d1,...]}. */
final class LossInference {
  private LossInference() {}

  static void addTo(Rules rules) {
    rules.add("NegativeLogLikelihoodLoss", LossInference::loss);
    rules.add("SoftmaxCrossEntropyLoss", LossInference::softmaxCrossEntropyLoss);
  }

  private static void softmaxCrossEntropyLoss(InferenceContext c) {
    loss(c);
    c.setOutputShape(1, c.inputShape(0));
  }

  /** One number, or with {@code reduction = none} one for each class number. */
  private static void loss(InferenceContext c) {
    Shape scores = Expect.rankAtLeast(c, 0, 2);
    Shape target = Expect.rankAtLeast(c, 1, 1);
    Shape each = target;
    if (scores.isRanked()) {
      Shape expected = scores.slice(0, 1).concat(scores.slice(2, scores.rank()));
      if (!target.isCompatibleWith(expected)) {
        throw c.shapeError(
            1,
            expected.toString(),
            Expect.described(c, 1)
                + " must have the shape of "
                + Expect.described(c, 0)
                + " without its class axis 1, "
                + expected);
      }
      each = TypeMerge.both(target, expected);
      Expect.vector(c, 2, scores.dim(1), "the classes of", 0);
    }
    String reduction = c.stringAttribute("reduction", "mean");
    switch (reduction) {
      case "none" -> c.setOutputShape(0, each);
      case "mean", "sum" -> c.setOutputShape(0, Shape.SCALAR);
      default ->
          throw c.attributeError(
              "reduction",
              "none, mean or sum",
              reduction,
              "attribute reduction is " + reduction + "; it takes none, mean or sum");
    }
  }
}
