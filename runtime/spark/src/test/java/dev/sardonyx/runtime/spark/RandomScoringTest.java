package dev.sardonyx.runtime.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.sardonyx.export.OnnxWriter;
import dev.sardonyx.ir.Dim;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.backend.Outputs;
import dev.sardonyx.runtime.session.InferenceSession;
import dev.sardonyx.runtime.session.SessionOptions;
import dev.sardonyx.runtime.session.Threads;
import dev.sardonyx.runtime.spark.RandomColumn.Cell;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import scala.collection.Seq;
import scala.jdk.javaapi.CollectionConverters;

/**
 * Random models score random tables, as a stage and as a function of SQL, as a session scores each
 * row alone, and as ONNX Runtime itself does. Rows that are bad are null, with a reason, and harm
 * no other row.
 *
 * <p>{@code -Dsardonyx.spark.models=500} tries more, {@code -Dsardonyx.spark.firstModel=77} others.
 */
class RandomScoringTest {
  private static final long COUNT = Long.getLong("sardonyx.spark.models", 12);
  private static final long FIRST = Long.getLong("sardonyx.spark.firstModel", 0);
  private static final String REASON = "why? .";

  /** Those that ONNX Runtime's Java API makes tensors of. */
  private static final Set<ElementType> RAW =
      Set.of(
          ElementType.FLOAT,
          ElementType.DOUBLE,
          ElementType.FLOAT16,
          ElementType.BFLOAT16,
          ElementType.INT8,
          ElementType.INT16,
          ElementType.INT32,
          ElementType.INT64,
          ElementType.UINT8,
          ElementType.BOOL,
          ElementType.STRING);

  private static final SessionOptions ONE_THREAD =
      SessionOptions.DEFAULT.withThreads(Threads.of(1));

  private final SparkSession spark = Cluster.inProcess();

  @Test
  void tablesAreScoredAsTheirRows() throws Exception {
    List<String> wrong = new ArrayList<>();
    for (long seed = FIRST; seed < FIRST + COUNT; seed++) {
      try {
        compare(seed);
      } catch (Exception | AssertionError e) {
        Throwable cause = e;
        while (cause.getCause() != null) {
          cause = cause.getCause();
        }
        wrong.add("seed " + seed + ": " + cause);
      }
    }
    assertTrue(wrong.isEmpty(), () -> wrong.size() + " differ:\n" + String.join("\n", wrong));
  }

  /**
   * A row of a table.
   *
   * @param tensors the inputs of a run of this row alone; null if it is bad
   */
  private record Line(Row row, @Nullable Map<String, Tensor> tensors) {}

  private void compare(long seed) throws Exception {
    Random random = new Random(seed * 6007 + 5);
    RandomScoring scoring = new RandomScoring(random);
    Model model = scoring.model();
    OnnxTransformer transformer = new OnnxTransformer().setModel(model);
    scoring.configure(transformer);
    List<Integer> order = new ArrayList<>(List.of(-1, -2));
    for (int i = 0; i < scoring.inputs().size(); i++) {
      order.add(i);
    }
    Collections.shuffle(order, random);
    StructType schema = new StructType();
    for (int place : order) {
      schema =
          switch (place) {
            case -1 -> schema.add("id", DataTypes.IntegerType);
            case -2 -> schema.add("beside `it`.", DataTypes.StringType);
            default ->
                schema.add(
                    scoring.inputs().get(place).column(), scoring.inputs().get(place).dataType());
          };
    }
    boolean isTolerant = random.nextBoolean();
    List<Line> lines = new ArrayList<>();
    for (int id = random.nextInt(13); id > 0; id--) {
      lines.add(line(scoring, order, id, isTolerant && random.nextInt(5) == 0, random));
    }
    List<Map<String, List<Object>>> expected = new ArrayList<>();
    try (InferenceSession session = InferenceSession.of(model, ONE_THREAD)) {
      for (Line line : lines) {
        expected.add(line.tensors() == null ? Map.of() : alone(session, line, scoring));
      }
    }
    compareRaw(model, scoring, lines, expected);
    compareTable(transformer, scoring, schema, lines, expected, random);
    if (isTolerant) {
      transformer.setNullOnFailure();
    }
    compareFunction(transformer, scoring, schema, lines, expected, "seed" + seed);
  }

