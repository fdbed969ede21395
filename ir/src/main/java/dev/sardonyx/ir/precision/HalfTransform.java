package dev.sardonyx.ir.precision;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.Constant;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Renaming;
import dev.sardonyx.ir.Result;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.ValueType;
import dev.sardonyx.ir.op.OperatorCatalogue;
import dev.sardonyx.ir.op.OperatorSchema;
import dev.sardonyx.ir.op.Parameter;
import dev.sardonyx.ir.pass.Change;
import dev.sardonyx.ir.pass.NodeTransform;
import dev.sardonyx.ir.pass.Rewriter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Lets each node compute in 16 bits by itself: its {@code float} inputs are cast before it and its
 * results after it, so that nodes around it need not know. Casts there and back of one value lose
 * nothing and are taken out by other passes.
 */
final class HalfTransform implements NodeTransform {
  /**
   * Operators whose results are elements of their inputs: as those that give no numbers at all,
   * they follow what they are given.
   */
  private static final Set<String> MOVING =
      Set.of(
          "Compress",
          "Concat",
          "DepthToSpace",
          "Expand",
          "Flatten",
          "Gather",
          "GatherElements",
          "GatherND",
          "Identity",
          "Max",
          "MaxPool",
          "Min",
          "Pad",
          "Relu",
          "Reshape",
          "ReverseSequence",
          "ScatterElements",
          "ScatterND",
          "Slice",
          "SpaceToDepth",
          "Split",
          "Squeeze",
          "Tile",
          "TopK",
          "Transpose",
          "Unsqueeze",
          "Where");

  private final HalfPrecision wanted;
  private final HalfWeights weights;

  /** What values and nodes of 16 bits were made for, to be called by their names at the end. */
  private final Map<String, String> firstNames = new HashMap<>();

  private final Map<String, String> firstNodeNames = new HashMap<>();

  HalfTransform(HalfPrecision wanted) {
    this.wanted = wanted;
    this.weights = new HalfWeights(wanted);
  }

  /** Values computed from integers and constants alone. */
  private static final class Exact extends HashSet<String> {
    private static final long serialVersionUID = 1L;
  }

  /** The 16-bit form of values, by the value's name. */
  private static final class Halves extends HashMap<String, Value> {
    private static final long serialVersionUID = 1L;
  }

  @Override
  public void rewrite(Node node, Rewriter to) {
    if (!node.subgraphs().isEmpty() || to.isOpen(node) || to.opset("") < 0 || isTraining(to)) {
      return;
    }
    Optional<OperatorSchema> schema =
        OperatorCatalogue.standard().find(node, to.opset(node.domain()));
    if (schema.isEmpty() || !hasOnlyTensors(node, to)) {
      return;
    }
    if (isExact(node, to)) {
      node.outputs().forEach(r -> to.memory(Exact.class, Exact::new).add(r.name()));
      return;
    }
    if (!isKept(node, to)) {
      convert(node, schema.get(), to);
    }
  }

  /** Whether nodes may ask for the gradient of others by their names. */
  private static boolean isTraining(Rewriter to) {
    return to.opset("ai.onnx.preview.training") >= 0;
  }

  /** Whether the types of all inputs and results are known, and none is a sequence or the like. */
  private static boolean hasOnlyTensors(Node node, Rewriter to) {
    for (String input : node.inputs()) {
      if (!input.isEmpty() && !isTensor(to.type(input))) {
        return false;
      }
    }
    return node.outputs().stream().allMatch(r -> !r.isPresent() || isTensor(to.type(r.name())));
  }

  private static boolean isTensor(ValueType type) {
    return type instanceof TensorType tensor && tensor.elementType() != ElementType.UNDEFINED;
  }

  private static boolean isExact(Node node, Rewriter to) {
    boolean any = false;
    for (String input : node.inputs()) {
      if (input.isEmpty() || to.tensor(input) != null) {
        continue;
      }
      if (HalfPrecision.isFloat(to.type(input))
          ? !isExact(input, to)
          : ((TensorType) to.type(input)).elementType().isFloat()) {
        return false;
      }
      any = true;
    }
    // A lookup in a table of numbers is told by its table, not by its index.
    return any && !isLookup(node, to);
  }

