package dev.sardonyx.export.trees;

import dev.sardonyx.ir.backend.UnsupportedModelException;

/**
 * What XGBoost's objectives make of the sums of trees.
 *
 * @param output what predictions are made by
 * @param start what {@code base_score} becomes before it is added
 */
record XgboostObjective(Link output, Start start) {
  /** XGBoost's least difference and least probability. */
  static final float EPSILON = 1e-6f;

  /** How the base scores are told. */
  enum Start {
    AS_IS,
    PROBABILITY,
    CLIPPED_PROBABILITY,
    MEAN,
    /** Each is the one before and a positive difference, which is the softplus of the sum. */
    ASCENDING;

    private boolean takes(float score) {
      return switch (this) {
        case AS_IS, ASCENDING -> Float.isFinite(score);
        case PROBABILITY -> score > 0 && score < 1;
        case CLIPPED_PROBABILITY -> score >= 0 && score <= 1;
        case MEAN -> score >= 0 && Float.isFinite(score);
      };
    }

    private float margin(float score, float scoreBefore) {
      return switch (this) {
        case AS_IS -> score;
        case PROBABILITY -> logit(score);
        case CLIPPED_PROBABILITY -> logit(Math.min(Math.max(score, EPSILON), 1 - EPSILON));
        case MEAN -> (float) Math.log(score);
        case ASCENDING -> inverseSoftplus(Math.max(score - scoreBefore - EPSILON, EPSILON));
      };
    }

    /** In floats, as XGBoost computes it: near 1 a double would differ in the fourth digit. */
    private static float logit(float probability) {
      return (float) -Math.log(1 / probability - 1);
    }

    private static float inverseSoftplus(float value) {
      return (float) (value + Math.log(-Math.expm1(-value)));
    }
  }

  /**
   * An objective of a version of XGBoost.
   *
   * @param targets how many sums there are
   * @throws UnsupportedModelException if it is not known what the objective makes of sums
   */
  static XgboostObjective of(String name, XgboostVersion version, int targets) {
    Start probability = version.isBefore(3, 1) ? Start.PROBABILITY : Start.CLIPPED_PROBABILITY;
    return switch (name) {
      case "reg:squarederror",
          "reg:linear",
          "reg:squaredlogerror",
          "reg:pseudohubererror",
          "reg:absoluteerror",
          "rank:pairwise",
          "rank:ndcg",
          "rank:map" ->
          new XgboostObjective(Link.IDENTITY, Start.AS_IS);
      case "binary:logitraw" ->
          new XgboostObjective(
              Link.IDENTITY, version.isBefore(1, 3) ? Start.PROBABILITY : Start.AS_IS);
      case "reg:quantileerror" ->
          new XgboostObjective(
              version.isBefore(3, 4) ? Link.IDENTITY : Link.sorted(targets), Start.AS_IS);
      case "reg:expectileerror" ->
          new XgboostObjective(Link.ascending(targets, EPSILON), Start.ASCENDING);
      case "reg:logistic", "binary:logistic" -> new XgboostObjective(Link.LOGISTIC, probability);
      case "binary:hinge" -> new XgboostObjective(Link.HINGE, Start.AS_IS);
      case "count:poisson", "reg:gamma", "reg:tweedie", "survival:cox", "survival:aft" ->
          new XgboostObjective(Link.EXP, Start.MEAN);
      case "multi:softprob" -> new XgboostObjective(Link.SOFTMAX, Start.AS_IS);
      case "multi:softmax" -> new XgboostObjective(Link.ARG_MAX, Start.AS_IS);
      default ->
          throw new UnsupportedModelException(
              "the objective '" + name + "' is not one that is known of XGBoost");
    };
  }

  /**
   * The base scores of all targets as they are added to sums.
   *
   * @throws TreeFault if one is none
   */
  float[] margins(float[] scores) {
    float[] margins = new float[scores.length];
    for (int t = 0; t < margins.length; t++) {
      if (!start.takes(scores[t])) {
        throw new TreeFault("learner.learner_model_param.base_score has " + scores[t]);
      }
      margins[t] =
          t == 0 && start == Start.ASCENDING
              ? scores[0]
              : start.margin(scores[t], scores[Math.max(0, t - 1)]);
    }
    return margins;
  }
}
