package dev.sardonyx.export.trees;

import dev.sardonyx.ir.Limits;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.backend.UnsupportedModelException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Set;

/**
 * Reads XGBoost's model files, {@code .json} and {@code .ubj}, of version 1.0 and later.
 *
 * <pre>{@code
 * Model model = XgboostReader.standard().read(Path.of("model.ubj"));
 * }</pre>
 *
 * <p>The model has one input, {@code features} of type {@code float[N, F]}, in which NaN is missing
 * and a category is its number, and one output, {@code prediction} of type {@code float[N, K]}:
 * what {@code Booster.predict} gives, which has all rounds unless told otherwise. Trees of {@code
 * gbtree} and {@code dart} become one {@code TreeEnsembleRegressor}, {@code gblinear} a matrix
 * product.
 *
 * <p>The model's metadata has, as JSON, what the file has of {@code feature_names}, {@code
 * feature_types}, and {@code cats}: the categories of data frames in XGBoost's own form (since
 * 3.1), which say what the number of a category stands for.
 *
 * <p>What the user gives beside the model, a base margin or other missing values than NaN, is not
 * in the file.
 */
public final class XgboostReader {
  /** What only training and plots need. */
  private static final Set<String> UNWANTED =
      Set.of("loss_changes", "sum_hessian", "parents", "leaf_child_counts");

  private final Limits limits;
  private final boolean margins;
  private final int rounds;
  private final boolean best;

  private XgboostReader(Limits limits, boolean margins, int rounds, boolean best) {
    this.limits = limits;
    this.margins = margins;
    this.rounds = rounds;
    this.best = best;
  }

  /** A reader of predictions by all rounds, within {@link Limits#standard}. */
  public static XgboostReader standard() {
    return new XgboostReader(Limits.standard(), false, Integer.MAX_VALUE, false);
  }

  /** The same reader with other limits, on the file's bytes, the nodes, and the depth of trees. */
  public XgboostReader withLimits(Limits changed) {
    return new XgboostReader(changed, margins, rounds, best);
  }

  /** The same reader, of the sums of the trees before the objective's transformation. */
  public XgboostReader withMargins() {
    return new XgboostReader(limits, true, rounds, best);
  }

  /** The same reader, of the first rounds of boosting only. */
  public XgboostReader withRounds(int first) {
    if (first < 1) {
      throw new IllegalArgumentException("The number of rounds is " + first + ", not at least 1");
    }
    return new XgboostReader(limits, margins, first, false);
  }

  /**
   * The same reader, of the rounds up to the best one if training stopped early, as scikit-learn's
   * interface of XGBoost predicts.
   */
  public XgboostReader withBestIteration() {
    return new XgboostReader(limits, margins, rounds, true);
  }

  /**
   * Reads a model.
   *
   * @throws TreeFormatException if the file is not a model, or contradicts itself
   * @throws UnsupportedModelException if its objective or booster is not known
   * @throws IOException if it cannot be read
   */
  public Model read(Path file) throws IOException {
    return TreeFile.read(file, limits, this::model);
  }

  private Model model(byte[] bytes) {
    TreeContent content = TreeContent.of(bytes);
    Fields file =
        switch (content) {
          case XGBOOST_JSON -> JsonFields.read(bytes, UNWANTED);
          case XGBOOST_UBJSON -> UbjsonFields.read(bytes, UNWANTED);
          default -> throw content.fault();
        };
    return new XgboostModel(file, limits).toModel(margins, rounds, best);
  }
}
