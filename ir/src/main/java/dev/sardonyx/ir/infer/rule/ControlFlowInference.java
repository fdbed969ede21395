package dev.sardonyx.ir.infer.rule;

import dev.sardonyx.ir.Constant;
import dev.sardonyx.ir.Dim;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Graph;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.OptionalType;
import dev.sardonyx.ir.ProblemCode;
import dev.sardonyx.ir.SequenceType;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.ValueType;
import dev.sardonyx.ir.infer.InferenceContext;
import dev.sardonyx.ir.infer.InferenceException;
import dev.sardonyx.ir.infer.KnownValues;
import dev.sardonyx.ir.infer.NodeInference;
import dev.sardonyx.ir.infer.TypeMerge;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** If, Loop and SequenceMap, whose bodies are graphs; Scan has a class of its own. */
final class ControlFlowInference {
  /** Loops with more loops inside them are inferred once, for states of unknown shape. */
  private static final int MAX_NESTED_PASSES = 4;

  private ControlFlowInference() {}

  static void addTo(Rules rules) {
    rules.add("If", ControlFlowInference::branch);
    rules.add("Loop", ControlFlowInference::loop);
    rules.add("SequenceMap", ControlFlowInference::sequenceMap);
  }

  /** Only what both branches say; of a known condition, what its branch says. */
  private static void branch(InferenceContext c) {
    Graph then = body(c, "then_branch", 0);
    Graph otherwise = body(c, "else_branch", 0);
    outputs(c, "then_branch", then, c.outputs());
    outputs(c, "else_branch", otherwise, c.outputs());
    Boolean condition = truth(c.inputKnown(0));
    if (condition != null) {
      List<ValueType> taken = c.subgraph(condition ? then : otherwise, List.of());
      for (int i = 0; i < c.outputs(); i++) {
        c.setOutputType(i, taken.get(i));
      }
      return;
    }
    List<ValueType> a = c.subgraph(then, List.of());
    List<ValueType> b = c.subgraph(otherwise, List.of());
    for (int i = 0; i < c.outputs(); i++) {
      String what = "output " + i + " (" + c.node().output(i).name() + ") of the branches";
      c.setOutputType(i, join(what, a.get(i), b.get(i)));
    }
  }

  /**
   * Inputs are the trip count, a condition, and the initial state. The body is inferred for the
   * initial state; where its result differs, once more for what is the same in both, and if that is
   * not stable either, for states of unknown shape.
   */
  private static void loop(InferenceContext c) {
    int states = Math.max(0, c.inputs() - 2);
    Graph body = body(c, "body", states + 2);
    outputs(c, "body", body, c.outputs() + 1);
    condition(c, body);
    List<ValueType> state = new ArrayList<>();
    for (int i = 0; i < states; i++) {
      state.add(c.inputType(i + 2));
    }
    boolean deep = c.loopLevels(body) >= MAX_NESTED_PASSES;
    if (deep) {
      state.replaceAll(NodeInference::withoutShape);
    }
    List<ValueType> results = List.of();
    for (int pass = 0; pass < (deep ? 1 : 3); pass++) {
      results = c.subgraph(body, bodyInputs(body, state));
      List<ValueType> joined = new ArrayList<>();
      for (int i = 0; i < states; i++) {
        joined.add(joinState(body, i, state.get(i), results.get(i + 1)));
      }
      boolean stable = joined.equals(state);
      state = pass == 1 && !stable ? withoutShapes(joined) : joined;
      if (stable) {
        break;
      }
    }
    Dim trips = tripCount(c, body);
    for (int i = 0; i < c.outputs(); i++) {
      ValueType result = results.get(i + 1);
      c.setOutputType(i, i < states ? finalState(state.get(i), result) : stacked(result, trips));
    }
  }

  /** The body is given the condition, whose rank it declares. */
  private static void condition(InferenceContext c, Graph body) {
    if (c.inputType(1) instanceof TensorType given
        && body.inputs().get(1).type() instanceof TensorType declared
        && !given.shape().isCompatibleWith(declared.shape())) {
      throw c.shapeError(
          1,
          declared.shape().toString(),
          "the body declares its condition as " + declared + ", but is given " + given);
    }
  }

  /** A state may start as an optional and go on as what the optional holds. */
  private static ValueType joinState(Graph body, int i, ValueType before, ValueType after) {
    String what = "state " + body.inputs().get(i + 2).name();
    return before instanceof OptionalType optional && !(after instanceof OptionalType)
        ? new OptionalType(join(what, optional.element(), after))
        : join(what, before, after);
  }

  private static ValueType finalState(ValueType state, ValueType result) {
    return state instanceof OptionalType optional
            && result.isKnown()
            && !(result instanceof OptionalType)
        ? optional.element()
        : state;
  }

  private static List<ValueType> withoutShapes(List<ValueType> types) {
    return types.stream().map(NodeInference::withoutShape).toList();
  }

