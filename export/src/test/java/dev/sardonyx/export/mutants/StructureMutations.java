package dev.sardonyx.export.mutants;

import dev.sardonyx.ir.Constant;
import dev.sardonyx.ir.Function;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Input;
import dev.sardonyx.ir.Metadata;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.OpsetImport;
import dev.sardonyx.ir.Output;
import dev.sardonyx.ir.ProblemCode;
import dev.sardonyx.ir.QuantizationAnnotation;
import dev.sardonyx.ir.Result;
import dev.sardonyx.ir.SparseTensor;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.ValueType;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** Faults of names, order and the model as a whole. */
final class StructureMutations {
  private StructureMutations() {}

  static Map<String, Mutation> all() {
    Map<String, Mutation> all = new LinkedHashMap<>();
    all.put("input renamed to nothing", StructureMutations::undefinedValue);
    all.put("output renamed to another node's", StructureMutations::duplicateValue);
    all.put("consumer before producer", StructureMutations::unsorted);
    all.put("cycle", StructureMutations::cycle);
    all.put("node that uses itself", StructureMutations::selfLoop);
    all.put("graph output of another name", StructureMutations::undefinedOutput);
    all.put("graph input without a name", StructureMutations::emptyName);
    all.put("graph input twice", StructureMutations::duplicateInput);
    all.put("graph output twice", StructureMutations::duplicateOutput);
    all.put("body hides an outer value", StructureMutations::shadowing);
    all.put("IR version of the future", m -> irVersion(m, 99));
    all.put("no IR version", m -> irVersion(m, 0));
    all.put("no opset import", StructureMutations::noImport);
    all.put("domain imported twice", StructureMutations::duplicateImport);
    all.put("opset of the future", m -> opset(m, 99));
    all.put("opset zero", m -> opset(m, 0));
    all.put("function defined twice", StructureMutations::duplicateFunction);
    all.put("function that calls itself", StructureMutations::recursion);
    all.put("function output not computed", StructureMutations::functionOutput);
    all.put("graph without a name", StructureMutations::unnamedGraph);
    all.put("graph input without a type", StructureMutations::untypedInput);
    all.put("sparse constant out of range", StructureMutations::sparse);
    all.put("annotation of nothing", StructureMutations::quantization);
    return all;
  }

  private static Optional<Mutant> at(Model model, Graph graph, ProblemCode code, String node) {
    return Optional.of(new Mutant("", model.withGraph(graph), code, node));
  }

  static Graph withNode(Graph graph, int i, Node node) {
    List<Node> nodes = new ArrayList<>(graph.nodes());
    nodes.set(i, node);
    return graph.withNodes(nodes);
  }

  static Node withInput(Node node, int i, String value) {
    List<String> inputs = new ArrayList<>(node.inputs());
    inputs.set(i, value);
    return node.withInputs(inputs);
  }

  /** The last node, whose outputs no other node needs. */
  private static int last(Graph graph) {
    return graph.nodes().size() - 1;
  }

  private static Optional<Mutant> undefinedValue(Model model) {
    Graph graph = model.graph();
    int i = last(graph);
    if (i < 0 || !graph.nodes().get(i).hasInput(0)) {
      return Optional.empty();
    }
    Node node = withInput(graph.nodes().get(i), 0, "no_such_value");
    return at(model, withNode(graph, i, node), ProblemCode.UNDEFINED_VALUE, node.label());
  }

  private static Optional<Mutant> duplicateValue(Model model) {
    Graph graph = model.graph();
    if (graph.nodes().isEmpty() || graph.inputs().isEmpty()) {
      return Optional.empty();
    }
    int i = last(graph);
    Node node = graph.nodes().get(i);
    List<Result> results = new ArrayList<>(node.outputs());
    results.set(0, Result.of(graph.inputs().get(0).name()));
    Node changed = node.withOutputs(results);
    return at(model, withNode(graph, i, changed), ProblemCode.DUPLICATE_VALUE, changed.label());
  }

  private static Optional<Mutant> unsorted(Model model) {
    Graph graph = model.graph();
    for (int i = 0; i + 1 < graph.nodes().size(); i++) {
      Node producer = graph.nodes().get(i);
      Node consumer = graph.nodes().get(i + 1);
      if (producer.hasOutput(0) && consumer.inputs().contains(producer.output(0).name())) {
        List<Node> nodes = new ArrayList<>(graph.nodes());
        Collections.swap(nodes, i, i + 1);
        return at(model, graph.withNodes(nodes), ProblemCode.UNSORTED, consumer.label());
      }
    }
    return Optional.empty();
  }

