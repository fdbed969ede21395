package dev.sardonyx.ir.pass;

import dev.sardonyx.ir.Dim;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.Value;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One Reshape, or none, in the place of two of Reshape, Flatten, Squeeze, Unsqueeze and a Transpose
 * that only moves axes of size 1, one after the other; and constants for the shapes of Reshape and
 * Expand that the graph computes, where all but one size are known or the same as the input's: 0
 * keeps a size, one -1 takes what remains (so that a size that is neither must not be 0). Goes by
 * the types in the model; see {@link InferTypes}. But a shape that the caller's numbers decide
 * stays as it is: a declared type is only what the author expected of them.
 */
public record ReshapeChains() implements Pass {
  private static final Set<String> VIEWS = Set.of("Reshape", "Flatten", "Squeeze", "Unsqueeze");

  /** Reshape has its shape as an attribute before. */
  private static final int FIRST_OPSET = 5;

  /** Shapes are computed by fewer nodes. */
  private static final int MOST_SEEN = 200;

  static final NodeTransform RULES =
      NodeTransform.on(
          Set.of("Reshape", "Flatten", "Squeeze", "Unsqueeze", "Transpose", "Expand"),
          ReshapeChains::rewrite);

  @Override
  public PassResult apply(Model model) {
    return Walk.through(model, "reshape-chains", RULES);
  }

  private static void rewrite(Node node, Rewriter to) {
    if (to.opset() < FIRST_OPSET || to.isOpen(node) || !node.hasOutput(0)) {
      return;
    }
    if (isView(node, to)) {
      view(node, to);
    } else if (node.is("Expand") && to.tensor(node.input(1)) == null && !isGiven(node, to)) {
      expand(node, to);
    }
  }

  private static boolean isView(Node node, Rewriter to) {
    return node.is(node.opType())
        && (VIEWS.contains(node.opType()) || node.is("Transpose") && keepsOrder(node, to))
        && !isGiven(node, to);
  }

  /** Whether a Transpose moves nothing but axes of size 1. */
  private static boolean keepsOrder(Node transpose, Rewriter to) {
    Shape shape = to.shape(transpose.input(0));
    Permutation perm = shape.isRanked() ? Permutation.of(transpose, shape) : null;
    if (perm == null || perm.rank() != shape.rank()) {
      return false;
    }
    int last = -1;
    for (int axis : perm.perm()) {
      boolean isOne = shape.dim(axis).isFixed() && shape.dim(axis).value() == 1;
      if (!isOne && axis < last) {
        return false;
      }
      last = isOne ? last : axis;
    }
    return true;
  }

  private static void view(Node node, Rewriter to) {
    if (!(node.output(0).type() instanceof TensorType type)) {
      return;
    }
    String source = source(node, to);
    Shape before = to.shape(source);
    Shape after = type.shape();
    boolean isChain = !source.equals(node.input(0));
    if (isChain && isKnown(before) && before.equals(after)) {
      if (!to.needsIdentity(node.output(0), to.value(source))) {
        to.replace(node.output(0), to.value(source));
      }
      return;
    }
    boolean computes = node.is("Reshape") && to.tensor(node.input(1)) == null;
    long[] shape = isChain || computes ? constantShape(before, after) : null;
    if (shape != null) {
      to.replace(node.output(0), to.reshape(to.value(source), shape));
    } else if (computes) {
      long[] own = constantShape(to.shape(node.input(0)), after);
      if (own != null) {
        to.replace(node.output(0), to.reshape(to.input(node, 0), own));
      }
    }
  }

  /** What the node before is given, if it only changes the shape, too. */
  private static String source(Node node, Rewriter to) {
    Node before = to.producer(node.input(0));
    return before != null && isView(before, to) && !to.isOpen(before)
        ? before.input(0)
        : node.input(0);
  }