  private static boolean isLookup(Node node, Rewriter to) {
    return !node.is("Cast")
        && !node.is("CastLike")
        && node.inputs().stream()
            .noneMatch(i -> !i.isEmpty() && isExact(i, to) && HalfPrecision.isFloat(to.type(i)))
        && node.inputs().stream().anyMatch(i -> !i.isEmpty() && HalfPrecision.isFloat(to.type(i)));
  }

  private static boolean isExact(String value, Rewriter to) {
    for (Rewriter at = to; at != null; at = at.outer()) {
      if (at.memory(Exact.class, Exact::new).contains(value)) {
        return true;
      }
    }
    return false;
  }

  private boolean isKept(Node node, Rewriter to) {
    if (wanted.keptNodes().contains(node.name())
        || wanted.keptOperators().contains(node.operator())) {
      return true;
    }
    boolean follows = !givesFloat(node, to) || MOVING.contains(node.opType());
    return follows
        && node.inputs().stream()
            .filter(i -> !i.isEmpty() && HalfPrecision.isFloat(to.type(i)))
            .filter(i -> to.tensor(i) == null)
            .findFirst()
            .filter(i -> !isOfHalf(i, to))
            .isPresent();
  }

  private static boolean givesFloat(Node node, Rewriter to) {
    return node.outputs().stream()
        .anyMatch(r -> r.isPresent() && HalfPrecision.isFloat(to.type(r.name())));
  }

  /** Whether a value is the {@code float} form of a 16-bit one. */
  private boolean isOfHalf(String value, Rewriter to) {
    Node producer = to.producer(value);
    return producer != null
        && producer.is("Cast")
        && to.type(producer.input(0)) instanceof TensorType source
        && source.elementType() == wanted.type();
  }

  private void convert(Node node, OperatorSchema schema, Rewriter to) {
    Set<Integer> halves = new HashSet<>();
    for (int i = 0; i < node.inputs().size(); i++) {
      if (node.hasInput(i)
          && HalfPrecision.isFloat(to.type(node.input(i)))
          && schema.input(i).filter(p -> allows(schema, p)).isPresent()) {
        halves.add(i);
      }
    }
    if (halves.isEmpty() || !isSupported(node, schema, halves, to)) {
      return;
    }
    List<Value> inputs = new ArrayList<>();
    for (int i = 0; i < node.inputs().size(); i++) {
      inputs.add(halves.contains(i) ? half(node.input(i), to) : to.input(node, i));
    }
    List<Value> made =
        to.nodes(
            node.operator(),
            node.outputs().size(),
            inputs,
            node.attributes().toArray(Attribute[]::new));
    Node halfNode = to.producer(made.get(0).name());
    if (halfNode != null && !node.name().isEmpty()) {
      firstNodeNames.put(halfNode.name(), node.name());
    }
    List<Value> results = new ArrayList<>();
    for (int i = 0; i < made.size(); i++) {
      results.add(result(node.output(i), made.get(i), to));
    }
    to.replace(results);
  }

  /** Whether the node could be run if these of its inputs were of 16 bits. */
  private boolean isSupported(Node node, OperatorSchema schema, Set<Integer> halves, Rewriter to) {
    Map<String, ValueType> types = new HashMap<>();
    Set<String> parameters = new HashSet<>();
    for (int i = 0; i < node.inputs().size(); i++) {
      if (halves.contains(i)) {
        types.put(node.input(i), ofHalf(to.type(node.input(i))));
        schema.input(i).map(Parameter::type).ifPresent(parameters::add);
      } else if (node.hasInput(i)) {
        types.putIfAbsent(node.input(i), to.type(node.input(i)));
      }
    }
    List<Result> results = new ArrayList<>();
    for (int i = 0; i < node.outputs().size(); i++) {
      Result result = node.output(i);
      ValueType type = to.type(result.name());
      boolean half = schema.output(i).filter(p -> parameters.contains(p.type())).isPresent();
      results.add(result.isPresent() ? result.withType(half ? ofHalf(type) : type) : result);
    }
    return wanted.support().has(node.withOutputs(results), types, to.opset(node.domain()));
  }