  private static Optional<Mutant> cycle(Model model) {
    Graph graph = model.graph();
    for (int i = 0; i + 1 < graph.nodes().size(); i++) {
      Node producer = graph.nodes().get(i);
      Node consumer = graph.nodes().get(i + 1);
      if (producer.hasInput(0)
          && producer.hasOutput(0)
          && consumer.hasOutput(0)
          && consumer.inputs().contains(producer.output(0).name())) {
        Node changed = withInput(producer, 0, consumer.output(0).name());
        return at(model, withNode(graph, i, changed), ProblemCode.CYCLE, changed.label());
      }
    }
    return Optional.empty();
  }

  private static Optional<Mutant> selfLoop(Model model) {
    Graph graph = model.graph();
    int i = last(graph);
    if (i < 0 || !graph.nodes().get(i).hasInput(0)) {
      return Optional.empty();
    }
    Node node = graph.nodes().get(i);
    Node changed = withInput(node, 0, node.output(0).name());
    return at(model, withNode(graph, i, changed), ProblemCode.CYCLE, changed.label());
  }

  private static Optional<Mutant> undefinedOutput(Model model) {
    Graph graph = model.graph();
    if (graph.outputs().isEmpty()) {
      return Optional.empty();
    }
    List<Output> outputs = new ArrayList<>(graph.outputs());
    outputs.set(0, outputs.get(0).withName("no_such_value"));
    return at(model, graph.withOutputs(outputs), ProblemCode.UNDEFINED_OUTPUT, "");
  }

  private static Optional<Mutant> emptyName(Model model) {
    Graph graph = model.graph();
    List<Input> inputs = new ArrayList<>(graph.inputs());
    inputs.add(Input.of("", inputs.isEmpty() ? ValueType.unknown() : inputs.get(0).type()));
    return at(model, graph.withInputs(inputs), ProblemCode.EMPTY_NAME, "");
  }

  private static Optional<Mutant> duplicateInput(Model model) {
    Graph graph = model.graph();
    if (graph.inputs().isEmpty()) {
      return Optional.empty();
    }
    List<Input> inputs = new ArrayList<>(graph.inputs());
    inputs.add(inputs.get(0));
    return at(model, graph.withInputs(inputs), ProblemCode.DUPLICATE_VALUE, "");
  }

  private static Optional<Mutant> duplicateOutput(Model model) {
    Graph graph = model.graph();
    if (graph.outputs().isEmpty()) {
      return Optional.empty();
    }
    List<Output> outputs = new ArrayList<>(graph.outputs());
    outputs.add(outputs.get(0));
    return at(model, graph.withOutputs(outputs), ProblemCode.DUPLICATE_OUTPUT, "");
  }

  private static Optional<Mutant> shadowing(Model model) {
    Graph graph = model.graph();
    for (int i = 0; i < graph.nodes().size(); i++) {
      Node node = graph.nodes().get(i);
      Optional<Graph> body =
          node.subgraphs().stream().filter(g -> !g.nodes().isEmpty()).findFirst();
      if (body.isEmpty() || graph.inputs().isEmpty()) {
        continue;
      }
      Node inner = body.get().nodes().get(0);
      Node extra =
          Node.of(
              "Constant",
              List.of(),
              List.of(Result.of(graph.inputs().get(0).name())),
              dev.sardonyx.ir.Attribute.ofTensor("value", Tensor.scalar(1f)));
      List<Node> nodes = new ArrayList<>(body.get().nodes());
      nodes.add(extra);
      Graph changed = body.get().withNodes(nodes);
      List<dev.sardonyx.ir.Attribute> attributes =
          node.attributes().stream()
              .map(
                  a ->
                      a.value() instanceof dev.sardonyx.ir.AttributeValue.Graph s
                              && s.value().equals(body.get())
                          ? a.withValue(new dev.sardonyx.ir.AttributeValue.Graph(changed))
                          : a)
              .toList();
      return inner == null
          ? Optional.empty()
          : at(
              model,
              withNode(graph, i, node.withAttributes(attributes)),
              ProblemCode.DUPLICATE_VALUE,
              extra.label());
    }
    return Optional.empty();
  }

  private static Optional<Mutant> irVersion(Model model, long version) {
    return Optional.of(
        new Mutant(
            "", model.withVersions(version, model.opsetImports()), ProblemCode.IR_VERSION, ""));
  }

  private static Optional<Mutant> noImport(Model model) {
    if (model.irVersion() < 3) {
      return Optional.empty();
    }
    return Optional.of(
        new Mutant(
            "", model.withVersions(model.irVersion(), List.of()), ProblemCode.NO_OPSET_IMPORT, ""));
  }

