package dev.sardonyx.export.trees;

import dev.sardonyx.ir.backend.UnsupportedModelException;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What XGBoost's objectives make of the sums of trees.
 *
 * @param output what predictions are made by
 * @param start what {@code base_score} becomes before it is added
 */
record XgboostObjective(Link output, Start start) {
  /** How the base score is told. */
  enum Start {
    AS_IS,
    PROBABILITY,
    MEAN;

    float margin(double score) {
      return switch (this) {
        case AS_IS -> (float) score;
        case PROBABILITY -> (float) -Math.log(1 / score - 1);
        case MEAN -> (float) Math.log(score);
      };
    }

    private boolean takes(double score) {
      return switch (this) {
        case AS_IS -> Double.isFinite(score);
        case PROBABILITY -> score > 0 && score < 1;
        case MEAN -> score > 0 && Double.isFinite(score);
      };
    }
  }

  private static final Map<String, XgboostObjective> ALL = all();

  private static Map<String, XgboostObjective> all() {
    Map<String, XgboostObjective> all = new HashMap<>();
    put(
        all,
        Link.IDENTITY,
        Start.AS_IS,
        "reg:squarederror reg:linear reg:squaredlogerror reg:pseudohubererror reg:absoluteerror"
            + " reg:quantileerror reg:expectileerror rank:pairwise rank:ndcg rank:map"
            + " binary:logitraw");
    put(all, Link.LOGISTIC, Start.PROBABILITY, "reg:logistic binary:logistic");
    put(all, Link.HINGE, Start.AS_IS, "binary:hinge");
    put(all, Link.EXP, Start.MEAN, "count:poisson reg:gamma reg:tweedie survival:cox survival:aft");
    put(all, Link.SOFTMAX, Start.AS_IS, "multi:softprob");
    put(all, Link.ARG_MAX, Start.AS_IS, "multi:softmax");
    return all;
  }

  private static void put(
      Map<String, XgboostObjective> all, Link output, Start start, String names) {
    for (String name : names.split(" ", -1)) {
      all.put(name, new XgboostObjective(output, start));
    }
  }

  /**
   * An objective of a version of XGBoost.
   *
   * @param version its numbers, such as 3, 4, 0; none if the file does not say
   * @throws UnsupportedModelException if it is not known what the objective makes of sums
   */
  static XgboostObjective of(String name, int[] version) {
    boolean isBefore13 = version.length > 1 && version[0] == 1 && version[1] < 3;
    if (isBefore13 && name.equals("binary:logitraw")) {
      return new XgboostObjective(Link.IDENTITY, Start.PROBABILITY);
    }
    @Nullable XgboostObjective found = ALL.get(name);
    if (found == null) {
      throw new UnsupportedModelException(
          "the objective '" + name + "' is not one that is known of XGBoost");
    }
    return found;
  }

  /**
   * The base score as it is added to sums.
   *
   * @throws TreeFault if it is none
   */
  float margin(double score) {
    if (!start.takes(score)) {
      throw new TreeFault("learner.learner_model_param.base_score has " + score);
    }
    return start.margin(score);
  }
}
