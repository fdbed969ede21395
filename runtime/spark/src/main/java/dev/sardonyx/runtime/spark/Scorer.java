package dev.sardonyx.runtime.spark;

import dev.sardonyx.ir.backend.Outputs;
import dev.sardonyx.runtime.session.InferenceSession;
import dev.sardonyx.runtime.session.ModelRunException;
import dev.sardonyx.runtime.session.RunOptions;
import dev.sardonyx.runtime.spark.RowBatch.Cells;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.TaskContext;
import org.jspecify.annotations.Nullable;

/** Scores rows. For one task. */
final class Scorer {
  private final Scoring scoring;
  private final RowBatch batch;
  private final int rows;
  private final RunOptions options;

  /**
   * @param task whose end ends its runs, too; null for none
   */
  Scorer(Scoring scoring, @Nullable TaskContext task) {
    this.scoring = scoring;
    RowLayout layout = ModelFiles.layout(ModelFiles.onExecutor(scoring.model()), scoring.axis());
    this.batch = scoring.batch(layout);
    this.rows = layout.rows() > 0 ? layout.rows() : scoring.batchSize();
    this.options =
        task == null
            ? RunOptions.DEFAULT
            : RunOptions.DEFAULT.withCancellation(KilledTasks.cancellation(task));
  }

  /** How many rows at once fill all their runs, the fewest from the batch size on. */
  int rowsAtOnce() {
    long runs = ((long) scoring.batchSize() + rows - 1) / rows;
    return (int) Math.min(runs * rows, Integer.MAX_VALUE);
  }

  /**
   * What came of a row.
   *
   * @param values of the output columns; null if it failed
   * @param reason why it failed; null if it did not
   */
  record Scored(Object @Nullable [] values, @Nullable String reason) {}

  /**
   * Scores rows, those that fit together in one run.
   *
   * @param given of each row the values of the input columns
   * @return in the order of the rows
   */
  List<Scored> score(InferenceSession session, List<? extends List<?>> given) {
    Scored[] scored = new Scored[given.size()];
    Map<List<Long>, List<Integer>> groups = new LinkedHashMap<>();
    List<@Nullable Cells> cells = new ArrayList<>(given.size());
    for (int row = 0; row < given.size(); row++) {
      Cells own = null;
      try {
        own = batch.cells(given.get(row));
        groups.computeIfAbsent(own.key(), key -> new ArrayList<>()).add(row);
      } catch (RuntimeException e) {
        scored[row] = failed(e);
      }
      cells.add(own);
    }
    for (List<Integer> group : groups.values()) {
      for (int from = 0; from < group.size(); from += rows) {
        run(session, group.subList(from, Math.min(from + rows, group.size())), cells, scored);
      }
    }
    return List.of(scored);
  }

  private void run(
      InferenceSession session, List<Integer> group, List<@Nullable Cells> cells, Scored[] scored) {
    List<Cells> own = new ArrayList<>(group.size());
    for (int row : group) {
      Cells of = cells.get(row);
      if (of != null) {
        own.add(of);
      }
    }
    try {
      Outputs outputs = session.run(batch.join(own), options);
      List<Object[]> values = batch.split(own, outputs);
      for (int i = 0; i < group.size(); i++) {
        scored[group.get(i)] = new Scored(values.get(i), null);
      }
    } catch (RuntimeException e) {
      Scored failed = failed(e);
      if (group.size() == 1) {
        scored[group.get(0)] = failed;
      } else {
        // Only the rows that fail by themselves are lost; halves find a few of them soon.
        int half = group.size() / 2;
        run(session, group.subList(0, half), cells, scored);
        run(session, group.subList(half, group.size()), cells, scored);
      }
    }
  }

  /**
   * @throws RuntimeException the same, if the job is to fail or has been cancelled
   */
  private Scored failed(RuntimeException e) {
    boolean isCancelled =
        e instanceof ModelRunException run && run.reason() != ModelRunException.Reason.FAILED;
    if (scoring.failing() || isCancelled || Thread.currentThread().isInterrupted()) {
      throw e;
    }
    String message = e.getMessage();
    return new Scored(null, message == null ? e.toString() : message);
  }
}