  private static Optional<Mutant> duplicateImport(Model model) {
    if (model.opset("").isEmpty()) {
      return Optional.empty();
    }
    List<OpsetImport> imports = new ArrayList<>(model.opsetImports());
    imports.add(OpsetImport.of("ai.onnx", 7));
    return Optional.of(
        new Mutant(
            "",
            model.withVersions(model.irVersion(), imports),
            ProblemCode.DUPLICATE_OPSET_IMPORT,
            ""));
  }

  private static Optional<Mutant> opset(Model model, long version) {
    return Optional.of(
        new Mutant("", model.withOpsetImport("", version), ProblemCode.OPSET_VERSION, ""));
  }

  /** The model with its one node moved into a function, and a call in its place. */
  private static Optional<Model> outlined(Model model) {
    Graph graph = model.graph();
    if (graph.nodes().size() != 1 || model.irVersion() < 8) {
      return Optional.empty();
    }
    Node node = graph.nodes().get(0);
    boolean named =
        node.inputs().stream().noneMatch(String::isEmpty)
            && node.inputs().stream().distinct().count() == node.inputs().size()
            && node.outputs().stream().allMatch(Result::isPresent)
            && node.subgraphs().isEmpty();
    if (!named) {
      return Optional.empty();
    }
    Function function =
        new Function(
            "local",
            "Outlined",
            "",
            node.inputs(),
            node.outputs().stream().map(Result::name).toList(),
            List.of(),
            List.of(),
            List.of(node),
            model.opsetImports(),
            List.of(),
            Metadata.EMPTY);
    Node call =
        new Node(
            "local", "Outlined", "", "", node.inputs(), List.of(), node.outputs(), Metadata.EMPTY);
    return Optional.of(
        model
            .withGraph(graph.withNodes(List.of(call)))
            .withFunctions(List.of(function))
            .withOpsetImport("local", 1));
  }

  private static Optional<Mutant> withFunctions(
      Model model, ProblemCode code, UnaryOperator<List<Function>> change) {
    return outlined(model)
        .map(m -> new Mutant("", m.withFunctions(change.apply(m.functions())), code, ""));
  }

  private static Optional<Mutant> duplicateFunction(Model model) {
    return withFunctions(model, ProblemCode.DUPLICATE_FUNCTION, f -> List.of(f.get(0), f.get(0)));
  }

  private static Optional<Mutant> recursion(Model model) {
    return withFunctions(
        model,
        ProblemCode.RECURSIVE_FUNCTION,
        functions -> {
          Function f = functions.get(0);
          List<Node> nodes = new ArrayList<>(f.nodes());
          List<Result> results = f.outputs().stream().map(o -> Result.of(o + "_again")).toList();
          nodes.add(
              new Node(
                  f.domain(),
                  f.name(),
                  f.overload(),
                  "again",
                  f.inputs(),
                  List.of(),
                  results,
                  Metadata.EMPTY));
          return List.of(f.withNodes(nodes));
        });
  }

  private static Optional<Mutant> functionOutput(Model model) {
    return withFunctions(
        model,
        ProblemCode.UNDEFINED_OUTPUT,
        functions -> List.of(functions.get(0).withNodes(List.of())));
  }

  private static Optional<Mutant> unnamedGraph(Model model) {
    return at(model, model.graph().withName(""), ProblemCode.EMPTY_NAME, "");
  }

  private static Optional<Mutant> untypedInput(Model model) {
    Graph graph = model.graph();
    if (graph.inputs().isEmpty()) {
      return Optional.empty();
    }
    List<Input> inputs = new ArrayList<>(graph.inputs());
    inputs.set(0, inputs.get(0).withType(ValueType.unknown()));
    return at(model, graph.withInputs(inputs), ProblemCode.MISSING_TYPE, "");
  }

  private static Optional<Mutant> sparse(Model model) {
    SparseTensor outside =
        SparseTensor.of(
            Tensor.ofFloats(new float[] {1, 2}, 2), Tensor.ofLongs(new long[] {0, 9}, 2), 3);
    List<Constant> constants = new ArrayList<>(model.graph().constants());
    constants.add(Constant.of("mutant_sparse", outside));
    return model.irVersion() < 4
        ? Optional.empty()
        : at(model, model.graph().withConstants(constants), ProblemCode.SPARSE_TENSOR, "");
  }

  private static Optional<Mutant> quantization(Model model) {
    Graph g = model.graph();
    Graph changed =
        new Graph(
            g.name(),
            g.inputs(),
            g.outputs(),
            g.nodes(),
            g.constants(),
            List.of(
                new QuantizationAnnotation(
                    "no_such_value", Map.of("SCALE_TENSOR", "no_such_scale"), Metadata.EMPTY)),
            g.metadata());
    return at(model, changed, ProblemCode.QUANTIZATION, "");
  }
}
