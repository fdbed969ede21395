package dev.sardonyx.runtime.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.export.ExternalData;
import dev.sardonyx.export.OnnxWriter;
import dev.sardonyx.export.text.ModelParser;
import dev.sardonyx.ir.Model;
import dev.sardonyx.runtime.image.Preprocessing;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.apache.spark.ml.Pipeline;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.ml.image.ImageSchema;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tables of all types of columns, scored as a stage and as a function of SQL. */
class OnnxTransformerTest {
  private static Model model(String graph) {
    return ModelParser.parse("<ir_version: 8, opset_import: [\"\" : 17]> g " + graph);
  }

  private static SparkSession spark() {
    return Cluster.inProcess();
  }

  private static OnnxTransformer transformer(String graph) throws IOException {
    return new OnnxTransformer().setModel(model(graph));
  }

  @Test
  void columnsOfManyTypes() throws IOException {
    StructType schema =
        new StructType()
            .add("sparse", SQLDataTypes.VectorType())
            .add(
                "matrix",
                DataTypes.createArrayType(DataTypes.createArrayType(DataTypes.DoubleType)))
            .add("long", DataTypes.LongType)
            .add("text", DataTypes.StringType)
            .add("flag", DataTypes.BooleanType)
            .add("bytes", DataTypes.BinaryType)
            .add("ints", DataTypes.createArrayType(DataTypes.IntegerType));
    List<Row> rows =
        IntStream.range(0, 5)
            .mapToObj(
                i ->
                    RowFactory.create(
                        Vectors.sparse(4, new int[] {1}, new double[] {i}),
                        new double[][] {{i, 1}, {2, 3}},
                        (long) i,
                        "t" + i,
                        i % 2 == 0,
                        new byte[] {(byte) i, (byte) 200},
                        new int[] {i, i + 1}))
            .toList();
    Dataset<Row> scored =
        transformer(
                """
                (float[N,4] sparse, double[N,2,2] matrix, int64[N] long, string[N] text,
                 bool[N] flag, uint8[N,2] bytes, int32[N,2] ints)
                => (float[N] sum, double[N,2,2] twice, int64[N] next, string[N] same, bool[N] no,
                    int32[N,2] wide, int32[N,2] product, string[N,1] texts)
                {
                  sum = ReduceMax<axes=[1], keepdims=0>(sparse)
                  twice = Add(matrix, matrix)
                  one = Constant<value_int=1>()
                  next = Add(long, one)
                  same = Identity(text)
                  no = Not(flag)
                  wide = Cast<to=6>(bytes)
                  product = Mul(ints, ints)
                  axes = Constant<value_ints=[1]>()
                  texts = Unsqueeze(text, axes)
                }
                """)
            .setOutputForms(
                OutputForm.ARRAY,
                OutputForm.ARRAY,
                OutputForm.ARRAY,
                OutputForm.ARRAY,
                OutputForm.ARRAY,
                OutputForm.VECTOR,
                OutputForm.ARRAY,
                OutputForm.SCALAR)
            .setBatchSize(2)
            .transform(spark().createDataFrame(rows, schema).coalesce(1));
    List<Row> all = scored.collectAsList();
    for (int i = 0; i < 5; i++) {
      Row row = all.get(i);
      assertEquals((float) i, row.<Float>getAs("sum"));
      assertEquals(
          List.of(List.of(2.0 * i, 2.0), List.of(4.0, 6.0)),
          row.getList(row.fieldIndex("twice")).stream()
              .map(
                  part ->
                      scala.jdk.javaapi.CollectionConverters.asJava((scala.collection.Seq<?>) part))
              .toList());
      assertEquals(i + 1L, row.<Long>getAs("next"));
      assertEquals("t" + i, row.getAs("same"));
      assertEquals(i % 2 != 0, row.<Boolean>getAs("no"));
      assertEquals(Vectors.dense(i, 200), row.getAs("wide"));
      assertEquals(List.of(i * i, (i + 1) * (i + 1)), row.getList(row.fieldIndex("product")));
      assertEquals("t" + i, row.getAs("texts"));
    }
  }

