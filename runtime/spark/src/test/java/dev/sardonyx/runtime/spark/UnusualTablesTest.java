package dev.sardonyx.runtime.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.export.ExternalData;
import dev.sardonyx.export.OnnxWriter;
import dev.sardonyx.export.text.ModelParser;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.build.GraphBuilder;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.spark.api.java.function.MapFunction;
import org.apache.spark.ml.attribute.AttributeGroup;
import org.apache.spark.ml.feature.Binarizer;
import org.apache.spark.ml.feature.IndexToString;
import org.apache.spark.ml.feature.StringIndexerModel;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.streaming.Trigger;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tables, jobs and files that nobody hopes for. */
class UnusualTablesTest {
  private static final String NEGATIVE = "(float[N] x) => (float[N] y) { y = Neg(x) }";

  private static SparkSession spark() {
    return Cluster.inProcess();
  }

  private static Model model(String graph) {
    return ModelParser.parse("<ir_version: 8, opset_import: [\"\" : 17]> g " + graph);
  }

  private static OnnxTransformer transformer(String graph) throws IOException {
    return new OnnxTransformer().setModel(model(graph));
  }

  private static Dataset<Row> numbers(int count, int partitions) {
    return spark().range(0, count, 1, partitions).selectExpr("id", "float(id) x");
  }

  /** Names are names, whatever SQL would read in them; and other columns may share one. */
  @Test
  void columnsOfAnyName() throws IOException {
    Dataset<Row> rows =
        numbers(3, 1).toDF("same", "a.b `c` \"d\"").withColumn("é ü", functions.lit(7));
    Dataset<Row> twice = rows.crossJoin(rows.select("same").limit(1));
    Dataset<Row> scored =
        transformer(NEGATIVE)
            .setInput("x", "a.b `c` \"d\"")
            .setOutput("y", "y.z `0`")
            .setNullOnFailure("why? .")
            .transform(twice);
    assertEquals(
        List.of("same", "a.b `c` \"d\"", "é ü", "same", "y.z `0`", "why? ."),
        List.of(scored.columns()));
    for (Row row : scored.collectAsList()) {
      assertEquals(-row.getFloat(1), row.getFloat(4));
      assertEquals(7, row.getInt(2));
    }
    OnnxTransformer ambiguous = transformer("(int64[N] x) => (int64[N] y) { y = Neg(x) }");
    String refusal =
        assertThrows(
                IllegalArgumentException.class,
                () -> ambiguous.setInput("x", "same").transform(twice))
            .getMessage();
    assertTrue(refusal.startsWith("There is more than one column 'same' for input"), refusal);
  }

  /** What Spark's stages read there: labels, and the sizes of vectors. */
  @Test
  void columnsKeepTheirMetadata() throws IOException {
    StringIndexerModel indexer =
        new StringIndexerModel("i", new String[] {"no", "yes"})
            .setInputCol("text")
            .setOutputCol("index");
    OnnxTransformer network =
        transformer(
                "(float[N] x) => (float[N,2] y) { a = Constant<value_ints=[1]>() b = Unsqueeze(x, a) y = Concat<axis=1>(b, b) }")
            .setOutputForms(OutputForm.VECTOR);
    Dataset<Row> rows = numbers(4, 1).selectExpr("x", "IF(id % 2 = 0, 'yes', 'no') text");
    Dataset<Row> indexed = indexer.transform(rows);
    Dataset<Row> through = network.transform(indexed);
    assertEquals(network.transformSchema(indexed.schema()), through.schema());
    assertEquals(2, AttributeGroup.fromStructField(through.schema().apply("y")).size());
    Dataset<Row> scored =
        new IndexToString().setInputCol("index").setOutputCol("again").transform(through);
    for (Row row : scored.collectAsList()) {
      assertEquals(row.<String>getAs("text"), row.getAs("again"));
    }
  }

