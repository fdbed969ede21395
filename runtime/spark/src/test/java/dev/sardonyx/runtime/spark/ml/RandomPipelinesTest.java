package dev.sardonyx.runtime.spark.ml;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.backend.Outputs;
import dev.sardonyx.ir.check.Checker;
import dev.sardonyx.runtime.OrtBackend;
import dev.sardonyx.runtime.spark.Cluster;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.Transformer;
import org.apache.spark.ml.linalg.SparseVector;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Every column that random pipelines make is the same from Spark and from ONNX Runtime. A row that
 * Spark refuses or leaves out has a NaN, an empty string or no cluster in one of them.
 *
 * <p>{@code -Dsardonyx.spark.pipelines=300} tries more, {@code -Dsardonyx.spark.firstPipeline=77}
 * others.
 */
final class RandomPipelinesTest {
  private static final long COUNT = Long.getLong("sardonyx.spark.pipelines", 4);
  private static final long FIRST = Long.getLong("sardonyx.spark.firstPipeline", 0);

  private static final int NO_CLUSTER = -1;

  /** The largest difference of each kind of stage, relative to numbers above 1. */
  private final Map<String, Double> largest = new TreeMap<>();

  /** Why Spark refused rows of a pipeline, by their numbers. */
  private final Map<Integer, String> refusals = new HashMap<>();

  private final SparkSession spark = quick();

  /** Without jobs: rows at hand are transformed in this process. */
  private static SparkSession quick() {
    SparkSession session = Cluster.inProcess().newSession();
    session.conf().set("spark.sql.codegen.wholeStage", false);
    session.conf().set("spark.sql.codegen.factoryMode", "NO_CODEGEN");
    return session;
  }

  @Test
  void sparkAndOnnxRuntimeAgree() {
    List<String> wrong = new ArrayList<>();
    for (long seed = FIRST; seed < FIRST + COUNT; seed++) {
      RandomPipeline pipeline = new RandomPipeline(seed);
      try {
        compare(pipeline);
      } catch (Exception | AssertionError e) {
        wrong.add("seed " + seed + ": " + e);
      }
    }
    if (Boolean.getBoolean("sardonyx.spark.differences")) {
      System.out.println(largest);
    }
    largest.forEach(
        (stage, off) -> {
          double told = Double.parseDouble(StageTable.of(stage).difference());
          assertTrue(off <= told, stage + ": " + off + " is more than the table's " + told);
        });
    assertTrue(wrong.isEmpty(), () -> wrong.size() + " differ:\n" + String.join("\n", wrong));
  }

  private void compare(RandomPipeline pipeline) {
    List<Transformer> stages = pipeline.stages();
    Map<String, String> makers = new HashMap<>();
    Set<String> columns = new LinkedHashSet<>();
    for (Transformer stage : stages) {
      for (String column : Settings.of(stage).outputs()) {
        makers.put(column, stage.getClass().getSimpleName());
        columns.add(column);
      }
    }
    Model model =
        Checker.require(
            SparkMlExporter.of(
                    new PipelineModel("p", stages.toArray(Transformer[]::new)), pipeline.schema())
                .withOutputs(columns.toArray(String[]::new))
                .toModel());
    assertOperatorsAreThoseOfTheTable(model, stages);
    refusals.clear();
    Map<Integer, Row> expected = transformed(pipeline.rows(), pipeline);
    Map<String, Tensor> inputs = new HashMap<>();
    List<Row> frame = spark.createDataFrame(pipeline.rows(), pipeline.schema()).collectAsList();
    for (Input input : model.graph().inputs()) {
      inputs.put(input.name(), tensor(input, frame));
    }
    try (var prepared = OrtBackend.cpu().prepare(model)) {
      Outputs actual = prepared.run(inputs);
      for (int row = 0; row < pipeline.rows().size(); row++) {
        compare(row, expected.get(row), actual, columns, makers);
      }
    }
  }

  private static void assertOperatorsAreThoseOfTheTable(Model model, List<Transformer> stages) {
    Set<String> told = new HashSet<>(Set.of("Constant", "Cast", "Identity"));
    for (Transformer stage : stages) {
      told.addAll(StageTable.of(stage.getClass().getSimpleName()).operators());
    }
    for (Node node : model.graph().nodes()) {
      assertTrue(told.contains(node.opType()), () -> node.opType() + " is none of " + told);
    }
  }

