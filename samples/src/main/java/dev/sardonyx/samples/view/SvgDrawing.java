package dev.sardonyx.samples.view;

import dev.sardonyx.samples.page.PageTemplate;
import dev.sardonyx.samples.view.DisplayGraph.Box;
import dev.sardonyx.samples.view.DisplayGraph.Cluster;
import dev.sardonyx.samples.view.DisplayGraph.Kind;
import dev.sardonyx.samples.view.DisplayGraph.Leaf;
import dev.sardonyx.samples.view.DisplayGraph.Part;
import dev.sardonyx.samples.view.Plan.Path;
import dev.sardonyx.samples.view.Plan.Point;
import dev.sardonyx.samples.view.Plan.Spot;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A drawing as an SVG file: what a page shows at first. */
final class SvgDrawing {
  private final ModelDrawing drawing;
  private final StringBuilder svg = new StringBuilder();

  private SvgDrawing(ModelDrawing drawing) {
    this.drawing = drawing;
  }

  static String of(ModelDrawing drawing) {
    SvgDrawing drawn = new SvgDrawing(drawing);
    drawn.file();
    return drawn.svg.toString();
  }

  private void file() {
    DisplayGraph main = drawing.graphs().graphs().get(0);
    Plan plan = drawing.planner().planned(main.root()).plan();
    add(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %s %s\" width=\"%s\" height=\"%s\""
            + " role=\"img\">\n",
        plan.width(), plan.height(), plan.width(), plan.height());
    add("<title>%s</title>\n", drawing.title());
    svg.append("<style>").append(ViewPage.resource("drawing.css")).append("</style>\n");
    add(
        "<defs><marker id=\"arrow\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"8\""
            + " markerHeight=\"8\" markerUnits=\"userSpaceOnUse\" orient=\"auto\"><path d=\"M0 0L8 4L0 8z\""
            + " fill=\"#6a727e\"/></marker></defs>\n");
    add("<rect width=\"100%%\" height=\"100%%\" fill=\"#f6f7f9\"/>\n");
    inside(main, main.root());
    svg.append("</svg>\n");
  }

  /** Texts are escaped, and numbers are written in short. */
  private void add(String format, Object... arguments) {
    Object[] written = new Object[arguments.length];
    for (int i = 0; i < arguments.length; i++) {
      written[i] =
          arguments[i] instanceof Double number
              ? number(number)
              : PageTemplate.escaped(arguments[i].toString());
    }
    svg.append(String.format(Locale.ROOT, format, written));
  }

  private static String number(double number) {
    String text = String.format(Locale.ROOT, "%.1f", number);
    return text.endsWith(".0") ? text.substring(0, text.length() - 2) : text;
  }

  private void text(String style, double x, double y, String text) {
    add("<text class=\"%s\" x=\"%s\" y=\"%s\">%s</text>\n", style, x, y, text);
  }

  private void middle(String style, double x, double y, String text) {
    add(
        "<text class=\"%s\" x=\"%s\" y=\"%s\" text-anchor=\"middle\">%s</text>\n",
        style, x, y, text);
  }

  private void inside(DisplayGraph graph, Cluster cluster) {
    Planner.Planned planned = drawing.planner().planned(cluster);
    List<Routes.Link> links = planned.local().links();
    Set<List<Integer>> labelled = new HashSet<>();
    for (int i = 0; i < links.size(); i++) {
      Routes.Link link = links.get(i);
      Path path = planned.plan().paths().get(i);
      boolean isEnd = link.to() >= 0 && cluster.parts().get(link.to()) instanceof Leaf;
      add("<path class=\"w\" d=\"");
      course(path);
      svg.append(isEnd ? "\" marker-end=\"url(#arrow)\"/>\n" : "\"/>\n");
      String type = TextSize.cut(graph.values().get(link.value()).type());
      if (drawing.planner().isLabelled(cluster, link)
          && !type.isEmpty()
          && labelled.add(List.of(link.from(), link.value()))) {
        text("e", path.start().x() + 5, path.start().y() + 12, type);
      }
    }
    for (int i = 0; i < cluster.parts().size(); i++) {
      Part part = cluster.parts().get(i);
      Spot spot = planned.plan().spots().get(i);
      if (part instanceof Cluster inner) {
        group(graph, inner, spot);
      } else {
        box(graph, graph.boxes().get(part.from()), spot);
      }
    }
  }

