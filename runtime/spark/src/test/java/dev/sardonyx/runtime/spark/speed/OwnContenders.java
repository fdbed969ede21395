package dev.sardonyx.runtime.spark.speed;

import dev.sardonyx.runtime.spark.OnnxTransformer;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** The transformer, and ONNX Runtime by hand in {@code mapPartitions}. */
public final class OwnContenders {
  private OwnContenders() {}

  public static void main(String[] args) throws IOException {
    Contenders.serve(args, OwnContenders::ways);
  }

  private static Map<String, Dataset<Row>> ways(byte[] model, Dataset<Row> table)
      throws IOException {
    Map<String, Dataset<Row>> ways = new LinkedHashMap<>();
    ways.put(
        "OnnxTransformer",
        new OnnxTransformer()
            .setModel(model)
            .setInputCols("features")
            .setOutputCols("y")
            .setBatchSize(SpeedTable.BATCH)
            .transform(table));
    ways.put("mapPartitions by hand", ByHand.scored(model, table));
    return ways;
  }
}
