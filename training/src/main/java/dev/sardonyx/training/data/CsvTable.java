package dev.sardonyx.training.data;

import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.CsvRecord;
import de.siegmar.fastcsv.reader.FieldMismatchStrategy;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;

/**
 * A table of texts from a CSV file (RFC 4180, UTF-8) whose first line names the columns. Space
 * around a cell does not count, and empty lines are left out. {@link TableFormat} says what the
 * columns mean. Immutable; parts share its memory.
 */
public final class CsvTable {
  private final String source;
  private final List<String> columns;
  private final List<Row> rows;

  private record Row(long line, List<String> cells) {}

  private CsvTable(String source, List<String> columns, List<Row> rows) {
    this.source = source;
    this.columns = columns;
    this.rows = rows;
  }

  /** Reads a file whose cells are separated by commas. */
  public static CsvTable read(Path file) throws IOException {
    return read(file, ',');
  }

  /**
   * Reads a file.
   *
   * @param separator between cells, such as a semicolon or a tab
   * @throws DataException naming the line if it has not as many cells as there are columns, or the
   *     column whose name is empty or there twice
   */
  public static CsvTable read(Path file, char separator) throws IOException {
    // This reader refuses bytes that are not UTF-8; others put characters of their own in their
    // place.
    try (var text = Files.newBufferedReader(file, StandardCharsets.UTF_8);
        CsvReader<CsvRecord> records =
            CsvReader.builder()
                .fieldSeparator(separator)
                .skipEmptyLines(true)
                .extraFieldStrategy(FieldMismatchStrategy.IGNORE)
                .missingFieldStrategy(FieldMismatchStrategy.IGNORE)
                .trimWhitespacesAroundQuotes(true)
                .allowUnclosedQuote(false)
                .ofCsvRecord(withoutMark(text))) {
      List<String> columns = null;
      List<Row> rows = new ArrayList<>();
      for (CsvRecord found : records) {
        List<String> cells = found.getFields().stream().map(String::strip).toList();
        if (columns == null) {
          columns = header(file, cells, separator);
        } else if (cells.size() != columns.size()) {
          throw new DataException(
              "%s: line %d has %d cells, but there are %d columns"
                  .formatted(file, found.getStartingLineNumber(), cells.size(), columns.size()));
        } else {
          rows.add(new Row(found.getStartingLineNumber(), cells));
        }
      }
      if (columns == null) {
        throw new DataException(file + ": is empty; its first line names the columns");
      }
      return new CsvTable(file.toString(), columns, rows);
    } catch (CsvParseException | UncheckedIOException e) {
      throw failure(file, e, e.getCause() == null ? e : e.getCause());
    } catch (CharacterCodingException e) {
      throw failure(file, e, e);
    }
  }

  /** Behind a byte order mark, after which a quote would not begin a cell. */
  private static Reader withoutMark(BufferedReader text) throws IOException {
    text.mark(1);
    if (text.read() != '\uFEFF') {
      text.reset();
    }
    return text;
  }

  private static DataException failure(Path file, Exception thrown, Throwable cause) {
    return cause instanceof CharacterCodingException
        ? new DataException(file + ": is not UTF-8", thrown)
        : new DataException(file + ": " + thrown.getMessage(), thrown);
  }

  private static List<String> header(Path file, List<String> names, char separator)
      throws DataException {
    Set<String> seen = new HashSet<>();
    for (int i = 0; i < names.size(); i++) {
      if (names.get(i).isEmpty()) {
        throw new DataException(
            "%s: column %d has no name; the first line names the columns".formatted(file, i + 1));
      }
      if (!seen.add(names.get(i))) {
        throw new DataException("%s: two columns are called '%s'".formatted(file, names.get(i)));
      }
    }
    if (names.size() == 1 && separator == ',' && names.get(0).matches(".*[;\t|].*")) {
      throw new DataException(
          "%s: has one column, '%s'; another character may separate them"
              .formatted(file, names.get(0)));
    }
    return names;
  }

  /** The names of the columns. */
  public List<String> columns() {
    return columns;
  }

  /** The number of rows. */
  public int size() {
    return rows.size();
  }

  /** The text in a row and a column, both counted from 0. */
  public String cell(int row, int column) {
    return rows.get(row).cells().get(column);
  }

  /** Where a cell is, for messages. */
  String place(int row, int column) {
    return "%s: line %d, column '%s'".formatted(source, rows.get(row).line(), columns.get(column));
  }

  /** Rows {@code first} (inclusive) to {@code last} (exclusive). */
  public CsvTable range(int first, int last) {
    return new CsvTable(source, columns, rows.subList(first, last));
  }

  /** The rows with these numbers, in this order. */
  CsvTable select(int... numbers) {
    List<Row> selected = new ArrayList<>(numbers.length);
    for (int number : numbers) {
      selected.add(rows.get(number));
    }
    return new CsvTable(source, columns, selected);
  }

  /** The rows in an order that the seed decides. */
  public CsvTable shuffled(long seed) {
    List<Row> order = new ArrayList<>(rows);
    Collections.shuffle(order, new Random(seed));
    return new CsvTable(source, columns, order);
  }

  String source() {
    return source;
  }

  @Override
  public String toString() {
    return "%d rows of %d columns from %s".formatted(rows.size(), columns.size(), source);
  }
}
