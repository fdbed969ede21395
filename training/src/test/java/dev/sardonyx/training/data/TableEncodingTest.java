package dev.sardonyx.training.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.GraphIndex;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.backend.PreparedModel;
import dev.sardonyx.ir.build.GraphBuilder;
import dev.sardonyx.ir.edit.ModelEditor;
import dev.sardonyx.ir.eval.ReferenceBackend;
import dev.sardonyx.ir.nn.Layers;
import dev.sardonyx.training.Loss;
import dev.sardonyx.training.Training;
import dev.sardonyx.training.TrainingResult;
import dev.sardonyx.training.data.TableFormat.Missing;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tables from files, what is wrong with them, and the models that take their columns. */
final class TableEncodingTest {
  private static final TableFormat KINDS = TableFormat.ofClasses("kind");

  @TempDir private Path folder;

  private CsvTable table(String text) throws IOException {
    return CsvTable.read(Files.writeString(folder.resolve("t.csv"), text));
  }

  private static String message(org.junit.jupiter.api.function.Executable what) {
    return String.valueOf(assertThrows(IOException.class, what).getMessage());
  }

  @Test
  void numbersAreStandardizedAndTextsBecomeIndicators() throws IOException {
    CsvTable table =
        table("\uFEFF\"age\",colour,kind\n1,red,b\n\n 3 ,\"blue, dark\",a\r\n5,red,\"b\"\n");
    TableEncoding encoding = KINDS.fit(table);
    assertEquals(List.of("a", "b"), encoding.classes());
    float far = (float) (2 / Math.sqrt(8 / 3.0));
    assertArrayEquals(
        new float[] {-far, 0, 1, 0, 1, 0, far, 0, 1},
        encoding.rows(table).tensor(0, 3).toFloats(),
        1e-6f);
    assertEquals(1, encoding.rows(table).label(0, 0));
    assertEquals(0, encoding.rows(table).label(1, 0));
  }

  @Test
  void classesThatAreNumbersAreInTheirOrder() throws IOException {
    assertEquals(List.of("-1", "2", "10"), KINDS.fit(table("x,kind\n1,10\n2,2\n3,-1\n")).classes());
  }

  @Test
  void theDeployedModelComputesOfColumnsWhatTheNetworkComputesOfRows() throws IOException {
    StringBuilder text = new StringBuilder("concat1_out,features,size,kind,of,id\n");
    Random random = new Random(3);
    for (int i = 0; i < 40; i++) {
      String size = random.nextInt(5) == 0 ? "NA" : String.valueOf(random.nextGaussian() * 30);
      String kind = List.of("x", "y", "").get(random.nextInt(3));
      text.append(i).append(',').append(random.nextFloat()).append(',').append(size);
      text.append(',').append(kind).append(',').append(i % 3).append(",n").append(i).append('\n');
    }
    CsvTable table = table(text.toString());
    TableEncoding encoding =
        TableFormat.ofTargets("size2", "of")
            .withIgnored("id")
            .withMissing(Missing.MEAN, "NA")
            .fit(
                CsvTable.read(
                    Files.writeString(
                        folder.resolve("u.csv"), text.toString().replace("concat1_out", "size2"))));
    assertEquals(List.of("size2", "of"), encoding.targets());
    TableEncoding classes =
        TableFormat.ofClasses("of").withIgnored("id").withMissing(Missing.MEAN, "NA").fit(table);
    assertEquals(List.of("concat1_out", "features", "size"), classes.numeric());
    assertEquals(List.of("kind"), classes.categorical());
    Model network = network("features", classes.features(), 3);
    Model deployed = classes.deployed(network);
    Map<String, Tensor> inputs = classes.inputs(table);
    assertEquals(inputs.keySet(), Map.copyOf(inputs).keySet());
    Tensor rows = classes.rows(table).tensor(0, table.size());
    try (PreparedModel whole = new ReferenceBackend().prepare(deployed);
        PreparedModel inner = new ReferenceBackend().prepare(network)) {
      Tensor expected = inner.run(Map.of("features", rows)).tensor("y");
      assertEquals(expected, whole.run(inputs).tensor("y"));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"y", "prediction", "prediction_out", "restored", "x", "sub1_out"})
  void columnsMayHaveNamesThatTheNetworkHas(String column) throws IOException {
    CsvTable table = table("%s,text,goal\n1,a,2\n2,b,3\n4,a,9\n7,b,1\n".formatted(column));
    for (String output : List.of("y", "prediction")) {
      TableEncoding encoding = TableFormat.ofTargets("goal").fit(table);
      Model network = network("x", 3, 1, output);
      Model deployed = encoding.deployed(network);
      assertEquals(
          List.of(column, "text"), deployed.graph().inputs().stream().map(Input::name).toList());
      String answer = deployed.graph().outputs().get(0).name();
      try (PreparedModel whole = new ReferenceBackend().prepare(deployed);
          PreparedModel inner = new ReferenceBackend().prepare(network)) {
        Tensor rows = encoding.rows(table).tensor(0, table.size());
        Tensor expected = encoding.restored(inner.run(Map.of("x", rows)).tensor(output));
        assertArrayEquals(
            expected.toFloats(),
            whole.run(encoding.inputs(table)).tensor(answer).toFloats(),
            1e-4f);
      }
    }
  }

