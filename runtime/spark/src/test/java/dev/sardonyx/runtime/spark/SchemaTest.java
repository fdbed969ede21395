package dev.sardonyx.runtime.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.export.text.ModelParser;
import dev.sardonyx.runtime.image.Preprocessing;
import dev.sardonyx.runtime.image.Resampling;
import java.io.IOException;
import java.util.List;
import org.apache.spark.ml.attribute.AttributeGroup;
import org.apache.spark.ml.image.ImageSchema;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is refused before anything is computed, and what the result will look like. */
class SchemaTest {
  private static OnnxTransformer transformer(String graph) throws IOException {
    return new OnnxTransformer()
        .setModel(ModelParser.parse("<ir_version: 8, opset_import: [\"\" : 17]> g " + graph));
  }

  private static OnnxTransformer identity(String input, String output) throws IOException {
    return transformer("(%s x) => (%s y) { y = Identity(x) }".formatted(input, output));
  }

  private static StructType column(String type) {
    return new StructType().add("x", DataType.fromDDL(type));
  }

  private static String refusal(OnnxTransformer transformer, StructType schema) {
    return assertThrows(IllegalArgumentException.class, () -> transformer.transformSchema(schema))
        .getMessage();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "float[N]        | double",
        "float[N,1]      | int",
        "float[N,3]      | array<float>",
        "float[N,1,2,2]  | array<double>",
        "float[N,1,2,2]  | array<array<array<decimal(5,2)>>>",
        "float[N,S,3]    | array<int>",
        "double[?,4]     | array<bigint>",
        "int32[N]        | bigint",
        "uint8[N,5]      | binary",
        "string[N]       | string",
        "bool[N,2]       | array<boolean>",
        "float[1,2]      | array<float>",
        "float[S,N]      | array<float>",
      })
  void columnsThatFit(String input, String column) throws IOException {
    StructType result = identity(input, input).setBatchSize(5).transformSchema(column(column));
    assertEquals(List.of("x", "y"), List.of(result.fieldNames()));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "float[N,3]   | string                | its elements are others",
        "int64[N,3]   | array<float>          | its elements are others",
        "float[N,3]   | float                 | a row has 0 dimensions, and the input 1",
        "float[N,2,2] | array<array<array<float>>> | a row has 3 dimensions, and the input 2",
        "float[N,S,T] | array<float>          | a row has 1 dimensions, and the input 2",
        "float[N,4]   | binary                | bytes are no elements of it",
        "string[N]    | int                   | its elements are others",
        "bool[N]      | int                   | its elements are others",
      })
  void columnsThatDoNotFit(String input, String column, String reason) throws IOException {
    String refusal = refusal(identity(input, input), column(column));
    assertTrue(refusal.startsWith("Column 'x' of type " + column.strip()), refusal);
    assertTrue(refusal.contains("input 'x' of type " + input.strip()), refusal);
    assertTrue(refusal.contains(reason.strip()), refusal);
  }

  @Test
  void vectorsTellTheirSize() throws IOException {
    OnnxTransformer three = identity("float[N,3]", "float[N,3]");
    StructType two = new StructType().add(new AttributeGroup("x", 2).toStructField());
    assertEquals(
        "Column 'x' of type vector cannot be input 'x' of type float[N,3]:"
            + " the vector has 2 elements",
        refusal(three, two)
            .replace(
                "struct<type:tinyint,size:int,indices:array<int>,values:array<double>>", "vector"));
    three.transformSchema(new StructType().add("x", SQLDataTypes.VectorType()));
    three.transformSchema(new StructType().add(new AttributeGroup("x", 3).toStructField()));
    identity("float[N,1,2,3]", "float[N,1,2,3]")
        .transformSchema(new StructType().add(new AttributeGroup("x", 6).toStructField()));
  }

  @Test
  void imagesNeedAPreprocessing() throws IOException {
    OnnxTransformer images = identity("float[N,3,4,4]", "float[N,3,4,4]");
    StructType schema = new StructType().add("x", ImageSchema.columnSchema());
    assertTrue(refusal(images, schema).endsWith("an image needs a preprocessing"));
    images.setPreprocessing(Preprocessing.torchvision()).transformSchema(schema);
  }

  @Test
  void namesThatAreNotThere() throws IOException {
    OnnxTransformer two = transformer("(float[N] a, float[N] b) => (float[N] y) { y = Add(a, b) }");
    StructType schema = new StructType().add("a", "float").add("c", "float");
    assertEquals(
        "There is no column 'b' for input 'b' of type float[N]; there are a, c",
        refusal(two, schema));
    assertEquals(
        "inputs are [a, b], but inputCols are [a]: one is needed for each",
        refusal(two.copy(org.apache.spark.ml.param.ParamMap.empty()).setInputCols("a"), schema));
    OnnxTransformer mapped = two.setInput("a", "a").setInput("b", "c");
    assertEquals(
        "There is a column 'c' already; name the output's column otherwise",
        refusal(mapped.setOutputCols("c"), schema));
    assertEquals(
        List.of("a", "c", "y", "why"),
        List.of(
            mapped
                .setOutputCols("y")
                .setNullOnFailure("why")
                .transformSchema(schema)
                .fieldNames()));
    assertEquals(
        "The model has no output 'z'; it has y",
        refusal(mapped.setOutput("z", "z").setOutputCols("z"), schema));
  }

  @Test
  void modelsWithoutAPlaceForRows() throws IOException {
    assertEquals(
        "Input 'k' of type float[2] has no dimension N for the rows of a table",
        refusal(
            transformer("(float[N,2] x, float[2] k) => (float[N,2] y) { y = Add(x, k) }"),
            new StructType().add("x", "array<float>").add("k", "float")));
    assertEquals(
        "Input 'x' of type float[M,3] has no dimension N for the rows of a table",
        refusal(identity("float[M,3]", "float[M,3]").setBatchAxis("N"), column("array<float>")));
    StructType two = new StructType().add("x", "array<float>").add("k", "float");
    assertEquals(
        "Input 'k' of type float[S] has no dimension N for the rows of a table",
        refusal(
            transformer("(float[N,S] x, float[S] k) => (float[N,S] y) { y = Add(x, k) }"), two));
    assertEquals(
        "Output 'y' of type float[S] has no dimension N for the rows of a table",
        refusal(
            transformer(
                "(float[N,S] x) => (float[S] y) <int64[1] a = {0}> {"
                    + " y = ReduceSum<keepdims=0>(x, a) }"),
            column("array<float>")));
    // Rows of another name, as exporters give each input its own.
    transformer("(float[N,S] x, float[M,S] k) => (float[N,S] y) { y = Add(x, k) }")
        .transformSchema(new StructType().add("x", "array<float>").add("k", "array<float>"));
    assertEquals(
        "The model has no inputs, so no columns could be theirs",
        refusal(
            transformer("() => (float[N] y) <int64[1] s = {3}> { y = ConstantOfShape(s) }"),
            column("float")));
    assertEquals(
        "Output 'y' of type seq(float[N]) cannot be a column, which holds tensors of a known rank",
        refusal(transformer("(float[N] x) => (y) { y = SequenceConstruct(x) }"), column("float")));
    assertEquals(
        DataTypes.FloatType,
        transformer("(float[N] x) => (y) { y = Identity(x) }")
            .transformSchema(column("float"))
            .apply("y")
            .dataType());
    assertEquals(
        "o has no model; call setModel",
        assertThrows(
                IllegalStateException.class,
                () -> new OnnxTransformer("o").transformSchema(column("float")))
            .getMessage());
  }

  @ParameterizedTest
  @CsvSource({"string, 1", "int8, 300", "uint8, -1", "int32, 0.5", "bool, 2", "int64, NaN"})
  void fillsThatAreNoElements(String type, double fill) throws IOException {
    String of = type + "[N,S]";
    assertEquals(
        "fill has %s for input 'x' of type %s, whose elements are others".formatted(fill, of),
        refusal(identity(of, of).setFill("x", fill), column("array<int>")));
  }

  @Test
  void aPreprocessingThatIsNone() throws IOException {
    OnnxTransformer images = identity("float[N,3,4,4]", "float[N,3,4,4]");
    String whole = PreprocessingJson.write(Preprocessing.torchvision());
    for (String wrong :
        List.of(
            "",
            "{",
            "[]",
            "{}",
            "{\"mean\":1}",
            whole.replaceFirst("\"mean\":\\[[^]]*]", "\"mean\":1"),
            whole.replaceFirst("\"mean\":\\[", "\"mean\":[{},"),
            whole.replaceFirst("\"scale\":[^,]*", "\"scale\":{}"))) {
      images.set(images.preprocessing(), wrong);
      assertEquals(
          "preprocessing is what setPreprocessing makes, not " + wrong,
          refusal(images, new StructType().add("x", ImageSchema.columnSchema())));
    }
  }

  @Test
  void typesOfOutputs() throws IOException {
    StructType result =
        transformer(
                "(float[N,1] x) => (float[N,1] f, float16[N] h, uint8[N,2] u, string[N] s)"
                    + " <uint8[1,2] k = {1, 2}> { f = Neg(x) h = Cast<to=10>(x) u = Identity(k)"
                    + " s = Cast<to=8>(x) }")
            .setOutputForms(
                OutputForm.SCALAR, OutputForm.ARRAY, OutputForm.VECTOR, OutputForm.ARRAY)
            .transformSchema(column("float"));
    assertEquals(DataTypes.FloatType, result.apply("f").dataType());
    assertEquals(DataTypes.FloatType, result.apply("h").dataType());
    assertEquals(SQLDataTypes.VectorType(), result.apply("u").dataType());
    assertEquals(DataTypes.StringType, result.apply("s").dataType());
    assertTrue(
        refusal(
                identity("float[N,2]", "float[N,2]").setOutputForms(OutputForm.SCALAR),
                column("array<float>"))
            .contains("cannot be a scalar: output 'y' of type float[N,2] is not"));
  }

  @Test
  void preprocessingIsText() {
    for (Preprocessing each :
        List.of(
            Preprocessing.torchvision(),
            Preprocessing.kerasCaffe(),
            Preprocessing.plain(Preprocessing.Channels.GRAY)
                .withCrop(3, 4)
                .withResampling(Resampling.NEAREST))) {
      assertEquals(each, PreprocessingJson.read(PreprocessingJson.write(each)));
    }
  }
}
