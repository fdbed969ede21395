package dev.sardonyx.runtime.spark.ml;

import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.build.GraphBuilder;
import java.util.Arrays;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.ml.classification.DecisionTreeClassificationModel;
import org.apache.spark.ml.classification.GBTClassificationModel;
import org.apache.spark.ml.classification.RandomForestClassificationModel;
import org.apache.spark.ml.regression.DecisionTreeRegressionModel;
import org.apache.spark.ml.regression.GBTRegressionModel;
import org.apache.spark.ml.regression.RandomForestRegressionModel;
import org.apache.spark.ml.tree.LeafNode;

/** Decision trees, forests of them, and boosted ones. */
final class TreeStages {
  private TreeStages() {}

  static void addTo(StageForms stages) {
    stages.add(DecisionTreeClassificationModel.class, TreeStages::tree);
    stages.add(RandomForestClassificationModel.class, TreeStages::forest);
    stages.add(GBTClassificationModel.class, TreeStages::boosted);
    stages.add(
        DecisionTreeRegressionModel.class,
        (m, c) -> {
          MlTrees trees = new MlTrees(1);
          trees.add(m.rootNode(), leaf -> new double[] {leaf.prediction()});
          c.put(m.getPredictionCol(), trees.sums(c, c.numbers(m.getFeaturesCol())));
        });
    stages.add(
        RandomForestRegressionModel.class,
        (m, c) -> {
          MlTrees trees = new MlTrees(1);
          int count = m.trees().length;
          for (DecisionTreeRegressionModel tree : m.trees()) {
            trees.add(tree.rootNode(), leaf -> new double[] {leaf.prediction() / count});
          }
          c.put(m.getPredictionCol(), trees.sums(c, c.numbers(m.getFeaturesCol())));
        });
    stages.add(
        GBTRegressionModel.class,
        (m, c) ->
            c.put(
                m.getPredictionCol(),
                weighted(m.trees(), m.treeWeights()).sums(c, c.numbers(m.getFeaturesCol()))));
  }

  private static double[] counts(LeafNode leaf) {
    return leaf.impurityStats().stats();
  }

  private static double[] shares(LeafNode leaf) {
    double[] counts = counts(leaf);
    double sum = Arrays.stream(counts).sum();
    return Arrays.stream(counts).map(n -> sum == 0 ? n : n / sum).toArray();
  }

  private static void tree(DecisionTreeClassificationModel model, Columns c) {
    MlTrees trees = new MlTrees(model.numClasses());
    trees.add(model.rootNode(), TreeStages::counts);
    put(model, c, trees.sums(c, c.numbers(model.getFeaturesCol())));
  }

  private static void forest(RandomForestClassificationModel model, Columns c) {
    MlTrees trees = new MlTrees(model.numClasses());
    for (DecisionTreeClassificationModel tree : model.trees()) {
      trees.add(tree.rootNode(), TreeStages::shares);
    }
    put(model, c, trees.sums(c, c.numbers(model.getFeaturesCol())));
  }

  private static void put(PipelineStage model, Columns c, Value raw) {
    GraphBuilder b = c.builder();
    Classification.put(model, c, raw, b.div(raw, b.reduceSum(raw, true, 1)));
  }

  private static MlTrees weighted(DecisionTreeRegressionModel[] each, double[] weights) {
    MlTrees trees = new MlTrees(1);
    for (int t = 0; t < each.length; t++) {
      double weight = weights[t];
      trees.add(each[t].rootNode(), leaf -> new double[] {leaf.prediction() * weight});
    }
    return trees;
  }

  private static void boosted(GBTClassificationModel model, Columns c) {
    GraphBuilder b = c.builder();
    Value margin =
        weighted(model.trees(), model.treeWeights()).sums(c, c.numbers(model.getFeaturesCol()));
    Value raw = Classification.twoSided(c, margin);
    Classification.put(model, c, raw, b.sigmoid(b.mul(raw, c.scalar(2))));
  }
}
