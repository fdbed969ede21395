package dev.sardonyx.ir.pass;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.Model;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import java.util.Arrays;
import java.util.Set;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * Padding done by the Conv or pool after it rather than by a Pad of its own: zeros for a
 * convolution and for an average that counts them, negative infinity for a maximum. Outcomes are
 * the same to the last bit.
 */
public record PadFolding() implements Pass {
  static final NodeTransform RULES =
      NodeTransform.on(Set.of("Conv", "MaxPool", "AveragePool"), PadFolding::rewrite);

  @Override
  public PassResult apply(Model model) {
    return Walk.through(model, "pad-folding", RULES);
  }

  private static void rewrite(Node node, Rewriter to) {
    if (to.isOpen(node)) {
      return;
    }
    Node changed = node;
    for (Node next = taken(node, to); next != null; next = taken(next, to)) {
      changed = next;
    }
    if (!changed.equals(node)) {
      to.change(changed);
    }
  }

  /** The node with the Pad right before it taken in, or null. */
  private static @Nullable Node taken(Node node, Rewriter to) {
    Node pad = to.producer(node.input(0));
    if (pad == null || !pad.is("Pad") || to.isOpen(pad) || !isFilledAsBy(node, pad, to)) {
      return null;
    }
    long[] outer = spatial(pad, to);
    long[] own = outer == null ? null : ownPads(node, outer.length);
    if (outer == null || own == null || !suits(node, own)) {
      return null;
    }
    long[] pads = new long[own.length];
    Arrays.setAll(pads, i -> outer[i] + own[i]);
    if (!isWithinWindow(node, pads)) {
      return null;
    }
    Node changed =
        node.withInput(0, to.input(pad, 0).name())
            .withoutAttribute("auto_pad")
            .withAttribute(Attribute.ofInts("pads", pads));
    return node.is("AveragePool")
        ? changed.withAttribute(Attribute.ofInt("count_include_pad", 1))
        : changed;
  }

  /** Whether what the Pad fills with is what the node itself would. */
  private static boolean isFilledAsBy(Node node, Node pad, Rewriter to) {
    if (!pad.stringAttribute("mode", "constant").equals("constant")
        || !(to.type(pad.input(0)) instanceof TensorType type)
        || !type.elementType().isFloat()) {
      return false;
    }
    double fill = pad.floatAttribute("value", 0);
    if (pad.hasInput(2)) {
      Tensor value = to.tensor(pad.input(2));
      if (value == null || value.size() != 1) {
        return false;
      }
      fill = value.toScalar();
    }
    return fill == (node.is("MaxPool") ? Double.NEGATIVE_INFINITY : 0);
  }

  /** What is put around the axes after batch and channels, which get nothing; or null. */
  private static long @Nullable [] spatial(Node pad, Rewriter to) {
    Shape shape = to.shape(pad.input(0));
    long[] pads = all(pad, shape, to);
    if (pads == null || pads.length < 6 || LongStream.of(pads).anyMatch(p -> p < 0)) {
      return null;
    }
    int rank = pads.length / 2;
    if (pads[0] + pads[1] + pads[rank] + pads[rank + 1] != 0) {
      return null;
    }
    return LongStream.concat(Arrays.stream(pads, 2, rank), Arrays.stream(pads, rank + 2, 2 * rank))
        .toArray();
  }

  private static long @Nullable [] all(Node pad, Shape shape, Rewriter to) {
    if (!pad.hasInput(1)) {
      return pad.intsAttribute("pads").orElse(null);
    }
    Tensor pads = to.tensor(pad.input(1));
    Tensor axes = pad.hasInput(3) ? to.tensor(pad.input(3)) : null;
    if (pads == null || pad.hasInput(3) && (axes == null || !shape.isRanked())) {
      return null;
    }
    if (axes == null) {
      return pads.toLongs();
    }
    long[] some = pads.toLongs();
    long[] named = axes.toLongs();
    int rank = shape.rank();
    long[] all = new long[2 * rank];
    for (int i = 0; i < named.length; i++) {
      int axis = (int) (named[i] < 0 ? named[i] + rank : named[i]);
      if (axis < 0 || axis >= rank || some.length != 2 * named.length) {
        return null;
      }
      all[axis] = some[i];
      all[rank + axis] = some[named.length + i];
    }
    return all;
  }

  /** The node's own padding, or null if it depends on the size of the input. */
  private static long @Nullable [] ownPads(Node node, int length) {
    return switch (node.stringAttribute("auto_pad", "NOTSET")) {
      case "NOTSET" -> {
        long[] pads = node.intsAttribute("pads").orElseGet(() -> new long[length]);
        yield pads.length == length ? pads : null;
      }
      case "VALID" -> new long[length];
      default -> null;
    };
  }

  /** Whether the node treats what the Pad adds and its own padding alike. */
  private static boolean suits(Node node, long[] own) {
    if (node.is("Conv")) {
      return true;
    }
    if (node.intAttribute("ceil_mode", 0) != 0 || node.outputs().size() > 1) {
      return false;
    }
    return node.is("MaxPool")
        || node.intAttribute("count_include_pad", 0) == 1
        || LongStream.of(own).allMatch(p -> p == 0);
  }

  /** Pools must not have windows that see nothing but padding. */
  private static boolean isWithinWindow(Node node, long[] pads) {
    if (node.is("Conv")) {
      return true;
    }
    long[] kernel = node.intsAttribute("kernel_shape").orElse(null);
    if (kernel == null || 2 * kernel.length != pads.length) {
      return false;
    }
    for (int i = 0; i < pads.length; i++) {
      if (pads[i] >= kernel[i % kernel.length]) {
        return false;
      }
    }
    return true;
  }
}
