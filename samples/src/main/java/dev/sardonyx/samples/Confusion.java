package dev.sardonyx.samples;

import dev.sardonyx.ir.Tensor;
import dev.sardonyx.samples.report.CountMatrix;
import dev.sardonyx.samples.report.DataTable;
import dev.sardonyx.samples.report.DataTable.TableColumn;
import dev.sardonyx.samples.report.DataTable.TableRow;
import dev.sardonyx.samples.report.PictureList;
import dev.sardonyx.samples.report.PictureList.Picture;
import dev.sardonyx.samples.report.Remark;
import dev.sardonyx.samples.report.ReportPart;
import dev.sardonyx.samples.report.ReportSection;
import dev.sardonyx.samples.report.ShortNumber;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.function.IntUnaryOperator;
import org.jspecify.annotations.Nullable;

/** Of which classes examples are, and which a model took them for. */
final class Confusion {
  /** Larger tables are no use to people. */
  private static final int MOST_CLASSES = 60;

  /** Kinds of mistakes that are shown with examples, the most frequent first. */
  private static final int KINDS = 20;

  /** Examples of each, those first of which the model was surest. */
  private static final int EXAMPLES = 5;

  private final List<String> names;
  private final IntUnaryOperator label;
  private final long[][] counts;
  private final List<Mistake> mistakes = new ArrayList<>();
  private int done;

  /** An example that was taken for another class, with the score of that. */
  private record Mistake(int example, int is, int taken, double score) {}

  /**
   * Nothing yet.
   *
   * @param names of the classes
   * @param label the number of each example's class
   */
  Confusion(List<String> names, IntUnaryOperator label) {
    this.names = List.copyOf(names);
    this.label = label;
    this.counts = new long[names.size()][names.size()];
  }

  /** The class with the largest of a row of scores [n,classes], the first of equal ones. */
  static int largest(float[] scores, int row, int classes) {
    int best = 0;
    for (int c = 1; c < classes; c++) {
      if (scores[row * classes + c] > scores[row * classes + best]) {
        best = c;
      }
    }
    return best;
  }

  /** Adds a model's scores [n,classes] of the examples that follow those before. */
  void add(Tensor scores) {
    float[] rows = scores.toFloats();
    int classes = names.size();
    for (int row = 0; row < rows.length / classes; row++) {
      int best = largest(rows, row, classes);
      int is = label.applyAsInt(done);
      counts[is][best]++;
      if (is != best) {
        mistakes.add(new Mistake(done, is, best, rows[row * classes + best]));
      }
      done++;
    }
  }

  /** How many examples were taken for what they are. */
  long right() {
    return done - (long) mistakes.size();
  }

  /**
   * A section of a report.
   *
   * @param unit what examples are, such as {@code images}
   * @param picture of an example; null if they have none
   */
  ReportSection section(String unit, @Nullable IntFunction<Picture> picture) {
    List<List<Mistake>> kinds = kinds();
    List<ReportPart> parts = new ArrayList<>();
    parts.add(Remark.of(summary(unit, kinds)));
    if (names.size() <= MOST_CLASSES) {
      parts.add(matrix(unit, picture == null ? List.of() : kinds));
    }
    parts.add(classes());
    if (picture == null) {
      parts.add(frequent(kinds));
    } else {
      kinds.forEach(kind -> parts.add(examples(kind, picture)));
    }
    return new ReportSection("Mistakes", parts);
  }

  /** Mistakes by what was taken for what, the most frequent first. */
  private List<List<Mistake>> kinds() {
    Map<String, List<Mistake>> kinds = new LinkedHashMap<>();
    for (Mistake mistake : mistakes) {
      kinds.computeIfAbsent(id(mistake), name -> new ArrayList<>()).add(mistake);
    }
    return kinds.values().stream()
        .sorted(Comparator.comparing(List::size, Comparator.reverseOrder()))
        .limit(KINDS)
        .toList();
  }

  private static String id(Mistake mistake) {
    return "mistake-" + mistake.is + "-" + mistake.taken;
  }

  private String summary(String unit, List<List<Mistake>> kinds) {
    String right =
        String.format(
            Locale.ROOT,
            "%,d of %,d test %s are taken for what they are (%.2f %%).",
            right(),
            done,
            unit,
            100.0 * right() / Math.max(1, done));
    return kinds.isEmpty()
        ? right
        : right + " The most frequent mistake: " + what(kinds.get(0)) + ".";
  }

  private String what(List<Mistake> kind) {
    Mistake first = kind.get(0);
    return "%s taken for %s, %s"
        .formatted(names.get(first.is), names.get(first.taken), Count.of(kind.size(), "time"));
  }

  private CountMatrix matrix(String unit, List<List<Mistake>> kinds) {
    Map<String, String> links = new HashMap<>();
    for (List<Mistake> kind : kinds) {
      Mistake first = kind.get(0);
      links.put(CountMatrix.cell(first.is, first.taken), id(first));
    }
    return new CountMatrix(
        "How many %s of each class were taken for which".formatted(unit),
        "is",
        "taken for",
        names,
        counts(),
        links);
  }

  /** By what examples are, and then by what they were taken for. */
  List<List<Long>> counts() {
    List<List<Long>> rows = new ArrayList<>();
    for (long[] row : counts) {
      rows.add(Arrays.stream(row).boxed().toList());
    }
    return rows;
  }

  private DataTable classes() {
    List<TableRow> rows = new ArrayList<>();
    for (int c = 0; c < names.size(); c++) {
      long all = 0;
      long taken = 0;
      for (int other = 0; other < names.size(); other++) {
        all += counts[c][other];
        taken += counts[other][c];
      }
      double right = counts[c][c];
      rows.add(
          TableRow.of(
              List.of(
                  names.get(c),
                  ShortNumber.of(all),
                  ShortNumber.of(right / all),
                  ShortNumber.of(right / taken))));
    }
    return new DataTable(
        "Each class: how many of it are found (recall), and how many of those taken for it are of it"
            + " (precision)",
        List.of(
            TableColumn.text("class"),
            TableColumn.number("examples"),
            TableColumn.number("recall"),
            TableColumn.number("precision")),
        rows);
  }

  private DataTable frequent(List<List<Mistake>> kinds) {
    return new DataTable(
        "The most frequent mistakes",
        List.of(TableColumn.text("is"), TableColumn.text("taken for"), TableColumn.number("times")),
        kinds.stream()
            .map(
                kind ->
                    TableRow.of(
                        List.of(
                            names.get(kind.get(0).is),
                            names.get(kind.get(0).taken),
                            ShortNumber.of((long) kind.size()))))
            .toList());
  }

  private PictureList examples(List<Mistake> kind, IntFunction<Picture> picture) {
    return new PictureList(
        id(kind.get(0)),
        what(kind),
        kind.stream()
            .sorted(Comparator.comparingDouble(Mistake::score).reversed())
            .limit(EXAMPLES)
            .map(mistake -> named(picture.apply(mistake.example), mistake))
            .toList());
  }

  private Picture named(Picture plain, Mistake mistake) {
    return new Picture(
        plain.mediaType(),
        plain.bytes(),
        "Test example %d, %s, taken for %s"
            .formatted(mistake.example, names.get(mistake.is), names.get(mistake.taken)),
        String.format(Locale.ROOT, "%d: %.0f %%", mistake.example, 100 * mistake.score),
        true);
  }
}
