package dev.sardonyx.ir.pass;

import dev.sardonyx.ir.AttributeValue;
import dev.sardonyx.ir.Dim;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.ValueType;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Removes nodes that give back their input: Identity, Dropout outside training, a Cast to the type
 * a value has, a Transpose or Reshape that changes nothing, a Pad by nothing, and so on. Where this
 * depends on shapes, it goes by the types in the model; see {@link InferTypes}.
 */
public record NoOps() implements Pass {
  /** Whether a node gives back its first input. */
  @FunctionalInterface
  private interface Rule {
    boolean isNoOp(Node node, Rewriter graph);
  }

  private static final Map<String, Rule> BY_OPERATOR = new HashMap<>();

  static {
    BY_OPERATOR.put("Identity", (node, graph) -> true);
    BY_OPERATOR.put("Dropout", NoOps::dropout);
    BY_OPERATOR.put("Cast", NoOps::cast);
    BY_OPERATOR.put("CastLike", NoOps::castLike);
    BY_OPERATOR.put("Transpose", NoOps::transpose);
    BY_OPERATOR.put("Reshape", NoOps::sameShape);
    BY_OPERATOR.put("Expand", NoOps::sameShape);
    BY_OPERATOR.put("Flatten", NoOps::sameShape);
    BY_OPERATOR.put("Squeeze", NoOps::sameShape);
    BY_OPERATOR.put("Unsqueeze", NoOps::sameShape);
    BY_OPERATOR.put("Slice", NoOps::slice);
    BY_OPERATOR.put("Tile", NoOps::tile);
    BY_OPERATOR.put("Pad", NoOps::pad);
    BY_OPERATOR.put("Concat", NoOps::single);
    BY_OPERATOR.put("Sum", NoOps::single);
    BY_OPERATOR.put("Mean", NoOps::single);
    BY_OPERATOR.put("Min", NoOps::single);
    BY_OPERATOR.put("Max", NoOps::single);
    BY_OPERATOR.put("Split", (node, graph) -> node.outputs().size() == 1);
    BY_OPERATOR.put("ReduceSum", NoOps::noAxes);
    BY_OPERATOR.put("ReduceMean", NoOps::noAxes);
    BY_OPERATOR.put("ReduceMax", NoOps::noAxes);
    BY_OPERATOR.put("ReduceMin", NoOps::noAxes);
    BY_OPERATOR.put("ReduceProd", NoOps::noAxes);
  }

  static final NodeTransform RULES = NodeTransform.on(BY_OPERATOR.keySet(), NoOps::rewrite);

  @Override
  public PassResult apply(Model model) {
    return Walk.through(model, "no-ops", RULES);
  }

  private static void rewrite(Node node, Rewriter to) {
    Rule rule = BY_OPERATOR.get(node.opType());
    if (rule != null
        && node.hasInput(0)
        && node.hasOutput(0)
        && !to.isOpen(node)
        && rule.isNoOp(node, to)) {
      Value input = to.input(node, 0);
      if (!to.needsIdentity(node.output(0), input)) {
        to.replace(node.output(0), input);
      }
    }
  }

  /** The mask, if asked for, is all true and not made here. */
  private static boolean dropout(Node node, Rewriter graph) {
    if (node.hasOutput(1) && graph.uses(node.output(1).name()) > 0) {
      return false;
    }
    if (!node.hasInput(2)) {
      return graph.opset("") >= 7 || node.intAttribute("is_test", 0) == 1;
    }
    Tensor training = graph.tensor(node.input(2));
    return training != null && training.toLongs()[0] == 0;
  }

  private static boolean cast(Node node, Rewriter graph) {
    TensorType from = graph.tensorType(node.input(0));
    return from != null
        && from.elementType() != ElementType.UNDEFINED
        && from.elementType().code() == node.intAttribute("to", 0);
  }

  private static boolean castLike(Node node, Rewriter graph) {
    TensorType from = graph.tensorType(node.input(0));
    TensorType to = graph.tensorType(node.input(1));
    return from != null
        && to != null
        && from.elementType() != ElementType.UNDEFINED
        && from.elementType() == to.elementType();
  }

  private static boolean transpose(Node node, Rewriter graph) {
    long[] perm = node.intsAttribute("perm").orElse(null);
    if (perm != null) {
      return IntStream.range(0, perm.length).allMatch(i -> perm[i] == i);
    }
    TensorType type = graph.tensorType(node.input(0));
    return type != null && type.shape().isRanked() && type.shape().rank() < 2;
  }

  /** Whether input and result have the same shape for certain, in each dimension. */
  private static boolean sameShape(Node node, Rewriter graph) {
    TensorType from = graph.tensorType(node.input(0));
    ValueType to = node.output(0).type();
    if (from == null || !(to instanceof TensorType result)) {
      return false;
    }
    Shape a = from.shape();
    Shape b = result.shape();
    return a.isRanked() && b.isRanked() && a.equals(b) && a.dims().stream().allMatch(Dim::isKnown);
  }

  /** A slice of the same shape may still go backwards; steps other than 1 are left alone. */
  private static boolean slice(Node node, Rewriter graph) {
    if (node.hasInput(4)) {
      Tensor steps = graph.tensor(node.input(4));
      if (steps == null || Arrays.stream(steps.toLongs()).anyMatch(s -> s != 1)) {
        return false;
      }
    }
    return sameShape(node, graph);
  }

  private static boolean tile(Node node, Rewriter graph) {
    return node.inputs().size() == 2 && isAll(graph.tensor(node.input(1)), 1);
  }

  private static boolean pad(Node node, Rewriter graph) {
    AttributeValue.Ints attribute = node.attribute("pads", AttributeValue.Ints.class).orElse(null);
    return attribute != null
        ? Arrays.stream(attribute.values()).allMatch(p -> p == 0)
        : node.hasInput(1) && isAll(graph.tensor(node.input(1)), 0);
  }

  private static boolean isAll(@Nullable Tensor numbers, long number) {
    return numbers != null && Arrays.stream(numbers.toLongs()).allMatch(n -> n == number);
  }

  private static boolean single(Node node, Rewriter graph) {
    return node.inputs().size() == 1;
  }

  /** Reducing along no axes, asked for as doing nothing. */
  private static boolean noAxes(Node node, Rewriter graph) {
    if (node.intAttribute("noop_with_empty_axes", 0) != 1 || node.attribute("axes").isPresent()) {
      return false;
    }
    if (!node.hasInput(1)) {
      return true;
    }
    Tensor axes = graph.tensor(node.input(1));
    return axes != null && axes.size() == 0;
  }
}