  @Test
  void imagesAsFilesAndAsStructures() throws IOException {
    BufferedImage image = new BufferedImage(4, 2, BufferedImage.TYPE_INT_RGB);
    byte[] bgr = new byte[4 * 2 * 3];
    for (int i = 0; i < 8; i++) {
      image.setRGB(i % 4, i / 4, 0x102030 + i);
      bgr[3 * i] = (byte) (0x30 + i);
      bgr[3 * i + 1] = 0x20;
      bgr[3 * i + 2] = 0x10;
    }
    ByteArrayOutputStream png = new ByteArrayOutputStream();
    ImageIO.write(image, "png", png);
    DataType struct = ImageSchema.columnSchema();
    StructType schema = new StructType().add("file", DataTypes.BinaryType).add("image", struct);
    Row row = RowFactory.create(png.toByteArray(), RowFactory.create("memory", 2, 4, 3, 16, bgr));
    Preprocessing plain = Preprocessing.plain(Preprocessing.Channels.RGB);
    Row scored =
        transformer(
                "(float[N,3,2,4] a, float[N,3,2,4] b) => (float[N,3,2,4] a2, float[N,3,2,4] b2) { a2 = Identity(a) b2 = Identity(b) }")
            .setInputCols("file", "image")
            .setPreprocessing(plain)
            .transform(spark().createDataFrame(List.of(row), schema))
            .first();
    assertEquals(scored.<Object>getAs("a2"), scored.getAs("b2"));
    float[] expected = plain.apply(image).toFloats();
    scala.collection.Seq<?> red =
        (scala.collection.Seq<?>)
            ((scala.collection.Seq<?>) scored.<scala.collection.Seq<?>>getAs("a2").apply(2))
                .apply(1);
    assertEquals(expected[23], (float) red.apply(3));
  }

  /** Rows of different lengths: apart where nothing is said, together where they are padded. */
  @Test
  void rowsOfDifferentLengths() throws IOException {
    Dataset<Row> rows =
        spark()
            .range(0, 9, 1, 1)
            .selectExpr("id", "transform(sequence(1, 1 + id % 4), i -> i * 1.0f) x");
    String graph =
        "(float[N,S] x) => (float[N,S] twice, float[N] sum) { twice = Add(x, x) axes = Constant<value_ints=[1]>() sum = ReduceSum<keepdims=0>(x, axes) }";
    for (OnnxTransformer each :
        List.of(
            transformer(graph),
            transformer(graph).setPadding("S"),
            transformer(graph).setPadding("S", 2, 4))) {
      for (Row row : each.transform(rows).collectAsList()) {
        int length = (int) (1 + row.getLong(0) % 4);
        assertEquals(length * (length + 1) / 2f, row.<Float>getAs("sum"));
        assertEquals(
            IntStream.rangeClosed(1, length).mapToObj(i -> 2f * i).toList(), row.getList(2));
      }
    }
  }

  @Test
  void aFixedNumberOfRows() throws IOException {
    for (int fixed : new int[] {1, 4}) {
      List<Row> scored =
          transformer("(float[%d,3] x) => (float[%d,3] y) { y = Neg(x) }".formatted(fixed, fixed))
              .setInputCols("features")
              .setOutputForms(OutputForm.VECTOR)
              .transform(AffineRows.table(spark(), 6, 1))
              .collectAsList();
      for (Row row : scored) {
        double[] y = row.<Vector>getAs("y").toArray();
        assertEquals(-AffineRows.features(row.getLong(0))[2], (float) y[2]);
      }
      assertEquals(6, scored.size());
    }
  }

