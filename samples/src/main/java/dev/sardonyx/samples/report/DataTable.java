package dev.sardonyx.samples.report;

import java.util.List;

/**
 * Rows of text.
 *
 * @param caption what they are, empty if the heading says it
 * @param columns their headings, and whether they are of numbers, which stand to the right
 */
public record DataTable(String caption, List<TableColumn> columns, List<TableRow> rows)
    implements ReportPart {
  public DataTable {
    columns = List.copyOf(columns);
    rows = List.copyOf(rows);
    for (TableRow row : rows) {
      if (row.cells().size() != columns.size()) {
        throw new IllegalArgumentException(
            "%d cells for %d columns: %s".formatted(row.cells().size(), columns.size(), row));
      }
    }
  }

  /** The heading of a column. */
  public record TableColumn(String heading, boolean isNumber) {
    /** A column of words. */
    public static TableColumn text(String heading) {
      return new TableColumn(heading, false);
    }

    /** A column of numbers. */
    public static TableColumn number(String heading) {
      return new TableColumn(heading, true);
    }
  }

  /** A row, which stands out if it is bad. */
  public record TableRow(Tone tone, List<String> cells) {
    public TableRow {
      cells = List.copyOf(cells);
    }

    /** A row like others. */
    public static TableRow of(List<String> cells) {
      return new TableRow(Tone.PLAIN, cells);
    }
  }
}
