package dev.sardonyx.runtime.spark.speed;

import org.apache.spark.ml.feature.VectorAssembler;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * The rows that are scored: an {@code id} from 0 on, and a vector of {@code features} that follow
 * from it. The module {@code synapseml} compiles this file for Spark 3.5.
 */
public final class SpeedTable {
  /** Elements of a vector. */
  public static final int FEATURES = 32;

  /** Rows of one run of the model. */
  public static final int BATCH = 256;

  private SpeedTable() {}

  /** The rows, held in the executors' memory. */
  public static Dataset<Row> of(SparkSession session, long rows, int partitions) {
    String[] columns = new String[FEATURES];
    String[] expressions = new String[FEATURES + 1];
    expressions[FEATURES] = "id";
    for (int i = 0; i < FEATURES; i++) {
      columns[i] = "x" + i;
      expressions[i] = "(id * %d %% 101) / 50.0 - 1 x%d".formatted(2 * i + 3, i);
    }
    Dataset<Row> table =
        new VectorAssembler()
            .setInputCols(columns)
            .setOutputCol("features")
            .transform(session.range(0, rows, 1, partitions).selectExpr(expressions))
            .select("id", "features")
            .persist();
    table.count();
    return table;
  }
}
