package dev.sardonyx.runtime.spark;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.export.ExternalData;
import dev.sardonyx.export.OnnxWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Models scored by the executors of a cluster, which are processes of their own. */
@Order(Integer.MAX_VALUE) // see Cluster
class ExecutorsTest {
  /** {@code -Dsardonyx.spark.rows=1000000} takes more. */
  private static final int ROWS = Integer.getInteger("sardonyx.spark.rows", 5_000);

  private static SparkSession spark() {
    return Cluster.session();
  }

  /** The weights reach them as a file, of which each process makes one. */
  @Test
  void theExecutorsComputeWhatOneProcessDoes(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("affine.onnx");
    OnnxWriter.write(AffineRows.model(), file, ExternalData.beside().withThreshold(0));
    Dataset<Row> scored =
        new OnnxTransformer()
            .setModel(file.toString())
            .setInputCols("features")
            .setOutput("y", "score", OutputForm.VECTOR)
            .setBatchSize(100)
            .transform(AffineRows.table(spark(), ROWS, 4))
            .select("id", "score");
    AffineRows.assertSameAsAlone(ROWS, scored.collectAsList());
  }

  /** Half way through a partition, the process that computes it is killed. */
  @Test
  void aKilledExecutorLosesNothing(@TempDir Path folder) throws Exception {
    Path victim = folder.resolve("victim");
    String path = victim.toString();
    MapPartitionsFunction<Row, Row> waiting =
        rows -> {
          if (TaskContext.getPartitionId() == 2 && TaskContext.get().attemptNumber() == 0) {
            return new WaitingRows(rows, 150, path);
          }
          return rows;
        };
    Dataset<Row> rows = AffineRows.table(spark(), 1200, 4);
    Dataset<Row> scored =
        new OnnxTransformer()
            .setModel(AffineRows.model())
            .setInputCols("features")
            .setOutput("y", "score", OutputForm.VECTOR)
            .setBatchSize(10)
            .transform(rows.mapPartitions(waiting, Encoders.row(rows.schema())))
            .select("id", "score");
    CompletableFuture<List<Row>> job = CompletableFuture.supplyAsync(scored::collectAsList);
    while (!Files.exists(victim)) {
      assertTrue(!job.isDone(), () -> "the job did not wait: " + job);
      Thread.sleep(20);
    }
    long pid = Long.parseLong(Files.readString(victim));
    assertTrue(pid != ProcessHandle.current().pid(), "the executor is another process");
    ProcessHandle.of(pid).orElseThrow().destroyForcibly();
    AffineRows.assertSameAsAlone(1200, job.get(5, TimeUnit.MINUTES));
  }

  @Test
  void theyCallFunctionsOfSql() throws IOException {
    OnnxFunctions.register(
        spark(),
        "score",
        new OnnxTransformer().setModel(AffineRows.model()).setOutputForms(OutputForm.VECTOR));
    AffineRows.assertSameAsAlone(
        30, AffineRows.table(spark(), 30, 2).selectExpr("id", "score(features)").collectAsList());
  }

  /** Hands out some rows, then tells its process's id and waits for its end. */
  private record WaitingRows(java.util.Iterator<Row> rows, int count, String tell, int[] given)
      implements java.util.Iterator<Row> {
    WaitingRows(java.util.Iterator<Row> rows, int count, String tell) {
      this(rows, count, tell, new int[1]);
    }

    @Override
    public boolean hasNext() {
      return rows.hasNext();
    }

    @Override
    public Row next() {
      if (given[0]++ == count) {
        try {
          Path unfinished = Path.of(tell + ".part");
          Files.writeString(unfinished, Long.toString(ProcessHandle.current().pid()));
          Files.move(unfinished, Path.of(tell));
          Thread.sleep(600_000);
        } catch (IOException | InterruptedException e) {
          throw new IllegalStateException(e);
        }
      }
      return rows.next();
    }
  }
}
