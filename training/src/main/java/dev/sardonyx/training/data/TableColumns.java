package dev.sardonyx.training.data;

import java.util.LinkedHashSet;
import java.util.Set;
import java.util.regex.Pattern;

/** The columns of one table, by name, and their cells as what they should be. */
record TableColumns(CsvTable table, TableFormat format) {
  private static final Pattern NUMBER =
      Pattern.compile("[-+]?(\\d+\\.?\\d*|\\.\\d+)([eE][-+]?\\d+)?");

  /**
   * @throws DataException if there is no column of the name
   */
  int index(String column) throws DataException {
    int index = table.columns().indexOf(column);
    if (index < 0) {
      throw new DataException(
          "%s: has no column '%s', only %s"
              .formatted(table.source(), column, String.join(", ", table.columns())));
    }
    return index;
  }

  boolean isNumeric(int column) {
    for (int row = 0; row < table.size(); row++) {
      String cell = table.cell(row, column);
      if (!format.isMissing(cell) && !isNumber(cell)) {
        return false;
      }
    }
    return true;
  }

  boolean isMostlyNumeric(int column) {
    int numbers = 0;
    int texts = 0;
    for (int row = 0; row < table.size(); row++) {
      String cell = table.cell(row, column);
      if (!format.isMissing(cell)) {
        numbers += isNumber(cell) ? 1 : 0;
        texts += isNumber(cell) ? 0 : 1;
      }
    }
    return numbers > texts;
  }

  private static boolean isNumber(String cell) {
    return NUMBER.matcher(cell).matches();
  }

  /** The first row whose cell is no number. */
  int firstText(int column) {
    int row = 0;
    while (isNumber(table.cell(row, column)) || format.isMissing(table.cell(row, column))) {
      row++;
    }
    return row;
  }

  /**
   * A number.
   *
   * @param mayMiss whether NaN is given for a missing value
   * @throws DataException if it is missing, no number, or beyond 32-bit floats
   */
  float number(int row, int column, boolean mayMiss) throws DataException {
    String cell = table.cell(row, column);
    if (format.isMissing(cell)) {
      if (mayMiss) {
        return Float.NaN;
      }
      throw missing(row, column);
    }
    if (!isNumber(cell)) {
      throw new DataException(
          "%s: '%s' is not a %snumber%s"
              .formatted(
                  table.place(row, column),
                  cell,
                  cell.matches("(?i)[-+]?(nan|inf|infinity)") ? "finite " : "",
                  cell.matches("[-+]?\\d+,\\d+") ? "; a decimal point is a dot" : ""));
    }
    float number = Float.parseFloat(cell);
    if (Float.isInfinite(number)) {
      throw new DataException(
          "%s: %s is beyond the range of 32-bit floats".formatted(table.place(row, column), cell));
    }
    return number;
  }

  /** A text; empty for a missing value. */
  String text(int row, int column, boolean mayMiss) throws DataException {
    String cell = table.cell(row, column);
    if (!format.isMissing(cell)) {
      return cell;
    }
    if (mayMiss) {
      return "";
    }
    throw missing(row, column);
  }

  private DataException missing(int row, int column) {
    boolean goal = format.goals().contains(table.columns().get(column));
    return new DataException(
        "%s: the value is missing%s"
            .formatted(
                table.place(row, column),
                goal
                    ? ", and it is what is to be learnt; remove the row"
                    : "; 'missing: mean' replaces such values, 'missing: drop' leaves their rows"
                        + " out"));
  }

  /** The different texts of a column, at most so many and one more. */
  Set<String> distinct(int column, int most, boolean mayMiss) throws DataException {
    Set<String> distinct = new LinkedHashSet<>();
    for (int row = 0; row < table.size() && distinct.size() <= most; row++) {
      distinct.add(text(row, column, mayMiss));
    }
    return distinct;
  }
}