  /** A network from a file has whatever names; so all of those that a table's model has too. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void networksMayHaveNamesThatTheTableHas(boolean classes) throws IOException {
    CsvTable table = table("x,text,y_out,goal\n1,a,5,2\n2,b,6,3\n4,a,8,9\n7,b,1,1\n");
    TableFormat format = classes ? TableFormat.ofClasses("goal") : TableFormat.ofTargets("goal");
    TableEncoding encoding = format.withMissing(Missing.MEAN).fit(table);
    int answers = classes ? 4 : 1;
    Model plain = named(encoding.features(), answers);
    Model first = encoding.deployed(plain);
    Set<String> names = new TreeSet<>(List.of("i_out", "o_out", "o_out_out", "restored"));
    first.graph().inputs().forEach(input -> names.add(input.name()));
    first.graph().constants().forEach(constant -> names.add(constant.name()));
    first.graph().nodes().forEach(n -> n.outputs().forEach(result -> names.add(result.name())));
    assertTrue(names.containsAll(List.of("sub1_out", "x", "text")), names.toString());
    names.removeIf(GraphIndex.of(plain.graph())::has);
    Tensor rows = encoding.rows(table).tensor(0, table.size());
    Tensor expected;
    try (PreparedModel inner = new ReferenceBackend().prepare(plain)) {
      expected = encoding.restored(inner.run(Map.of("i", rows)).tensor("o"));
    }
    for (String name : names) {
      for (String role : List.of("i", "m", "o")) {
        Model deployed = encoding.deployed(ModelEditor.of(plain).renameValue(role, name).model());
        assertEquals(
            List.of("x", "y_out", "text"),
            deployed.graph().inputs().stream().map(Input::name).toList());
        try (PreparedModel whole = new ReferenceBackend().prepare(deployed)) {
          String answer = deployed.graph().outputs().get(0).name();
          assertArrayEquals(
              expected.toFloats(),
              whole.run(encoding.inputs(table)).tensor(answer).toFloats(),
              1e-4f,
              role + " " + name);
        }
      }
    }
  }

  /** From {@code i} by {@code m} to {@code o}. */
  private static Model named(int features, int outputs) {
    GraphBuilder b = GraphBuilder.of("net");
    Value x =
        b.identity(b.input("i", TensorType.of(ElementType.FLOAT, Shape.parse("N," + features))));
    b.output(Layers.of(b, 1).dense(x, outputs), "o");
    return ModelEditor.of(b.buildModel()).renameValue(x.name(), "m").model();
  }

  private static Model network(String input, int features, int outputs) {
    return network(input, features, outputs, "y");
  }

  private static Model network(String input, int features, int outputs, String output) {
    GraphBuilder b = GraphBuilder.of("net");
    Value x = b.input(input, TensorType.of(ElementType.FLOAT, Shape.parse("N," + features)));
    b.output(Layers.of(b, 1).dense(x, outputs), output);
    return b.buildModel();
  }

  @Test
  void predictionsComeBackInTheUnitsOfTheTable() throws IOException {
    StringBuilder text = new StringBuilder("a,b,price\n");
    Random random = new Random(1);
    for (int i = 0; i < 200; i++) {
      double a = random.nextDouble();
      double b = 1000 * random.nextDouble();
      text.append("%s,%s,%s%n".formatted(a, b, 200_000 + 50_000 * a - 30 * b));
    }
    CsvTable table = table(text.toString());
    TableEncoding encoding = TableFormat.ofTargets("price").fit(table);
    TrainingResult trained =
        Training.of(network("x", encoding.features(), 1))
            .loss(Loss.meanSquaredError())
            .learningRate(0.05)
            .epochs(20)
            .batchSize(20)
            .validationShare(0.1)
            .run(encoding.rows(table));
    Model deployed = encoding.deployed(trained.model());
    try (PreparedModel model = new ReferenceBackend().prepare(deployed)) {
      float[] predicted = model.run(encoding.inputs(table)).tensor("prediction").toFloats();
      float[] standard =
          trained
              .network()
              .output(encoding.rows(table).batches(200).next().getFeatures())[0]
              .data()
              .asFloat();
      assertArrayEquals(
          encoding.restored(Tensor.ofFloats(standard, 200, 1)).toFloats(), predicted, 0.1f);
      for (int i = 0; i < 200; i++) {
        assertEquals(Float.parseFloat(table.cell(i, 2)), predicted[i], 500);
      }
    }
  }

