package dev.sardonyx.runtime.spark.ml;

import java.util.List;
import org.apache.spark.ml.classification.DecisionTreeClassifier;
import org.apache.spark.ml.classification.GBTClassifier;
import org.apache.spark.ml.classification.LinearSVC;
import org.apache.spark.ml.classification.LogisticRegression;
import org.apache.spark.ml.classification.MultilayerPerceptronClassifier;
import org.apache.spark.ml.classification.NaiveBayes;
import org.apache.spark.ml.classification.RandomForestClassifier;
import org.apache.spark.ml.clustering.KMeansModel;
import org.apache.spark.ml.feature.Binarizer;
import org.apache.spark.ml.feature.IndexToString;
import org.apache.spark.ml.feature.MaxAbsScaler;
import org.apache.spark.ml.feature.MinMaxScaler;
import org.apache.spark.ml.feature.PCA;
import org.apache.spark.ml.feature.StandardScaler;
import org.apache.spark.ml.feature.StringIndexer;
import org.apache.spark.ml.feature.VectorAssembler;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.regression.DecisionTreeRegressor;
import org.apache.spark.ml.regression.GBTRegressor;
import org.apache.spark.ml.regression.GeneralizedLinearRegression;
import org.apache.spark.ml.regression.LinearRegression;
import org.apache.spark.ml.regression.RandomForestRegressor;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.junit.jupiter.api.Test;

/** Fitted classifiers, regressions and clusterings. */
final class ModelStagesTest {
  @Test
  void linearModelsPredictAlike() {
    ExportedPipelines.assertSame(
        ExportedPipelines.mixed(),
        new VectorAssembler().setInputCols(new String[] {"visits"}).setOutputCol("features"),
        new LinearRegression().setLabelCol("amount").setMaxIter(2),
        new GeneralizedLinearRegression()
            .setLabelCol("amount")
            .setMaxIter(2)
            .setFamily("poisson")
            .setLink("sqrt")
            .setLinkPredictionCol("sum")
            .setPredictionCol("roots"),
        new GeneralizedLinearRegression()
            .setLabelCol("amount")
            .setMaxIter(2)
            .setFamily("gamma")
            .setPredictionCol("inverses"));
    ExportedPipelines.assertSame(
        ExportedPipelines.digits(),
        ExportedPipelines.named("svc", new LinearSVC().setLabelCol("large").setMaxIter(2)),
        ExportedPipelines.named("classes", new LogisticRegression().setMaxIter(2)));
  }

  @Test
  void treesPredictAlike() {
    ExportedPipelines.assertSame(
        ExportedPipelines.mixed(),
        new StringIndexer().setInputCol("colour").setOutputCol("colourIndex"),
        new VectorAssembler()
            .setInputCols(new String[] {"colourIndex", "visits"})
            .setOutputCol("features"),
        new DecisionTreeClassifier().setLabelCol("good").setMaxDepth(4),
        new DecisionTreeRegressor().setLabelCol("amount").setPredictionCol("amounts"));
    ExportedPipelines.assertSame(
        ExportedPipelines.digits(),
        ExportedPipelines.named(
            "forest",
            new RandomForestClassifier()
                .setNumTrees(4)
                .setMaxDepth(3)
                .setSeed(1)
                .setThresholds(new double[] {0.2, 0.5, 0.9})),
        ExportedPipelines.named(
            "boosted",
            new GBTClassifier().setLabelCol("large").setMaxIter(2).setMaxDepth(2).setSeed(1)),
        ExportedPipelines.named(
            "mean", new RandomForestRegressor().setNumTrees(3).setMaxDepth(3).setSeed(1)),
        ExportedPipelines.named("sum", new GBTRegressor().setMaxIter(2).setMaxDepth(2).setSeed(1)));
  }