  /** A line that leaves and arrives downwards. */
  private void course(Path path) {
    List<Point> points = new ArrayList<>(path.bends());
    points.add(path.end());
    Point before = path.start();
    add("M%s %s", before.x(), before.y());
    for (Point point : points) {
      double middle = (before.y() + point.y()) / 2;
      if (Math.abs(point.x() - before.x()) < 1) {
        add("L%s %s", point.x(), point.y());
      } else {
        add("C%s %s %s %s %s %s", before.x(), middle, point.x(), middle, point.x(), point.y());
      }
      before = point;
    }
  }

  private void open(String style, Marks.@Nullable Mark mark, Spot spot) {
    add(
        "<g class=\"%s\" transform=\"translate(%s %s)\">\n",
        mark == null ? style : style + " " + mark.style(), spot.x(), spot.y());
  }

  private void group(DisplayGraph graph, Cluster cluster, Spot spot) {
    boolean isOpen = drawing.planner().planned(cluster).isOpen();
    open("group " + (isOpen ? "open" : "closed"), drawing.mark(graph, cluster), spot);
    add("<rect class=\"g\" width=\"%s\" height=\"%s\" rx=\"8\"/>\n", spot.width(), spot.height());
    if (isOpen) {
      inside(graph, cluster);
    } else {
      text("w", 12, 35, Planner.count(cluster));
    }
    text("t", 10, 18, TextSize.cut(cluster.title())); // above the wires
    svg.append("</g>\n");
  }

  private void box(DisplayGraph graph, Box box, Spot spot) {
    String style = "box " + OperatorCategory.of(box).style();
    boolean isNode = box.kind() == Kind.NODE;
    open(
        box.kind() == Kind.CAPTURE ? style + " capture" : style,
        drawing.marks().of(graph, box).orElse(null),
        spot);
    add(
        "<rect class=\"b\" width=\"%s\" height=\"%s\" rx=\"%s\"/>\n",
        spot.width(), spot.height(), isNode ? 5.0 : 12.0);
    double center = spot.width() / 2;
    if (isNode) {
      head(box, spot);
      for (int i = 0; i < box.lines().size(); i++) {
        text("l", 10, 39 + 16 * i, TextSize.cut(box.lines().get(i)));
      }
      bodies(box);
    } else {
      middle("t", center, 17, TextSize.cut(box.title()));
      for (int i = 0; i < box.lines().size(); i++) {
        middle("l", center, 31 + 14 * i, TextSize.cut(box.lines().get(i)));
      }
    }
    svg.append("</g>\n");
  }

  private void head(Box box, Spot spot) {
    boolean isAll = box.lines().isEmpty() && box.bodies().isEmpty();
    double right = spot.width() - 0.5;
    add("<path class=\"hd\" d=\"M5 0.5H%s", right - 4.5);
    add("Q%s 0.5 %s 5", right, right);
    if (isAll) {
      add("V19Q%s 23.5 %s 23.5H5Q0.5 23.5 0.5 19V5", right, right - 4.5);
    } else {
      add("V24H0.5V5");
    }
    add("Q0.5 0.5 5 0.5z\"/>\n");
    if (isAll) {
      middle("t", spot.width() / 2, 17, TextSize.cut(box.title()));
    } else {
      text("t", 10, 17, TextSize.cut(box.title()));
    }
  }

  private void bodies(Box box) {
    double head = Planner.head(box);
    boolean isOpen = drawing.planner().isOpen(box);
    double x = Planner.GAP;
    for (int i = 0; i < box.bodies().size(); i++) {
      DisplayGraph.Body body = box.bodies().get(i);
      if (!isOpen) {
        text("w", 10, head + 14 + 16 * i, Planner.label(body));
        continue;
      }
      DisplayGraph graph = drawing.graphs().graphs().get(body.graph());
      Plan plan = drawing.planner().planned(graph.root()).plan();
      text("w", x + 4, head + 16, Planner.label(body));
      open("body", null, new Spot(x, head + Planner.LABEL, plan.width(), plan.height()));
      add("<rect width=\"%s\" height=\"%s\" rx=\"6\"/>\n", plan.width(), plan.height());
      inside(graph, graph.root());
      svg.append("</g>\n");
      x += plan.width() + Planner.GAP;
    }
  }
}
