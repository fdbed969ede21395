package dev.sardonyx.runtime.spark;

import dev.sardonyx.runtime.session.InferenceSession;
import dev.sardonyx.runtime.spark.Scorer.Scored;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Queue;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.jspecify.annotations.Nullable;

/**
 * Appends outputs to the rows of a partition.
 *
 * @param places of the input columns among a row's columns
 * @param reasons whether a column with the reason of a failure comes last
 */
record ScoredRows(Scoring scoring, List<Integer> places, boolean reasons)
    implements MapPartitionsFunction<Row, Row> {
  private static final long serialVersionUID = 1L;

  ScoredRows {
    places = List.copyOf(places);
  }

  @Override
  public Iterator<Row> call(Iterator<Row> rows) {
    return new ScoredIterator(rows);
  }

  private final class ScoredIterator implements Iterator<Row> {
    private final Iterator<Row> rows;
    private final Queue<Row> done = new ArrayDeque<>();
    private @Nullable Scorer scorer;
    private SharedSessions.@Nullable Lease lease;

    ScoredIterator(Iterator<Row> rows) {
      this.rows = rows;
    }

    @Override
    public boolean hasNext() {
      return !done.isEmpty() || rows.hasNext();
    }

    @Override
    public Row next() {
      if (done.isEmpty()) {
        scoreMore();
      }
      Row next = done.poll();
      if (next == null) {
        throw new NoSuchElementException("There is no further row");
      }
      return next;
    }

    private void scoreMore() {
      Scorer with = scorer();
      int most = with.rowsAtOnce();
      List<Row> batch = new ArrayList<>();
      List<List<Object>> values = new ArrayList<>();
      while (batch.size() < most && rows.hasNext()) {
        Row row = rows.next();
        batch.add(row);
        List<Object> own = new ArrayList<>(places.size());
        for (int place : places) {
          own.add(row.get(place));
        }
        values.add(own);
      }
      List<Scored> scored = with.score(session(), values);
      for (int i = 0; i < batch.size(); i++) {
        done.add(appended(batch.get(i), scored.get(i)));
      }
    }

    private Scorer scorer() {
      Scorer made = scorer;
      if (made == null) {
        made = new Scorer(scoring, TaskContext.get());
        scorer = made;
      }
      return made;
    }

    private InferenceSession session() {
      SharedSessions.Lease held = lease;
      if (held == null) {
        SharedSessions.Lease taken = scoring.lease();
        TaskContext.get()
            .<Object>addTaskCompletionListener(
                task -> {
                  taken.close();
                  return null;
                });
        held = taken;
        lease = held;
      }
      return held.session();
    }
  }

  private Row appended(Row row, Scored scored) {
    int own = row.size();
    @Nullable Object[] values =
        new @Nullable Object[own + scoring.outputs().size() + (reasons ? 1 : 0)];
    for (int i = 0; i < own; i++) {
      values[i] = row.get(i);
    }
    if (scored.values() != null) {
      System.arraycopy(scored.values(), 0, values, own, scored.values().length);
    }
    if (reasons) {
      values[values.length - 1] = scored.reason();
    }
    return RowFactory.create(values);
  }
}
