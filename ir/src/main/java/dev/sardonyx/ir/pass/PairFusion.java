package dev.sardonyx.ir.pass;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One node, or none, in the place of two: a Cast after a Cast that loses nothing, a negation of a
 * negation, a Concat of Concats, a Gather or Slice and the Squeeze or Unsqueeze after it, a
 * SequenceAt of what SplitToSequence cuts. A CastLike of something whose type is known becomes a
 * Cast. Outcomes are the same to the last bit.
 */
public record PairFusion() implements Pass {
  private static final Map<ElementType, Set<ElementType>> EXACT =
      Map.of(
          ElementType.BOOL,
          Set.of(
              ElementType.UINT8,
              ElementType.INT8,
              ElementType.INT32,
              ElementType.INT64,
              ElementType.FLOAT16,
              ElementType.FLOAT,
              ElementType.DOUBLE),
          ElementType.UINT8,
          Set.of(ElementType.INT32, ElementType.INT64, ElementType.FLOAT, ElementType.DOUBLE),
          ElementType.INT8,
          Set.of(ElementType.INT32, ElementType.INT64, ElementType.FLOAT, ElementType.DOUBLE),
          ElementType.INT32,
          Set.of(ElementType.INT64, ElementType.DOUBLE),
          ElementType.FLOAT16,
          Set.of(ElementType.FLOAT, ElementType.DOUBLE),
          ElementType.BFLOAT16,
          Set.of(ElementType.FLOAT, ElementType.DOUBLE),
          ElementType.FLOAT,
          Set.of(ElementType.DOUBLE));

  static final NodeTransform RULES =
      NodeTransform.of(
              Map.of(
                  "CastLike", PairFusion::castLike,
                  "Neg", PairFusion::undone,
                  "Not", PairFusion::undone,
                  "Unsqueeze", PairFusion::unsqueeze,
                  "Squeeze", PairFusion::squeeze,
                  "Concat", PairFusion::concat))
          .andThen(NodeTransform.of("Cast", PairFusion::cast))
          .andThen(SequenceSplits.RULE);

  @Override
  public PassResult apply(Model model) {
    return Walk.through(model, "pair-fusion", RULES);
  }

  /** The node of one of ONNX's operators that gives a node's first input, or null. */
  private static @Nullable Node before(Node node, String opType, Rewriter to) {
    Node before = to.producer(node.input(0));
    return before != null && before.is(opType) && !to.isOpen(before) ? before : null;
  }

  private static @Nullable Value cast(Node node, Rewriter to) {
    Node first = before(node, "Cast", to);
    TensorType source = first == null ? null : to.tensorType(first.input(0));
    TensorType middle = first == null ? null : to.tensorType(node.input(0));
    return first != null
            && source != null
            && middle != null
            && isExact(source.elementType(), middle.elementType())
            && node.intAttribute("to", 0)
                != ElementType.STRING.code() // whose texts depend on the type
        ? to.node("Cast", List.of(to.input(first, 0)), node.attributes())
        : null;
  }

  /** Whether a Cast keeps every value. */
  private static boolean isExact(ElementType from, ElementType to) {
    return EXACT.getOrDefault(from, Set.of()).contains(to);
  }

  private static @Nullable Value castLike(Node node, Rewriter to) {
    TensorType like = to.tensorType(node.input(1));
    if (like == null || like.elementType() == ElementType.UNDEFINED) {
      return null;
    }
    Attribute type = Attribute.ofInt("to", like.elementType().code());
    return to.node("Cast", List.of(to.input(node, 0)), node.withAttribute(type).attributes());
  }

  private static @Nullable Value undone(Node node, Rewriter to) {
    Node first = before(node, node.opType(), to);
    Value source = first == null ? null : to.input(first, 0);
    return source == null || to.needsIdentity(node.output(0), source) ? null : source;
  }

  /** One element of an axis, as an axis of size 1. */
  private static @Nullable Value unsqueeze(Node node, Rewriter to) {
    Node gather = before(node, "Gather", to);
    Long axis = onlyAxis(node, to);
    Tensor index = gather == null ? null : to.tensor(gather.input(1));
    if (gather == null
        || axis == null
        || index == null
        || index.rank() != 0
        || axis != gather.intAttribute("axis", 0)
        || axis < 0
        || !to.isUsedOnce(node.input(0))) {
      return null;
    }
    return to.gather(to.input(gather, 0), to.constant(gather.input(1), index.reshape(1)), axis);
  }

  /** One element of an axis, without the axis of size 1. */
  private static @Nullable Value squeeze(Node node, Rewriter to) {
    Long axis = onlyAxis(node, to);
    if (axis == null || axis < 0 || !to.isUsedOnce(node.input(0))) {
      return null;
    }
    Node gather = before(node, "Gather", to);
    Tensor index = gather == null ? null : to.tensor(gather.input(1));
    if (gather != null
        && index != null
        && index.rank() == 1
        && index.size() == 1
        && axis == gather.intAttribute("axis", 0)) {
      return to.gather(to.input(gather, 0), to.constant(gather.input(1), index.reshape()), axis);
    }
    Node slice = before(node, "Slice", to);
    Long start = slice == null ? null : onlyStart(slice, axis, to);
    return slice == null || start == null
        ? null
        : to.gather(to.input(slice, 0), to.constant((long) start), axis);
  }

  /** Where a slice of one element of just that axis begins, or null. */
  private static @Nullable Long onlyStart(Node slice, long axis, Rewriter to) {
    Shape shape = to.shape(slice.input(0));
    if (!slice.hasInput(3) || slice.hasInput(4) || !shape.isRanked() || axis >= shape.rank()) {
      return null;
    }
    Long from = only(to.tensor(slice.input(1)));
    Long end = only(to.tensor(slice.input(2)));
    Long along = only(to.tensor(slice.input(3)));
    return from != null
            && end != null
            && along != null
            && along == axis
            && from >= 0
            && end == from + 1
            && shape.dim((int) axis).isFixed()
            && from < shape.dim((int) axis).value()
        ? from
        : null;
  }

  private static @Nullable Long onlyAxis(Node node, Rewriter to) {
    long[] axes = node.intsAttribute("axes").orElse(null);
    return axes == null
        ? node.hasInput(1) ? only(to.tensor(node.input(1))) : null
        : axes.length == 1 ? (Long) axes[0] : null;
  }

  private static @Nullable Long only(@Nullable Tensor tensor) {
    return tensor != null && tensor.rank() == 1 && tensor.size() == 1 ? tensor.toLongs()[0] : null;
  }

  /** All operands in one row, where nothing else uses the inner ones. */
  private static @Nullable Value concat(Node node, Rewriter to) {
    List<Value> operands = new ArrayList<>();
    long axis = node.intAttribute("axis", 1);
    boolean found = false;
    for (String input : node.inputs()) {
      Node inner = to.producer(input);
      boolean takes =
          inner != null
              && inner.is("Concat")
              && !to.isOpen(inner)
              && inner.intAttribute("axis", 1) == axis
              && to.isUsedOnce(input);
      found |= takes;
      operands.addAll(takes && inner != null ? to.inputs(inner) : List.of(to.value(input)));
    }
    return found ? to.node("Concat", operands, Attribute.ofInt("axis", axis)) : null;
  }
}
