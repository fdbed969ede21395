package dev.sardonyx.samples.view;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.AttributeValue;
import dev.sardonyx.ir.Constant;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.GraphIndex;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.OpsetImport;
import dev.sardonyx.ir.Output;
import dev.sardonyx.ir.Result;
import dev.sardonyx.ir.TensorData;
import dev.sardonyx.ir.ValueType;
import dev.sardonyx.ir.op.OperatorCatalogue;
import dev.sardonyx.ir.op.OperatorSchema;
import dev.sardonyx.ir.op.Parameter;
import dev.sardonyx.samples.view.DisplayGraph.Body;
import dev.sardonyx.samples.view.DisplayGraph.Box;
import dev.sardonyx.samples.view.DisplayGraph.Cluster;
import dev.sardonyx.samples.view.DisplayGraph.Kind;
import dev.sardonyx.samples.view.DisplayGraph.NamedType;
import dev.sardonyx.samples.view.DisplayGraph.NodeInput;
import dev.sardonyx.samples.view.DisplayGraph.Wire;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Makes the boxes and wires of one graph. */
final class DisplayGraphBuilder {
  private static final int LINES = 4;

  private final DisplayGraphs.Shared shared;
  private final String path;
  private final String title;
  private final GraphIndex index;
  private final List<OpsetImport> imports;
  private final List<Box> boxes = new ArrayList<>();
  private final List<NamedType> values = new ArrayList<>();
  private final Map<String, Integer> numbers = new HashMap<>();
  private final Map<Integer, Integer> producers = new HashMap<>();
  private final Map<Integer, List<Integer>> consumers = new LinkedHashMap<>();

  DisplayGraphBuilder(
      DisplayGraphs.Shared shared,
      String path,
      String title,
      GraphIndex index,
      List<OpsetImport> imports) {
    this.shared = shared;
    this.path = path;
    this.title = title;
    this.index = index;
    this.imports = imports;
  }

  DisplayGraph build() {
    Graph graph = index.graph();
    for (Input input : graph.inputs()) {
      addSource(Kind.INPUT, input.name());
    }
    for (String captured : index.captures()) {
      if (constant(captured) == null) {
        addSource(Kind.CAPTURE, captured);
      }
    }
    for (Node node : sorted(graph.nodes())) {
      if (!isFolded(node)) {
        addNode(node);
      }
    }
    for (Output output : graph.outputs()) {
      int value = value(output.name());
      boxes.add(Box.of(Kind.OUTPUT, output.name(), ShortType.of(type(output)), value));
      consumers.computeIfAbsent(value, v -> new ArrayList<>()).add(boxes.size() - 1);
    }
    return new DisplayGraph(title, path, boxes, values, wires(), new Cluster(title, List.of()));
  }

  private ValueType type(Output output) {
    return output.type().isKnown() ? output.type() : index.type(output.name());
  }

  private void addSource(Kind kind, String name) {
    int value = value(name);
    producers.putIfAbsent(value, boxes.size());
    boxes.add(Box.of(kind, name, values.get(value).type(), value));
  }

  /**
   * A Constant is shown where it is used, unless it is an output itself; so is an Identity of one,
   * which exporters write for what is used twice.
   */
  private boolean isFolded(Node node) {
    return node.hasOutput(0) && !index.isOutput(node.output(0).name()) && data(index, node) != null;
  }

  private void addNode(Node node) {
    int box = boxes.size();
    List<NodeInput> inputs = new ArrayList<>();
    List<String> lines = new ArrayList<>();
    OperatorSchema schema =
        OpsetImport.version(imports, node.domain()).stream()
            .boxed()
            .flatMap(v -> OperatorCatalogue.standard().find(node, v).stream())
            .findFirst()
            .orElse(null);
    for (int i = 0; i < node.inputs().size(); i++) {
      if (node.hasInput(i)) {
        String name = schema == null ? "" : schema.input(i).map(Parameter::name).orElse("");
        inputs.add(input(name, node.input(i), box, lines));
      }
    }
    node.subgraphs().forEach(g -> useCaptures(g, box));
    TensorData given = data(index, node);
    if (given != null && node.is("Constant")) {
      inputs.add(new NodeInput("value", -1, shared.weight(node.label(), given)));
    }
    List<Integer> results = new ArrayList<>();
    for (Result result : node.outputs()) {
      if (result.isPresent()) {
        int value = value(result.name());
        producers.putIfAbsent(value, box);
        results.add(value);
      }
    }
    shared.marks().of(path, node).ifPresent(mark -> lines.add(mark.text()));
    boxes.add(new Box(Kind.NODE, node.opType(), lines, node, inputs, results, bodies(node)));
  }

