package dev.sardonyx.ir.convert;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.AttributeValue;
import dev.sardonyx.ir.Dim;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.TensorType;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.build.OperatorBuilder;
import dev.sardonyx.ir.infer.KnownValues;
import dev.sardonyx.ir.pass.Rewriter;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What rules ask of a node; what they must know and do not is refused. */
final class Given {
  /** No constant that a rule makes has more, so that a few bytes of a file cost no gigabytes. */
  private static final long MOST_ELEMENTS = 1 << 24;

  private Given() {}

  /** The integers of an input that is the same in every run, or null. */
  static long @Nullable [] knownLongs(Node node, int input, Rewriter to) {
    Tensor tensor = to.tensor(node.input(input));
    if (tensor != null) {
      return tensor.toLongs();
    }
    KnownValues known = to.elements(node.input(input));
    return known != null && known.isStatic() && known.isWhole() ? known.toLongs() : null;
  }

  /** The integers of an input that is the same in every run. */
  static long[] longs(Node node, int input, Rewriter to, String what) {
    long[] values = knownLongs(node, input, to);
    if (values == null) {
      throw computed(what);
    }
    return values;
  }

  /** The elements of an input that is the same in every run. */
  static Tensor tensor(Node node, int input, Rewriter to, String what) {
    Tensor tensor = to.tensor(node.input(input));
    if (tensor == null) {
      throw computed(what);
    }
    return tensor;
  }

  private static RefusedStepException computed(String what) {
    return new RefusedStepException(what + " must be constant there, and the graph computes it");
  }

  static Shape shape(Node node, int input, Rewriter to) {
    return to.shape(node.input(input));
  }

  /** The rank of an input. */
  static int rank(Node node, int input, Rewriter to) {
    Shape shape = shape(node, input, to);
    if (!shape.isRanked()) {
      throw new RefusedStepException(
          "the rank of its input '" + node.input(input) + "' is not known");
    }
    return shape.rank();
  }

  /** The sizes of an input. */
  static long[] dims(Node node, int input, Rewriter to) {
    Shape shape = shape(node, input, to);
    if (!shape.isRanked() || !shape.isStatic()) {
      throw new RefusedStepException(
          "the shape of its input '" + node.input(input) + "' is not fixed");
    }
    return shape.toLongs();
  }

  /** How many elements a constant of these dimensions has that is put into the model. */
  static int elements(long... dims) {
    long elements = 1;
    for (long dim : dims) {
      if (dim < 0 || dim > 0 && elements > MOST_ELEMENTS / dim) {
        throw new RefusedStepException(
            "a constant of dimensions " + Arrays.toString(dims) + " would stand there");
      }
      elements *= dim;
    }
    return (int) elements;
  }

  /** The size of one axis of an input, or -1 if it is not fixed. */
  static long dim(Node node, int input, int axis, Rewriter to) {
    Shape shape = shape(node, input, to);
    return shape.isRanked() && axis < shape.rank() && shape.dim(axis).isFixed()
        ? shape.dim(axis).value()
        : -1;
  }

  /** The element type of an input, or undefined. */
  static ElementType knownType(Node node, int input, Rewriter to) {
    TensorType type = to.tensorType(node.input(input));
    return type == null ? ElementType.UNDEFINED : type.elementType();
  }

  /** The element type of an input. */
  static ElementType type(Node node, int input, Rewriter to) {
    ElementType type = knownType(node, input, to);
    if (type == ElementType.UNDEFINED) {
      throw new RefusedStepException(
          "the type of its input '" + node.input(input) + "' is not known");
    }
    return type;
  }

  /** An axis counted from the front. */
  static int axis(long axis, int rank) {
    return Math.toIntExact(axis < 0 ? axis + rank : axis);
  }

  static long[] axes(long[] axes, int rank) {
    return Arrays.stream(axes).map(a -> axis(a, rank)).toArray();
  }

  /** The node with only its first inputs. */
  static Node firstInputs(Node node, int count) {
    return node.inputs().size() <= count ? node : node.withInputs(node.inputs().subList(0, count));
  }

  /** The node with only its first outputs; those that go must not be used. */
  static Node firstOutputs(Node node, int count, Rewriter to, String otherwise) {
    for (int i = count; i < node.outputs().size(); i++) {
      if (isUsed(node, i, to)) {
        throw new RefusedStepException(otherwise);
      }
    }
    return node.outputs().size() <= count
        ? node
        : node.withOutputs(node.outputs().subList(0, count));
  }

  static boolean isUsed(Node node, int output, Rewriter to) {
    return node.hasOutput(output)
        && (to.isPinned(node.output(output).name()) || to.uses(node.output(output).name()) > 0);
  }

  static Node without(Node node, String... attributes) {
    Node result = node;
    for (String attribute : attributes) {
      result = result.withoutAttribute(attribute);
    }
    return result;
  }

  /**
   * Whether what is used of a node is known to have no elements, so that there is nothing to
   * compute. Other operators would have to be told sizes of 0, for which old ones have no words.
   */
  static boolean isEmpty(Node node, Rewriter to) {
    boolean any = false;
    for (int i = 0; i < node.outputs().size(); i++) {
      if (isUsed(node, i, to)) {
        if (!(node.output(i).type() instanceof TensorType type)
            || type.elementType() == ElementType.UNDEFINED
            || !type.shape().isStatic()
            || type.shape().dims().stream().noneMatch(dim -> dim.equals(Dim.of(0)))) {
          return false;
        }
        any = true;
      }
    }
    return any;
  }

  /** The results of such a node. */
  static List<Value> empty(Node node, Rewriter to) {
    List<Value> results = new ArrayList<>();
    for (int i = 0; i < node.outputs().size(); i++) {
      boolean isUsed = isUsed(node, i, to);
      results.add(isUsed ? empty((TensorType) node.output(i).type(), to) : OperatorBuilder.ABSENT);
    }
    return results;
  }

  private static Value empty(TensorType type, Rewriter to) {
    long[] dims = type.shape().toLongs();
    Tensor tensor =
        type.elementType() == ElementType.STRING
            ? Tensor.ofStrings(List.of(), dims)
            : Tensor.of(type.elementType(), dims, ByteBuffer.allocate(0));
    return to.numberedConstant("empty", tensor);
  }

  /** The attributes of a node but those named, and others. */
  static List<Attribute> attributes(Node node, List<String> but, Attribute... more) {
    List<Attribute> all = new ArrayList<>();
    for (Attribute attribute : node.attributes()) {
      if (!but.contains(attribute.name())) {
        all.add(attribute);
      }
    }
    all.addAll(Arrays.asList(more));
    return all;
  }

  static float[] floats(Node node, String attribute) {
    return node.attribute(attribute, AttributeValue.Floats.class)
        .map(AttributeValue.Floats::values)
        .orElseThrow(() -> new RefusedStepException("it has no attribute " + attribute));
  }
}
