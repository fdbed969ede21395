package dev.sardonyx.runtime.spark.ml;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.backend.UnsupportedModelException;
import dev.sardonyx.runtime.OrtBackend;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.ml.classification.LogisticRegression;
import org.apache.spark.ml.feature.Binarizer;
import org.apache.spark.ml.feature.Bucketizer;
import org.apache.spark.ml.feature.ElementwiseProduct;
import org.apache.spark.ml.feature.IDF;
import org.apache.spark.ml.feature.Imputer;
import org.apache.spark.ml.feature.MaxAbsScaler;
import org.apache.spark.ml.feature.MinMaxScaler;
import org.apache.spark.ml.feature.Normalizer;
import org.apache.spark.ml.feature.OneHotEncoder;
import org.apache.spark.ml.feature.PCA;
import org.apache.spark.ml.feature.StandardScaler;
import org.apache.spark.ml.feature.StringIndexer;
import org.apache.spark.ml.feature.VectorAssembler;
import org.apache.spark.ml.feature.VectorSlicer;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.junit.jupiter.api.Test;

/** Stages that scale, cut, sort and put together columns, and what Spark would refuse. */
final class FeatureStagesTest {
  @Test
  void vectorsAreScaledAndCut() {
    ExportedPipelines.assertSame(
        ExportedPipelines.digits(),
        new StandardScaler().setInputCol("pixels").setOutputCol("a").setWithMean(true),
        new MinMaxScaler().setInputCol("a").setOutputCol("b").setMin(-1).setMax(3),
        new MaxAbsScaler().setInputCol("b").setOutputCol("c"),
        new Normalizer().setInputCol("c").setOutputCol("d").setP(2),
        new Normalizer().setInputCol("d").setOutputCol("d1").setP(1),
        new Normalizer().setInputCol("d1").setOutputCol("d3").setP(3),
        new Normalizer().setInputCol("d3").setOutputCol("d0").setP(Double.POSITIVE_INFINITY),
        new IDF().setInputCol("d0").setOutputCol("i"),
        new PCA().setInputCol("i").setOutputCol("e").setK(5),
        new ElementwiseProduct()
            .setInputCol("e")
            .setOutputCol("f")
            .setScalingVec(Vectors.dense(1, 2, -3, 4, 0.5)),
        new VectorSlicer().setInputCol("f").setOutputCol("g").setIndices(new int[] {4, 0, 2}));
  }

  private static PipelineStage[] features(String invalid, PipelineStage last) {
    return new PipelineStage[] {
      new StringIndexer()
          .setInputCols(new String[] {"colour", "member"})
          .setOutputCols(new String[] {"colourIndex", "memberIndex"})
          .setHandleInvalid(invalid),
      new OneHotEncoder()
          .setInputCols(new String[] {"colourIndex", "memberIndex"})
          .setOutputCols(new String[] {"colourVector", "memberVector"})
          .setHandleInvalid(invalid),
      new Imputer()
          .setInputCols(new String[] {"size", "age"})
          .setOutputCols(new String[] {"sizeFilled", "ageFilled"}),
      new Bucketizer()
          .setInputCol("ageFilled")
          .setOutputCol("ageGroup")
          .setSplits(new double[] {0, 18, 40, 65, 80}),
      new Binarizer().setInputCol("sizeFilled").setOutputCol("isLarge").setThreshold(0.5),
      new VectorAssembler()
          .setInputCols(
              new String[] {
                "colourVector", "memberVector", "sizeFilled", "ageGroup", "visits", "isLarge"
              })
          .setOutputCol("features"),
      last
    };
  }

