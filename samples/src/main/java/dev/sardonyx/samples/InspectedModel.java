package dev.sardonyx.samples;

import dev.sardonyx.ir.Constant;
import dev.sardonyx.ir.Dim;
import dev.sardonyx.ir.Function;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.SparseTensor;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorData;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.ValueType;
import dev.sardonyx.ir.nn.ModelSummary;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What is told of a model. The names of the components are the keys in JSON, which are documented
 * in README and stay.
 *
 * @param bytes of the file, without external data files
 * @param opsets versions by domain; ONNX's own is {@code ai.onnx}
 * @param graph the main graph's name
 * @param nodes in the main graph
 * @param innerNodes in subgraphs and functions
 * @param functions the model's own, as domain:name
 * @param operators how many nodes each has, those in subgraphs and functions too, most first
 * @param parameters elements of the weights, as {@link ModelSummary} counts them
 */
record InspectedModel(
    long bytes,
    long irVersion,
    String producerName,
    String producerVersion,
    String domain,
    long modelVersion,
    Map<String, Long> opsets,
    String graph,
    List<InspectedModel.Named> inputs,
    List<InspectedModel.Named> outputs,
    long nodes,
    long innerNodes,
    List<String> functions,
    Map<String, Long> operators,
    long parameters,
    StoredWeights initializers,
    Map<String, String> metadata,
    String doc) {
  /**
   * An input or output.
   *
   * @param type as text, such as {@code float[N,3]}
   * @param elementType absent if it is no tensor
   * @param shape its dimensions: a number, a symbol's name, or null where it is unknown; absent if
   *     the number of axes is
   * @param hasDefault whether it is an input that need not be given; absent for outputs
   */
  record Named(
      String name,
      String type,
      @Nullable String elementType,
      @Nullable List<@Nullable Object> shape,
      @Nullable Boolean hasDefault) {
    static Named of(String name, ValueType type, @Nullable Boolean hasDefault) {
      return type instanceof TensorType tensor
          ? new Named(
              name, type.toString(), tensor.elementType().toString(), dims(tensor), hasDefault)
          : new Named(name, type.toString(), null, null, hasDefault);
    }
  }

  /**
   * The main graph's initializers.
   *
   * @param leftAlone how many lie in external data files that were not read
   */
  record StoredWeights(long count, long bytes, long leftAlone) {}

  /** Looks at a model. */
  static InspectedModel of(Model model, long bytes) {
    Graph graph = model.graph();
    Set<String> constants =
        graph.constants().stream().map(Constant::name).collect(Collectors.toSet());
    long all = nodes(model).count();
    return new InspectedModel(
        bytes,
        model.irVersion(),
        model.producerName(),
        model.producerVersion(),
        model.domain(),
        model.modelVersion(),
        opsets(model),
        graph.name(),
        graph.inputs().stream()
            .map(i -> Named.of(i.name(), i.type(), constants.contains(i.name())))
            .toList(),
        graph.outputs().stream().map(o -> Named.of(o.name(), o.type(), null)).toList(),
        graph.nodes().size(),
        all - graph.nodes().size(),
        model.functions().stream().map(f -> f.domain() + ":" + f.name()).toList(),
        operators(model),
        ModelSummary.of(model).parameters(),
        weights(graph),
        model.metadata().properties(),
        model.metadata().docString());
  }

  private static Map<String, Long> opsets(Model model) {
    Map<String, Long> opsets = new LinkedHashMap<>();
    model
        .opsetImports()
        .forEach(o -> opsets.put(o.domain().isEmpty() ? "ai.onnx" : o.domain(), o.version()));
    return opsets;
  }

  private static @Nullable List<@Nullable Object> dims(TensorType type) {
    if (!type.shape().isRanked()) {
      return null;
    }
    List<@Nullable Object> shape = new ArrayList<>();
    for (int axis = 0; axis < type.shape().rank(); axis++) {
      Dim dim = type.shape().dim(axis);
      boolean known = !(dim instanceof Dim.Unknown);
      shape.add(dim.isFixed() ? (Object) dim.value() : known ? dim.toString() : null);
    }
    return Collections.unmodifiableList(shape);
  }

  /** All nodes, those in subgraphs and functions too. */
  static Stream<Node> nodes(Model model) {
    return Stream.concat(
            model.graph().nodes().stream(),
            model.functions().stream().map(Function::nodes).flatMap(List::stream))
        .flatMap(InspectedModel::withInner);
  }

  private static Stream<Node> withInner(Node node) {
    return Stream.concat(
        Stream.of(node),
        node.subgraphs().stream()
            .flatMap(g -> g.nodes().stream())
            .flatMap(InspectedModel::withInner));
  }

  private static Map<String, Long> operators(Model model) {
    Map<String, Long> counts =
        nodes(model)
            .collect(Collectors.groupingBy(Node::operator, TreeMap::new, Collectors.counting()));
    Map<String, Long> sorted = new LinkedHashMap<>();
    counts.entrySet().stream()
        .sorted(Comparator.comparing(Map.Entry::getValue, Comparator.reverseOrder()))
        .forEach(e -> sorted.put(e.getKey(), e.getValue()));
    return sorted;
  }

  private static StoredWeights weights(Graph graph) {
    List<TensorData> data = graph.constants().stream().map(Constant::data).toList();
    return new StoredWeights(
        data.size(),
        data.stream().mapToLong(InspectedModel::bytes).sum(),
        data.stream().filter(d -> !isReadable(d)).count());
  }

  private static boolean isReadable(TensorData data) {
    return data instanceof Tensor tensor
        ? tensor.isReadable()
        : ((SparseTensor) data).values().isReadable();
  }

  private static long bytes(TensorData data) {
    if (data instanceof Tensor tensor) {
      return tensor.byteSize();
    }
    SparseTensor sparse = (SparseTensor) data;
    return sparse.values().byteSize() + sparse.indices().byteSize();
  }

  /** Prints it. */
  void print(Console console, String file) {
    console.result("%s: %s", file, Sizes.bytes(bytes));
    if (!producerName.isEmpty()) {
      console.result("Producer: %s", (producerName + " " + producerVersion).strip());
    }
    console.result(
        "Versions: IR %d, %s",
        irVersion, opsets.isEmpty() ? "no operators imported" : listed(opsets));
    console.result(
        "Graph: '%s', %s%s",
        graph,
        Count.of(nodes, "node"),
        innerNodes == 0
            ? ""
            : ", %,d more in subgraphs and %s"
                .formatted(innerNodes, Count.of(functions.size(), "function")));
    for (Named input : inputs) {
      console.result(
          "Input: %s %s%s",
          input.name, input.type, Boolean.TRUE.equals(input.hasDefault) ? " (has a default)" : "");
    }
    outputs.forEach(output -> console.result("Output: %s %s", output.name, output.type));
    console.result(
        "Parameters: %,d; initializers: %,d of %s",
        parameters, initializers.count, Sizes.bytes(initializers.bytes));
    if (initializers.leftAlone > 0) {
      console.result(
          "Left alone: the external data of %s", Count.of(initializers.leftAlone, "initializer"));
    }
    console.result("Operators: %s", listed(operators));
    metadata.forEach((key, value) -> console.result("%s: %s", key, value));
    if (!doc.isEmpty()) {
      console.result("Doc: %s", doc);
    }
  }

  private static String listed(Map<String, Long> numbers) {
    return numbers.entrySet().stream()
        .map(e -> e.getKey() + " " + e.getValue())
        .collect(Collectors.joining(", "));
  }
}
