package dev.sardonyx.runtime.spark;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.sardonyx.export.OnnxWriter;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.build.GraphBuilder;
import dev.sardonyx.ir.nn.Layers;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.ml.feature.VectorAssembler;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/**
 * Rows a second by the number of executors, beside ONNX Runtime by hand in {@code mapPartitions}. A
 * perceptron of 32 inputs, two layers of 128 and 10 outputs scores vectors in runs of 256 rows.
 */
public final class SparkSpeed {
  private static final int FEATURES = 32;
  private static final int CLASSES = 10;
  private static final int BATCH = 256;
  private static final int REPETITIONS = 5;

  private SparkSpeed() {}

  /**
   * @param args the number of rows, 400,000 if there is none, and the largest number of executors
   */
  public static void main(String[] args) throws IOException {
    long rows = args.length > 0 ? Long.parseLong(args[0]) : 400_000;
    int most = args.length > 1 ? Integer.parseInt(args[1]) : 2;
    System.out.printf("%,d rows of %d features, best of %d%n", rows, FEATURES, REPETITIONS);
    System.out.println("executors  OnnxTransformer rows/s  mapPartitions rows/s");
    for (int executors = 1; executors <= most; executors++) {
      SparkSession session = Cluster.start("local-cluster[" + executors + ",1,1024]", 1024);
      try {
        measure(session, rows, executors);
      } finally {
        session.stop();
      }
    }
  }

  private static void measure(SparkSession session, long rows, int executors) throws IOException {
    Model model = perceptron();
    Dataset<Row> table = table(session, rows, 2 * executors);
    Dataset<Row> ours =
        new OnnxTransformer()
            .setModel(model)
            .setInputCols("features")
            .setOutputCols("y")
            .setBatchSize(BATCH)
            .transform(table);
    byte[] bytes = OnnxWriter.toBytes(model);
    MapPartitionsFunction<Row, Row> byHand = partition -> new ByHand(partition, bytes);
    StructType schema =
        table.schema().add("y", DataTypes.createArrayType(DataTypes.FloatType, false));
    Dataset<Row> theirs = table.mapPartitions(byHand, Encoders.row(schema));
    double best = Double.MAX_VALUE;
    double bestByHand = Double.MAX_VALUE;
    for (int i = 0; i <= REPETITIONS; i++) {
      double seconds = seconds(ours);
      double secondsByHand = seconds(theirs);
      if (i > 0) {
        best = Math.min(best, seconds);
        bestByHand = Math.min(bestByHand, secondsByHand);
      }
    }
    System.out.printf("%9d  %,22.0f  %,20.0f%n", executors, rows / best, rows / bestByHand);
    table.unpersist();
  }

  private static Model perceptron() {
    GraphBuilder b = GraphBuilder.of("perceptron");
    Layers nn = Layers.of(b, 1);
    Value x = b.input("x", TensorType.of(ElementType.FLOAT, Shape.parse("N," + FEATURES)));
    x = b.relu(nn.dense(x, 128));
    x = b.relu(nn.dense(x, 128));
    b.output(b.softmax(nn.dense(x, CLASSES), 1), "y");
    return b.buildModel();
  }

  private static Dataset<Row> table(SparkSession session, long rows, int partitions) {
    String[] columns = new String[FEATURES];
    Dataset<Row> table = session.range(0, rows, 1, partitions).toDF();
    for (int i = 0; i < FEATURES; i++) {
      columns[i] = "x" + i;
    }
    String[] expressions = new String[FEATURES + 1];
    expressions[0] = "id";
    for (int i = 0; i < FEATURES; i++) {
      expressions[i + 1] = "(id * %d %% 101) / 50.0 - 1 x%d".formatted(2 * i + 3, i);
    }
    Dataset<Row> vectors =
        new VectorAssembler()
            .setInputCols(columns)
            .setOutputCol("features")
            .transform(table.selectExpr(expressions))
            .select("id", "features")
            .persist();
    vectors.count();
    return vectors;
  }

  private static double seconds(Dataset<Row> scored) {
    long start = System.nanoTime();
    scored.write().format("noop").mode("overwrite").save();
    return (System.nanoTime() - start) / 1e9;
  }

  /** What a user of ONNX Runtime's Java API would write. */
  private static final class ByHand implements Iterator<Row> {
    private static @Nullable OrtSession session;

    private final Iterator<Row> rows;
    private final byte[] model;
    private final Queue<Row> done = new ArrayDeque<>();

    ByHand(Iterator<Row> rows, byte[] model) {
      this.rows = rows;
      this.model = model;
    }

    private static synchronized OrtSession session(byte[] model) throws OrtException {
      OrtSession made = session;
      if (made == null) {
        try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
          options.setIntraOpNumThreads(1);
          made = OrtEnvironment.getEnvironment().createSession(model, options);
        }
        session = made;
      }
      return made;
    }

    @Override
    public boolean hasNext() {
      return !done.isEmpty() || rows.hasNext();
    }

    @Override
    public Row next() {
      if (done.isEmpty()) {
        List<Row> batch = new ArrayList<>(BATCH);
        FloatBuffer buffer = FloatBuffer.allocate(BATCH * FEATURES);
        while (batch.size() < BATCH && rows.hasNext()) {
          Row row = rows.next();
          for (double feature : ((Vector) row.get(1)).toArray()) {
            buffer.put((float) feature);
          }
          batch.add(row);
        }
        buffer.flip();
        try {
          run(batch, buffer);
        } catch (OrtException e) {
          throw new IllegalStateException(e);
        }
      }
      return done.remove();
    }

    private void run(List<Row> batch, FloatBuffer buffer) throws OrtException {
      try (OnnxTensor x =
              OnnxTensor.createTensor(
                  OrtEnvironment.getEnvironment(), buffer, new long[] {batch.size(), FEATURES});
          OrtSession.Result result = session(model).run(Map.of("x", x))) {
        float[] y = ((OnnxTensor) result.get(0)).getFloatBuffer().array();
        for (int i = 0; i < batch.size(); i++) {
          Row row = batch.get(i);
          done.add(
              RowFactory.create(
                  row.get(0), row.get(1), Arrays.copyOfRange(y, i * CLASSES, (i + 1) * CLASSES)));
        }
      }
    }
  }
}