  /** Of all types, among them the days that calendars of java.sql leave out. */
  @Test
  void columnsThatArePassedOnStayAsTheyAre() throws IOException {
    Dataset<Row> rows =
        spark()
            .sql(
                "SELECT float(1) x, DATE'1582-10-10' d, TIMESTAMP'1582-10-10 12:00:00' t,"
                    + " array(DATE'1582-10-12') ds, TIMESTAMP_NTZ'2024-03-31 02:30:00' n,"
                    + " INTERVAL '1-2' YEAR TO MONTH m, INTERVAL '1 02:03:04.5' DAY TO SECOND s,"
                    + " map('a', 1) map, named_struct('a', 1, 'b', array(1, null)) c,"
                    + " CAST(1.5 AS DECIMAL(38, 18)) e, X'0102' b, CAST('ab' AS VARCHAR(3)) v");
    Dataset<Row> scored = transformer(NEGATIVE).transform(rows);
    String[] passed = {"x", "d", "t", "ds", "n", "m", "s", "map", "c", "e", "b", "v"};
    assertEquals(
        rows.selectExpr("to_json(struct(*))").first(),
        scored
            .select("x", java.util.Arrays.copyOfRange(passed, 1, passed.length))
            .selectExpr("to_json(struct(*))")
            .first());
    assertEquals(java.sql.Timestamp.class, scored.select("t").first().get(0).getClass());
  }

  /** SQL could not tell such columns apart afterwards. */
  @Test
  void columnsThatDifferInCapitalLetters() throws IOException {
    Dataset<Row> rows = numbers(2, 1).withColumn("Y", functions.lit(1));
    OnnxTransformer network = transformer(NEGATIVE);
    assertEquals(
        "There is a column 'Y' already; name the output's column otherwise",
        assertThrows(IllegalArgumentException.class, () -> network.transform(rows)).getMessage());
    SparkSession other = spark().newSession(); // which is not the active one
    other.conf().set("spark.sql.caseSensitive", true);
    Dataset<Row> elsewhere = other.createDataFrame(rows.collectAsList(), rows.schema());
    assertEquals(2, network.transform(elsewhere).where("y = -x AND Y = 1").count());
    spark().conf().set("spark.sql.caseSensitive", true);
    try {
      assertEquals(2, network.transform(rows).where("y = -x AND Y = 1").count());
    } finally {
      spark().conf().unset("spark.sql.caseSensitive");
    }
  }

  @Test
  void tablesOfNoRowsKeptTablesAndTheFirstRows() throws IOException {
    OnnxTransformer once = transformer(NEGATIVE);
    OnnxTransformer twice =
        once.copy(org.apache.spark.ml.param.ParamMap.empty()).setInputCols("y").setOutputCols("z");
    Dataset<Row> few = twice.transform(once.transform(numbers(2, 5)));
    assertEquals(2, few.where("x = z AND y = -x").count());
    assertEquals(0, once.transform(numbers(0, 2)).count());
    assertEquals(
        0, once.transform(spark().createDataFrame(List.of(), few.schema()).drop("y")).count());
    Dataset<Row> kept = once.setBatchSize(Integer.MAX_VALUE).transform(numbers(50, 2)).persist();
    assertEquals(7, kept.limit(7).collectAsList().size());
    assertEquals(50, kept.where("y = -x").count());
    kept.unpersist();
  }

  /** A model of three rows gets full runs, though the size of a run is none of its multiples. */
  @Test
  void runsOfFixedRowsAreFull() throws IOException {
    Dataset<Row> scored =
        transformer("(float[3] x) => (float[3] y) { a = ReduceSum(x) y = Add(a, x) }")
            .setBatchSize(4)
            .transform(numbers(6, 1));
    for (Row row : scored.collectAsList()) {
      assertEquals((row.getLong(0) < 3 ? 3 : 12) + row.getFloat(1), row.getFloat(2));
    }
  }

