package dev.sardonyx.samples;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * Lines over one pair of axes, as SVG. Chart libraries draw through AWT, which fails where no fonts
 * are installed, and their SVG writers are under the GPL or no longer maintained; for a few lines
 * none is needed.
 *
 * @param xTitle below the horizontal axis
 * @param yTitle above the vertical axis
 */
record LineChart(String title, String xTitle, String yTitle, List<Line> lines) {
  private static final int WIDTH = 860;
  private static final int HEIGHT = 520;
  private static final int LEFT = 70;
  private static final int RIGHT = 180;
  private static final int TOP = 60;
  private static final int BOTTOM = 60;
  private static final int TICKS = 5;

  LineChart {
    lines = List.copyOf(lines);
  }

  /** A point of a line. */
  record Point(double x, double y) {}

  /**
   * A line.
   *
   * @param color of CSS
   * @param dashed whether it is drawn with gaps
   */
  record Line(String name, String color, boolean dashed, List<Point> points) {
    Line {
      points = List.copyOf(points);
    }
  }

  /** The chart as SVG, both axes from 0 to a round number beyond all points. */
  String svg() {
    double right = rounded(largest(true));
    double top = rounded(largest(false));
    StringBuilder svg = new StringBuilder();
    svg.append(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" font-family=\"sans-serif\" font-size=\"13\">%n"
            .formatted(WIDTH, HEIGHT));
    svg.append("<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n");
    text(svg, LEFT, 28, "start", 17, title);
    text(svg, LEFT, TOP - 12, "start", 13, yTitle);
    text(svg, (LEFT + WIDTH - RIGHT) / 2.0, HEIGHT - 14, "middle", 13, xTitle);
    for (int i = 0; i <= TICKS; i++) {
      double x = right * i / TICKS;
      double y = top * i / TICKS;
      line(svg, LEFT, y(y, top), WIDTH - RIGHT, y(y, top), "stroke=\"#ddd\"");
      text(svg, LEFT - 8, y(y, top) + 4, "end", 13, label(y));
      text(svg, x(x, right), HEIGHT - BOTTOM + 20, "middle", 13, label(x));
    }
    for (int i = 0; i < lines.size(); i++) {
      draw(svg, lines.get(i), i, right, top);
    }
    return svg.append("</svg>\n").toString();
  }

  private void draw(StringBuilder svg, Line line, int number, double right, double top) {
    String stroke =
        "fill=\"none\" stroke=\"%s\" stroke-width=\"2\"%s"
            .formatted(line.color, line.dashed ? " stroke-dasharray=\"7 4\"" : "");
    String points =
        line.points.stream()
            .map(p -> number("%.1f,%.1f", x(p.x, right), y(p.y, top)))
            .collect(Collectors.joining(" "));
    svg.append("<polyline %s points=\"%s\"/>\n".formatted(stroke, points));
    double y = TOP + 10 + 22.0 * number;
    line(svg, WIDTH - RIGHT + 14, y, WIDTH - RIGHT + 48, y, stroke);
    text(svg, WIDTH - RIGHT + 56, y + 4, "start", 13, line.name);
  }

  private double largest(boolean horizontal) {
    return lines.stream()
        .flatMap(line -> line.points.stream())
        .mapToDouble(p -> horizontal ? p.x : p.y)
        .max()
        .orElse(1);
  }

  /** The next of 1, 2, 2.5, 4, 5 or 10 times a power of ten. */
  private static double rounded(double number) {
    if (!(number > 0)) {
      return 1;
    }
    double power = Math.pow(10, Math.floor(Math.log10(number)));
    for (double step : new double[] {1, 2, 2.5, 4, 5}) {
      if (number <= step * power) {
        return step * power;
      }
    }
    return 10 * power;
  }

  private static double x(double value, double right) {
    return LEFT + value / right * (WIDTH - LEFT - RIGHT);
  }

  private static double y(double value, double top) {
    return HEIGHT - BOTTOM - value / top * (HEIGHT - TOP - BOTTOM);
  }

  private static String label(double value) {
    return value == Math.rint(value) ? number("%,.0f", value) : number("%.2f", value);
  }

  private static String number(String format, Object... numbers) {
    return String.format(Locale.ROOT, format, numbers);
  }

  private static void line(
      StringBuilder svg, double x1, double y1, double x2, double y2, String style) {
    svg.append(number("<path d=\"M%.1f %.1fL%.1f %.1f\" ", x1, y1, x2, y2) + style + "/>\n");
  }

  private static void text(
      StringBuilder svg, double x, double y, String anchor, int size, String text) {
    svg.append(
        number(
                "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\" font-size=\"%d\">",
                x, y, anchor, size)
            + text.replace("&", "&amp;").replace("<", "&lt;")
            + "</text>\n");
  }
}
