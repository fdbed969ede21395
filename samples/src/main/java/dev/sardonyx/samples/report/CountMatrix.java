package dev.sardonyx.samples.report;

import java.util.List;
import java.util.Map;

/**
 * Counts by two properties with the same values, such as what examples are and what they were taken
 * for: what is right lies on the diagonal.
 *
 * @param rowTitle what a row stands for
 * @param columnTitle what a column stands for
 * @param labels of rows and columns
 * @param counts by row and column
 * @param links the ids of picture lists to follow, by row and column as in {@link #cell}
 */
public record CountMatrix(
    String caption,
    String rowTitle,
    String columnTitle,
    List<String> labels,
    List<List<Long>> counts,
    Map<String, String> links)
    implements ReportPart {
  public CountMatrix {
    labels = List.copyOf(labels);
    counts = counts.stream().map(List::copyOf).toList();
    links = Map.copyOf(links);
    int size = labels.size();
    if (counts.size() != size || counts.stream().anyMatch(row -> row.size() != size)) {
      throw new IllegalArgumentException(caption + ": not as many counts as labels: " + counts);
    }
  }

  /** The key of a cell in {@link #links}. */
  public static String cell(int row, int column) {
    return row + "," + column;
  }
}
