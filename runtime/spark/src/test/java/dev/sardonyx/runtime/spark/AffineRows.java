package dev.sardonyx.runtime.spark;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.export.text.ModelParser;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.runtime.session.InferenceSession;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.apache.spark.ml.feature.VectorAssembler;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** Rows of three numbers, and a model that makes two of them. */
final class AffineRows {
  private AffineRows() {}

  static Model model() {
    return ModelParser.parse(
        "<ir_version: 8, opset_import: [\"\" : 17]> g (float[N,3] x) => (float[N,2] y)"
            + " <float[3,2] w = {1, -2, 3, 0.5, -1, 4}> { y = MatMul(x, w) }");
  }

  /** Numbers that differ from row to row, as a column of vectors. */
  static Dataset<Row> table(SparkSession spark, int rows, int partitions) {
    Dataset<Row> numbers =
        spark
            .range(0, rows, 1, partitions)
            .selectExpr("id", "id % 17 a", "id % 5 / 4.0 b", "id % 11 - 5 c");
    return new VectorAssembler()
        .setInputCols(new String[] {"a", "b", "c"})
        .setOutputCol("features")
        .transform(numbers)
        .select("id", "features");
  }

  static float[] features(long id) {
    return new float[] {id % 17, (float) (id % 5 / 4.0), id % 11 - 5};
  }

  /** What one session computes. */
  private static float[] alone(int rows) {
    float[] all = new float[3 * rows];
    IntStream.range(0, rows).forEach(i -> System.arraycopy(features(i), 0, all, 3 * i, 3));
    try (InferenceSession session = InferenceSession.of(model())) {
      return session.run(Map.of("x", Tensor.ofFloats(all, rows, 3))).tensor("y").toFloats();
    }
  }

  /**
   * @param scored of each row its id and the vector of the model's output
   */
  static void assertSameAsAlone(int rows, List<Row> scored) {
    float[] expected = alone(rows);
    assertEquals(rows, scored.size());
    Set<Long> seen = new HashSet<>();
    for (Row row : scored) {
      int id = (int) row.getLong(0);
      assertTrue(seen.add(row.getLong(0)), "row " + id + " twice");
      double[] y = ((Vector) row.get(1)).toArray();
      assertArrayEquals(new double[] {expected[2 * id], expected[2 * id + 1]}, y, 1e-6);
    }
  }
}
