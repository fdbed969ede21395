package dev.sardonyx.ir.pass;

import dev.sardonyx.ir.AttributeValue;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.Value;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.function.BiPredicate;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A pattern of what a value is: any value, a constant, or the result of a node of an operator with
 * operands of its own. The pattern itself is the name of what it matched: the same operand twice in
 * a pattern has to be the same value twice.
 *
 * <pre>{@code
 * Operand x = Operand.any();
 * Operand w = Operand.constant();
 * Operand b = Operand.constant();
 * NodeTransform rule =
 *     Operand.of("Add", Operand.of("MatMul", x, w), b)
 *         .inAnyOrder()
 *         .replacedBy((m, to) -> to.gemm(m.value(x), m.value(w), m.value(b)));
 * }</pre>
 *
 * <p>A node inside a pattern matches only if nothing else uses its result, unless it {@linkplain
 * #mayBeShared may be shared}; what has matched goes with the node that is replaced. The
 * replacement must have the type of what it replaces.
 */
public final class Operand {
  /** What the operands of a pattern have matched. */
  public static final class Match {
    /** What an operand is, with the node that gives it if the pattern says one. */
    private record Bound(Operand operand, String value, @Nullable Node node) {}

    private final Rewriter graph;

    /** In the order they were found; patterns are too small for a map to pay. */
    private final List<Bound> bound = new ArrayList<>();

    private Match(Rewriter graph) {
      this.graph = graph;
    }

    /** The value that an operand matched. */
    public Value value(Operand operand) {
      return graph.value(Objects.requireNonNull(find(operand), "no part of the pattern").value());
    }

    /** The elements of a constant that an operand matched. */
    public Tensor tensor(Operand operand) {
      return Objects.requireNonNull(graph.tensor(value(operand).name()), "no constant");
    }

    /** The node that an operand of an operator matched. */
    public Node node(Operand operand) {
      Bound found = find(operand);
      return Objects.requireNonNull(
          found == null ? null : found.node(), "no operator of the pattern");
    }

    @SuppressWarnings("ReferenceEquality") // an operand is its own name
    private @Nullable Bound find(Operand operand) {
      for (Bound candidate : bound) {
        if (candidate.operand() == operand) {
          return candidate;
        }
      }
      return null;
    }

    /** Forgets what was found from a number on. */
    private void truncate(int size) {
      bound.subList(size, bound.size()).clear();
    }
  }

  /** What stands for what a pattern matched. */
  @FunctionalInterface
  public interface Replacement {
    /** The value that takes the place of the pattern's root; null leaves all as it is. */
    @Nullable Value of(Match match, Rewriter to);
  }

  /** Of a node's operator, null for a value of any origin. */
  private final @Nullable String opType;

  private final List<Operand> operands;
  private final boolean ordered;
  private final boolean shared;
  private final BiPredicate<String, Rewriter> values;
  private final Predicate<Node> nodes;

  private Operand(
      @Nullable String opType,
      List<Operand> operands,
      boolean ordered,
      boolean shared,
      BiPredicate<String, Rewriter> values,
      Predicate<Node> nodes) {
    this.opType = opType;
    this.operands = operands;
    this.ordered = ordered;
    this.shared = shared;
    this.values = values;
    this.nodes = nodes;
  }

  private static Operand value(BiPredicate<String, Rewriter> test) {
    return new Operand(null, List.of(), true, true, test, n -> true);
  }

  /** Any value. */
  public static Operand any() {
    return value((value, graph) -> true);
  }

  /** A value that is the same in every run. */
  public static Operand constant() {
    return value((value, graph) -> graph.tensor(value) != null);
  }

  /** A constant all of whose elements are a number. */
  public static Operand constant(double number) {
    return value((value, graph) -> graph.isAll(value, number));
  }

  /**
   * The first result of a node of one of ONNX's own operators.
   *
   * @param operands what its inputs are; it has exactly as many
   */
  public static Operand of(String opType, Operand... operands) {
    return new Operand(opType, List.of(operands), true, false, (v, g) -> true, n -> true);
  }

  /** The operand for either order of its two operands. */
  public Operand inAnyOrder() {
    return new Operand(opType, operands, false, shared, values, nodes);
  }

  /** The operand also for a result that others use, too; the node then stays for them. */
  public Operand mayBeShared() {
    return new Operand(opType, operands, ordered, true, values, nodes);
  }

  /** The operand for values that meet a condition. */
  public Operand where(BiPredicate<String, Rewriter> condition) {
    return new Operand(opType, operands, ordered, shared, values.and(condition), nodes);
  }

  /** The operand for nodes that meet a condition. */
  public Operand whereNode(Predicate<Node> condition) {
    return new Operand(opType, operands, ordered, shared, values, nodes.and(condition));
  }

  /** The operand for nodes with an attribute of a value; an absent one does not match. */
  public Operand with(String attribute, AttributeValue value) {
    return whereNode(n -> n.attribute(attribute).filter(a -> a.value().equals(value)).isPresent());
  }

  /**
   * The transform that puts something in the place of each node the pattern matches.
   *
   * @throws IllegalArgumentException if the pattern is not that of a node
   */
  public NodeTransform replacedBy(Replacement replacement) {
    if (opType == null) {
      throw new IllegalArgumentException("The root of a pattern is the result of an operator");
    }
    return NodeTransform.of(
        opType,
        (node, to) -> {
          Match match = new Match(to);
          return matches(node, match) ? replacement.of(match, to) : null;
        });
  }

  private boolean matches(String value, Match match) {
    Match.Bound before = match.find(this);
    if (before != null) {
      return before.value().equals(value);
    }
    if (value.isEmpty()) {
      return false;
    }
    if (opType == null) {
      return values.test(value, match.graph) && match.bound.add(new Match.Bound(this, value, null));
    }
    Node producer = match.graph.producer(value);
    return producer != null
        && producer.is(opType)
        && producer.output(0).name().equals(value)
        && values.test(value, match.graph)
        && (shared || match.graph.isUsedOnce(value))
        && matches(producer, match);
  }

  private boolean matches(Node node, Match match) {
    if (node.inputs().size() != operands.size()
        || match.graph.isOpen(node)
        || !nodes.test(node)
        || !matchAll(node, operands, match)
            && (ordered || !matchAll(node, reversed(operands), match))) {
      return false;
    }
    return match.bound.add(new Match.Bound(this, node.output(0).name(), node));
  }

  /** Whether the operands match the node's inputs; if not, nothing of them is remembered. */
  private static boolean matchAll(Node node, List<Operand> operands, Match match) {
    int before = match.bound.size();
    for (int i = 0; i < operands.size(); i++) {
      if (!operands.get(i).matches(node.input(i), match)) {
        match.truncate(before);
        return false;
      }
    }
    return true;
  }

  private static List<Operand> reversed(List<Operand> operands) {
    List<Operand> reversed = new ArrayList<>(operands);
    Collections.reverse(reversed);
    return reversed;
  }
}
