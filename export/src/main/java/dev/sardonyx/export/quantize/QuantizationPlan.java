package dev.sardonyx.export.quantize;

import dev.sardonyx.export.quantize.OperatorRule.Kind;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.GraphIndex;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Result;
import dev.sardonyx.ir.TensorType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Which nodes of a graph compute in integers, and with which parameters their values are stored.
 *
 * <p>Products with weights are quantised wherever they stand. Sums, pooling and the like are where
 * all their inputs are integers already and a node after them reads integers; elsewhere, float is
 * both faster and exact.
 */
final class QuantizationPlan {
  private enum State {
    FLOAT,
    QUANTIZED,
    /** Gathers rows of a table that is stored in integers, and gives them in float. */
    TABLE,
    /** Computes as part of the quantised node before it. */
    FUSED
  }

  private record Decision(State state, String reason) {
    static final Decision QUANTIZED = new Decision(State.QUANTIZED, "");
    static final Decision TABLE = new Decision(State.TABLE, "");

    static Decision inFloat(String reason) {
      return new Decision(State.FLOAT, reason);
    }
  }

  private final GraphIndex index;
  private final QuantizationOptions options;
  private final Map<String, Range> ranges;
  private final Obstacles obstacles;
  private final List<Decision> decisions = new ArrayList<>();

  /** By the results of nodes that move elements: the value whose parameters they share. */
  private final Map<String, String> roots = new HashMap<>();

  QuantizationPlan(Model model, Map<String, Range> ranges, QuantizationOptions options) {
    this.index = GraphIndex.of(model.graph());
    this.options = options;
    this.ranges = ranges;
    this.obstacles = new Obstacles(index, options);
    nodes().forEach(node -> decisions.add(decide(node)));
    for (int i = decisions.size() - 1; i >= 0; i--) {
      drop(i);
    }
  }

  private List<Node> nodes() {
    return index.graph().nodes();
  }

  // Decisions

  private Decision decide(Node node) {
    OperatorRule rule = rule(node);
    String obstacle = obstacles.of(node, rule);
    if (obstacle == null && rule != null) {
      obstacle = unknownRange(node, rule);
    }
    if (obstacle != null || rule == null) {
      return Decision.inFloat(String.valueOf(obstacle));
    }
    if (rule.kind() == Kind.BOUNDING && isFusible(node)) {
      Node before = index.producer(node.input(0)).orElseThrow();
      return new Decision(State.FUSED, "part of " + before.described());
    }
    if (rule.kind() == Kind.PRODUCT) {
      return Decision.QUANTIZED;
    }
    if (obstacles.isTable(node) && !options.target().everywhere()) {
      return Decision.TABLE;
    }
    boolean followed = isForced(node) || activations(node, rule).stream().allMatch(this::isInteger);
    if (!followed || rule.kind() == Kind.BOUNDING && options.target().inputsOnly()) {
      return Decision.inFloat("not all it is given are integers");
    }
    if (rule.kind() == Kind.MOVING) {
      node.outputs().forEach(r -> roots.put(r.name(), root(node.input(0))));
    }
    return Decision.QUANTIZED;
  }

  @Nullable OperatorRule rule(Node node) {
    return node.is(node.opType()) ? options.target().rules().get(node.opType()) : null;
  }

  /** Whether the node is quantised whatever is around it. */
  private boolean isForced(Node node) {
    return options.target().everywhere() || options.operators().contains(node.opType());
  }

  private @Nullable String unknownRange(Node node, OperatorRule rule) {
    for (String input : activations(node, rule)) {
      String why = unusableRange(input);
      if (why != null) {
        return why;
      }
    }
    return rule.kind() == Kind.MOVING ? null : unusableRange(node.output(0).name());
  }

  private @Nullable String unusableRange(String value) {
    String root = root(value);
    if (!hasRange(root)) {
      return "the range of " + value + " is not known";
    }
    Range range = ranges.get(root);
    boolean isLost =
        range != null
            && range.magnitude() > 0
            && options.activations().parameters(range).scale() <= Float.MIN_NORMAL;
    return isLost ? "the numbers of " + value + " are less than a scale can be" : null;
  }

  private boolean hasRange(String value) {
    return ranges.containsKey(value) || fixed(value) != null || index.constant(value).isPresent();
  }

  private @Nullable Range fixed(String value) {
    OperatorRule rule = index.producer(value).map(this::rule).orElse(null);
    Range range = rule == null ? null : rule.fixed();
    if (range == null || options.activations().type().bits() <= Byte.SIZE) {
      return range;
    }
    // In 16 bits a step is a power of two, so that the end of the range is left out
    double step = (range.max() - range.min()) / (1 << options.activations().type().bits());
    return new Range(range.min(), range.max() - step);
  }

  /** Whether the integers' limits do what the node does, right after one that gives integers. */
  private boolean isFusible(Node bound) {
    String before = bound.input(0);
    int producer = index.producerPosition(before);
    if (producer == GraphIndex.NONE
        || decisions.get(producer).state() != State.QUANTIZED
        || index.uses(before) != 1
        || index.isOutput(before)) {
      return false;
    }
    Kind kind = Objects.requireNonNull(rule(nodes().get(producer))).kind();
    if (kind == Kind.MOVING || kind == Kind.BOUNDING) {
      return false;
    }
    Range limits = obstacles.limits(bound);
    QuantizationParameters stored = parameters(bound.output(0).name());
    Range reach = stored.range();
    double half = stored.scale() / 2.0;
    return options.target().inputsOnly()
        || reach.min() >= limits.min() - half && reach.max() <= limits.max() + half;
  }