  /** A pipeline as people have it, with columns of all types. */
  @Test
  void columnsBecomePredictions() {
    PipelineModel pipeline =
        ExportedPipelines.fit(
            ExportedPipelines.mixed(),
            features(
                "keep",
                new LogisticRegression().setLabelCol("good").setMaxIter(2).setThreshold(0.4)));
    ExportedPipelines.assertSame(ExportedPipelines.mixed(), ExportedPipelines.mixed(), pipeline);
    Model model = SparkMlExporter.of(pipeline, ExportedPipelines.mixed().schema()).toModel();
    assertEquals(
        "[colour string[N,1], member string[N,1], size double[N,1], age float[N,1], visits int64[N,1]]",
        model.graph().inputs().stream().map(i -> i.name() + " " + i.type()).toList().toString());
    // What was never seen is kept as a category of its own.
    Dataset<Row> strange =
        ExportedPipelines.spark()
            .createDataFrame(
                List.of(RowFactory.create("mauve", 1.0, Float.NaN, 3L, "", 0.0, 0.0)),
                ExportedPipelines.mixed().schema());
    ExportedPipelines.assertSame(ExportedPipelines.mixed(), strange, pipeline);
  }

  @Test
  void whatSparkWouldRefuseIsNaN() {
    PipelineModel pipeline =
        ExportedPipelines.fit(
            ExportedPipelines.mixed(),
            new StringIndexer().setInputCol("colour").setOutputCol("index"));
    Model model = SparkMlExporter.of(pipeline, ExportedPipelines.mixed().schema()).toModel();
    try (var prepared = OrtBackend.cpu().prepare(model)) {
      Tensor index =
          prepared
              .run(Map.of("colour", Tensor.ofStrings(List.of("red", "mauve"), 2, 1)))
              .tensor("index");
      assertEquals("[0.0, NaN]", Arrays.toString(index.toDoubles()));
    }
  }

  /** Two columns that are the same, and names that nodes might have. */
  @Test
  void columnsThatAreTheSame() {
    ExportedPipelines.assertSame(
        ExportedPipelines.mixed(),
        new Binarizer().setInputCol("amount").setOutputCol("Cast_0").setThreshold(8),
        new VectorAssembler().setInputCols(new String[] {"Cast_0"}).setOutputCol("a.b `c`"),
        new VectorAssembler()
            .setInputCols(new String[] {"size"})
            .setOutputCol("Where_1")
            .setHandleInvalid("keep"));
  }

  /** Spark takes NaN for 1 there, but for 0 in a column of numbers. */
  @Test
  void vectorsOfOneElementUnderANegativeThreshold() {
    ExportedPipelines.assertSame(
        ExportedPipelines.mixed(),
        new VectorAssembler()
            .setInputCols(new String[] {"size"})
            .setOutputCol("sizes")
            .setHandleInvalid("keep"),
        new Binarizer().setInputCol("sizes").setOutputCol("above").setThreshold(-0.5),
        new Binarizer().setInputCol("size").setOutputCol("numberAbove").setThreshold(-0.5));
  }

  /** Imputer may put what it makes into the columns that it takes, which others read before. */
  @Test
  void columnsThatAreOverwritten() {
    String[] filled = {"size", "age"};
    PipelineModel pipeline =
        ExportedPipelines.fit(
            ExportedPipelines.mixed(),
            new VectorAssembler()
                .setInputCols(filled)
                .setOutputCol("before")
                .setHandleInvalid("keep"),
            new Imputer().setInputCols(filled).setOutputCols(filled));
    SparkMlExporter exporter = SparkMlExporter.of(pipeline, ExportedPipelines.mixed().schema());
    ExportedPipelines.assertSame(
        exporter.withOutputs("before"), ExportedPipelines.mixed(), pipeline);
    String refusal = assertThrows(UnsupportedModelException.class, exporter::toModel).getMessage();
    assertTrue(refusal.startsWith("column size is read and then made anew"), refusal);
  }

  /** What an imputer puts into whole numbers is cut off, before a second one, too. */
  @Test
  void imputersOfWholeNumbers() {
    Dataset<Row> frame = ExportedPipelines.mixed().selectExpr("int(visits % 5) whole");
    ExportedPipelines.assertSame(
        frame,
        new Imputer()
            .setInputCols(new String[] {"whole"})
            .setOutputCols(new String[] {"once"})
            .setMissingValue(3),
        new Imputer()
            .setInputCols(new String[] {"once"})
            .setOutputCols(new String[] {"twice"})
            .setMissingValue(1));
  }
}
