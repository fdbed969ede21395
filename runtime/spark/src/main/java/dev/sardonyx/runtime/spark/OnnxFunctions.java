package dev.sardonyx.runtime.spark;

import dev.sardonyx.runtime.spark.Scorer.Scored;
import java.io.Serializable;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.TaskContext;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.api.java.UDF1;
import org.apache.spark.sql.api.java.UDF2;
import org.apache.spark.sql.api.java.UDF3;
import org.apache.spark.sql.api.java.UDF4;
import org.apache.spark.sql.types.DataType;
import org.jspecify.annotations.Nullable;

/**
 * Models as functions of SQL.
 *
 * <pre>{@code
 * OnnxFunctions.register(spark, "score", new OnnxTransformer().setModel("model.onnx"));
 * spark.sql("SELECT id, score(features) FROM customers");
 * }</pre>
 *
 * <p>SQL calls a function row by row, so each call is a run of one row: for the rows of a whole
 * table, {@link OnnxTransformer#transform} is many times as fast.
 */
public final class OnnxFunctions {
  private OnnxFunctions() {}

  /**
   * Registers a model with up to four inputs, which are the arguments in the order of {@link
   * OnnxTransformer#setInput}. The value is that of the output or, if there are several, a
   * structure of them; with {@link OnnxTransformer#setNullOnFailure}, null for a row that fails.
   *
   * @param name in SQL
   * @param model with its parameters, as they are now
   * @throws IllegalArgumentException if it has more inputs, or parameters that do not fit it
   */
  public static void register(SparkSession session, String name, OnnxTransformer model) {
    ColumnPlan.Callable callable = model.callable(session);
    Scoring scoring = callable.scoring();
    DataType type = callable.type();
    RowFunction function = new RowFunction(scoring);
    switch (scoring.inputs().size()) {
      case 1 -> session.udf().register(name, (UDF1<Object, Object>) function::of, type);
      case 2 -> session.udf().register(name, (UDF2<Object, Object, Object>) function::of, type);
      case 3 ->
          session.udf().register(name, (UDF3<Object, Object, Object, Object>) function::of, type);
      case 4 ->
          session
              .udf()
              .register(name, (UDF4<Object, Object, Object, Object, Object>) function::of, type);
      default ->
          throw new IllegalArgumentException(
              "A function of SQL takes up to 4 inputs here, and the model has "
                  + scoring.inputs().size());
    }
  }

  /** One row at a time. */
  private static final class RowFunction implements Serializable {
    private static final long serialVersionUID = 1L;

    private final Scoring scoring;

    /** Made by the first call in a task. */
    private transient @Nullable Scorer scorer;

    RowFunction(Scoring scoring) {
      this.scoring = scoring;
    }

    @Nullable Object of(@Nullable Object... arguments) {
      Scorer made = scorer;
      if (made == null) {
        made = new Scorer(scoring, TaskContext.get());
        scorer = made;
      }
      Scored scored;
      try (SharedSessions.Lease lease = scoring.lease()) {
        scored = made.score(lease.session(), List.of(Arrays.asList(arguments))).get(0);
      }
      Object[] results = scored.values();
      if (results == null) {
        return null;
      }
      return results.length == 1 ? results[0] : RowFactory.create(results);
    }
  }
}