  private boolean isInteger(String value) {
    int producer = index.producerPosition(value);
    return producer != GraphIndex.NONE && givesIntegers(decisions.get(producer).state());
  }

  private static boolean givesIntegers(State state) {
    return state == State.QUANTIZED || state == State.FUSED;
  }

  /** Puts a node back to float that follows its inputs, but whose integers no node reads. */
  private void drop(int position) {
    Node node = nodes().get(position);
    OperatorRule rule = rule(node);
    if (rule == null
        || decisions.get(position).state() != State.QUANTIZED
        || rule.kind() == Kind.PRODUCT
        || isForced(node)
        || node.outputs().stream().anyMatch(r -> isReadByIntegers(r.name()))) {
      return;
    }
    decisions.set(position, Decision.inFloat("nothing after it computes in integers"));
    for (int consumer : index.consumerPositions(node.output(0).name())) {
      if (decisions.get(consumer).state() == State.FUSED) {
        decisions.set(consumer, Decision.inFloat("nothing after it computes in integers"));
      }
    }
  }

  private boolean isReadByIntegers(String value) {
    for (int consumer : index.consumerPositions(value)) {
      Node node = nodes().get(consumer);
      State state = decisions.get(consumer).state();
      boolean reads =
          state == State.FUSED
              ? isReadByIntegers(node.output(0).name())
              : state == State.QUANTIZED
                  && activations(node, Objects.requireNonNull(rule(node))).contains(value);
      if (reads) {
        return true;
      }
    }
    return false;
  }

  // What follows from the decisions

  boolean isQuantized(Node node) {
    return state(node) == State.QUANTIZED;
  }

  /** Whether rows of a constant table are gathered, which is stored in integers. */
  boolean isTable(Node node) {
    return state(node) == State.TABLE;
  }

  private State state(Node node) {
    for (Result result : node.outputs()) {
      if (result.isPresent()) {
        return decisions.get(index.producerPosition(result.name())).state();
      }
    }
    return State.FLOAT;
  }

  /** The inputs of a node that are integers and no constants. */
  List<String> activations(Node node, OperatorRule rule) {
    return operands(node, rule).stream()
        .filter(i -> index.constant(node.input(i)).isEmpty())
        .map(node::input)
        .toList();
  }

  /** The inputs of a node that are integers; of products with a bias without weights and bias. */
  List<Integer> operands(Node node, OperatorRule rule) {
    boolean first = rule.kind() == Kind.MOVING || rule.kind() == Kind.BOUNDING;
    if (first || rule.kind() == Kind.PRODUCT && !node.is("MatMul")) {
      return List.of(0);
    }
    return IntStream.range(0, node.inputs().size())
        .filter(i -> node.hasInput(i) && isFloat(node.input(i)))
        .boxed()
        .toList();
  }

  private boolean isFloat(String value) {
    return index.type(value) instanceof TensorType t && t.elementType() == ElementType.FLOAT;
  }

  /** Whether a result is turned into integers right where it is made, for all that use it. */
  boolean isStored(Node node, Result result) {
    boolean isUsed = index.uses(result.name()) > 0 || index.isOutput(result.name());
    if (!isUsed || options.target().inputsOnly()) {
      return false;
    }
    Node source = node;
    if (state(node) == State.FUSED) {
      source = index.producer(node.input(0)).orElseThrow();
    } else if (state(node) != State.QUANTIZED || isBeforeFused(result.name())) {
      return false;
    }
    OperatorRule rule = Objects.requireNonNull(rule(source));
    return rule.givesIntegers() || isReadByIntegers(result.name());
  }

  private boolean isBeforeFused(String value) {
    int[] consumers = index.consumerPositions(value);
    return consumers.length > 0 && decisions.get(consumers[0]).state() == State.FUSED;
  }

  /** Whether a value comes as integers from the node that makes it. */
  boolean isStored(String value) {
    return index
        .producer(value)
        .filter(node -> node.outputs().stream().anyMatch(r -> isStored(node, r, value)))
        .isPresent();
  }

  private boolean isStored(Node node, Result result, String value) {
    return result.name().equals(value) && isStored(node, result);
  }

  private String root(String value) {
    return roots.getOrDefault(value, value);
  }

  /** How an activation is stored. */
  QuantizationParameters parameters(String value) {
    return options.activations().parameters(range(value));
  }

  /** Whether an activation has one sign, as after a Relu, so that it is not zero on average. */
  boolean isOneSided(String value) {
    Range range = range(value);
    return range.min() >= 0 || range.max() <= 0;
  }

  /** Between which numbers an activation is. */
  private Range range(String value) {
    String root = root(value);
    Range range = index.constant(root).map(QuantizedWeights::range).orElse(fixed(root));
    range = range == null ? ranges.get(root) : range;
    if (range == null) {
      throw new QuantizationException("The range of " + root + " is not known");
    }
    Range limits =
        index
            .producer(root)
            .filter(node -> isBound(rule(node)))
            .map(obstacles::limits)
            .orElse(range);
    return range.within(limits);
  }

  private static boolean isBound(@Nullable OperatorRule rule) {
    return rule != null && rule.kind() == Kind.BOUNDING;
  }

  QuantizationReport report() {
    List<QuantizationReport.Line> lines = new ArrayList<>();
    for (int i = 0; i < decisions.size(); i++) {
      Node node = nodes().get(i);
      Decision decision = decisions.get(i);
      lines.add(
          new QuantizationReport.Line(
              NodeSelection.name(node),
              node.operator(),
              decision.state() != State.FLOAT,
              decision.reason()));
    }
    return new QuantizationReport(lines);
  }
}
