package dev.sardonyx.runtime;

import dev.sardonyx.ir.Constant;
import dev.sardonyx.ir.Datum;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.GraphIndex;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Result;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.infer.ShapeInference;
import dev.sardonyx.runtime.NodeFacts.Trait;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What two backends can be expected to agree on in a model: which values, and how exactly.
 *
 * <p>A number computed from values that were rounded to 16 bits is only as exact as they are,
 * whatever its own type. Its error is in proportion to the tensor's largest element, which is the
 * size of the terms it is computed from. A quantised number may differ by one quantisation step,
 * since the order of additions decides how values half-way between two steps are rounded. A step is
 * a known fraction of the largest element; values computed from quantised ones may differ by the
 * same fraction of their own largest element, times {@link #MARGIN}. 64-bit and unsigned 32-bit
 * integers, booleans and strings are indices, sizes and decisions; these are exact, and so is what
 * is computed from them.
 */
final class Expectations {
  /** By how many steps values computed from quantised ones may differ. */
  private static final double MARGIN = 2;

  /** A step as a fraction of the largest element if the elements are not known: that of 8 bits. */
  private static final double STEP_OF_8_BITS = 1.0 / 128;

  private final Model model;
  private final Tolerance tolerance;
  private final Map<String, ElementType> types = new HashMap<>();
  private final Map<String, Tolerance> rounded = new HashMap<>();
  private final Set<String> random;
  private final Set<String> unused;
  private final Set<String> open;
  private final Set<Node> quantising = Collections.newSetFromMap(new IdentityHashMap<>());
  private final Set<Node> jumping = Collections.newSetFromMap(new IdentityHashMap<>());
  private final Map<String, Tensor> constants = new HashMap<>();

  private Expectations(Model model, Tolerance tolerance, NodeFacts facts) {
    this.model = model;
    this.tolerance = tolerance;
    this.random = RandomValues.of(model, facts);
    this.unused = unused(model.graph());
    this.open = oldMasks(model);
    for (Constant constant : model.graph().constants()) {
      if (constant.data() instanceof Tensor tensor) {
        constants.put(constant.name(), tensor);
      }
    }
    for (Node node : model.graph().nodes()) {
      add(node, facts.of(node));
    }
  }

  /**
   * @param tolerance for {@code float}; narrower types in proportion
   */
  static Expectations of(Model model, Tolerance tolerance) {
    Model inferred = ShapeInference.infer(model).model();
    return new Expectations(inferred, tolerance, NodeFacts.of(inferred));
  }

  private void add(Node node, EnumSet<Trait> facts) {
    Tolerance inherited = tolerance;
    for (String name : node.dependencies()) {
      inherited = inherited.or(rounded.getOrDefault(name, tolerance));
    }
    if (facts.contains(Trait.ROUNDS_TO_FLOAT16)) {
      inherited = inherited.or(tolerance.roundedTo(ElementType.FLOAT16));
    }
    if (facts.contains(Trait.ROUNDS_TO_BFLOAT16)) {
      inherited = inherited.or(tolerance.roundedTo(ElementType.BFLOAT16));
    }
    for (Result result : node.outputs()) {
      ElementType type =
          result.type() instanceof TensorType tensor ? tensor.elementType() : ElementType.UNDEFINED;
      types.put(result.name(), type);
      if (!isExact(type)) {
        rounded.put(result.name(), inherited);
      }
    }
    if (facts.contains(Trait.QUANTISES)) {
      quantising.add(node);
    } else if (facts.contains(Trait.JUMPS)) {
      jumping.add(node);
    }
  }

  /** Whether values of the type are exact, whatever was rounded before them. */
  private static boolean isExact(ElementType type) {
    return switch (type) {
      case INT64, UINT64, UINT32, BOOL, STRING -> true;
      default -> false;
    };
  }

  private static Set<String> unused(Graph graph) {
    GraphIndex index = GraphIndex.of(graph);
    Set<String> unused = new HashSet<>();
    for (Node node : graph.nodes()) {
      node.outputs().stream()
          .map(Result::name)
          .filter(n -> index.uses(n) == 0)
          .forEach(unused::add);
    }
    return unused;
  }

  /** Before opset 12, ONNX leaves Dropout's mask in inference open; ONNX Runtime gives zeros. */
  private static Set<String> oldMasks(Model model) {
    Set<String> masks = new HashSet<>();
    if (model.opset("").orElse(1) < 12) {
      for (Node node : model.graph().nodes()) {
        if (node.is("Dropout") && node.hasOutput(1)) {
          masks.add(node.output(1).name());
        }
      }
    }
    return masks;
  }

  /** The model, with inferred types. */
  Model model() {
    return model;
  }

  /**
   * Whether a node jumps, so that its results may differ by more than what its inputs do; apart
   * from those that quantise, whose steps are known.
   */
  boolean jumps(Node node) {
    return jumping.contains(node);
  }

  /** Why a value is not worth comparing, null if it is. */
  @Nullable String whyNotCompared(String name) {
    if (random.contains(name)) {
      return "random, or computed from random values";
    }
    if (open.contains(name)) {
      return "the mask of a Dropout, whose content its version leaves open";
    }
    return unused.contains(name) ? "used by nothing" : null;
  }

  /** Values from which the size of the steps is known; a run should give them too. */
  List<String> quantised() {
    List<String> names = new ArrayList<>();
    for (Node node : model.graph().nodes()) {
      if (quantising.contains(node) && node.hasOutput(0)) {
        names.add(node.output(0).name());
      }
    }
    return names;
  }

  /**
   * By how much the values of a run may differ.
   *
   * @param expected what is known of the run's values
   */
  Run run(Map<String, ? extends Datum> expected) {
    Map<String, Double> uncertainty = new HashMap<>();
    Set<String> stepped = new HashSet<>();
    Map<String, Double> shares = new HashMap<>();
    Map<String, Long> zeros = new HashMap<>();
    if (!quantising.isEmpty() && !tolerance.isExact()) {
      for (Node node : model.graph().nodes()) {
        follow(node, expected, uncertainty, shares, stepped);
        if (quantising.contains(node) && node.hasOutput(0)) {
          zeros.put(node.output(0).name(), zeroPoint(node, expected));
        }
      }
    }
    return new Run(shares, stepped, zeros);
  }

  private void follow(
      Node node,
      Map<String, ? extends Datum> expected,
      Map<String, Double> uncertainty,
      Map<String, Double> shares,
      Set<String> stepped) {
    double before = 0;
    for (String name : node.dependencies()) {
      before = Math.max(before, uncertainty.getOrDefault(name, 0.0));
    }
    boolean quantises = quantising.contains(node);
    double after = quantises ? Math.max(before, step(node, expected)) : before;
    if (after == 0) {
      return;
    }
    for (Result result : node.outputs()) {
      ElementType type = types.getOrDefault(result.name(), ElementType.UNDEFINED);
      if (!isExact(type)) {
        uncertainty.put(result.name(), after);
        boolean direct = quantises && (type.isInteger() || type.isFloat() && type.bits() <= 8);
        shares.put(result.name(), MARGIN * (direct ? before : after));
        stepped.add(result.name());
      }
    }
  }

  /** The step of a quantised value, as a fraction of its largest element. */
  private double step(Node node, Map<String, ? extends Datum> expected) {
    ElementType type =
        node.hasOutput(0)
            ? types.getOrDefault(node.output(0).name(), ElementType.UNDEFINED)
            : ElementType.UNDEFINED;
    if (type.isFloat() && type.bits() <= 8) {
      return new Tolerance(1e-3, 0).roundedTo(type).rtol();
    }
    if (!type.isInteger() || !(expected.get(node.output(0).name()) instanceof Tensor tensor)) {
      return STEP_OF_8_BITS;
    }
    long zero = zeroPoint(node, expected);
    long largest = 1;
    for (long element : tensor.toLongs()) {
      largest = Math.max(largest, Math.abs(element - zero));
    }
    return 1.0 / largest;
  }

  /** The zero point if it is one integer for all elements; else 0. */
  private long zeroPoint(Node node, Map<String, ? extends Datum> expected) {
    String name =
        switch (node.opType()) {
          case "QuantizeLinear" -> node.hasInput(2) ? node.input(2) : "";
          case "QLinearConv", "QLinearMatMul" -> node.hasInput(7) ? node.input(7) : "";
          case "DynamicQuantizeLinear" -> node.hasOutput(2) ? node.output(2).name() : "";
          default -> "";
        };
    Tensor known = expected.get(name) instanceof Tensor tensor ? tensor : constants.get(name);
    return known != null && known.elementType().isInteger() && known.size() == 1
        ? known.toLongs()[0]
        : 0;
  }

  /** By how much the values of one run may differ. */
  final class Run {
    /** Fractions of the largest element, by the names of values computed from quantised ones. */
    private final Map<String, Double> shares;

    /** Names of values whose integers may be off by a step. */
    private final Set<String> stepped;

    /** Integers that stand for 0, by the names of quantised values. */
    private final Map<String, Long> zeros;

    private Run(Map<String, Double> shares, Set<String> stepped, Map<String, Long> zeros) {
      this.shares = shares;
      this.stepped = stepped;
      this.zeros = zeros;
    }

    Allowance allowance(String name, boolean intermediate) {
      Tolerance floats = rounded.getOrDefault(name, tolerance);
      ElementType type = types.getOrDefault(name, ElementType.UNDEFINED);
      boolean coarse = !floats.equals(tolerance);
      // The error of values rounded to 16 bits grows with their largest terms, in outputs too.
      double share = shares.getOrDefault(name, 0.0) + (coarse ? floats.rtol() : 0);
      return new Allowance(
          floats.or(tolerance.roundedTo(type)),
          intermediate || coarse,
          stepped.contains(name) ? 1 : 0,
          type.isInteger() ? shares.getOrDefault(name, 0.0) : share,
          zeros.getOrDefault(name, 0L),
          false);
    }
  }
}