  @Test
  void fewOfManyRowsFail() throws IOException {
    List<Row> scored =
        transformer("(int64[N] x) => (float[N] y) <float[4] t = {0,1,2,3}> { y = Gather(t, x) }")
            .setNullOnFailure("why")
            .setBatchSize(1000)
            .transform(
                spark()
                    .range(0, 300, 1, 1)
                    .selectExpr("id % 100 DIV 25 + IF(id % 70 = 69, 9, 0) x"))
            .collectAsList();
    for (int i = 0; i < 300; i++) {
      Row row = scored.get(i);
      assertEquals(i % 70 == 69, row.isNullAt(1), () -> row + "");
      assertEquals(row.isNullAt(1), !row.isNullAt(2));
      if (!row.isNullAt(1)) {
        assertEquals((float) row.getLong(0), row.getFloat(1));
      }
    }
  }

  /** SQL hands a function anything. */
  @Test
  void argumentsOfOtherTypes() throws IOException {
    OnnxFunctions.register(spark(), "turned", transformer(NEGATIVE).setNullOnFailure());
    Row row = spark().sql("SELECT turned(2.5), turned('a'), turned(true), turned(null)").first();
    assertEquals(-2.5f, row.getFloat(0));
    for (int i = 1; i < 4; i++) {
      assertTrue(row.isNullAt(i), row.toString());
    }
  }

  private static String message(Runnable failing) {
    StringBuilder text = new StringBuilder();
    for (Throwable at = assertThrows(Exception.class, failing::run);
        at != null;
        at = at.getCause()) {
      text.append(at.getMessage()).append('\n');
    }
    return text.toString();
  }

  @Test
  void aStreamOfRows(@TempDir Path folder) throws Exception {
    Path in = Files.createDirectory(folder.resolve("in"));
    Files.writeString(in.resolve("rows.json"), "{\"x\":1}\n{\"x\":2}\n{\"x\":3}\n");
    Dataset<Row> scored =
        transformer(NEGATIVE)
            .transform(
                spark()
                    .readStream()
                    .schema(StructType.fromDDL("x float"))
                    .json(in.toUri().toString()));
    var query =
        scored
            .writeStream()
            .format("memory")
            .queryName("scored")
            .option("checkpointLocation", folder.resolve("state").toUri().toString())
            .trigger(Trigger.AvailableNow())
            .start();
    query.awaitTermination();
    assertEquals(3, spark().sql("SELECT * FROM scored WHERE y = -x").count());
  }

  /** Both processors are busy for ever with runs of the model; then the job is cancelled. */
  @Test
  void aCancelledJobEndsItsRuns(@TempDir Path folder) throws Exception {
    String path = folder.toString();
    MapFunction<Row, Row> telling =
        row -> {
          try {
            Files.createFile(Path.of(path, "row" + row.get(0)));
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
          return row;
        };
    Dataset<Row> rows = numbers(2, 2);
    Dataset<Row> endless =
        transformer(
                "(float[N] x) => (float[N] y) <bool go = {1}, int64 trips = {9223372036854775807}> {"
                    + " y = Loop <body = b (int64 i, bool c, float[N] s) => (bool d, float[N] t) {"
                    + " d = Identity(c) t = Cos(s) }> (trips, go, x) }")
            .setNullOnFailure()
            .transform(rows.map(telling, Encoders.row(rows.schema())));
    CompletableFuture<Long> job =
        CompletableFuture.supplyAsync(
            () -> {
              spark().sparkContext().setJobGroup("endless", "", false);
              try {
                return endless.count();
              } finally {
                spark().sparkContext().clearJobGroup();
              }
            });
    while (list(folder) < 2) {
      assertTrue(!job.isDone(), () -> "the job did not wait: " + job);
      Thread.sleep(20);
    }
    spark().sparkContext().cancelJobGroup("endless");
    assertThrows(Exception.class, () -> job.get(1, TimeUnit.MINUTES));
    CompletableFuture<Long> next = CompletableFuture.supplyAsync(() -> numbers(8, 8).count());
    assertEquals(8, next.get(1, TimeUnit.MINUTES));
  }

  private static long list(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.count();
    }
  }

