package dev.sardonyx.samples.report;

import static dev.sardonyx.samples.page.PageTemplate.escaped;

import dev.sardonyx.samples.page.PageTemplate;
import dev.sardonyx.samples.report.DataTable.TableColumn;
import dev.sardonyx.samples.report.DataTable.TableRow;
import dev.sardonyx.samples.report.PictureList.Picture;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Properties;
import java.util.stream.Stream;

/** A report as HTML. */
final class ReportHtml {
  /** Rows of a table that are shown; more would make browsers slow. */
  private static final int MOST_ROWS = 2000;

  /** Steps of the scale of colours. */
  private static final int SHADES = 9;

  /** With fewer sections, a reader needs no list of them. */
  private static final int SECTIONS_TO_LIST = 3;

  private final StringBuilder html = new StringBuilder();

  private ReportHtml() {}

  static String of(ReportPage report) {
    ReportHtml written = new ReportHtml();
    written.body(report);
    return PageTemplate.of(ReportHtml.class, "report.html")
        .withText("title", report.title())
        .withStyle(PageTemplate.theme() + PageTemplate.resource(ReportHtml.class, "report.css"))
        .withScript(
            library()
                + "\n(() => {\n"
                + PageTemplate.resource(ReportHtml.class, "report.js")
                + "})();\n")
        .with("body", written.html.toString())
        .with("data", ChartData.of(report.charts()))
        .html();
  }