  /** Row 3 is null, row 5 has another length, row 7 fails in the model. */
  @Test
  void rowsThatFail() throws IOException {
    Dataset<Row> rows =
        spark()
            .range(0, 10, 1, 1)
            .selectExpr(
                "id",
                "CASE WHEN id = 3 THEN NULL WHEN id = 5 THEN array(0L) ELSE array(id, IF(id = 7, 9L, 1L)) END x");
    OnnxTransformer gather =
        transformer(
            "(int64[N,2] x) => (float[N,2] y) <float[8] table = {0,1,2,3,4,5,6,7}> { y = Gather(table, x) }");
    OnnxTransformer narrow =
        gather.copy(org.apache.spark.ml.param.ParamMap.empty()).setNullOnFailure("why");
    List<Row> scored = narrow.transform(rows.where("id < 8")).collectAsList();
    for (Row row : scored) {
      long id = row.getLong(0);
      boolean failed = id == 3 || id == 5 || id == 7;
      assertEquals(failed, row.isNullAt(2), row.toString());
      assertEquals(failed, row.getAs("why") != null, row.toString());
    }
    assertEquals("Column 'x' is null", scored.get(3).getAs("why"));
    assertTrue(scored.get(5).<String>getAs("why").contains("[1]"), scored.toString());
    assertTrue(scored.get(7).<String>getAs("why").contains("Gather"), scored.toString());
    Exception failed = assertThrows(Exception.class, () -> gather.transform(rows).collectAsList());
    assertTrue(causes(failed).contains("Column 'x' is null"), causes(failed));
  }

  private static String causes(Throwable failure) {
    StringBuilder text = new StringBuilder();
    for (Throwable at = failure; at != null; at = at.getCause()) {
      text.append(at).append('\n');
    }
    return text.toString();
  }

  @Test
  void aPipelineWithExternalWeightsIsSavedAndLoaded(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("affine.onnx");
    OnnxWriter.write(AffineRows.model(), file, ExternalData.beside().withThreshold(0));
    OnnxTransformer stage =
        new OnnxTransformer()
            .setModel(file.toString())
            .setInput("x", "features")
            .setOutput("y", "score", OutputForm.VECTOR)
            .setBatchSize(7)
            .setFill("x", 0)
            .setPreprocessing(Preprocessing.torchvision());
    Dataset<Row> rows = AffineRows.table(spark(), 20, 2);
    PipelineModel pipeline = new Pipeline().setStages(new PipelineStage[] {stage}).fit(rows);
    String saved = folder.resolve("saved").toUri().toString();
    pipeline.write().overwrite().save(saved);
    Files.delete(file);
    PipelineModel loaded = PipelineModel.load(saved);
    OnnxTransformer again = (OnnxTransformer) loaded.stages()[0];
    assertEquals(stage.uid(), again.uid());
    assertEquals(stage.extractParamMap().toSeq().size(), again.extractParamMap().toSeq().size());
    assertTrue(again.explainParams().contains("batchSize: how many rows a run takes at most"));
    AffineRows.assertSameAsAlone(20, loaded.transform(rows).select("id", "score").collectAsList());
  }

  @Test
  void aFunctionOfSql() throws IOException {
    OnnxFunctions.register(
        spark(),
        "score",
        new OnnxTransformer().setModel(AffineRows.model()).setOutputForms(OutputForm.VECTOR));
    AffineRows.table(spark(), 30, 2).createOrReplaceTempView("customers");
    AffineRows.assertSameAsAlone(
        30, spark().sql("SELECT id, score(features) FROM customers").collectAsList());
    OnnxFunctions.register(
        spark(),
        "both",
        transformer(
            "(float[N] a, float[N] b) => (float[N] sum, float[N] difference) { sum = Add(a, b) difference = Sub(a, b) }"));
    Row both = spark().sql("SELECT both(float(5), float(3)) r").first().getStruct(0);
    assertEquals(8f, both.<Float>getAs("sum"));
    assertEquals(2f, both.<Float>getAs("difference"));
  }
}
