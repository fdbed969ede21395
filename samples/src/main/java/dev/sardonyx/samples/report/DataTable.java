package dev.sardonyx.samples.report;

import java.util.List;

/**
 * Rows of text.
 *
 * @param caption what they are, empty if the heading says it
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

  /** The heading of a column, and how its cells are written. */
  public record TableColumn(String heading, Content content) {
    /** What the cells of a column hold. */
    public enum Content {
      /** Words. */
      TEXT,
      /** Numbers, which stand to the right. */
      NUMBER,
      /** Words such as PASS, in the colour of the row's tone. */
      RESULT
    }

    /** A column of words. */
    public static TableColumn text(String heading) {
      return new TableColumn(heading, Content.TEXT);
    }

    /** A column of numbers. */
    public static TableColumn number(String heading) {
      return new TableColumn(heading, Content.NUMBER);
    }

    /** A column of words in the colour of the row's tone. */
    public static TableColumn result(String heading) {
      return new TableColumn(heading, Content.RESULT);
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