  private ValueType ofHalf(ValueType type) {
    return type instanceof TensorType tensor && HalfPrecision.isFloat(type)
        ? TensorType.of(wanted.type(), tensor.shape())
        : type;
  }

  private Value result(Result result, Value made, Rewriter to) {
    if (!result.isPresent()) {
      return Rewriter.ABSENT;
    }
    boolean half =
        HalfPrecision.isFloat(to.type(result.name())) && !HalfPrecision.isFloat(made.type());
    if (!half) {
      return made;
    }
    firstNames.put(made.name(), result.name());
    return to.cast(made, ElementType.FLOAT);
  }

  private boolean allows(OperatorSchema schema, Parameter parameter) {
    return schema
        .types()
        .getOrDefault(parameter.type(), Set.of())
        .contains(TensorType.of(wanted.type(), Shape.UNKNOWN));
  }

  private Value half(String value, Rewriter to) {
    return to.memory(Halves.class, Halves::new)
        .computeIfAbsent(
            value,
            name -> {
              Tensor tensor = to.tensor(name);
              if (tensor == null) {
                return cast(to.value(name), to);
              }
              Value half =
                  to.constant(
                      name + "_" + wanted.type().onnxName(),
                      weights.convert(to.path(), name, tensor));
              firstNames.put(half.name(), name);
              return half;
            });
  }

  /**
   * What is computed from constants may be too large, as masks often are, and would be infinite.
   */
  private Value cast(Value value, Rewriter to) {
    boolean mayOverflow = wanted.type() == ElementType.FLOAT16 && isExact(value.name(), to);
    Value bounded =
        mayOverflow ? to.clip(value, (float) -weights.largest(), (float) weights.largest()) : value;
    return to.cast(bounded, wanted.type());
  }

  /** The model with the names that 16-bit values and nodes were made for, where they are free. */
  Model withFirstNames(Model model) {
    Set<String> taken = new HashSet<>();
    Set<String> takenNodes = new HashSet<>();
    collect(model.graph(), taken, takenNodes);
    Map<String, String> values = new HashMap<>();
    firstNames.forEach(
        (made, first) -> {
          if (taken.contains(made) && taken.add(first)) {
            values.put(made, first);
          }
        });
    Map<String, String> nodes = new HashMap<>();
    firstNodeNames.forEach(
        (made, first) -> {
          if (takenNodes.contains(made)) {
            nodes.put(made, first);
            nodes.put(first, freeName(first + ".cast", takenNodes)); // of a Cast, if it is there
          }
        });
    return model.withGraph(renamedNodes(Renaming.of(values).graph(model.graph()), nodes));
  }

  private static String freeName(String base, Set<String> taken) {
    String name = base;
    for (int i = 1; !taken.add(name); i++) {
      name = base + "_" + i;
    }
    return name;
  }

  private static Graph renamedNodes(Graph graph, Map<String, String> names) {
    return graph.withNodes(
        graph.nodes().stream()
            .map(n -> n.withSubgraphs(body -> renamedNodes(body, names)))
            .map(n -> n.withName(names.getOrDefault(n.name(), n.name())))
            .toList());
  }

  private static void collect(Graph graph, Set<String> values, Set<String> nodes) {
    graph.inputs().forEach(i -> values.add(i.name()));
    graph.constants().stream().map(Constant::name).forEach(values::add);
    for (Node node : graph.nodes()) {
      nodes.add(node.name());
      node.outputs().forEach(r -> values.add(r.name()));
      node.subgraphs().forEach(body -> collect(body, values, nodes));
    }
  }

  void requireKept(Model model) {
    Set<String> nodes = new HashSet<>();
    collect(model.graph(), new HashSet<>(), nodes);
    Set<String> missing = new TreeSet<>(wanted.keptNodes());
    missing.removeAll(nodes);
    if (!missing.isEmpty()) {
      throw new IllegalArgumentException(
          "The model has no node named " + String.join(", ", missing) + " to keep in float");
    }
  }

  void requireNoOverflow() {
    weights.requireNoOverflow();
  }

  List<Change> clamped() {
    return weights.clamped();
  }
}
