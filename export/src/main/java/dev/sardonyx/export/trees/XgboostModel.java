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
import java.util.List;

/** The content of an XGBoost file, as a model is made of it. */
final class XgboostModel {
  private static final String PARAMETERS = "learner.learner_model_param";

  private final Limits limits;
  private final XgboostVersion version;
  private final Fields learner;
  private final Fields booster;
  private final XgboostObjective objective;
  private final int features;
  private final int targets;

  /** What sums start with, for each target. */
  private final float[] base;

  /**
   * @throws TreeFault if the file is not of XGBoost
   * @throws UnsupportedModelException if its objective is not known
   */
  XgboostModel(Fields file, Limits limits) {
    if (file.has("tree_info") && file.has("feature_names")) {
      throw new TreeFault("is what LightGBM's dump_model gives; its text, of save_model, is read");
    }
    if (!file.has("learner")) {
      throw new TreeFault("is no model of XGBoost: it lacks learner");
    }
    this.limits = limits;
    version = XgboostVersion.of(file.ints("version"));
    learner = file.object("learner");
    booster = learner.object("gradient_booster");
    Fields shape = learner.object("learner_model_param");
    features = Math.max(1, shape.count("num_feature", 0));
    targets = Math.max(1, Math.max(shape.count("num_class", 0), shape.count("num_target", 1)));
    limits.requireObjects(targets, PARAMETERS);
    objective = XgboostObjective.of(learner.object("objective").text("name"), version, targets);
    base = objective.margins(baseScores(shape.text("base_score").strip()));
  }

  /** One number for all targets before 3.1, then a list with one for each. */
  private float[] baseScores(String text) {
    String plain =
        text.startsWith("[") && text.endsWith("]") ? text.substring(1, text.length() - 1) : text;
    String[] scores = plain.split(",", -1);
    if (scores.length != 1 && scores.length != targets) {
      throw new TreeFault(
          "%s.base_score has %d numbers for %d targets"
              .formatted(PARAMETERS, scores.length, targets));
    }
    float[] result = new float[targets];
    try {
      for (int t = 0; t < targets; t++) {
        result[t] = Float.parseFloat(scores[scores.length == 1 ? 0 : t].strip());
      }
    } catch (NumberFormatException e) {
      throw new TreeFault(PARAMETERS + ".base_score is '" + text + "'", e);
    }
    return result;
  }

  /**
   * @param margins whether the sums are what is wanted
   * @param rounds how many rounds of boosting are wanted, at most
   * @param best whether only those up to the best one are
   */
  Model toModel(boolean margins, int rounds, boolean best) {
    GraphBuilder b = GraphBuilder.of("xgboost");
    Value x = b.input("features", TensorType.of(ElementType.FLOAT, Shape.parse("N," + features)));
    int first = best ? Math.min(rounds, roundsToBest()) : rounds;
    Value sums =
        switch (booster.text("name")) {
          case "gbtree" -> { // since 3.3, of dart, too
            Fields model = booster.object("model");
            yield trees(model, model.numbers("weight_drop"), first).sums(b, x, base);
          }
          case "dart" -> {
            Fields model = booster.object("gbtree").object("model");
            yield trees(model, booster.numbers("weight_drop"), first).sums(b, x, base);
          }
          case "gblinear" -> linear(b, x);
          default ->
              throw new UnsupportedModelException(
                  "the booster " + booster.text("name") + " is not one of XGBoost's");
        };
    b.output(margins ? sums : objective.output().apply(b, sums), "prediction");
    return b.buildModel().withMetadata(metadata());
  }

  private int roundsToBest() {
    int last =
        learner.has("attributes")
            ? learner.object("attributes").count("best_iteration", Integer.MAX_VALUE)
            : Integer.MAX_VALUE;
    return last == Integer.MAX_VALUE ? last : last + 1;
  }

  private Metadata metadata() {
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

  private Forest trees(Fields model, double[] weights, int rounds) {
    List<?> trees = model.list("trees");
    int[] info = model.ints("tree_info", trees.size());
    if (weights.length > 0 && weights.length != trees.size()) {
      throw new TreeFault(
          "weight_drop has %d numbers for %d trees".formatted(weights.length, trees.size()));
    }
    Forest forest = new Forest(targets, features, false, limits);
    int wanted = wanted(model, trees.size(), rounds);
    for (int t = 0; t < wanted; t++) {
      if (!(trees.get(t) instanceof Fields tree)) {
        throw new TreeFault("tree " + t + " is no object");
      }
      if (info[t] < 0 || info[t] >= targets) {
        throw new TreeFault(
            "tree %d is for target %d, but there are %d".formatted(t, info[t], targets));
      }
      float scale = weights.length == 0 ? 1 : (float) weights[t];
      forest.add(new XgboostTree(tree.at("tree " + t), info[t], targets, scale, version));
    }
    return forest;
  }

  /** How many trees so many rounds have. */
  private int wanted(Fields model, int trees, int rounds) {
    int[] starts = model.ints("iteration_indptr"); // since 2.0
    if (starts.length > 0) {
      int end = starts[Math.min(rounds, starts.length - 1)];
      if (end < 0 || end > trees) {
        throw new TreeFault("iteration_indptr has " + end + ", but there are " + trees + " trees");
      }
      return end;
    }
    int parallel = model.object("gbtree_model_param").count("num_parallel_tree", 1);
    double wanted = (double) rounds * Math.max(1, parallel) * targets; // more than a long holds
    return (int) Math.min(trees, wanted);
  }

  /**
   * A weight for each feature and target, then a bias for each target; what is missing counts as 0.
   * XGBoost adds the first base score to all targets.
   */
  private Value linear(GraphBuilder b, Value x) {
    double[] all = booster.object("model").numbers("weights", (features + 1L) * targets);
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
