package dev.sardonyx.ir.contrib;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.AttributeValue;
import dev.sardonyx.ir.Constant;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.build.NoStandardFormException;
import dev.sardonyx.ir.build.OperatorBuilder;
import dev.sardonyx.ir.build.StandardOps;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.IntToLongFunction;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** A node that is to be said in ONNX's own operators, and what makes them. */
record ContribNode(StandardOps to, Node node, List<Value> inputs) {
  // Inputs

  boolean has(int i) {
    return node.hasInput(i);
  }

  Value in(int i) {
    if (!has(i)) {
      throw new NoStandardFormException("its input " + i + " is missing");
    }
    return inputs.get(i);
  }

  @Nullable Value optional(int i) {
    return has(i) ? inputs.get(i) : null;
  }

  ElementType type(int i) {
    return OperatorBuilder.elementType(in(i));
  }

  /** The elements of an input that is an initializer, or null. */
  @Nullable Tensor constant(int i) {
    return has(i) && in(i) instanceof Constant c && c.data() instanceof Tensor t ? t : null;
  }

  int rank(int i) {
    return rank(in(i));
  }

  static int rank(Value value) {
    Shape shape = OperatorBuilder.shapeOf(value);
    if (!shape.isRanked()) {
      throw new NoStandardFormException("the rank of '" + value.name() + "' is not known");
    }
    return shape.rank();
  }

  /** A size that has to be known. */
  static long fixed(Value value, int axis) {
    int rank = rank(value);
    Shape shape = OperatorBuilder.shapeOf(value);
    int at = axis < 0 ? axis + rank : axis;
    if (at < 0 || at >= rank || !shape.dim(at).isFixed()) {
      throw new NoStandardFormException(
          "axis " + axis + " of '" + value.name() + "' " + shape + " is not fixed");
    }
    return shape.dim(at).value();
  }

  long fixed(int i, int axis) {
    return fixed(in(i), axis);
  }

  // Attributes

  boolean hasAttribute(String name) {
    return node.attribute(name).isPresent();
  }

  boolean flag(String name) {
    return node.intAttribute(name, 0) != 0;
  }

  long integer(String name, long otherwise) {
    return node.intAttribute(name, otherwise);
  }

  float number(String name, float otherwise) {
    return node.floatAttribute(name, otherwise);
  }

  String text(String name, String otherwise) {
    return node.stringAttribute(name, otherwise);
  }

  long @Nullable [] integers(String name) {
    return node.attribute(name, AttributeValue.Ints.class)
        .map(AttributeValue.Ints::values)
        .orElse(null);
  }

  float[] numbers(String name) {
    return node.attribute(name, AttributeValue.Floats.class)
        .map(AttributeValue.Floats::values)
        .orElse(new float[0]);
  }

  /** The node's attributes but those named. */
  Attribute[] attributesBut(String... names) {
    Set<String> left = Set.of(names);
    List<Attribute> kept = new ArrayList<>(node.attributes());
    kept.removeIf(attribute -> left.contains(attribute.name()));
    return kept.toArray(Attribute[]::new);
  }

  // Outputs

  boolean wants(int output) {
    return node.hasOutput(output);
  }

  /**
   * @throws NoStandardFormException if the node has the output, saying that it cannot be given
   */
  void refuseOutput(int output) {
    if (wants(output)) {
      throw new NoStandardFormException("its output " + output + " has no counterpart");
    }
  }

  /**
   * @throws NoStandardFormException if the input is given
   */
  void refuseInput(int input, String name) {
    if (has(input)) {
      throw new NoStandardFormException("its input " + name + " has no counterpart");
    }
  }

  // What many forms are made of

  /** From {@code [N,...,C]} to {@code [N,C,...]}. */
  Value channelsFirst(Value x) {
    long last = rank(x) - 1L;
    return permuted(x, i -> i == 0 ? 0 : i == 1 ? last : i - 1L);
  }

  /** From {@code [N,C,...]} to {@code [N,...,C]}. */
  Value channelsLast(Value x) {
    long last = rank(x) - 1L;
    return permuted(x, i -> i == 0 ? 0 : i == last ? 1 : i + 1L);
  }

  /** A transpose whose i-th axis is the one that a function gives. */
  private Value permuted(Value x, IntToLongFunction from) {
    return to.transpose(x, IntStream.range(0, rank(x)).mapToLong(from).toArray());
  }
}
