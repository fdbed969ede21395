package dev.sardonyx.runtime.spark.speed;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.nio.FloatBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/** The scored rows of a partition as a user of ONNX Runtime's Java API would write it. */
final class ByHand implements Iterator<Row> {
  private static @Nullable OrtSession session;

  private final Iterator<Row> rows;
  private final byte[] model;
  private final Queue<Row> done = new ArrayDeque<>();

  private ByHand(Iterator<Row> rows, byte[] model) {
    this.rows = rows;
    this.model = model;
  }

  /** The table with a column {@code y}. */
  static Dataset<Row> scored(byte[] model, Dataset<Row> table) {
    MapPartitionsFunction<Row, Row> byHand = partition -> new ByHand(partition, model);
    StructType schema =
        table.schema().add("y", DataTypes.createArrayType(DataTypes.FloatType, false));
    return table.mapPartitions(byHand, Encoders.row(schema));
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
      List<Row> batch = new ArrayList<>(SpeedTable.BATCH);
      FloatBuffer buffer = FloatBuffer.allocate(SpeedTable.BATCH * SpeedTable.FEATURES);
      while (batch.size() < SpeedTable.BATCH && rows.hasNext()) {
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
    long[] shape = {batch.size(), SpeedTable.FEATURES};
    try (OnnxTensor x = OnnxTensor.createTensor(OrtEnvironment.getEnvironment(), buffer, shape);
        OrtSession.Result result = session(model).run(Map.of("x", x))) {
      float[] y = ((OnnxTensor) result.get(0)).getFloatBuffer().array();
      int classes = y.length / batch.size();
      for (int i = 0; i < batch.size(); i++) {
        Row row = batch.get(i);
        done.add(
            RowFactory.create(
                row.get(0), row.get(1), Arrays.copyOfRange(y, i * classes, (i + 1) * classes)));
      }
    }
  }
}
