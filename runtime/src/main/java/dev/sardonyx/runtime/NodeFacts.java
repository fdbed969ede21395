package dev.sardonyx.runtime;

import dev.sardonyx.ir.AttributeValue;
import dev.sardonyx.ir.Constant;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Function;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.OpsetImport;
import dev.sardonyx.ir.Result;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.op.OperatorCatalogue;
import dev.sardonyx.ir.op.OperatorSchema;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What nodes do to the numbers, themselves or in their subgraphs and the functions they call. */
final class NodeFacts {
  /** Something that a node does. */
  enum Trait {
    /** Draws random numbers. */
    RANDOM,
    /** Quantises: a different order of additions can change a result by a whole step. */
    QUANTISES,
    /** Jumps: the least difference of its inputs can change a result by more than a rounding. */
    JUMPS,
    ROUNDS_TO_FLOAT16,
    ROUNDS_TO_BFLOAT16
  }

  private static final Set<String> QUANTISING =
      Set.of("QuantizeLinear", "DynamicQuantizeLinear", "QLinearConv", "QLinearMatMul");

  /** Those whose results are numbers with a fraction; whole numbers and strings jump anyway. */
  private static final Set<String> JUMPING =
      Set.of(
          "Binarizer",
          "Ceil",
          "Floor",
          "Hardmax",
          "Mod",
          "Round",
          "Shrink",
          "Sign",
          "ThresholdedRelu",
          "TreeEnsemble",
          "TreeEnsembleClassifier",
          "TreeEnsembleRegressor");

  private final Map<String, EnumSet<Trait>> functions = new HashMap<>();
  private final Set<String> falseValues;
  private final long opset;

  private NodeFacts(Set<String> falseValues, long opset) {
    this.falseValues = falseValues;
    this.opset = opset;
  }

  static NodeFacts of(Model model) {
    Graph graph = model.graph();
    Set<String> falseValues = falseValues(graph.nodes());
    for (Constant constant : graph.constants()) {
      if (constant.data() instanceof Tensor tensor && isFalse(tensor)) {
        falseValues.add(constant.name());
      }
    }
    graph.inputs().forEach(input -> falseValues.remove(input.name()));
    NodeFacts facts = new NodeFacts(falseValues, version(model.opsetImports()));
    model.functions().forEach(f -> facts.functions.put(f.operator(), EnumSet.noneOf(Trait.class)));
    Map<String, List<String>> callers = new HashMap<>();
    for (Function function : model.functions()) {
      facts.add(function, callers);
    }
    facts.spread(callers);
    return facts;
  }

  private void add(Function function, Map<String, List<String>> callers) {
    EnumSet<Trait> facts = EnumSet.noneOf(Trait.class);
    Set<String> falseInside = falseValues(function.nodes());
    for (Node node : withInner(function.nodes())) {
      facts.addAll(ownFacts(node, version(function.opsetImports()), falseInside));
      callers.computeIfAbsent(node.operator(), o -> new ArrayList<>()).add(function.operator());
    }
    functions.put(function.operator(), facts);
  }

  private static long version(List<OpsetImport> imports) {
    return imports.stream()
        .filter(imported -> OpsetImport.canonical(imported.domain()).isEmpty())
        .mapToLong(OpsetImport::version)
        .findFirst()
        .orElse(1);
  }

  /** A node that calls a function has the function's traits too. */
  private void spread(Map<String, List<String>> callers) {
    Deque<String> open = new ArrayDeque<>(functions.keySet());
    while (!open.isEmpty()) {
      String callee = open.remove();
      EnumSet<Trait> facts = functions.getOrDefault(callee, EnumSet.noneOf(Trait.class));
      for (String caller : callers.getOrDefault(callee, List.of())) {
        EnumSet<Trait> known = functions.get(caller);
        if (known != null && known.addAll(facts)) {
          open.add(caller);
        }
      }
    }
  }

  /** The nodes with those of their subgraphs. */
  private static List<Node> withInner(List<Node> nodes) {
    List<Node> all = new ArrayList<>();
    Deque<Node> open = new ArrayDeque<>(nodes);
    while (!open.isEmpty()) {
      Node node = open.remove();
      all.add(node);
      node.subgraphs().forEach(body -> open.addAll(body.nodes()));
    }
    return all;
  }

