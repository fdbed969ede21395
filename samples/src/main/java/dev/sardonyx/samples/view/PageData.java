package dev.sardonyx.samples.view;

import com.google.gson.stream.JsonWriter;
import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Printable;
import dev.sardonyx.ir.diff.Difference;
import dev.sardonyx.samples.view.DisplayGraph.Body;
import dev.sardonyx.samples.view.DisplayGraph.Box;
import dev.sardonyx.samples.view.DisplayGraph.Cluster;
import dev.sardonyx.samples.view.DisplayGraph.Leaf;
import dev.sardonyx.samples.view.DisplayGraph.NodeInput;
import dev.sardonyx.samples.view.DisplayGraph.Part;
import dev.sardonyx.samples.view.Plan.Path;
import dev.sardonyx.samples.view.Plan.Point;
import dev.sardonyx.samples.view.Plan.Spot;
import java.io.IOException;
import java.io.StringWriter;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What the page's script draws, as JSON that can stand in HTML. Names of a model are escaped like
 * all text; invisible characters, which could make one name look like another, are written out.
 */
final class PageData {
  /** Longer texts, such as a list of a million numbers in an attribute, are cut. */
  private static final int LONGEST = 1000;

  private static final int DIFFERENCES = 1000;

  private final StringWriter text = new StringWriter();
  private final JsonWriter json = new JsonWriter(text);

  private PageData() {
    json.setHtmlSafe(true);
  }

  /**
   * The data of a page.
   *
   * @param models one, or two side by side
   * @param differences between the two
   */
  static String of(List<ModelDrawing> models, List<Difference> differences) {
    PageData data = new PageData();
    try {
      data.page(models, differences);
    } catch (IOException e) {
      throw new IllegalStateException(e); // a StringWriter does not fail
    }
    return data.text.toString();
  }

  private void page(List<ModelDrawing> models, List<Difference> differences) throws IOException {
    json.beginObject();
    Marks marks = models.get(0).marks();
    json.name("legend").beginArray();
    string(marks.legend());
    string(marks.lowest());
    string(marks.highest());
    json.endArray();
    json.name("differences").beginArray();
    for (Difference each : differences.subList(0, Math.min(DIFFERENCES, differences.size()))) {
      json.beginArray();
      string(each.toString());
      string(
          each instanceof Difference.Added || each instanceof Difference.Removed
              ? each.place() + ": " + each.what()
              : each.place());
      json.endArray();
    }
    json.endArray();
    json.name("differenceCount").value(differences.size());
    json.name("models").beginArray();
    for (ModelDrawing model : models) {
      model(model);
    }
    json.endArray().endObject();
  }

  private void model(ModelDrawing model) throws IOException {
    json.beginObject();
    field("title", model.title());
    json.name("facts").beginArray();
    for (Map.Entry<String, String> fact : model.facts().entrySet()) {
      json.beginArray();
      string(fact.getKey());
      string(fact.getValue());
      json.endArray();
    }
    json.endArray();
    json.name("weights").beginArray();
    for (DisplayGraphs.Weight weight : model.graphs().weights()) {
      weight(weight, model.graphs().weights().size());
    }
    json.endArray();
    json.name("graphs").beginArray();
    for (int i = 0; i < model.graphs().graphs().size(); i++) {
      graph(model, i);
    }
    json.endArray().endObject();
  }

  private void weight(DisplayGraphs.Weight weight, int among) throws IOException {
    json.beginObject();
    field("n", weight.name());
    field("t", ShortType.type(weight.data()));
    WeightSample sample = WeightSample.of(weight.data(), among);
    if (sample != null) {
      json.name("s").value(sample.elements());
      json.name("k").value(sample.sampled());
      json.name("f").beginArray();
      for (String first : sample.first()) {
        string(first);
      }
      json.endArray();
      if (sample.sampled() > 0) {
        json.name("r").beginArray();
        for (double each :
            new double[] {sample.min(), sample.max(), sample.mean(), sample.deviation()}) {
          json.value(each);
        }
        json.endArray();
        json.name("z").value(sample.zeros());
        json.name("x").value(sample.notFinite());
        json.name("h").beginArray();
        for (int bin : sample.bins()) {
          json.value(bin);
        }
        json.endArray();
      }
    }
    json.endObject();
  }

  private void graph(ModelDrawing model, int number) throws IOException {
    DisplayGraph graph = model.graphs().graphs().get(number);
    json.beginObject();
    field("t", graph.title());
    field("p", graph.path());
    json.name("v").beginArray();
    for (DisplayGraph.NamedType value : graph.values()) {
      string(value.name());
      string(value.type());
    }
    json.endArray();
    json.name("b").beginArray();
    for (Box box : graph.boxes()) {
      box(model, graph, box);
    }
    json.endArray();
    json.name("c").beginArray();
    List<Routes.Local> clusters = model.planner().clusters(number);
    IdentityHashMap<Cluster, Integer> numbers = new IdentityHashMap<>();
    clusters.forEach(c -> numbers.put(c.cluster(), numbers.size()));
    for (Routes.Local local : clusters) {
      cluster(model, graph, local, numbers);
    }
    json.endArray().endObject();
  }

