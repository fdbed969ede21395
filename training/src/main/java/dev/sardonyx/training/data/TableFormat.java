package dev.sardonyx.training.data;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * What the columns of a table mean. Columns that are not named are features: numeric if all their
 * cells are numbers, else categorical.
 *
 * <pre>{@code
 * CsvTable table = CsvTable.read(Path.of("flowers.csv")).shuffled(42);
 * TableEncoding encoding = TableFormat.ofClasses("species").withIgnored("id").fit(table);
 * TrainingResult trained = Training.of(model).run(encoding.rows(table));
 * OnnxExport.of(encoding.deployed(trained.model())).write(file);
 * }</pre>
 *
 * @param label whether the first of the {@code goals}, the only one, is a column of class names;
 *     otherwise they are columns of numbers to predict
 * @param goals the columns to predict
 * @param numeric columns of numbers
 * @param categorical columns of texts, each of which is a category
 * @param ignored columns that are not looked at
 * @param missing what becomes of missing values in features
 * @param missingTexts what stands for a missing value, besides nothing, such as {@code NA}
 * @param standardized whether numbers, those to predict included, are brought to mean 0 and
 *     deviation 1 for the network
 */
public record TableFormat(
    boolean label,
    List<String> goals,
    List<String> numeric,
    List<String> categorical,
    List<String> ignored,
    Missing missing,
    List<String> missingTexts,
    boolean standardized) {

  /** What becomes of missing values in features. */
  public enum Missing {
    /** They are an error. */
    REFUSE,
    /** A number is replaced by the mean of its column; no text is a category of its own. */
    MEAN,
    /** Their rows are left out. */
    DROP
  }

  /**
   * @throws IllegalArgumentException if a column is named twice
   */
  public TableFormat {
    goals = List.copyOf(goals);
    numeric = List.copyOf(numeric);
    categorical = List.copyOf(categorical);
    ignored = List.copyOf(ignored);
    missingTexts = List.copyOf(missingTexts);
    if (goals.isEmpty()) {
      throw new IllegalArgumentException("There is no column to predict");
    }
    Set<String> seen = new HashSet<>();
    for (List<String> columns : List.of(goals, numeric, categorical, ignored)) {
      for (String column : columns) {
        if (!seen.add(column)) {
          throw new IllegalArgumentException("Column '" + column + "' is named twice");
        }
      }
    }
  }

  /** A table whose rows belong to classes, which a column names; numbers are standardised. */
  public static TableFormat ofClasses(String label) {
    return new TableFormat(
        true, List.of(label), List.of(), List.of(), List.of(), Missing.REFUSE, List.of(), true);
  }

  /** A table with columns of numbers to predict; numbers are standardised. */
  public static TableFormat ofTargets(String... targets) {
    return new TableFormat(
        false, List.of(targets), List.of(), List.of(), List.of(), Missing.REFUSE, List.of(), true);
  }

  public TableFormat withNumeric(String... columns) {
    return new TableFormat(
        label, goals, List.of(columns), categorical, ignored, missing, missingTexts, standardized);
  }

  public TableFormat withCategorical(String... columns) {
    return new TableFormat(
        label, goals, numeric, List.of(columns), ignored, missing, missingTexts, standardized);
  }

  public TableFormat withIgnored(String... columns) {
    return new TableFormat(
        label, goals, numeric, categorical, List.of(columns), missing, missingTexts, standardized);
  }

  /**
   * What becomes of missing values.
   *
   * @param texts what stands for one, besides nothing
   */
  public TableFormat withMissing(Missing changed, String... texts) {
    return new TableFormat(
        label, goals, numeric, categorical, ignored, changed, List.of(texts), standardized);
  }

  public TableFormat withStandardized(boolean changed) {
    return new TableFormat(
        label, goals, numeric, categorical, ignored, missing, missingTexts, changed);
  }

  /**
   * How rows become numbers, as a table to learn from shows it.
   *
   * @param training rows that means, deviations and categories are taken from
   * @throws DataException naming the column, or the line and the value, that does not fit
   */
  public TableEncoding fit(CsvTable training) throws DataException {
    return fit(training, training);
  }

  /**
   * The same, where there are rows of classes that are not among those to learn from.
   *
   * @param all rows that the names of the classes are taken from
   */
  public TableEncoding fit(CsvTable training, CsvTable all) throws DataException {
    return TableFitting.fit(this, training, all);
  }

  /**
   * The rows to use: all, or with {@link Missing#DROP} those in which nothing is missing.
   *
   * @throws DataException if there is no such row
   */
  public CsvTable complete(CsvTable table) throws DataException {
    return complete(table, table.columns());
  }

  /**
   * The same for a table to test on, which may have more columns.
   *
   * @param learnt the columns of the table to learn from; others are not looked at
   */
  public CsvTable complete(CsvTable table, List<String> learnt) throws DataException {
    if (missing != Missing.DROP) {
      return table;
    }
    List<Integer> looked = new ArrayList<>();
    for (int column = 0; column < table.columns().size(); column++) {
      String name = table.columns().get(column);
      if (learnt.contains(name) && !ignored.contains(name)) {
        looked.add(column);
      }
    }
    int[] complete =
        IntStream.range(0, table.size())
            .filter(row -> looked.stream().noneMatch(c -> isMissing(table.cell(row, c))))
            .toArray();
    if (complete.length == 0) {
      throw new DataException(table.source() + ": has no row in which nothing is missing");
    }
    return table.select(complete);
  }

  boolean isMissing(String cell) {
    return cell.isEmpty() || missingTexts.contains(cell);
  }

  /** All columns that are named as something. */
  Collection<String> named() {
    Set<String> named = new HashSet<>(goals);
    named.addAll(numeric);
    named.addAll(categorical);
    named.addAll(ignored);
    return named;
  }
}