  /** A node of the main graph. */
  EnumSet<Trait> of(Node node) {
    EnumSet<Trait> facts = EnumSet.noneOf(Trait.class);
    for (Node inner : withInner(List.of(node))) {
      facts.addAll(ownFacts(inner, opset, falseValues));
      facts.addAll(functions.getOrDefault(inner.operator(), EnumSet.noneOf(Trait.class)));
    }
    return facts;
  }

  private static EnumSet<Trait> ownFacts(Node node, long version, Set<String> falseValues) {
    EnumSet<Trait> facts = EnumSet.noneOf(Trait.class);
    if (isAlwaysRandom(node, version) || isTrainingDropout(node, version, falseValues)) {
      facts.add(Trait.RANDOM);
    }
    if (isQuantising(node)) {
      facts.add(Trait.QUANTISES);
    }
    if (JUMPING.contains(node.opType())) {
      facts.add(Trait.JUMPS);
    }
    for (Result result : node.outputs()) {
      if (result.type() instanceof TensorType type) {
        addRounding(type.elementType(), facts);
        if (!isContinuous(type.elementType())) {
          facts.add(Trait.JUMPS);
        }
      }
    }
    if (node.is("Cast")) {
      addRounding(castTo(node), facts);
    }
    return facts;
  }

  private static boolean isAlwaysRandom(Node node, long version) {
    return OperatorCatalogue.standard()
        .find(node, version)
        .filter(s -> s.randomness() == OperatorSchema.Randomness.ALWAYS)
        .isPresent();
  }

  private static boolean isContinuous(ElementType type) {
    return switch (type.kind()) {
      case FLOAT -> type.bits() > 8;
      case COMPLEX, UNDEFINED -> true;
      case SIGNED, UNSIGNED, BOOL, STRING -> false;
    };
  }

  private static ElementType castTo(Node node) {
    long code = node.intAttribute("to", 0);
    return code >= 0 && code < ElementType.values().length
        ? ElementType.of((int) code)
        : ElementType.UNDEFINED;
  }

  private static void addRounding(ElementType type, EnumSet<Trait> facts) {
    if (type == ElementType.FLOAT16) {
      facts.add(Trait.ROUNDS_TO_FLOAT16);
    } else if (type == ElementType.BFLOAT16) {
      facts.add(Trait.ROUNDS_TO_BFLOAT16);
    }
  }

  /** Quantisation of ONNX or, by the names they share, of ONNX Runtime; and casts to 8 bits. */
  private static boolean isQuantising(Node node) {
    if (node.is("Cast")) {
      ElementType to = castTo(node);
      return to.isFloat() && to.bits() <= 8;
    }
    return QUANTISING.contains(node.opType())
        || node.domain().equals("com.microsoft")
            && (node.opType().startsWith("QLinear") || node.opType().equals("QGemm"));
  }

  /**
   * Whether Dropout may drop elements: up to opset 6 unless {@code is_test} is set, from opset 12
   * on if {@code training_mode} may be true.
   */
  private static boolean isTrainingDropout(Node node, long version, Set<String> falseValues) {
    if (!node.is("Dropout")) {
      return false;
    }
    return version < 7
        ? node.intAttribute("is_test", 0) == 0
        : version >= 12 && node.hasInput(2) && !falseValues.contains(node.input(2));
  }

  private static Set<String> falseValues(List<Node> nodes) {
    Set<String> names = new HashSet<>();
    for (Node node : withInner(nodes)) {
      if (node.is("Constant")
          && node.hasOutput(0)
          && node.attribute("value", AttributeValue.Tensor.class)
              .filter(value -> isFalse(value.value()))
              .isPresent()) {
        names.add(node.output(0).name());
      }
    }
    return names;
  }

  private static boolean isFalse(Tensor tensor) {
    return tensor.elementType() == ElementType.BOOL
        && tensor.size() == 1
        && tensor.toLongs()[0] == 0;
  }
}
