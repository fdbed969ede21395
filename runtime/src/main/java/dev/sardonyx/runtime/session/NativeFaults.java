package dev.sardonyx.runtime.session;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.Dim;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Result;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.ValueType;
import dev.sardonyx.ir.backend.UnsupportedModelException;
import dev.sardonyx.ir.infer.ShapeInference;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * Valid models on which ONNX Runtime 1.28 ends the process: kernels that divide by the number of
 * elements, or read the first element of an empty tensor. Where an operand is known to have no
 * elements the model is refused. Where it may have none, a guard before the node, a Reshape, fails
 * on that with a regular ONNX Runtime error; any other tensor passes it unchanged and is not
 * copied. A node that can be replaced by one without the fault is.
 *
 * <p>Where the sizes of an operand follow from those of the model's inputs, no guard is needed in a
 * run in which they are at least 1: so there are two versions of the model, of which the second,
 * with all guards, is for the other runs.
 */
final class NativeFaults {
  /**
   * Operators, and the inputs of theirs that must have elements; all inputs if the list is empty.
   */
  private static final Map<String, List<Integer>> NOT_EMPTY =
      Map.of(
          "TopK", List.of(0),
          "Einsum", List.of(),
          "Attention", List.of(0, 1, 2),
          "LSTM", List.of(0),
          "GRU", List.of(0),
          "LpNormalization", List.of(0),
          "ConvTranspose", List.of(0, 1),
          "DFT", List.of(0),
          "GridSample", List.of(0));

  /** Operators whose kernels for float16 alone must have elements in their input. */
  private static final Set<String> HALF_NOT_EMPTY =
      Set.of("ReduceL1", "ReduceL2", "ReduceLogSum", "ReduceLogSumExp", "ReduceSumSquare");

  private static final Pattern GUARD =
      Pattern.compile("elements of input (\\d+) of (\\w+) ([^']*)");

  private final Model model;
  private final Map<String, ValueType> types = new HashMap<>();
  private final Set<String> names = new HashSet<>();
  private final Set<String> inputSymbols;

  /** Sizes of operands that follow from those of the inputs, and are needed. */
  private final Set<Dim> sizes = new LinkedHashSet<>();

  private NativeFaults(Model model) {
    this.model = model;
    this.inputSymbols = InputSizes.symbols(model.graph().inputs());
  }

  /** What there is to guard against in a model. */
  static NativeFaults of(Model model) {
    NativeFaults faults = new NativeFaults(model);
    if (anyListed(model.graph())) {
      Model bare = model.withGraph(withoutTypes(model.graph()));
      faults.learn(ShapeInference.infer(bare).model().graph());
    }
    return faults;
  }

  /**
   * The graph without the declared shapes of its computed values: ONNX Runtime does not enforce
   * them.
   */
  private static Graph withoutTypes(Graph graph) {
    List<Node> nodes = new ArrayList<>();
    for (Node node : graph.nodes()) {
      nodes.add(
          node.withOutputs(
                  node.outputs().stream()
                      .map(r -> r.isPresent() ? r.withType(withoutShape(r.type())) : r)
                      .toList())
              .withSubgraphs(
                  body ->
                      withoutTypes(body)
                          .withInputs(
                              body.inputs().stream()
                                  .map(i -> i.withType(withoutShape(i.type())))
                                  .toList())));
    }
    return graph
        .withNodes(nodes)
        .withOutputs(
            graph.outputs().stream().map(o -> o.withType(withoutShape(o.type()))).toList());
  }

  private static ValueType withoutShape(ValueType type) {
    return type instanceof TensorType tensor
        ? tensor.withShape(Shape.UNKNOWN)
        : ValueType.unknown();
  }

  /**
   * The model to run with inputs for which the sizes {@link #needed} are at least 1: it has guards
   * only before operands whose sizes depend on the data.
   *
   * @throws UnsupportedModelException if a node would end the process
   */
  Model model() {
    return anyListed(model.graph()) ? model.withGraph(guarded(model.graph(), false)) : model;
  }

  /** The model as it may be run with any inputs. */
  Model guarded() {
    return model.withGraph(guarded(model.graph(), true));
  }

  /** Sizes that must be at least 1 in a run of {@link #model()}, known once that has been made. */
  InputSizes needed() {
    return new InputSizes(model.graph().inputs(), sizes);
  }

