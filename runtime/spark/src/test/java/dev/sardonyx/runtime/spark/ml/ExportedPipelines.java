package dev.sardonyx.runtime.spark.ml;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Output;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.check.Checker;
import dev.sardonyx.runtime.OrtBackend;
import dev.sardonyx.runtime.spark.Cluster;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.zip.GZIPInputStream;
import org.apache.spark.ml.Pipeline;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.Metadata;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/** Frames to fit pipelines on, and what ONNX Runtime makes of them once they are exported. */
final class ExportedPipelines {
  private static final Path MNIST =
      Path.of("../../samples/src/main/resources/dev/sardonyx/samples/mnist");
  private static final int IMAGES = 120;
  static final int SIDE = 7;

  private static final SparkSession SPARK = Cluster.inProcess();
  private static @Nullable Dataset<Row> digits;
  private static @Nullable Dataset<Row> mixed;

  private ExportedPipelines() {}

  /** The session of the frames. */
  static SparkSession spark() {
    return SPARK;
  }

  /** Images of MNIST, each of 7 by 7 means, and whether the digit is above 4. */
  static synchronized Dataset<Row> digits() {
    Dataset<Row> made = digits;
    if (made == null) {
      try {
        made = readDigits();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      digits = made;
    }
    return made;
  }

  /** Columns of all types, with what is missing. */
  static synchronized Dataset<Row> mixed() {
    Dataset<Row> made = mixed == null ? makeMixed() : mixed;
    mixed = made;
    return made;
  }

  private static Dataset<Row> readDigits() throws IOException {
    List<Row> rows = new ArrayList<>();
    try (DataInputStream images = idx("t10k-images-idx3-ubyte.gz", 16);
        DataInputStream labels = idx("t10k-labels-idx1-ubyte.gz", 8)) {
      for (int i = 0; i < IMAGES; i++) {
        double[] means = new double[SIDE * SIDE];
        for (int y = 0; y < 28; y++) {
          for (int x = 0; x < 28; x++) {
            means[y / 4 * SIDE + x / 4] += images.readUnsignedByte() / 16.0;
          }
        }
        double digit = labels.readUnsignedByte();
        rows.add(RowFactory.create(Vectors.dense(means), digit % 3, digit > 4 ? 1.0 : 0.0));
      }
    }
    return SPARK
        .createDataFrame(
            rows,
            new StructType(
                new StructField[] {
                  new StructField("pixels", SQLDataTypes.VectorType(), false, Metadata.empty()),
                  DataTypes.createStructField("label", DataTypes.DoubleType, false),
                  DataTypes.createStructField("large", DataTypes.DoubleType, false)
                }))
        .coalesce(1)
        .cache();
  }

  private static DataInputStream idx(String name, int header) throws IOException {
    DataInputStream in =
        new DataInputStream(
            new BufferedInputStream(
                new GZIPInputStream(Files.newInputStream(MNIST.resolve(name)))));
    in.skipNBytes(header);
    return in;
  }

  private static Dataset<Row> makeMixed() {
    Random random = new Random(3);
    String[] colours = {"red", "green", "blue", "grey"};
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < 160; i++) {
      String colour = colours[random.nextInt(random.nextInt(4) + 1)];
      double size = i % 9 == 0 ? Double.NaN : random.nextGaussian() * 3;
      float age = i % 11 == 0 ? Float.NaN : random.nextInt(80);
      long visits = random.nextInt(50);
      double amount =
          Math.max(0.1, 3 + visits / 10.0 + colour.length() + random.nextGaussian() / 5);
      rows.add(
          RowFactory.create(
              colour,
              size,
              age,
              visits,
              i % 2 == 0 ? "yes" : "no",
              amount,
              amount > 8 ? 1.0 : 0.0));
    }
    return SPARK
        .createDataFrame(
            rows,
            new StructType()
                .add("colour", DataTypes.StringType)
                .add("size", DataTypes.DoubleType)
                .add("age", DataTypes.FloatType)
                .add("visits", DataTypes.LongType)
                .add("member", DataTypes.StringType)
                .add("amount", DataTypes.DoubleType)
                .add("good", DataTypes.DoubleType))
        .coalesce(1)
        .cache();
  }

  static PipelineModel fit(Dataset<Row> frame, PipelineStage... stages) {
    return new Pipeline().setStages(stages).fit(frame);
  }

  /** Fits and exports a pipeline, runs both, and compares every column of the export. */
  static void assertSame(Dataset<Row> frame, PipelineStage... stages) {
    assertSame(frame, frame, fit(frame, stages));
  }

  static void assertSame(Dataset<Row> schema, Dataset<Row> frame, PipelineModel pipeline) {
    assertSame(SparkMlExporter.of(pipeline, schema.schema()), frame, pipeline);
  }

  static void assertSame(SparkMlExporter exporter, Dataset<Row> frame, PipelineModel pipeline) {
    Model model = Checker.require(exporter.toModel());
    Map<String, Tensor> inputs = new HashMap<>();
    List<Row> rows = frame.collectAsList();
    for (Input input : model.graph().inputs()) {
      inputs.put(input.name(), tensor(input, rows));
    }
    List<Row> expected = pipeline.transform(frame).collectAsList();
    try (var prepared = OrtBackend.cpu().prepare(model)) {
      var actual = prepared.run(inputs);
      for (Output output : model.graph().outputs()) {
        assertColumn(output.name(), expected, actual.tensor(output.name()));
      }
    }
  }

  private static Tensor tensor(Input input, List<Row> rows) {
    ElementType type = ((TensorType) input.type()).elementType();
    int at = rows.get(0).fieldIndex(input.name());
    if (type == ElementType.STRING) {
      return Tensor.ofStrings(rows.stream().map(r -> r.getString(at)).toList(), rows.size(), 1);
    }
    double[] numbers =
        rows.stream().flatMapToDouble(r -> Arrays.stream(numbers(r.get(at)))).toArray();
    return Tensor.ofNumbers(type, numbers, rows.size(), numbers.length / rows.size());
  }

  private static double[] numbers(Object value) {
    return value instanceof Vector vector
        ? vector.toArray()
        : new double[] {((Number) value).doubleValue()};
  }

  private static void assertColumn(String column, List<Row> expected, Tensor actual) {
    if (actual.elementType() == ElementType.STRING) {
      assertEquals(
          expected.stream().map(r -> r.<String>getAs(column)).toList(), actual.strings(), column);
      return;
    }
    double[] got = actual.toDoubles();
    int at = 0;
    for (int r = 0; r < expected.size(); r++) {
      for (double each : numbers(expected.get(r).getAs(column))) {
        double off = Math.abs(got[at] - each);
        assertTrue(
            got[at] == each
                || off <= 1e-5 * Math.max(1, Math.abs(each)) && Double.isFinite(each)
                || Double.isNaN(each) && Double.isNaN(got[at]),
            column + ", row " + r + ": " + got[at] + ", not " + each);
        at++;
      }
    }
    assertEquals(at, got.length, column);
  }

  /** A model on the pixels that names its columns apart from other models'. */
  static PipelineStage named(String name, PipelineStage stage) {
    stage.set(stage.getParam("featuresCol"), "pixels");
    for (String each : List.of("prediction", "rawPrediction", "probability")) {
      if (stage.hasParam(each + "Col")) {
        stage.set(stage.getParam(each + "Col"), name + each);
      }
    }
    return stage;
  }
}