  private NodeInput input(String name, String value, int box, List<String> lines) {
    TensorData data = constant(value);
    if (data == null) {
      int number = value(value);
      use(number, box);
      return new NodeInput(name, number, -1);
    }
    if (lines.size() < LINES) {
      String text = ShortType.constant(data);
      lines.add(name.isEmpty() ? text : name + " " + text);
    } else if (lines.size() == LINES) {
      lines.add("...");
    }
    return new NodeInput(name, -1, shared.weight(value, data));
  }

  private void use(int value, int box) {
    List<Integer> users = consumers.computeIfAbsent(value, v -> new ArrayList<>());
    if (users.isEmpty() || users.get(users.size() - 1) != box) {
      users.add(box);
    }
  }

  private void useCaptures(Graph subgraph, int box) {
    for (String captured : index.inside(subgraph).captures()) {
      if (constant(captured) == null) {
        use(value(captured), box);
      }
    }
  }

  private List<Body> bodies(Node node) {
    List<Body> bodies = new ArrayList<>();
    shared.function(node).ifPresent(bodies::add);
    for (Attribute attribute : node.attributes()) {
      if (attribute.value() instanceof AttributeValue.Graph one) {
        bodies.add(body(node, attribute.name(), one.value()));
      } else if (attribute.value() instanceof AttributeValue.Graphs many) {
        for (int k = 0; k < many.values().size(); k++) {
          bodies.add(body(node, attribute.name() + "[" + k + "]", many.values().get(k)));
        }
      }
    }
    return bodies;
  }

  private Body body(Node node, String label, Graph subgraph) {
    String inside = node.pathInside(path) + "." + label;
    int number = shared.add(inside, label, index.inside(subgraph), imports);
    return new Body(label, number, subgraph.nodes().size(), false);
  }

  private int value(String name) {
    Integer number = numbers.get(name);
    if (number == null) {
      number = values.size();
      numbers.put(name, number);
      values.add(new NamedType(name, ShortType.of(index.type(name))));
    }
    return number;
  }

  /** What a name stands for if it is the same in every run, dense or sparse; else null. */
  private @Nullable TensorData constant(String value) {
    GraphIndex owner = index.owner(value).orElse(null);
    if (owner == null) {
      return null;
    }
    Node producer = owner.producer(value).orElse(null);
    if (producer != null) {
      return owner.isOutput(value) ? null : data(owner, producer);
    }
    return initializer(owner, value);
  }

  private static @Nullable TensorData initializer(GraphIndex owner, String value) {
    return owner.input(value).isPresent()
        ? null
        : owner.initializer(value).map(Constant::data).orElse(null);
  }

  /** What a node gives if it is a Constant, or an Identity of a constant of its graph. */
  private static @Nullable TensorData data(GraphIndex owner, Node node) {
    if (node.is("Identity")) {
      Node producer = owner.producer(node.input(0)).orElse(null);
      return producer == null ? initializer(owner, node.input(0)) : constant(producer);
    }
    return constant(node);
  }

  private static @Nullable TensorData constant(Node node) {
    return node.constantTensor()
        .map(TensorData.class::cast)
        .or(
            () ->
                node.attribute("sparse_value", AttributeValue.SparseTensor.class)
                    .filter(v -> node.is("Constant"))
                    .map(AttributeValue.SparseTensor::value))
        .orElse(null);
  }

  private List<Wire> wires() {
    List<Wire> wires = new ArrayList<>();
    consumers.forEach(
        (value, to) -> {
          Integer from = producers.get(value);
          if (from != null) {
            wires.add(new Wire(value, from, to));
          }
        });
    return wires;
  }

  /** The nodes in topological order: as they are, or, of an invalid model, as far as it goes. */
  private List<Node> sorted(List<Node> nodes) {
    if (index.isSorted()) {
      return nodes;
    }
    List<Node> sorted = new ArrayList<>();
    int[] waiting = new int[nodes.size()];
    List<List<Integer>> users = new ArrayList<>();
    nodes.forEach(n -> users.add(new ArrayList<>()));
    List<Integer> ready = new ArrayList<>();
    boolean[] done = new boolean[nodes.size()];
    for (int i = 0; i < nodes.size(); i++) {
      int[] needed = index.dependencies(i);
      waiting[i] = needed.length;
      for (int each : needed) {
        users.get(each).add(i);
      }
      if (needed.length == 0) {
        ready.add(i);
      }
    }
    for (int next = 0; next < ready.size(); next++) {
      int i = ready.get(next);
      done[i] = true;
      sorted.add(nodes.get(i));
      for (int user : users.get(i)) {
        if (--waiting[user] == 0) {
          ready.add(user);
        }
      }
    }
    for (int i = 0; i < nodes.size(); i++) {
      if (!done[i]) {
        sorted.add(nodes.get(i));
      }
    }
    return sorted;
  }
}