  private Line line(
      RandomScoring scoring, List<Integer> order, int id, boolean isBad, Random random) {
    Map<Dim, Long> sizes = new HashMap<>();
    int bad = isBad ? random.nextInt(scoring.inputs().size()) : -1;
    Map<String, Tensor> tensors = new HashMap<>();
    @Nullable Object[] row = new @Nullable Object[order.size()];
    for (int place = 0; place < row.length; place++) {
      int input = order.get(place);
      if (input < 0) {
        row[place] = input == -1 ? (Object) id : random.nextBoolean() ? "b" + id : null;
        continue;
      }
      RandomColumn column = scoring.inputs().get(input);
      long[] own = new long[column.dims().size()];
      for (int axis = 0; axis < own.length; axis++) {
        Dim dim = column.dims().get(axis);
        if (dim instanceof Dim.Fixed fixed) {
          own[axis] = fixed.size();
        } else {
          long size = size(scoring, dim, random);
          own[axis] = dim instanceof Dim.Symbol ? sizes.computeIfAbsent(dim, any -> size) : size;
        }
      }
      Cell cell = input == bad ? column.bad(own) : column.good(own, Math.max(scoring.rows(), 1));
      row[place] = cell.cell();
      if (cell.tensor() != null) {
        tensors.put(column.name(), cell.tensor());
      }
    }
    return new Line(RowFactory.create(row), bad < 0 ? tensors : null);
  }

  private static long size(RandomScoring scoring, Dim dim, Random random) {
    return scoring.canBeEmpty(dim) && random.nextInt(6) == 0 ? 0 : 1 + random.nextInt(4);
  }

  /** The elements of each output for one row. */
  private static Map<String, List<Object>> alone(
      InferenceSession session, Line line, RandomScoring scoring) {
    Map<String, List<Object>> values = new HashMap<>();
    Outputs outputs = session.run(line.tensors());
    for (RandomScoring.Made output : scoring.outputs()) {
      List<Object> all = elements(outputs.tensor(output.name()));
      values.put(output.name(), all.subList(0, all.size() / Math.max(scoring.rows(), 1)));
    }
    return values;
  }

  private static List<Object> elements(Tensor tensor) {
    if (tensor.elementType() == ElementType.STRING) {
      return List.copyOf(tensor.strings());
    }
    if (tensor.elementType() == ElementType.INT64) {
      return Arrays.stream(tensor.toLongs()).<Object>mapToObj(each -> each).toList();
    }
    return Arrays.stream(tensor.toDoubles()).<Object>mapToObj(each -> each).toList();
  }

