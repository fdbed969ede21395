package dev.sardonyx.runtime.spark.ml;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.backend.UnsupportedModelException;
import java.util.List;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.classification.LogisticRegression;
import org.apache.spark.ml.feature.Binarizer;
import org.apache.spark.ml.feature.HashingTF;
import org.apache.spark.ml.feature.NGram;
import org.apache.spark.ml.feature.SQLTransformer;
import org.apache.spark.ml.feature.Tokenizer;
import org.apache.spark.ml.feature.VectorIndexer;
import org.junit.jupiter.api.Test;

/** Which stages and columns are exported, and which are refused. */
final class SparkMlExporterTest {
  @Test
  void stagesWithoutAFormAreAllNamed() {
    PipelineModel pipeline =
        ExportedPipelines.fit(
            ExportedPipelines.mixed().selectExpr("*", "array(colour) list"),
            new NGram().setInputCol("list").setOutputCol("words"),
            new HashingTF().setInputCol("words").setOutputCol("counts").setNumFeatures(16),
            new VectorIndexer().setInputCol("counts").setOutputCol("features"),
            new LogisticRegression().setLabelCol("good").setMaxIter(1));
    String message =
        String.valueOf(
            assertThrows(
                    UnsupportedModelException.class,
                    () ->
                        SparkMlExporter.of(pipeline, ExportedPipelines.mixed().schema()).toModel())
                .getMessage());
    for (String each : List.of("(NGram)", "(VectorIndexerModel)")) {
      assertTrue(message.contains(each), message);
    }
    assertEquals(1, message.lines().count(), message);
  }

  /** Whatever is asked for: what such a stage does to which columns is not told. */
  @Test
  void stagesOfUnknownEffectAreNeverPassedOver() {
    PipelineModel pipeline =
        ExportedPipelines.fit(
            ExportedPipelines.mixed(),
            new Binarizer().setInputCol("amount").setOutputCol("isMuch").setThreshold(8),
            new SQLTransformer().setStatement("SELECT *, amount * 2 twice FROM __THIS__"));
    SparkMlExporter exporter = SparkMlExporter.of(pipeline, ExportedPipelines.mixed().schema());
    for (SparkMlExporter each : List.of(exporter, exporter.withOutputs("isMuch"))) {
      String message = assertThrows(UnsupportedModelException.class, each::toModel).getMessage();
      assertTrue(message.contains("(SQLTransformer) has no form in ONNX"), message);
    }
  }

  @Test
  void onlyWhatIsAskedForIsNeeded() {
    PipelineModel pipeline =
        ExportedPipelines.fit(
            ExportedPipelines.mixed(),
            new Tokenizer().setInputCol("colour").setOutputCol("words"),
            new Binarizer().setInputCol("amount").setOutputCol("isMuch").setThreshold(8));
    Model model =
        SparkMlExporter.of(pipeline, ExportedPipelines.mixed().schema())
            .withOutputs("isMuch")
            .toModel();
    assertEquals(1, model.graph().inputs().size());
    assertThrows(
        IllegalArgumentException.class,
        () ->
            SparkMlExporter.of(pipeline, ExportedPipelines.mixed().schema())
                .withOutputs("nothing")
                .toModel());
  }
}