  @Test
  void manyThreadsScoreAtOnce() throws Exception {
    OnnxTransformer shared = transformer(NEGATIVE);
    ConcurrentLinkedQueue<Long> counts = new ConcurrentLinkedQueue<>();
    CompletableFuture.allOf(
            Stream.generate(
                    () ->
                        CompletableFuture.runAsync(
                            () ->
                                counts.add(
                                    shared.transform(numbers(30, 2)).where("y = -x").count())))
                .limit(4)
                .toArray(CompletableFuture[]::new))
        .get(2, TimeUnit.MINUTES);
    assertEquals(List.of(30L, 30L, 30L, 30L), List.copyOf(counts));
  }

  /** Every file of a saved transformer, gone or cut in half, is refused by the folder's name. */
  @Test
  void savedTransformersThatAreDamaged(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("sum.onnx");
    GraphBuilder builder = GraphBuilder.of("sum");
    Value x = builder.input("x", TensorType.of(ElementType.FLOAT, Shape.parse("N")));
    Value weights = builder.constant(Tensor.ofFloats(new float[1 << 18], 1 << 18));
    builder.output(builder.add(x, builder.reduceSum(weights, true, 0)), "y");
    OnnxWriter.write(builder.buildModel(), file, ExternalData.beside().withThreshold(0));
    spark(); // which saving needs
    OnnxTransformer stage = new OnnxTransformer().setModel(file.toUri().toString());
    for (String suffix : List.of(".onnx", ".data")) {
      for (boolean gone : new boolean[] {true, false}) {
        Path saved = folder.resolve("saved" + suffix + gone);
        stage.save(saved.toUri().toString());
        Path broken;
        try (Stream<Path> files = Files.list(saved.resolve("model"))) {
          broken = files.filter(each -> each.toString().endsWith(suffix)).findFirst().orElseThrow();
        }
        byte[] bytes = Files.readAllBytes(broken);
        Files.delete(broken);
        Files.deleteIfExists(broken.resolveSibling("." + broken.getFileName() + ".crc"));
        if (!gone) {
          Files.write(broken, java.util.Arrays.copyOf(bytes, bytes.length / 2));
        }
        String message = message(() -> OnnxTransformer.load(saved.toUri().toString()));
        assertTrue(message.contains(saved.getFileName() + "/model: "), message);
      }
    }
  }

  @Test
  void anotherStageThanThisOne(@TempDir Path folder) throws IOException {
    spark();
    String saved = folder.resolve("saved").toUri().toString();
    new Binarizer().save(saved);
    assertEquals(
        saved + " holds a org.apache.spark.ml.feature.Binarizer, not an OnnxTransformer",
        assertThrows(IllegalArgumentException.class, () -> OnnxTransformer.load(saved))
            .getMessage());
  }

  /** Java writes a space in a URI otherwise than Spark does. */
  @Test
  void namesOfFilesWithSpaces(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("a model.onnx");
    OnnxWriter.write(model(NEGATIVE), file);
    for (String name : List.of(file.toString(), "file:" + file, file.toUri().toString())) {
      assertEquals(
          2, new OnnxTransformer().setModel(name).transform(numbers(2, 1)).where("y = -x").count());
    }
  }

  @Test
  void modelsThatAreNone(@TempDir Path folder) throws IOException {
    Path text = Files.writeString(folder.resolve("text.onnx"), "no model");
    for (String wrong :
        List.of(
            folder.toString(), folder.resolve("none.onnx").toUri().toString(), text.toString())) {
      String message =
          assertThrows(IOException.class, () -> new OnnxTransformer().setModel(wrong)).getMessage();
      assertTrue(message.contains(wrong.replaceFirst("file://", "")), message);
    }
    for (String odd : List.of("file:" + folder + "/50% off.onnx", "file://host/a%20b.onnx")) {
      Exception none =
          assertThrows(FileNotFoundException.class, () -> new OnnxTransformer().setModel(odd));
      assertTrue(none.getMessage().contains("is no file"), none.getMessage());
    }
  }
}