  private void box(ModelDrawing model, DisplayGraph graph, Box box) throws IOException {
    json.beginObject();
    json.name("k").value(box.kind().name().toLowerCase(Locale.ROOT));
    field("t", TextSize.cut(box.title()));
    field("y", OperatorCategory.of(box).style());
    Spot size = Planner.closedSize(box);
    json.name("w").value((int) size.width()).name("h").value((int) size.height());
    json.name("l").beginArray();
    for (String line : box.lines()) {
      string(TextSize.cut(line));
    }
    json.endArray();
    json.name("r").beginArray();
    for (int result : box.results()) {
      json.value(result);
    }
    json.endArray();
    Node node = box.node();
    if (node != null) {
      node(node, model, graph, box);
    }
    json.endObject();
  }

  private void node(Node node, ModelDrawing model, DisplayGraph graph, Box box) throws IOException {
    field("o", node.operator());
    field("n", node.name());
    field("D", node.described());
    json.name("i").beginArray();
    for (NodeInput input : box.inputs()) {
      string(input.name());
      json.value(input.weight() < 0 ? input.value() : -1 - input.weight());
    }
    json.endArray();
    json.name("a").beginArray();
    for (Attribute attribute : node.attributes()) {
      string(attribute.name());
      string(AttributeText.of(attribute.value()));
    }
    json.endArray();
    if (!node.metadata().docString().isEmpty()) {
      field("d", node.metadata().docString());
    }
    if (!box.bodies().isEmpty()) {
      json.name("q").value((int) Planner.head(box));
      json.name("e").value(model.planner().isOpen(box) ? 1 : 0);
      json.name("g").beginArray();
      for (Body body : box.bodies()) {
        json.beginArray();
        string(Planner.label(body));
        json.value(body.graph()).value(body.isFunction() ? 1 : 0).endArray();
      }
      json.endArray();
    }
    Marks.Mark mark = model.marks().of(graph, box).orElse(null);
    if (mark != null) {
      mark(mark);
    }
  }

  private void mark(Marks.Mark mark) throws IOException {
    json.name("m").beginArray().value(mark.style());
    string(mark.text());
    json.endArray();
  }

  private void cluster(
      ModelDrawing model,
      DisplayGraph graph,
      Routes.Local local,
      IdentityHashMap<Cluster, Integer> numbers)
      throws IOException {
    Planner.Planned planned = model.planner().planned(local.cluster());
    Plan plan = planned.plan();
    json.beginObject();
    field("t", TextSize.cut(local.cluster().title()));
    field("n", Planner.count(local.cluster()));
    json.name("w").value((int) planned.size().width());
    json.name("h").value((int) planned.size().height());
    number("W", plan.width());
    number("H", plan.height());
    json.name("e").value(planned.isOpen() ? 1 : 0);
    parts(local.cluster(), plan, numbers);
    ports("I", local.entering(), plan.entering());
    ports("O", local.leaving(), plan.leaving());
    json.name("L").beginArray();
    for (int i = 0; i < plan.paths().size(); i++) {
      link(local.links().get(i), plan.paths().get(i));
    }
    json.endArray();
    Marks.Mark mark = model.mark(graph, local.cluster());
    if (mark != null) {
      mark(mark);
    }
    json.endObject();
  }

  private void parts(Cluster cluster, Plan plan, IdentityHashMap<Cluster, Integer> numbers)
      throws IOException {
    json.name("p").beginArray();
    for (int i = 0; i < plan.spots().size(); i++) {
      Part part = cluster.parts().get(i);
      Spot spot = plan.spots().get(i);
      // A box by its number, a cluster by its number from -1 down.
      json.value(
          part instanceof Leaf leaf ? leaf.from() : -1 - numbers.getOrDefault((Cluster) part, 0));
      number(spot.x());
      number(spot.y());
      number(spot.width());
      number(spot.height());
    }
    json.endArray();
  }

  private void ports(String name, List<Integer> values, List<Double> places) throws IOException {
    json.name(name).beginArray();
    for (int i = 0; i < values.size(); i++) {
      json.value(values.get(i));
      number(places.get(i));
    }
    json.endArray();
  }

  private void link(Routes.Link link, Path path) throws IOException {
    json.beginArray();
    json.value(link.value()).value(link.from()).value(link.fromPort());
    json.value(link.to()).value(link.toPort());
    point(path.start());
    point(path.end());
    for (Point bend : path.bends()) {
      point(bend);
    }
    json.endArray();
  }

  private void point(Point point) throws IOException {
    number(point.x());
    number(point.y());
  }

  private void number(String name, double pixels) throws IOException {
    json.name(name);
    number(pixels);
  }

  private void number(double pixels) throws IOException {
    json.value(Math.round(pixels));
  }

  private void field(String name, String value) throws IOException {
    json.name(name);
    string(value);
  }

  private void string(String value) throws IOException {
    String whole = Printable.line(value.length() > LONGEST ? value.substring(0, LONGEST) : value);
    json.value(value.length() > LONGEST ? whole + "…" : whole);
  }
}