  /** The failure with an explanation if it came from a guard, else the failure as it is. */
  static ModelRunException explained(ModelRunException failure) {
    // In a subgraph the failed node is the one around it, and the guard is named in the reason.
    Matcher guard = GUARD.matcher(String.valueOf(failure.getMessage()));
    if (!guard.find()) {
      return failure;
    }
    String node = guard.group(3);
    String operator = guard.group(2);
    String message = message(operator, node, guard.group(1));
    return new ModelRunException(message, node, operator, failure);
  }

  private static String message(String operator, String node, String input) {
    return "Node '"
        + node
        + "' ("
        + operator
        + ") cannot run: its input "
        + input
        + " has no elements, on which ONNX Runtime "
        + Environments.shared().getVersion()
        + " ends the process";
  }

  private static boolean isListed(Node node) {
    return node.is(node.opType())
        && (NOT_EMPTY.containsKey(node.opType()) || HALF_NOT_EMPTY.contains(node.opType()));
  }

  /** Which inputs of a node must have elements. */
  private List<Integer> needed(Node node) {
    if (!HALF_NOT_EMPTY.contains(node.opType())) {
      List<Integer> named = NOT_EMPTY.getOrDefault(node.opType(), List.of());
      return named.isEmpty() ? IntStream.range(0, node.inputs().size()).boxed().toList() : named;
    }
    boolean isOther =
        types.get(node.input(0)) instanceof TensorType type
            && type.elementType() != ElementType.FLOAT16;
    return isOther ? List.of() : List.of(0);
  }

  private static boolean anyListed(Graph graph) {
    return graph.nodes().stream()
        .anyMatch(
            node ->
                isListed(node)
                    || node.is("CastLike")
                    || node.is("TfIdfVectorizer")
                    || node.is("RandomNormal")
                    || node.is("RandomNormalLike")
                    || node.is("TensorScatter")
                    || node.subgraphs().stream().anyMatch(NativeFaults::anyListed));
  }

  /** Types by name; of a name that stands for several values, none is known. */
  private void learn(Graph graph) {
    graph.inputs().forEach(input -> learn(input.name(), input.type()));
    graph.constants().forEach(constant -> learn(constant.name(), constant.type()));
    for (Node node : graph.nodes()) {
      node.outputs().forEach(result -> learn(result.name(), result.type()));
      node.subgraphs().forEach(this::learn);
    }
  }

  private void learn(String name, ValueType type) {
    names.add(name);
    types.merge(name, type, (a, b) -> a.equals(b) ? a : ValueType.unknown());
  }

  private Graph guarded(Graph graph, boolean all) {
    List<Node> nodes = new ArrayList<>();
    for (Node node : graph.nodes()) {
      Node inside = node.withSubgraphs(body -> guarded(body, all));
      if (node.is("Attention")) {
        requireMaskOfQueryType(node);
      }
      if (isListed(node)) {
        List<String> inputs = new ArrayList<>(inside.inputs());
        for (int input : needed(inside)) {
          guard(inside, input, inputs, nodes, all);
        }
        inside = inside.withInputs(inputs);
      } else if (node.is("CastLike")) {
        inside = withFixedType(inside);
      } else if (node.is("TfIdfVectorizer")) {
        requireShortSkips(node);
      } else if (node.is("TensorScatter")) {
        requireNumbers(node);
      } else if (node.is("RandomNormal") || node.is("RandomNormalLike")) {
        requireSpread(node);
      }
      nodes.add(inside);
    }
    return graph.withNodes(nodes);
  }

  /**
   * The Cast that does the same: CastLike of a constant float16 ends the process when the model is
   * loaded.
   */
  private Node withFixedType(Node castLike) {
    return types.get(castLike.input(1)) instanceof TensorType like
            && like.elementType() != ElementType.UNDEFINED
        ? castLike
            .withOperator("Cast")
            .withInputs(List.of(castLike.input(0)))
            .withAttribute(to(like.elementType()))
        : castLike;
  }

  /** Strings are copied as if they were bytes. */
  private void requireNumbers(Node node) {
    if (types.get(node.input(0)) instanceof TensorType type
        && type.elementType() == ElementType.STRING) {
      throw new UnsupportedModelException(
          "Node '%s' (TensorScatter) cannot run: it scatters strings, on which ONNX Runtime %s ends the process"
              .formatted(node.label(), Environments.shared().getVersion()));
    }
  }

