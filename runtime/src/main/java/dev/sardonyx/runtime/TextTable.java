package dev.sardonyx.runtime;

import dev.sardonyx.ir.Printable;
import java.util.List;
import java.util.StringJoiner;

/** Text in aligned columns. The cells' text need not be trusted. */
public final class TextTable {
  private TextTable() {}

  /** A column's heading, and whether its cells are aligned to the left or to the right. */
  public record Column(String heading, boolean left) {}

  /** A column of words. */
  public static Column left(String heading) {
    return new Column(heading, true);
  }

  /** A column of numbers. */
  public static Column right(String heading) {
    return new Column(heading, false);
  }

  /** A heading, a rule and the rows, each line ended; every row has a cell for each column. */
  public static String of(List<Column> columns, List<List<String>> rows) {
    return aligned(
        columns, rows.stream().map(r -> r.stream().map(Printable::line).toList()).toList());
  }

  private static String aligned(List<Column> columns, List<List<String>> rows) {
    int[] widths = new int[columns.size()];
    for (int c = 0; c < widths.length; c++) {
      widths[c] = columns.get(c).heading().length();
      for (List<String> row : rows) {
        widths[c] = Math.max(widths[c], row.get(c).length());
      }
    }
    StringBuilder text = new StringBuilder();
    append(text, columns, widths, columns.stream().map(Column::heading).toList());
    StringJoiner rule = new StringJoiner("  ");
    for (int width : widths) {
      rule.add("-".repeat(width));
    }
    text.append(rule).append('\n');
    rows.forEach(row -> append(text, columns, widths, row));
    return text.toString();
  }

  private static void append(
      StringBuilder text, List<Column> columns, int[] widths, List<String> cells) {
    StringJoiner line = new StringJoiner("  ");
    for (int c = 0; c < widths.length; c++) {
      String padding = " ".repeat(widths[c] - cells.get(c).length());
      line.add(columns.get(c).left() ? cells.get(c) + padding : padding + cells.get(c));
    }
    text.append(line.toString().stripTrailing()).append('\n');
  }
}
