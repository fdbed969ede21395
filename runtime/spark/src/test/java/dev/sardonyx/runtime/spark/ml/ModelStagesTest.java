package dev.sardonyx.runtime.spark.ml;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.runtime.OrtBackend;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.Transformer;
import org.apache.spark.ml.attribute.AttributeGroup;
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
import org.apache.spark.sql.types.StructType;
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
      ExportedPipelines.assertSame(ExportedPipelines.digits(), clusters(centers, measure));
    }
  }

  private static KMeansModel clusters(
      org.apache.spark.mllib.linalg.Vector[] centers, String measure) {
    KMeansModel clusters =
        new KMeansModel(
            "clusters", new org.apache.spark.mllib.clustering.KMeansModel(centers, measure, 0, 1));
    clusters.set(clusters.distanceMeasure(), measure);
    clusters.setFeaturesCol("pixels");
    return clusters;
  }

  /**
   * Spark refuses a row of zeros, which has no direction, and takes all centers of huge ones alike.
   */
  @Test
  void rowsWithoutADirection() {
    org.apache.spark.mllib.linalg.Vector[] centers = {
      org.apache.spark.mllib.linalg.Vectors.dense(0, 2),
      org.apache.spark.mllib.linalg.Vectors.dense(3, 0)
    };
    Model model =
        SparkMlExporter.of(
                new PipelineModel("p", new Transformer[] {clusters(centers, "cosine")}),
                new StructType().add(new AttributeGroup("pixels", 2).toStructField()))
            .toModel();
    try (var prepared = OrtBackend.cpu().prepare(model)) {
      double[] rows = {0, 0, 1e-200, 0, 1e300, 1, 5, 1};
      assertEquals(
          "[-1, -1, 0, 1]",
          Arrays.toString(
              prepared
                  .run(Map.of("pixels", Tensor.ofDoubles(rows, 4, 2)))
                  .tensor("prediction")
                  .toLongs()));
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