  /** Only masks of the query's type, or of booleans, go with lengths of the keys. */
  private void requireMaskOfQueryType(Node node) {
    if (node.hasInput(3)
        && node.hasInput(6)
        && types.get(node.input(0)) instanceof TensorType query
        && types.get(node.input(3)) instanceof TensorType mask
        && mask.elementType() != ElementType.BOOL
        && mask.elementType() != query.elementType()) {
      throw new UnsupportedModelException(
          "Node '%s' (Attention) cannot run: its mask is of %s and its query of %s, on which ONNX Runtime %s ends the process; cast the mask"
              .formatted(
                  node.label(),
                  mask.elementType(),
                  query.elementType(),
                  Environments.shared().getVersion()));
    }
  }

  /** A distribution without spread is asserted not to be. */
  private static void requireSpread(Node node) {
    double scale = node.floatAttribute("scale", 1);
    if (!(scale > 0)) {
      throw new UnsupportedModelException(
          "Node '%s' (%s) cannot run: its scale is %s, on which ONNX Runtime %s ends the process; give it the mean as a constant"
              .formatted(node.label(), node.opType(), scale, Environments.shared().getVersion()));
    }
  }

  private void guard(Node node, int input, List<String> inputs, List<Node> before, boolean all) {
    if (!node.hasInput(input)) {
      return;
    }
    String value = inputs.get(input);
    ValueType type = types.getOrDefault(value, ValueType.unknown());
    Shape shape = type instanceof TensorType tensor ? tensor.shape() : Shape.UNKNOWN;
    if (shape.isRanked() && shape.dims().stream().anyMatch(dim -> dim.isFixed(0))) {
      throw new UnsupportedModelException(
          message(node.opType(), node.label(), Integer.toString(input)));
    }
    if (shape.isStatic()) {
      return;
    }
    if (followsFromInputs(shape)) {
      shape.dims().stream().filter(dim -> !dim.isFixed()).forEach(sizes::add);
      if (!all) {
        return;
      }
    }
    String name = node.name().isEmpty() ? node.label() : node.name();
    String guard = "elements of input " + input + " of " + node.opType() + " " + name;
    inputs.set(input, reshaped(value, shape, guard, before));
  }

  private boolean followsFromInputs(Shape shape) {
    return shape.isRanked()
        && shape.dims().stream()
            .allMatch(dim -> dim.isKnown() && inputSymbols.containsAll(dim.symbols()));
  }

  /** The value in its own shape, each dimension being at least 1. */
  private String reshaped(String value, Shape shape, String name, List<Node> nodes) {
    double[] ones = new double[shape.isRanked() ? shape.rank() : 1];
    Arrays.fill(ones, 1);
    Tensor least = Tensor.ofDoubles(ones, ones.length);
    String one = add(nodes, "Constant", List.of(), "", Attribute.ofTensor("value", least));
    String dims = add(nodes, "Shape", List.of(value), "");
    // Max takes integers only from opset 12 on.
    String wide = add(nodes, "Cast", List.of(dims), "", to(ElementType.DOUBLE));
    String most = add(nodes, "Max", List.of(wide, one), "");
    String target = add(nodes, "Cast", List.of(most), "", to(ElementType.INT64));
    return add(nodes, "Reshape", List.of(value, target), name);
  }

  private static Attribute to(ElementType type) {
    return Attribute.ofInt("to", type.code());
  }

  private String add(
      List<Node> nodes,
      String operator,
      List<String> inputs,
      String name,
      Attribute... attributes) {
    int number = names.size();
    while (!names.add("guard_" + number)) {
      number++;
    }
    String result = "guard_" + number;
    nodes.add(Node.of(operator, inputs, List.of(Result.of(result)), attributes).withName(name));
    return result;
  }

  /** ONNX Runtime computes the length of an n-gram with its skips in 32 bits. */
  private static void requireShortSkips(Node node) {
    long skips = node.intAttribute("max_skip_count", 0);
    long longest = node.intAttribute("max_gram_length", 1);
    if (longest > 0 && skips >= Integer.MAX_VALUE / longest) {
      throw new UnsupportedModelException(
          "Node '"
              + node.label()
              + "' (TfIdfVectorizer) cannot run: max_skip_count "
              + skips
              + " is so large that ONNX Runtime "
              + Environments.shared().getVersion()
              + " ends the process");
    }
  }
}