  private static List<ValueType> bodyInputs(Graph body, List<ValueType> state) {
    List<ValueType> inputs = new ArrayList<>();
    inputs.add(TensorType.of(ElementType.INT64, Shape.SCALAR));
    Shape condition =
        body.inputs().get(1).type() instanceof TensorType declared && declared.shape().isRanked()
            ? declared.shape() // the one that is given fits, and so may have another rank
            : Shape.SCALAR;
    inputs.add(TensorType.of(ElementType.BOOL, condition));
    inputs.addAll(state);
    return inputs;
  }

  /** A scan output's values, one an iteration, along a new first axis. */
  private static ValueType stacked(ValueType each, Dim trips) {
    if (each instanceof TensorType tensor) {
      return tensor.shape().isRanked()
          ? tensor.withShape(Shape.of(trips).concat(tensor.shape()))
          : tensor;
    }
    return each;
  }

  /**
   * How often the loop runs; unknown unless nothing but the trip count can end it. The condition
   * that the body gives can, even if the node takes none: the specification's text has it ignored
   * then, but every runtime heeds it.
   */
  private static Dim tripCount(InferenceContext c, Graph body) {
    if (c.hasInput(1)) {
      Boolean condition = truth(c.inputKnown(1));
      if (condition == null) {
        return Dim.UNKNOWN;
      }
      if (!condition) {
        return Dim.of(0);
      }
    }
    if (!neverStops(body)) {
      return Dim.UNKNOWN;
    }
    KnownValues count = c.inputKnown(0);
    if (count == null || count.size() != 1) {
      return Dim.UNKNOWN;
    }
    return count.get(0).max(Dim.of(0));
  }

  /** Whether the body gives its condition back unchanged, or a constant true. */
  private static boolean neverStops(Graph body) {
    String condition = body.outputs().get(0).name();
    for (int i = body.nodes().size() - 1; i >= 0; i--) {
      Node node = body.nodes().get(i);
      if (node.output(0).name().equals(condition)) {
        if (!node.is("Identity")) {
          return node.constantTensor()
              .map(t -> Boolean.TRUE.equals(truth(KnownValues.of(t))))
              .orElse(false);
        }
        condition = node.input(0);
      }
    }
    if (condition.equals(body.inputs().get(1).name())) {
      return true;
    }
    for (Constant constant : body.constants()) {
      if (constant.name().equals(condition) && constant.data() instanceof Tensor tensor) {
        return Boolean.TRUE.equals(truth(KnownValues.of(tensor)));
      }
    }
    return false;
  }

  /** Applies the body to each item; other sequences lend an item each, tensors are given whole. */
  private static void sequenceMap(InferenceContext c) {
    Graph body = body(c, "body", c.inputs());
    outputs(c, "body", body, c.outputs());
    List<ValueType> inputs = new ArrayList<>();
    for (int i = 0; i < c.inputs(); i++) {
      inputs.add(c.inputType(i) instanceof SequenceType s ? s.element() : c.inputType(i));
    }
    List<ValueType> results = c.subgraph(body, inputs);
    for (int i = 0; i < c.outputs(); i++) {
      c.setOutputType(i, new SequenceType(results.get(i)));
      if (c.inputKnown(0) != null) {
        c.setOutputKnown(i, c.inputKnown(0));
      }
    }
  }

  /**
   * A graph attribute.
   *
   * @throws InferenceException if it is missing or has another number of inputs
   */
  static Graph body(InferenceContext c, String attribute, int inputs) {
    Graph body =
        c.graphAttribute(attribute)
            .orElseThrow(
                () ->
                    c.attributeError(
                        attribute, "a graph", "none", "attribute " + attribute + " is missing"));
    if (body.inputs().size() != inputs) {
      throw c.attributeError(
          attribute,
          inputs + " inputs",
          body.inputs().size() + " inputs",
          "the graph of attribute "
              + attribute
              + " takes "
              + body.inputs().size()
              + " inputs, but is given "
              + inputs);
    }
    return body;
  }

  /** Demands that a body gives the values of the node's outputs (and its loop), all of them. */
  static void outputs(InferenceContext c, String attribute, Graph body, int outputs) {
    if (body.outputs().size() != outputs) {
      throw c.attributeError(
          attribute,
          outputs + " outputs",
          body.outputs().size() + " outputs",
          "the graph of attribute "
              + attribute
              + " gives "
              + body.outputs().size()
              + " values, but "
              + outputs
              + " are needed for the "
              + c.outputs()
              + " outputs of the node");
    }
  }

  /**
   * What two types of one value have in common; where one is not known, the other without its
   * shapes.
   */
  private static ValueType join(String what, ValueType a, ValueType b) {
    if (!a.isKnown() || !b.isKnown()) {
      return NodeInference.withoutShape(a.isKnown() ? a : b);
    }
    return TypeMerge.either(a, b)
        .orElseThrow(
            () ->
                new InferenceException(
                    ProblemCode.TYPE_BINDING,
                    what,
                    a.toString(),
                    b.toString(),
                    what + " has type " + a + " and type " + b + "; they must be the same"));
  }

  private static @Nullable Boolean truth(@Nullable KnownValues values) {
    return values != null && values.size() == 1 && values.isStatic()
        ? Boolean.valueOf(values.get(0).value() != 0)
        : null;
  }
}
