package dev.sardonyx.runtime.session;

import dev.sardonyx.ir.Constant;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.IrVersion;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Output;
import dev.sardonyx.ir.Result;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.ValueType;
import dev.sardonyx.ir.infer.ShapeInference;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A model made fit for ONNX Runtime's Java API: nodes before the original model assemble its
 * inputs, and nodes behind it take its outputs apart.
 *
 * @param model what to load
 * @param given the inputs of the original model that a caller gives
 * @param fetches how to read the values asked for, in order
 */
record Bridge(Model model, List<Input> given, List<Fetch> fetches) {
  /** The first opset with optionals, for models that import no ONNX operators at all. */
  private static final long OPSET_OF_OPTIONALS = 15;

  /** What the bridged model takes and gives. */
  Signature signature() {
    Map<String, ValueType> outputs = new LinkedHashMap<>();
    model.graph().outputs().forEach(output -> outputs.put(output.name(), output.type()));
    return new Signature(given, outputs, fetches);
  }

  /**
   * Builds the bridge.
   *
   * @param wanted names of the values to give back, empty for the graph's outputs
   * @param forms the inputs that will be given, and how they are built up
   * @throws IllegalArgumentException if a wanted value is not in the main graph
   */
  static Bridge of(Model model, List<String> wanted, Map<String, Form> forms) {
    Model imported =
        model.opset("").isPresent() ? model : model.withOpsetImport("", OPSET_OF_OPTIONALS);
    long opset = imported.opset("").orElseThrow();
    Graph graph = imported.graph();
    InputBridge front = new InputBridge(opset);
    List<Input> given = new ArrayList<>();
    Set<String> constants = new HashSet<>();
    graph.constants().forEach(constant -> constants.add(constant.name()));
    List<Input> untouched = new ArrayList<>();
    for (Input input : graph.inputs()) {
      Form form = forms.get(input.name());
      if (form != null) {
        front.add(input, form);
        given.add(input);
      } else if (!constants.contains(input.name())
          || model.irVersion() < IrVersion.SEPARATE_INITIALIZERS) {
        untouched.add(input);
      }
    }
    OutputBridge back = new OutputBridge(opset);
    addOutputs(typed(imported, wanted), wanted, back);
    List<Input> inputs = new ArrayList<>(front.inputs());
    inputs.addAll(untouched);
    List<Node> nodes = new ArrayList<>(front.nodes());
    graph.nodes().forEach(node -> nodes.add(node.name().isEmpty() ? named(node) : node));
    nodes.addAll(back.nodes());
    // A given input takes its default's place.
    List<Constant> kept =
        graph.constants().stream().filter(c -> !forms.containsKey(c.name())).toList();
    Graph bridged =
        new Graph(
            graph.name(),
            inputs,
            back.outputs(),
            nodes,
            kept,
            graph.quantization(),
            graph.metadata());
    // A newer IR version changes nothing that ONNX Runtime reads.
    long irVersion = Math.min(imported.irVersion(), InferenceSession.TARGET.newestIrVersion());
    Model loadable = imported.withVersions(irVersion, imported.opsetImports()).withGraph(bridged);
    return new Bridge(loadable, given, back.fetches());
  }

  /** Gives a node a name, so that errors can name it. */
  private static Node named(Node node) {
    return node.withName(node.label());
  }

  /** The graph with the types of its values, which tell how those can be read. */
  private static Graph typed(Model model, List<String> wanted) {
    Set<String> declared = new HashSet<>();
    model.graph().outputs().stream()
        .filter(output -> output.type().isKnown())
        .forEach(output -> declared.add(output.name()));
    List<String> names =
        wanted.isEmpty() ? model.graph().outputs().stream().map(Output::name).toList() : wanted;
    return declared.containsAll(names)
        ? model.graph()
        : ShapeInference.infer(model).model().graph();
  }

  private static void addOutputs(Graph graph, List<String> wanted, OutputBridge back) {
    Map<String, Value> values = new HashMap<>();
    graph.inputs().forEach(value -> values.put(value.name(), value));
    graph.constants().forEach(value -> values.putIfAbsent(value.name(), value));
    for (Node node : graph.nodes()) {
      node.outputs().stream()
          .filter(Result::isPresent)
          .forEach(value -> values.put(value.name(), value));
    }
    Map<String, Output> declared = new HashMap<>();
    graph.outputs().forEach(output -> declared.put(output.name(), output));
    List<String> names =
        wanted.isEmpty() ? graph.outputs().stream().map(Output::name).toList() : wanted;
    for (String name : new LinkedHashSet<>(names)) {
      Value value = values.get(name);
      if (value == null) {
        throw new IllegalArgumentException(
            "The graph '"
                + graph.name()
                + "' has no value '"
                + name
                + "' to give back; values inside subgraphs cannot be asked for");
      }
      Output output = declared.getOrDefault(name, Output.of(name, value.type()));
      back.add(output, value instanceof Result);
    }
  }
}