  /** The session is no witness of itself: ONNX Runtime's own API gives the same for each row. */
  private static void compareRaw(
      Model model,
      RandomScoring scoring,
      List<Line> lines,
      List<Map<String, List<Object>>> expected)
      throws OrtException {
    boolean isRaw =
        scoring.inputs().stream().allMatch(each -> RAW.contains(each.type()))
            && scoring.outputs().stream().allMatch(each -> RAW.contains(each.type()));
    if (!isRaw) {
      return;
    }
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setIntraOpNumThreads(1);
      try (OrtSession session = environment.createSession(OnnxWriter.toBytes(model), options)) {
        for (int i = 0; i < lines.size(); i++) {
          Map<String, Tensor> tensors = lines.get(i).tensors();
          if (tensors != null && tensors.values().stream().allMatch(each -> each.size() > 0)) {
            compareRaw(environment, session, tensors, scoring, expected.get(i));
          }
        }
      }
    }
  }

  private static void compareRaw(
      OrtEnvironment environment,
      OrtSession session,
      Map<String, Tensor> tensors,
      RandomScoring scoring,
      Map<String, List<Object>> expected)
      throws OrtException {
    Map<String, OnnxTensor> given = new HashMap<>();
    for (Map.Entry<String, Tensor> each : tensors.entrySet()) {
      given.put(each.getKey(), raw(environment, each.getValue()));
    }
    try (OrtSession.Result result = session.run(given)) {
      for (RandomScoring.Made output : scoring.outputs()) {
        OnnxTensor tensor = (OnnxTensor) result.get(output.name()).orElseThrow();
        long[] dims = tensor.getInfo().getShape();
        List<Object> all = new ArrayList<>();
        if (output.type() == ElementType.STRING) {
          addStrings(tensor.getValue(), all);
        } else {
          ByteBuffer bytes = tensor.getByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
          all.addAll(elements(Tensor.of(output.type(), dims, bytes)));
        }
        assertEquals(
            expected.get(output.name()),
            all.subList(0, all.size() / Math.max(scoring.rows(), 1)),
            output.name());
      }
    } finally {
      given.values().forEach(OnnxTensor::close);
    }
  }

  private static void addStrings(Object nested, List<Object> all) {
    if (nested instanceof Object[] parts) {
      for (Object part : parts) {
        addStrings(part, all);
      }
    } else {
      all.add(nested);
    }
  }

  private static OnnxTensor raw(OrtEnvironment environment, Tensor tensor) throws OrtException {
    long[] dims = tensor.dims();
    if (tensor.elementType() == ElementType.STRING) {
      return OnnxTensor.createTensor(environment, tensor.strings().toArray(String[]::new), dims);
    }
    ByteBuffer bytes = tensor.bytes();
    ByteBuffer direct = ByteBuffer.allocateDirect(bytes.remaining()).order(ByteOrder.LITTLE_ENDIAN);
    direct.put(bytes).rewind();
    return OnnxTensor.createTensor(
        environment, direct, dims, OnnxJavaType.valueOf(tensor.elementType().name()));
  }

  private void compareTable(
      OnnxTransformer transformer,
      RandomScoring scoring,
      StructType schema,
      List<Line> lines,
      List<Map<String, List<Object>>> expected,
      Random random) {
    List<Row> rows = lines.stream().map(Line::row).toList();
    // With more partitions than rows, some are empty.
    int partitions = 1 + random.nextInt(rows.size() + 2);
    Dataset<Row> frame =
        spark.createDataFrame(
            new JavaSparkContext(spark.sparkContext()).parallelize(rows, partitions), schema);
    boolean hasBad = lines.stream().anyMatch(line -> line.tensors() == null);
    if (hasBad && random.nextInt(3) == 0) {
      assertThrows(Exception.class, () -> transformer.transform(frame).collectAsList());
    }
    OnnxTransformer tolerant =
        transformer.copy(org.apache.spark.ml.param.ParamMap.empty()).setNullOnFailure(REASON);
    Dataset<Row> scored = (hasBad ? tolerant : transformer).transform(frame);
    List<Row> got = scored.collectAsList();
    assertEquals(rows.size(), got.size());
    for (int i = 0; i < got.size(); i++) {
      Row row = got.get(i);
      for (int place = 0; place < schema.size(); place++) {
        assertEquals(flat(rows.get(i).get(place)), flat(row.get(place)), "a column passed on");
      }
      boolean isGood = lines.get(i).tensors() != null;
      if (hasBad && isGood) {
        assertNull(row.getAs(REASON), () -> row.toString());
      } else if (hasBad) {
        assertNotNull(row.getAs(REASON), () -> row.toString());
      }
      for (RandomScoring.Made output : scoring.outputs()) {
        compareCell(expected.get(i).get(output.name()), row.getAs(output.name() + " y"), output);
      }
    }
  }

  private static void compareCell(
      @Nullable List<Object> expected, @Nullable Object cell, RandomScoring.Made output) {
    if (expected == null) {
      assertNull(cell, output.name());
      return;
    }
    boolean isLong = output.type() == ElementType.INT64 && !(cell instanceof Vector);
    List<Object> want =
        expected.stream()
            .map(
                each ->
                    each instanceof Long number && !isLong ? (Object) number.doubleValue() : each)
            .toList();
    List<Object> got =
        flat(cell).stream()
            .map(
                each ->
                    each instanceof Number number
                        ? (isLong ? (Object) number.longValue() : (Object) number.doubleValue())
                        : each instanceof Boolean flag ? (Object) (flag ? 1.0 : 0.0) : each)
            .toList();
    assertEquals(want, got, output.name());
  }

  private void compareFunction(
      OnnxTransformer transformer,
      RandomScoring scoring,
      StructType schema,
      List<Line> lines,
      List<Map<String, List<Object>>> expected,
      String name) {
    OnnxFunctions.register(spark, name, transformer);
    // Arguments are in the order of setInput.
    Column[] arguments =
        Arrays.stream(transformer.getOrDefault(transformer.inputCols()))
            .map(column -> functions.col("`" + column.replace("`", "``") + "`"))
            .toArray(Column[]::new);
    List<Row> got =
        spark
            .createDataFrame(lines.stream().map(Line::row).toList(), schema)
            .select(functions.call_function(name, arguments))
            .collectAsList();
    spark.sessionState().catalog().dropTempFunction(name, true);
    for (int i = 0; i < got.size(); i++) {
      List<RandomScoring.Made> outputs = scoring.outputs();
      for (int output = 0; output < outputs.size(); output++) {
        Object cell = got.get(i).get(0);
        if (cell instanceof Row all && outputs.size() > 1) {
          cell = all.get(output);
        }
        compareCell(expected.get(i).get(outputs.get(output).name()), cell, outputs.get(output));
      }
    }
  }

  /** The elements of a value, however deep. */
  private static List<Object> flat(@Nullable Object value) {
    List<Object> all = new ArrayList<>();
    if (value instanceof Seq<?> seq) {
      CollectionConverters.asJava(seq).forEach(part -> all.addAll(flat(part)));
    } else if (value instanceof Object[] parts) {
      Arrays.stream(parts).forEach(part -> all.addAll(flat(part)));
    } else if (value instanceof Vector vector) {
      for (double each : vector.toArray()) {
        all.add(each);
      }
    } else if (value instanceof byte[] bytes) {
      all.add(ByteBuffer.wrap(bytes));
    } else {
      all.add(value == null ? "null" : value);
    }
    return all;
  }
}
