package dev.sardonyx.samples.view;

import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Nesting;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.OpsetImport;
import dev.sardonyx.ir.Output;
import dev.sardonyx.ir.diff.Difference;
import dev.sardonyx.samples.view.DisplayGraph.Cluster;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A model as a drawing, laid out by the Eclipse Layout Kernel.
 *
 * <pre>{@code
 * ModelDrawing drawing = ModelDrawing.of("model.onnx", OnnxReader.read(file), Marks.NONE);
 * Files.writeString(page, drawing.html());
 * }</pre>
 */
public final class ModelDrawing {
  /** Inputs and outputs that are listed beside the graph. */
  private static final int MOST = 30;

  private final String title;
  private final Map<String, String> facts;
  private final Marks marks;
  private final DisplayGraphs graphs;
  private final Planner planner;

  private ModelDrawing(String title, Model model, Marks marks) {
    this.title = title;
    this.marks = marks;
    facts = facts(model);
    graphs = DisplayGraphs.of(model, marks);
    planner = Nesting.follow(model, () -> Planner.of(graphs));
  }

  /**
   * Draws a model. Of its weights, samples are read when the page is made.
   *
   * @param title what stands above, such as the file's name
   * @param marks what nodes are coloured by
   * @throws dev.sardonyx.ir.LimitExceededException if the model nests too deep
   */
  public static ModelDrawing of(String title, Model model, Marks marks) {
    return new ModelDrawing(title, model, marks);
  }

  /** A page for the browser, with all it needs inside. */
  public String html() {
    return ViewPage.of(title, PageData.of(List.of(this), List.of()));
  }

  /**
   * A page with two models side by side.
   *
   * @param differences between this and the other
   */
  public String html(ModelDrawing other, List<Difference> differences) {
    return ViewPage.of(
        title + " and " + other.title, PageData.of(List.of(this, other), differences));
  }

  /** The main graph as SVG, open as far as a page shows it at first. */
  public String svg() {
    return SvgDrawing.of(this);
  }

  String title() {
    return title;
  }

  Map<String, String> facts() {
    return facts;
  }

  Marks marks() {
    return marks;
  }

  DisplayGraphs graphs() {
    return graphs;
  }

  Planner planner() {
    return planner;
  }

  /** The strongest mark of a cluster's boxes, null if none has any. */
  Marks.@Nullable Mark mark(DisplayGraph graph, Cluster cluster) {
    return marks.byNode().isEmpty()
        ? null
        : graph.boxes().subList(cluster.from(), cluster.to()).stream()
            .flatMap(box -> marks.of(graph, box).stream())
            .reduce(Marks::stronger)
            .orElse(null);
  }

  private static Map<String, String> facts(Model model) {
    Map<String, String> facts = new LinkedHashMap<>();
    fact(facts, "Graph", model.graph().name());
    fact(facts, "Producer", (model.producerName() + " " + model.producerVersion()).strip());
    fact(
        facts,
        "Operators of",
        model.opsetImports().stream().map(ModelDrawing::opset).collect(Collectors.joining(", ")));
    fact(facts, "IR version", Long.toString(model.irVersion()));
    fact(facts, "Nodes", "%,d".formatted(model.graph().nodes().size()));
    List<Input> inputs = model.graph().inputs();
    for (Input input : inputs.subList(0, Math.min(MOST, inputs.size()))) {
      fact(facts, "Input " + input.name(), input.type().toString());
    }
    List<Output> outputs = model.graph().outputs();
    for (Output output : outputs.subList(0, Math.min(MOST, outputs.size()))) {
      fact(facts, "Output " + output.name(), output.type().toString());
    }
    if (inputs.size() > MOST || outputs.size() > MOST) {
      fact(facts, "In all", "%,d inputs, %,d outputs".formatted(inputs.size(), outputs.size()));
    }
    fact(facts, "Counts", counts(model.graph().nodes()));
    fact(facts, "Description", model.metadata().docString());
    model.metadata().properties().forEach((key, value) -> fact(facts, key, value));
    return facts;
  }

  private static void fact(Map<String, String> facts, String name, String value) {
    if (!value.isEmpty()) {
      facts.putIfAbsent(name, value);
    }
  }

  private static String opset(OpsetImport opset) {
    return (opset.domain().isEmpty() ? "ai.onnx" : opset.domain()) + " " + opset.version();
  }

  private static String counts(List<Node> nodes) {
    Map<String, Long> counts =
        nodes.stream()
            .collect(Collectors.groupingBy(Node::operator, TreeMap::new, Collectors.counting()));
    return counts.entrySet().stream()
        .sorted(Comparator.comparing(Map.Entry::getValue, Comparator.reverseOrder()))
        .map(e -> e.getKey() + " " + e.getValue())
        .collect(Collectors.joining(", "));
  }
}
