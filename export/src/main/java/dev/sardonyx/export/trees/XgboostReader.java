package dev.sardonyx.export.trees;

import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Limits;
import dev.sardonyx.ir.Metadata;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.backend.UnsupportedModelException;
import dev.sardonyx.ir.build.GraphBuilder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
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
    Fields file =
        isUbjson(bytes) ? UbjsonFields.read(bytes, UNWANTED) : JsonFields.read(bytes, UNWANTED);
    if (!file.has("learner")) {
      throw new TreeFault("is no model of XGBoost: it lacks learner");
    }
    Fields learner = file.object("learner");
    Fields shape = learner.object("learner_model_param");
    int features = Math.max(1, shape.count("num_feature", 0));
    int targets = Math.max(1, Math.max(shape.count("num_class", 0), shape.count("num_target", 1)));
    limits.requireObjects(targets, "learner.learner_model_param");
    Fields booster = learner.object("gradient_booster");
    XgboostObjective objective =
        XgboostObjective.of(learner.object("objective").text("name"), file.ints("version"));
    float[] base = base(shape, objective, targets);
    GraphBuilder b = GraphBuilder.of("xgboost");
    Value x = b.input("features", TensorType.of(ElementType.FLOAT, Shape.parse("N," + features)));
    Value sums =
        switch (booster.text("name")) {
          case "gbtree" -> { // since 3.3, of dart, too
            Fields model = booster.object("model");
            yield trees(b, x, learner, model, model.numbers("weight_drop"), base, features);
          }
          case "dart" -> {
            Fields model = booster.object("gbtree").object("model");
            yield trees(b, x, learner, model, booster.numbers("weight_drop"), base, features);
          }
          case "gblinear" -> linear(b, x, booster.object("model"), base, features);
          default ->
              throw new UnsupportedModelException(
                  "the booster " + booster.text("name") + " is not one of XGBoost's");
        };
    b.output(margins ? sums : objective.output().apply(b, sums), "prediction");
    return b.buildModel().withMetadata(metadata(learner, booster));
  }

  private static Metadata metadata(Fields learner, Fields booster) {
    Metadata metadata = Metadata.EMPTY;
    for (String name : List.of("feature_names", "feature_types")) {
      if (learner.has(name) && !learner.list(name).isEmpty()) {
        metadata = metadata.withProperty(name, learner.json(name));
      }
    }
    Fields model = booster.has("model") ? booster.object("model") : booster;
    return model.has("cats") && model.object("cats").holdsAny()
        ? metadata.withProperty("cats", model.json("cats"))
        : metadata;
  }

  /** JSON has a quote after its first brace, spaces apart; UBJSON the type of a length. */
  private static boolean isUbjson(byte[] bytes) {
    return bytes.length > 1 && bytes[0] == '{' && "iUIlL$#".indexOf(bytes[1]) >= 0;
  }

  /** What sums start with: one number for all targets before 3.1, then one for each. */
  private static float[] base(Fields shape, XgboostObjective objective, int targets) {
    String text = shape.text("base_score").strip();
    String plain =
        text.startsWith("[") && text.endsWith("]") ? text.substring(1, text.length() - 1) : text;
    String[] scores = plain.split(",", -1);
    if (scores.length != 1 && scores.length != targets) {
      throw new TreeFault(
          "learner.learner_model_param.base_score has %d numbers for %d targets"
              .formatted(scores.length, targets));
    }
    float[] base = new float[targets];
    try {
      for (int t = 0; t < targets; t++) {
        base[t] = objective.margin(Float.parseFloat(scores[scores.length == 1 ? 0 : t].strip()));
      }
    } catch (NumberFormatException e) {
      throw new TreeFault("learner.learner_model_param.base_score is '" + text + "'", e);
    }
    return base;
  }

  private Value trees(
      GraphBuilder b,
      Value x,
      Fields learner,
      Fields model,
      double[] weights,
      float[] base,
      int features) {
    List<?> trees = model.list("trees");
    int[] info = model.ints("tree_info", trees.size());
    if (weights.length > 0 && weights.length != trees.size()) {
      throw new TreeFault(
          "weight_drop has %d numbers for %d trees".formatted(weights.length, trees.size()));
    }
    Forest forest = new Forest(base.length, features, false, limits);
    int wanted = wanted(learner, model, trees.size(), base.length);
    for (int t = 0; t < wanted; t++) {
      if (!(trees.get(t) instanceof Fields tree)) {
        throw new TreeFault("tree " + t + " is no object");
      }
      if (info[t] < 0 || info[t] >= base.length) {
        throw new TreeFault(
            "tree %d is for target %d, but there are %d".formatted(t, info[t], base.length));
      }
      float scale = weights.length == 0 ? 1 : (float) weights[t];
      forest.add(new XgboostTree(tree.at("tree " + t), t, info[t], base.length, scale));
    }
    return forest.sums(b, x, base);
  }

  /** How many trees the rounds asked for have. */
  private int wanted(Fields learner, Fields model, int trees, int targets) {
    int first = rounds;
    if (best && learner.has("attributes")) {
      int last = learner.object("attributes").count("best_iteration", Integer.MAX_VALUE - 1);
      first = (int) Math.min(first, last + 1L);
    }
    int[] starts = model.ints("iteration_indptr"); // since 2.0
    if (starts.length > 0) {
      int end = starts[Math.min(first, starts.length - 1)];
      if (end < 0 || end > trees) {
        throw new TreeFault("iteration_indptr has " + end + ", but there are " + trees + " trees");
      }
      return end;
    }
    int parallel = model.object("gbtree_model_param").count("num_parallel_tree", 1);
    double wanted = (double) first * Math.max(1, parallel) * targets; // more than a long holds
    return (int) Math.min(trees, wanted);
  }

  /**
   * A weight for each feature and target, then a bias for each target; what is missing counts as 0.
   * XGBoost adds the first base score to all targets.
   */
  private static Value linear(GraphBuilder b, Value x, Fields model, float[] base, int features) {
    int targets = base.length;
    long wanted = (features + 1L) * targets;
    double[] all = model.numbers("weights", wanted);
    float[] weights = new float[features * targets];
    for (int i = 0; i < weights.length; i++) {
      weights[i] = (float) all[i];
    }
    float[] bias = new float[targets];
    for (int t = 0; t < targets; t++) {
      bias[t] = base[0] + (float) all[weights.length + t];
    }
    Value present = b.where(b.isNaN(x), b.constant(0f), x);
    Value product =
        b.matMul(present, b.constant("weights", Tensor.ofFloats(weights, features, targets)));
    return b.add(product, b.constant("bias", Tensor.ofFloats(bias, targets)));
  }
}