  @Test
  void theTableNamesAllStages() throws IOException {
    assertEquals(
        StageForms.names(), StageTable.read().stream().map(StageTable::name).sorted().toList());
  }

  private void compare(
      int row,
      @Nullable Row expected,
      Outputs actual,
      Set<String> columns,
      Map<String, String> makers) {
    boolean isMarked = false;
    for (String column : columns) {
      Tensor tensor = actual.tensor(column);
      String where = makers.get(column) + " " + column + ", row " + row + ": ";
      if (tensor.elementType() == ElementType.STRING) {
        String got = tensor.strings().get(row);
        isMarked |= got.isEmpty();
        assertTrue(expected == null || got.equals(expected.getAs(column)), where + got);
        continue;
      }
      double[] all = tensor.toDoubles();
      int size = all.length / (int) tensor.dim(0);
      double[] want = expected == null ? null : numbers(expected.getAs(column));
      assertTrue(want == null || want.length == size, () -> where + size + " elements");
      if (want != null && expected.getAs(column) instanceof SparseVector vector) {
        int nan = all.length;
        for (int i = size - 1; i >= 0; i--) {
          nan = Double.isNaN(all[row * size + i]) && want[i] == 0 ? i : nan;
        }
        if (nan < all.length && Arrays.binarySearch(vector.indices(), nan) < 0) {
          return; // Spark divides no zeros of sparse vectors by a norm, not even by NaN
        }
      }
      for (int i = 0; i < size; i++) {
        double got = all[row * size + i];
        isMarked |= Double.isNaN(got) || got == NO_CLUSTER && where.startsWith("KMeans");
        if (want != null && Double.compare(want[i] + 0.0, got + 0.0) != 0) {
          double off = Math.abs(want[i] - got) / Math.max(1, Math.abs(want[i]));
          String is = where + got + ", not " + want[i] + " of " + expected;
          assertTrue(off <= 1e-5, is);
          largest.merge(String.valueOf(makers.get(column)), off, Math::max);
        }
      }
    }
    assertTrue(
        expected != null || isMarked, "row " + row + " has no NaN, but: " + refusals.get(row));
  }

  /** What Spark makes of each row that it neither refuses nor leaves out, by its number. */
  private Map<Integer, Row> transformed(List<Row> rows, RandomPipeline pipeline) {
    Map<Integer, Row> made = new HashMap<>();
    try {
      transform(rows, pipeline).forEach(row -> made.put(row.getInt(0), row));
    } catch (Exception refused) {
      if (rows.size() > 1) {
        made.clear();
        int half = rows.size() / 2;
        made.putAll(transformed(rows.subList(0, half), pipeline));
        made.putAll(transformed(rows.subList(half, rows.size()), pipeline));
      } else {
        Throwable cause = refused;
        while (cause.getCause() != null) {
          cause = cause.getCause();
        }
        refusals.put(rows.get(0).getInt(0), cause.toString());
      }
    }
    return made;
  }

  private List<Row> transform(List<Row> rows, RandomPipeline pipeline) {
    Dataset<Row> frame = spark.createDataFrame(rows, pipeline.schema());
    for (Transformer stage : pipeline.stages()) {
      frame = stage.transform(frame);
    }
    return frame.collectAsList();
  }

  private static Tensor tensor(Input input, List<Row> rows) {
    ElementType type = ((TensorType) input.type()).elementType();
    int at = rows.get(0).fieldIndex(input.name());
    if (type == ElementType.STRING) {
      return Tensor.ofStrings(rows.stream().map(r -> r.getString(at)).toList(), rows.size(), 1);
    }
    double[] all = rows.stream().flatMapToDouble(r -> Arrays.stream(numbers(r.get(at)))).toArray();
    return Tensor.ofNumbers(type, all, rows.size(), all.length / rows.size());
  }

  private static double[] numbers(Object value) {
    if (value instanceof Vector vector) {
      return vector.toArray();
    }
    return new double[] {
      value instanceof Boolean flag ? (flag ? 1 : 0) : ((Number) value).doubleValue()
    };
  }
}
