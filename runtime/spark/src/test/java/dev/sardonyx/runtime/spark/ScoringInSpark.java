package dev.sardonyx.runtime.spark;

import java.io.IOException;
import org.apache.spark.ml.Pipeline;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.ml.feature.VectorAssembler;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** The example of the module's README. */
final class ScoringInSpark {
  private ScoringInSpark() {}

  /**
   * @param file a model {@code float[N,3] x -> float[N,2] y}
   * @param folder where the pipeline is saved
   * @return the scored table
   */
  static Dataset<Row> run(SparkSession spark, String file, String folder) throws IOException {
    Dataset<Row> customers =
        spark.range(1000).selectExpr("id", "id % 7 age", "id % 5 visits", "rand(1) sum");
    // README: from here
    VectorAssembler assembler =
        new VectorAssembler()
            .setInputCols(new String[] {"age", "visits", "sum"})
            .setOutputCol("features");
    OnnxTransformer network =
        new OnnxTransformer()
            .setModel(file) // with the weights beside it
            .setInput("x", "features")
            .setOutput("y", "score", OutputForm.VECTOR)
            .setBatchSize(256)
            .setNullOnFailure("why"); // instead of failing the job
    PipelineModel pipeline =
        new Pipeline().setStages(new PipelineStage[] {assembler, network}).fit(customers);
    pipeline.write().overwrite().save(folder); // with the model
    Dataset<Row> scored = PipelineModel.load(folder).transform(customers);

    OnnxFunctions.register(spark, "score", new OnnxTransformer().setModel(file));
    spark.sql("SELECT score(array(float(30), float(2), float(9.5))) AS y").show();
    // README: to here
    return scored;
  }
}
