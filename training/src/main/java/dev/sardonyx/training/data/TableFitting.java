package dev.sardonyx.training.data;

import dev.sardonyx.training.data.TableEncoding.Categories;
import dev.sardonyx.training.data.TableEncoding.Scale;
import dev.sardonyx.training.data.TableFormat.Missing;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Finds means, deviations and categories in the rows to learn from. */
final class TableFitting {
  /** A column with more texts than this is no category but free text, or a number in disguise. */
  private static final int MOST_CATEGORIES = 100;

  private static final int MOST_CLASSES = 1000;

  /** So many may be in any number of rows. */
  private static final int FEW = 10;

  /** Deviations that are not so many times the distance of neighbouring floats are lost in them. */
  private static final int LEAST_STEPS = 16;

  private final TableFormat format;
  private final TableColumns columns;
  private final TableColumns all;
  private final List<String> notes = new ArrayList<>();

  private TableFitting(TableFormat format, TableColumns columns, TableColumns all) {
    this.format = format;
    this.columns = columns;
    this.all = all;
  }

  static TableEncoding fit(TableFormat format, CsvTable table, CsvTable all) throws DataException {
    if (table.size() == 0) {
      throw new DataException(table.source() + ": has no rows to learn from");
    }
    return new TableFitting(format, new TableColumns(table, format), new TableColumns(all, format))
        .encoding();
  }

  private TableEncoding encoding() throws DataException {
    for (String column : format.named()) {
      columns.index(column);
    }
    List<Scale> numbers = new ArrayList<>();
    List<Categories> categories = new ArrayList<>();
    List<String> names = columns.table().columns();
    for (int column = 0; column < names.size(); column++) {
      String name = names.get(column);
      if (format.goals().contains(name) || format.ignored().contains(name)) {
        continue;
      }
      boolean named = format.numeric().contains(name);
      if (named || !format.categorical().contains(name) && columns.isNumeric(column)) {
        numbers.add(scale(column));
      } else {
        categories.add(categories(column));
        if (!format.categorical().contains(name)) {
          note(column);
        }
      }
    }
    if (numbers.isEmpty() && categories.isEmpty()) {
      throw new DataException(
          columns.table().source() + ": has no column to learn from besides " + format.goals());
    }
    return format.label()
        ? new TableEncoding(format, numbers, categories, classes(), List.of(), notes)
        : new TableEncoding(format, numbers, categories, List.of(), targets(), notes);
  }

  /** One cell that is mistyped would turn numbers into texts without a word. */
  private void note(int column) {
    if (columns.isMostlyNumeric(column)) {
      int row = columns.firstText(column);
      notes.add(
          "%s: '%s' is not a number, as most of the column is, so that it is taken as texts; correct it, say that it stands for a missing value, or that the column is categorical"
              .formatted(columns.table().place(row, column), columns.table().cell(row, column)));
    }
  }

  private List<Scale> targets() throws DataException {
    List<Scale> targets = new ArrayList<>();
    for (String target : format.goals()) {
      targets.add(scale(columns.index(target)));
    }
    return targets;
  }

  /** Mean and deviation of what is there. */
  private Scale scale(int column) throws DataException {
    String name = columns.table().columns().get(column);
    boolean mayMiss = mayMiss() && !format.goals().contains(name);
    int count = 0;
    double mean = 0;
    double squares = 0;
    for (int row = 0; row < columns.table().size(); row++) {
      double x = columns.number(row, column, mayMiss);
      if (!Double.isNaN(x)) {
        count++;
        double before = x - mean;
        mean += before / count;
        squares += before * (x - mean);
      }
    }
    if (count == 0) {
      throw new DataException(
          "%s: column '%s' has no value at all; ignore it"
              .formatted(columns.table().source(), name));
    }
    double deviation = Math.sqrt(squares / count);
    if (deviation > 0 && deviation < LEAST_STEPS * Math.ulp((float) mean)) {
      throw new DataException(
          String.format(
              Locale.ROOT,
              "%s: the numbers in column '%s', %.6g and the like, hardly differ as 32-bit floats; subtract a constant from them",
              columns.table().source(),
              name,
              mean));
    }
    return format.standardized()
        ? new Scale(name, (float) mean, deviation == 0 ? 1 : (float) deviation, (float) mean)
        : new Scale(name, 0, 1, (float) mean);
  }

  private boolean mayMiss() {
    return format.missing() == Missing.MEAN;
  }

  private Categories categories(int column) throws DataException {
    Set<String> found = columns.distinct(column, MOST_CATEGORIES, mayMiss());
    if (isTooMany(found.size(), MOST_CATEGORIES, columns.table().size())) {
      boolean named = format.categorical().contains(columns.table().columns().get(column));
      int row = named ? 0 : columns.firstText(column);
      throw new DataException(
          "%s: '%s' is not a number, and the column has %s different texts in %d rows, too many for categories; ignore the column, or correct its numbers"
              .formatted(
                  columns.table().place(row, column),
                  columns.table().cell(row, column),
                  found.size() > MOST_CATEGORIES ? "more than " + MOST_CATEGORIES : found.size(),
                  columns.table().size()));
    }
    return new Categories(columns.table().columns().get(column), found.stream().sorted().toList());
  }

  /** A text of which there are hardly two names something, such as the row. */
  private static boolean isTooMany(int different, int most, int rows) {
    return different > most || different > FEW && different > rows / 2;
  }

  private List<String> classes() throws DataException {
    String label = format.goals().get(0);
    int column = all.index(label);
    Set<String> found = all.distinct(column, MOST_CLASSES, false);
    int rows = all.table().size();
    if (isTooMany(found.size(), MOST_CLASSES, rows)) {
      throw new DataException(
          "%s: column '%s' has %d different values in %d rows, too many for classes; if they are numbers to predict, name the column as a target"
              .formatted(all.table().source(), label, found.size(), rows));
    }
    if (found.size() < 2) {
      throw new DataException(
          "%s: column '%s' is '%s' in every row, and with one class there is nothing to learn"
              .formatted(all.table().source(), label, found.iterator().next()));
    }
    boolean whole = found.stream().allMatch(name -> name.matches("-?\\d{1,9}"));
    Comparator<String> order =
        whole ? Comparator.comparing(Integer::valueOf) : Comparator.naturalOrder();
    return found.stream().sorted(order.thenComparing(Comparator.naturalOrder())).toList();
  }
}