  @Test
  void otherModelsPredictAlike() {
    ExportedPipelines.assertSame(
        ExportedPipelines.digits(),
        ExportedPipelines.named("multinomial", new NaiveBayes().setModelType("multinomial")),
        ExportedPipelines.named("complement", new NaiveBayes().setModelType("complement")),
        ExportedPipelines.named("gaussian", new NaiveBayes().setModelType("gaussian")),
        new MultilayerPerceptronClassifier()
            .setFeaturesCol("pixels")
            .setLayers(new int[] {ExportedPipelines.SIDE * ExportedPipelines.SIDE, 8, 6, 3})
            .setMaxIter(2)
            .setSeed(1),
        new IndexToString()
            .setInputCol("prediction")
            .setOutputCol("name")
            .setLabels(new String[] {"zero", "one", "two"}));
    ExportedPipelines.assertSame(
        ExportedPipelines.mixed(),
        new Binarizer().setInputCol("amount").setOutputCol("many").setThreshold(5),
        new VectorAssembler().setInputCols(new String[] {"many"}).setOutputCol("features"),
        new NaiveBayes().setLabelCol("good").setModelType("bernoulli"));
  }

  /** Clusters around given centres: to find some, Spark wants options of the JVM. */
  @Test
  void clustersAreAlike() {
    List<Row> rows = ExportedPipelines.digits().limit(4).collectAsList();
    org.apache.spark.mllib.linalg.Vector[] centers =
        rows.stream()
            .map(r -> org.apache.spark.mllib.linalg.Vectors.fromML(r.<Vector>getAs("pixels")))
            .toArray(org.apache.spark.mllib.linalg.Vector[]::new);
    for (String measure : List.of("euclidean", "cosine")) {
      KMeansModel clusters =
          new KMeansModel(
              "clusters",
              new org.apache.spark.mllib.clustering.KMeansModel(centers, measure, 0, 1));
      clusters.set(clusters.distanceMeasure(), measure);
      clusters.setFeaturesCol("pixels");
      ExportedPipelines.assertSame(ExportedPipelines.digits(), clusters);
    }
  }

  /** Where all labels are the same, an intercept is infinite. */
  @Test
  void modelsOfASingleClass() {
    for (double only : new double[] {0, 1}) {
      Dataset<Row> frame =
          ExportedPipelines.digits().limit(30).withColumn("label", functions.lit(only)).cache();
      ExportedPipelines.assertSame(
          frame,
          ExportedPipelines.named("binary", new LogisticRegression().setMaxIter(1)),
          ExportedPipelines.named(
              "many", new LogisticRegression().setMaxIter(1).setFamily("multinomial")),
          ExportedPipelines.named("tree", new DecisionTreeClassifier()),
          ExportedPipelines.named("forest", new RandomForestClassifier().setNumTrees(2)),
          ExportedPipelines.named("bayes", new NaiveBayes().setModelType("gaussian")));
      frame.unpersist();
    }
  }

  @Test
  void columnsOfOneValue() {
    ExportedPipelines.assertSame(
        ExportedPipelines.mixed().selectExpr("2D a", "0D b", "amount", "good"),
        new VectorAssembler().setInputCols(new String[] {"a", "b"}).setOutputCol("pixels"),
        new StandardScaler()
            .setInputCol("pixels")
            .setOutputCol("standard")
            .setWithMean(true)
            .setWithStd(true),
        new MinMaxScaler().setInputCol("pixels").setOutputCol("range"),
        new MaxAbsScaler().setInputCol("pixels").setOutputCol("shares"),
        new PCA().setInputCol("pixels").setOutputCol("components").setK(1),
        ExportedPipelines.named("line", new LinearRegression().setLabelCol("amount").setMaxIter(1)),
        ExportedPipelines.named(
            "logistic", new LogisticRegression().setLabelCol("good").setMaxIter(1)),
        ExportedPipelines.named("tree", new DecisionTreeRegressor().setLabelCol("amount")),
        ExportedPipelines.named(
            "bayes", new NaiveBayes().setLabelCol("good").setModelType("gaussian")));
  }
}
