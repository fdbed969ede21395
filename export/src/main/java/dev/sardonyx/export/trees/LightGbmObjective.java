package dev.sardonyx.export.trees;

import dev.sardonyx.ir.backend.UnsupportedModelException;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/** What LightGBM's objectives make of the sums of trees. */
final class LightGbmObjective {
  private static final Set<String> PLAIN =
      Set.of(
          "regression",
          "regression_l1",
          "huber",
          "fair",
          "quantile",
          "mape",
          "lambdarank",
          "rank_xendcg",
          "custom",
          "none");

  private LightGbmObjective() {}

  /**
   * The link of an objective.
   *
   * @param line its name and settings, such as {@code binary sigmoid:1}
   * @throws UnsupportedModelException if it is not known
   */
  static Link of(String line) {
    List<String> words = Arrays.asList(line.strip().split("\\s+", -1));
    String name = words.get(0);
    if (PLAIN.contains(name)) {
      return words.contains("sqrt") ? Link.SIGNED_SQUARE : Link.IDENTITY;
    }
    return switch (name) {
      case "poisson", "gamma", "tweedie" -> Link.EXP;
      case "binary", "multiclassova" -> Link.logistic(setting(words, "sigmoid", 1));
      case "cross_entropy", "xentropy" -> Link.LOGISTIC;
      case "cross_entropy_lambda", "xentlambda" -> Link.SOFTPLUS;
      case "multiclass" -> Link.SOFTMAX;
      default ->
          throw new UnsupportedModelException(
              "the objective '"
                  + name
                  + "' is not one that is known of LightGBM; withMargins() reads the sums alone");
    };
  }

  private static float setting(List<String> words, String name, float otherwise) {
    for (String word : words) {
      if (word.startsWith(name + ":")) {
        try {
          return Float.parseFloat(word.substring(name.length() + 1));
        } catch (NumberFormatException e) {
          throw new TreeFault("objective: " + word + " is no number", e);
        }
      }
    }
    return otherwise;
  }
}