  /**
   * Apache ECharts: its build with the common kinds of charts and both renderers, under the comment
   * with its licence.
   */
  private static String library() {
    Properties about = new Properties();
    String place = "/META-INF/maven/org.mvnpm/echarts/pom.properties";
    try (InputStream in =
        Objects.requireNonNull(ReportHtml.class.getResourceAsStream(place), place)) {
      about.load(in);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return PageTemplate.resource(
        ReportHtml.class,
        "/META-INF/resources/_static/echarts/%s/dist/echarts.common.min.js"
            .formatted(about.getProperty("version")));
  }

  /** Adds markup; what is put into it is text. */
  private void add(String format, Object... texts) {
    html.append(
        String.format(
            Locale.ROOT, format, Stream.of(texts).map(text -> escaped(text.toString())).toArray()));
  }

  private void body(ReportPage report) {
    report.summary().forEach(this::remark);
    List<ReportSection> sections = report.sections();
    if (sections.size() >= SECTIONS_TO_LIST) {
      add("<nav aria-label=\"Sections\"><ul>\n");
      for (int i = 0; i < sections.size(); i++) {
        add("<li><a href=\"#section-%s\">%s</a></li>\n", i + 1, sections.get(i).heading());
      }
      add("</ul></nav>\n");
    }
    for (int i = 0; i < sections.size(); i++) {
      add("<section aria-labelledby=\"section-%s\">\n", i + 1);
      add("<h2 id=\"section-%s\">%s</h2>\n", i + 1, sections.get(i).heading());
      sections.get(i).parts().forEach(this::part);
      add("</section>\n");
    }
  }

  private void part(ReportPart part) {
    if (part instanceof Remark remark) {
      remark(remark);
    } else if (part instanceof FactList list) {
      facts(list);
    } else if (part instanceof DataTable table) {
      table(table);
    } else if (part instanceof Chart chart) {
      chart(chart);
    } else if (part instanceof CountMatrix matrix) {
      matrix(matrix);
    } else if (part instanceof PictureList list) {
      pictures(list);
    }
  }

  private void remark(Remark remark) {
    add("<p class=\"remark %s\">%s</p>\n", remark.tone().style(), remark.text());
  }

  private void facts(FactList list) {
    add("<dl>\n");
    list.facts().forEach((name, value) -> add("<dt>%s</dt><dd>%s</dd>\n", name, value));
    add("</dl>\n");
  }

  /** Wide tables scroll by themselves, also by the keyboard. */
  private void table(DataTable table) {
    add("<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"%s\">", name(table));
    add("<table>\n");
    if (!table.caption().isEmpty()) {
      add("<caption>%s</caption>\n", table.caption());
    }
    add("<thead><tr>");
    for (TableColumn column : table.columns()) {
      add("<th scope=\"col\"%s>%s</th>", style(column), column.heading());
    }
    add("</tr></thead>\n<tbody>\n");
    int shown = Math.min(MOST_ROWS, table.rows().size());
    for (TableRow row : table.rows().subList(0, shown)) {
      add("<tr class=\"%s\">", row.tone().style());
      for (int i = 0; i < row.cells().size(); i++) {
        String kind = i == 0 ? "th" : "td";
        html.append('<').append(kind).append(i == 0 ? " scope=\"row\"" : "");
        html.append(style(table.columns().get(i)));
        add(">%s</" + kind + ">", row.cells().get(i));
      }
      add("</tr>\n");
    }
    add("</tbody></table></div>\n");
    if (shown < table.rows().size()) {
      add("<p class=\"dim\">The first %s of %s rows.</p>\n", shown, table.rows().size());
    }
  }

  private static String name(DataTable table) {
    return table.caption().isEmpty() ? "Table" : table.caption();
  }

  private static String style(TableColumn column) {
    return switch (column.content()) {
      case TEXT -> "";
      case NUMBER -> " class=\"n\"";
      case RESULT -> " class=\"result\"";
    };
  }

  private void chart(Chart chart) {
    add("<figure class=\"chart\">\n<figcaption><strong>%s</strong> ", chart.title());
    add("%s</figcaption>\n", chart.summary());
    add("<p class=\"axis\">%s</p>\n", chart.y().title());
    add("<div class=\"plot\" role=\"group\" aria-roledescription=\"chart\" tabindex=\"0\"");
    add(" aria-label=\"%s. %s\"></div>\n", chart.title(), chart.summary());
    add("<p class=\"axis x\">%s</p>\n", chart.x().title());
    add("<div class=\"legend\" role=\"group\" aria-label=\"Shown in the chart\"></div>\n");
    add("<p class=\"unseen\" role=\"status\"></p>\n");
    add("<details><summary>%s as a table</summary>\n", chart.title());
    table(numbers(chart));
    add("</details>\n</figure>\n");
  }

  private static DataTable numbers(Chart chart) {
    List<TableColumn> columns = new ArrayList<>();
    columns.add(
        chart.places().isEmpty()
            ? TableColumn.text(chart.x().title())
            : TableColumn.number(chart.x().title()));
    chart.series().forEach(series -> columns.add(TableColumn.number(series.name())));
    List<TableRow> rows = new ArrayList<>();
    for (int i = 0; i < chart.labels().size(); i++) {
      List<String> cells = new ArrayList<>();
      cells.add(chart.labels().get(i));
      for (ChartSeries series : chart.series()) {
        cells.add(ShortNumber.of(series.values().get(i)));
      }
      rows.add(new TableRow(chart.tones().isEmpty() ? Tone.PLAIN : chart.tones().get(i), cells));
    }
    return new DataTable(chart.title() + ": " + chart.y().title(), columns, rows);
  }

  /** Shaded by the share of the row, so that rare classes are judged as others are. */
  private void matrix(CountMatrix matrix) {
    add(
        "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"%s\">",
        matrix.caption());
    add("<table class=\"matrix\">\n<caption>%s</caption>\n<thead><tr>", matrix.caption());
    add("<th scope=\"col\">%s \\ %s</th>", matrix.rowTitle(), matrix.columnTitle());
    for (String label : matrix.labels()) {
      add("<th scope=\"col\">%s</th>", label);
    }
    add("</tr></thead>\n<tbody>\n");
    for (int row = 0; row < matrix.labels().size(); row++) {
      List<Long> counts = matrix.counts().get(row);
      long all = Math.max(1, counts.stream().mapToLong(count -> count).sum());
      add("<tr><th scope=\"row\">%s</th>", matrix.labels().get(row));
      for (int column = 0; column < counts.size(); column++) {
        cell(matrix, row, column, (double) counts.get(column) / all);
      }
      add("</tr>\n");
    }
    add("</tbody></table></div>\n");
  }

  private void cell(CountMatrix matrix, int row, int column, double share) {
    long count = matrix.counts().get(row).get(column);
    // The root makes a few errors among thousands visible.
    long shade = count == 0 ? 0 : 1 + Math.round(Math.sqrt(share) * (SHADES - 1));
    add("<td class=\"shade%s%s\">", shade, row == column ? " right" : "");
    String link = matrix.links().get(CountMatrix.cell(row, column));
    if (link != null) {
      add("<a href=\"#%s\">%s</a></td>", link, count);
    } else {
      add("%s</td>", count);
    }
  }

  private void pictures(PictureList list) {
    if (list.id().isEmpty()) {
      add("<figure class=\"pictures\">\n");
    } else {
      add("<figure class=\"pictures\" id=\"%s\">\n", list.id());
    }
    add("<figcaption>%s</figcaption>\n<ul>\n", list.caption());
    for (Picture picture : list.pictures()) {
      add("<li><img alt=\"%s\" src=\"data:%s;base64,", picture.alt(), picture.mediaType());
      html.append(Base64.getEncoder().encodeToString(picture.bytes()));
      html.append(picture.isSmall() ? "\" class=\"small\">" : "\">");
      if (!picture.caption().isEmpty()) {
        add("<small>%s</small>", picture.caption());
      }
      add("</li>\n");
    }
    add("</ul>\n</figure>\n");
  }
}