  @Test
  void aCategoryThatWasNotLearntIsAllZero() throws IOException {
    TableEncoding encoding = KINDS.fit(table("c,kind\nred,a\nblue,b\n"));
    assertArrayEquals(
        new float[] {0, 0}, encoding.rows(table("kind,c\na,green\n")).tensor(0, 1).toFloats());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "x,kind\\n1,a\\n2|t.csv: line 3 has 1 cells, but there are 2 columns",
        "x,kind\\n1,a\\n2,b,c|t.csv: line 3 has 3 cells, but there are 2 columns",
        "x,x\\n1,a|t.csv: two columns are called 'x'",
        "x,\\n1,a|t.csv: column 2 has no name; the first line names the columns",
        "x;kind\\n1;a|t.csv: has one column, 'x;kind'; another character may separate them",
        "''|t.csv: is empty; its first line names the columns",
        "x,kind|t.csv: has no rows to learn from",
        "x,sort\\n1,a|t.csv: has no column 'kind', only x, sort",
        "kind\\na\\nb|t.csv: has no column to learn from besides [kind]",
        "x,kind\\n1,a\\n2,a|t.csv: column 'kind' is 'a' in every row, and with one class there is"
            + " nothing to learn",
        "x,kind\\n1,a\\n,b|t.csv: line 3, column 'x': the value is missing; 'missing: mean' replaces"
            + " such values, 'missing: drop' leaves their rows out",
        "x,kind\\n1,a\\n2,|t.csv: line 3, column 'kind': the value is missing, and it is what is to"
            + " be learnt; remove the row",
        "n,kind\\n1,a\\nNaN,b|t.csv: line 3, column 'n': 'NaN' is not a finite number",
        "n,kind\\n1,a\\n\"1,5\",b|t.csv: line 3, column 'n': '1,5' is not a number; a decimal point"
            + " is a dot",
        "n,kind\\n1,a\\n1e39,b|t.csv: line 3, column 'n': 1e39 is beyond the range of 32-bit floats",
        "n,kind\\n0x1p3,a\\n1,b|t.csv: line 2, column 'n': '0x1p3' is not a number",
        "n,kind\\n1700000001,a\\n1700000002,b\\n1700000600,a|t.csv: the numbers in column 'n',"
            + " 1.70000e+09 and the like, hardly differ as 32-bit floats; subtract a constant"
            + " from them",
      })
  void whatIsWrongIsNamed(String text, String expected) {
    String lines = text.replace("\\n", "\n");
    TableFormat format = lines.startsWith("n,") ? KINDS.withNumeric("n") : KINDS;
    assertEquals(expected, message(() -> format.fit(table(lines))).replace(folder + "/", ""));
  }

  @Test
  void freeTextAndNumbersToPredictAreNoCategories() throws IOException {
    StringBuilder text = new StringBuilder("x,kind\n");
    for (int i = 0; i < 150; i++) {
      text.append(i == 0 ? "1" : "v" + i).append(',').append(i % 2).append('\n');
    }
    CsvTable many = table(text.toString());
    String message = message(() -> KINDS.fit(many));
    assertTrue(message.contains("line 3, column 'x': 'v1' is not a number"), message);
    String targets = message(() -> TableFormat.ofClasses("x").fit(many));
    assertTrue(targets.contains("name the column as a target"), targets);
  }

  /** As pandas would read them, {@code nan} and {@code 1_000} are numbers. */
  @ParameterizedTest
  @ValueSource(strings = {"nan", "inf", "1_000", "'1,5'", "0x10", "n/a"})
  void aCellThatMakesNumbersTextsIsTold(String cell) throws IOException {
    CsvTable table = table("x,kind\n1,a\n2,b\n2,b\n1,a\n" + cell.replace('\'', '"') + ",b\n");
    String plain = cell.replace("'", "");
    List<String> notes = KINDS.fit(table).notes();
    assertEquals(1, notes.size());
    assertTrue(
        notes.get(0).contains("line 6, column 'x': '" + plain + "' is not a number"), notes.get(0));
    assertEquals(List.of(), KINDS.withCategorical("x").fit(table).notes());
    assertEquals(List.of(), KINDS.withMissing(Missing.MEAN, plain).fit(table).notes());
    assertEquals(List.of(), KINDS.fit(table("x,kind\nred,a\nblue,b\n7,b\n")).notes());
  }

  @Test
  void rowsOfMissingValuesAreDropped() throws IOException {
    TableFormat format = KINDS.withMissing(Missing.DROP, "?").withIgnored("note");
    CsvTable table = table("x,note,kind\n1,,a\n?,b,b\n2,c,b\n3,,\n");
    assertEquals(2, format.complete(table).size());
    assertEquals(2, format.fit(format.complete(table)).rows(format.complete(table)).size());
    CsvTable wider = table("x,more,kind\n1,,a\n?,1,b\n");
    assertEquals(1, format.complete(wider, table.columns()).size());
    String none = message(() -> format.complete(table("x,note,kind\n?,,a\n")));
    assertTrue(none.contains("has no row in which nothing is missing"), none);
  }

  @Test
  void aFileInAnotherCharsetIsRefused() throws IOException {
    Path file = folder.resolve("t.csv");
    Files.write(file, "x,kind\n1,M\u00fcller\n".getBytes(StandardCharsets.ISO_8859_1));
    assertTrue(message(() -> CsvTable.read(file)).endsWith("t.csv: is not UTF-8"));
    Files.writeString(file, "x,kind\n1,\"a\n2,b\n");
    String open = message(() -> CsvTable.read(file));
    assertTrue(open.contains("t.csv") && open.contains("line 2"), open);
  }

  @Test
  void rowsAreThoseOfTheirRangeAndFingerprintsTellThemApart() throws IOException {
    CsvTable table = table("x,kind\n1,a\n2,b\n3,a\n4,b\n");
    TableEncoding encoding = KINDS.fit(table);
    LabelledRows rows = encoding.rows(table);
    assertEquals(rows.fingerprint(), encoding.rows(table).fingerprint());
    assertNotEquals(rows.fingerprint(), rows.range(0, 3).fingerprint());
    assertEquals(encoding.rows(table.range(1, 3)).tensor(0, 2), rows.range(1, 3).tensor(0, 2));
    assertEquals(rows.range(1, 3).fingerprint(), encoding.rows(table.range(1, 3)).fingerprint());
    assertThrows(IllegalArgumentException.class, () -> rows.requireClasses(1));
    assertEquals(table.shuffled(7).cell(0, 0), table.shuffled(7).cell(0, 0));
  }

  @Test
  void classesThatAreOnlyTestedOnHaveANumberToo() throws IOException {
    CsvTable table = table("x,kind\n1,a\n2,b\n3,c\n");
    TableEncoding encoding = KINDS.fit(table.range(0, 2), table);
    assertEquals(List.of("a", "b", "c"), encoding.classes());
    assertEquals(2, encoding.rows(table).label(2, 0));
  }

  /** Only numbers, only texts, one of each, as they are or standardised. */
  @ParameterizedTest
  @CsvSource({"a,true", "a,false", "t,true", "a-t,true", "a-b-t-u,false", "a-b,true"})
  void everyMixtureOfColumnsIsDeployed(String columns, boolean standardized) throws IOException {
    StringBuilder text = new StringBuilder("a,b,t,u,kind\n");
    for (int i = 0; i < 12; i++) {
      text.append("%d,%s,%s,%s,%s\n".formatted(i, i * i, "xy".charAt(i % 2), i % 3 + "t", i % 2));
    }
    CsvTable table = table(text.toString());
    List<String> kept = List.of(columns.split("-"));
    String[] ignored =
        List.of("a", "b", "t", "u").stream()
            .filter(name -> !kept.contains(name))
            .toArray(String[]::new);
    TableEncoding encoding = KINDS.withIgnored(ignored).withStandardized(standardized).fit(table);
    Model network = network("features", encoding.features(), 2);
    try (PreparedModel whole = new ReferenceBackend().prepare(encoding.deployed(network));
        PreparedModel inner = new ReferenceBackend().prepare(network)) {
      Tensor rows = encoding.rows(table).tensor(0, 12);
      Map<String, Tensor> inputs = encoding.inputs(table);
      assertEquals(kept.size(), inputs.size());
      assertEquals(inner.run(Map.of("features", rows)).tensor("y"), whole.run(inputs).tensor("y"));
    }
  }
}