  /** Whether the caller's numbers decide the shape that a node gives. */
  private static boolean isGiven(Node node, Rewriter to) {
    return node.hasInput(1)
        && to.tensor(node.input(1)) == null
        && dependsOnElements(node.input(1), to);
  }

  /** Whether the elements of an input of the graph, not only its shape, decide a value's. */
  private static boolean dependsOnElements(String value, Rewriter to) {
    Deque<String> open = new ArrayDeque<>(List.of(value));
    Set<String> seen = new HashSet<>(open);
    while (!open.isEmpty()) {
      String next = open.pop();
      Node producer = producer(next, to);
      boolean isInput = producer == null && to.has(next) && to.tensor(next) == null;
      if (isInput || seen.size() > MOST_SEEN) {
        return true;
      }
      if (producer != null && !producer.is("Shape") && !producer.is("Size")) {
        producer.dependencies().stream()
            .filter(name -> !name.isEmpty() && seen.add(name))
            .forEach(open::push);
      }
    }
    return false;
  }

  /** The node of this graph or one around it that gives a value. */
  private static @Nullable Node producer(String value, Rewriter to) {
    for (Rewriter graph = to; graph != null; graph = graph.outer()) {
      Node producer = graph.producer(value);
      if (producer != null) {
        return producer;
      }
    }
    return null;
  }

  private static boolean isKnown(Shape shape) {
    return shape.isRanked() && shape.dims().stream().allMatch(Dim::isKnown);
  }

  /** What Reshape has to be given for a shape, or null if no constant says it. */
  private static long @Nullable [] constantShape(Shape before, Shape after) {
    if (!after.isRanked() || before.isRanked() && isOtherSize(before, after)) {
      return null;
    }
    long[] shape = new long[after.rank()];
    int rest = 0;
    boolean hasZero = before.isRanked() && before.dims().stream().anyMatch(d -> d.isFixed(0));
    for (int i = 0; i < shape.length; i++) {
      Dim dim = after.dim(i);
      boolean isKept =
          before.isRanked() && i < before.rank() && dim.isKnown() && dim.equals(before.dim(i));
      if (dim.isFixed() && dim.value() > 0) {
        shape[i] = dim.value();
      } else if (!isKept && dim.isFixed()) {
        return null;
      } else if (!isKept) {
        shape[i] = -1;
        rest++;
      }
    }
    // What -1 stands for is not known if there are no elements.
    return rest > 1 || rest == 1 && hasZero ? null : shape;
  }

  /** Whether a result cannot be what is declared, which runs tell. */
  private static boolean isOtherSize(Shape before, Shape after) {
    List<Dim> left = new ArrayList<>(before.dims());
    List<Dim> more = new ArrayList<>();
    for (Dim dim : after.dims()) {
      if (!dim.isKnown() || !left.remove(dim)) {
        more.add(dim);
      }
    }
    return Shape.of(left).size().isDifferentFrom(Shape.of(more).size());
  }

  /** A size of 1 leaves that of the input as it is. */
  private static void expand(Node node, Rewriter to) {
    Shape before = to.shape(node.input(0));
    Shape after = node.output(0).type() instanceof TensorType type ? type.shape() : Shape.UNKNOWN;
    if (!before.isRanked() || !after.isRanked()) {
      return;
    }
    long[] shape = new long[after.rank()];
    for (int i = 0; i < shape.length; i++) {
      Dim dim = after.dim(i);
      int axis = i - after.rank() + before.rank();
      if (axis >= 0 && dim.isKnown() && dim.equals(before.dim(axis))) {
        shape[i] = 1;
      } else if (dim.isFixed() && (axis < 0 || !before.dim(axis).isDifferentFrom(Dim.of(1)))) {
        shape[i] = dim.value();
      } else {
        return;
      }
    }
    Value constant = to.constant(node.input(1), Tensor.ofLongs(shape, shape.length));
    to.replace(node.output(0), to.expand(to.input(node, 0), constant));
  }
}
