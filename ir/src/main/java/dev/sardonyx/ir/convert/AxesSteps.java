package dev.sardonyx.ir.convert;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Shape;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.build.OperatorBuilder;
import dev.sardonyx.ir.op.OperatorCatalogue;
import dev.sardonyx.ir.pass.Rewriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Operators along axes: how axes are given, and that they may be negative. */
final class AxesSteps {
  private AxesSteps() {}

  static void addTo(StepTable table) {
    Set<String> others = OperatorCatalogue.standard().reductions();
    others.remove("ReduceSum"); // which takes its axes as an input from an earlier opset on
    for (String reduction : others) {
      axesInput(table, reduction, 18, AxesSteps::reduction);
      table.down(reduction, 11, Effect.REWRITTEN, AxesSteps::axesFromFront);
    }
    axesInput(table, "ReduceSum", 13, AxesSteps::reduction);
    axesInput(table, "Squeeze", 13, AxesSteps::axesToAttribute);
    axesInput(table, "Unsqueeze", 13, AxesSteps::axesToAttribute);
    String alongAxes = "ReduceSum 11\nSqueeze 11\nUnsqueeze 11";
    table.down(alongAxes, Effect.REWRITTEN, AxesSteps::axesFromFront);
    String alongAxis =
        """
        ArgMax 11
        ArgMin 11
        Compress 11
        Concat 11
        Flatten 11
        Gather 11
        Hardmax 11
        LogSoftmax 11
        Softmax 11
        Split 11""";
    table.down(alongAxis, Effect.REWRITTEN, AxesSteps::axisFromFront);
    table.down("ArgMax 12\nArgMin 12", Effect.DECOMPOSED, AxesSteps::firstOfLast);
    for (String softmax : List.of("Softmax", "LogSoftmax", "Hardmax")) {
      table.step(
          softmax,
          13,
          Effect.DECOMPOSED,
          AxesSteps::alongLastAxes,
          Effect.DECOMPOSED,
          AxesSteps::alongOneAxis);
    }
    table.step(
        "Split",
        13,
        Effect.ATTRIBUTES_TO_INPUTS,
        AxesSteps::splitToInput,
        Effect.INPUTS_TO_ATTRIBUTES,
        (node, to) -> constantToAttribute(node, 1, "split", "the sizes of the pieces", to));
    table.step(
        "Split", 18, Effect.REWRITTEN, AxesSteps::countPieces, Effect.REWRITTEN, AxesSteps::pieces);
    table.step(
        "TopK",
        10,
        Effect.ATTRIBUTES_TO_INPUTS,
        (node, to) ->
            withInput(node.withoutAttribute("k"), to.longs("k", node.intAttribute("k", 1))),
        Effect.INPUTS_TO_ATTRIBUTES,
        AxesSteps::countToAttribute);
    table.down("TopK", 11, Effect.DECOMPOSED, AxesSteps::largest);
    table.step(
        "Slice",
        10,
        Effect.ATTRIBUTES_TO_INPUTS,
        AxesSteps::sliceToInputs,
        Effect.INPUTS_TO_ATTRIBUTES,
        AxesSteps::sliceToAttributes);
    table.down("Slice", 11, Effect.REWRITTEN, AxesSteps::sliceFromFront);
  }

  private static void axesInput(StepTable table, String operator, int version, StepRule down) {
    table.step(
        operator,
        version,
        Effect.ATTRIBUTES_TO_INPUTS,
        AxesSteps::axesToInput,
        Effect.INPUTS_TO_ATTRIBUTES,
        down);
  }

  // Axes as an attribute or as an input

  private static Node withInput(Node node, Value input) {
    return node.withInput(node.inputs().size(), input.name());
  }

  private static Node axesToInput(Node node, Rewriter to) {
    long[] axes = node.intsAttribute("axes").orElse(null);
    return axes == null
        ? node
        : withInput(Given.firstInputs(node, 1).withoutAttribute("axes"), to.longs("axes", axes));
  }

  private static Node axesToAttribute(Node node, Rewriter to) {
    return constantToAttribute(node, 1, "axes", "its axes", to);
  }

  private static Node constantToAttribute(
      Node node, int input, String attribute, String what, Rewriter to) {
    Node without = Given.firstInputs(node, input);
    return node.hasInput(input)
        ? without.withAttribute(Attribute.ofInts(attribute, Given.longs(node, input, to, what)))
        : without;
  }

  /** No axes mean all of them, or on demand none, which is then no reduction any more. */
  private static @Nullable Node reduction(Node node, Rewriter to) {
    long[] axes = node.hasInput(1) ? Given.longs(node, 1, to, "its axes") : new long[0];
    Node plain = Given.firstInputs(node, 1).withoutAttribute("noop_with_empty_axes");
    if (axes.length > 0) {
      return plain.withAttribute(Attribute.ofInts("axes", axes));
    }
    if (node.intAttribute("noop_with_empty_axes", 0) == 0) {
      return plain;
    }
    Value x = to.input(node, 0);
    to.replace(
        switch (node.opType()) {
          case "ReduceL1", "ReduceL2" -> to.abs(x);
          case "ReduceSumSquare" -> to.mul(x, x);
          case "ReduceLogSum" -> to.log(x);
          default -> x;
        });
    return null;
  }

  // Negative axes

  private static Node axesFromFront(Node node, Rewriter to) {
    long[] axes = node.intsAttribute("axes").orElse(new long[0]);
    if (Arrays.stream(axes).allMatch(a -> a >= 0)) {
      return node;
    }
    int more = node.opType().equals("Unsqueeze") ? axes.length : 0;
    int rank = Given.rank(node, 0, to) + more;
    return node.withAttribute(Attribute.ofInts("axes", Given.axes(axes, rank)));
  }

  private static Node axisFromFront(Node node, Rewriter to) {
    long axis = node.intAttribute("axis", 0);
    return axis >= 0
        ? node
        : node.withAttribute(Attribute.ofInt("axis", Given.axis(axis, Given.rank(node, 0, to))));
  }

  /** The last of the largest elements is the first from behind. */
  private static @Nullable Node firstOfLast(Node node, Rewriter to) {
    Node plain = node.withoutAttribute("select_last_index");
    if (node.intAttribute("select_last_index", 0) == 0) {
      return plain;
    }
    int axis = Given.axis(node.intAttribute("axis", 0), Given.rank(node, 0, to));
    Value x = to.input(node, 0);
    Value reversed =
        to.slice(
            x, new long[] {axis}, new long[] {-1}, new long[] {Long.MIN_VALUE}, new long[] {-1});
    Value index = to.node(node.opType(), List.of(reversed), plain.attributes());
    Value last = to.sub(to.shape(x, axis, axis + 1L), to.longs("one", 1));
    to.replace(to.sub(to.squeeze(last, 0), index));
    return null;
  }

  // Softmax, LogSoftmax and Hardmax

  /** Up to opset 12 all axes from the given one on count as one. */
  private static @Nullable Node alongLastAxes(Node node, Rewriter to) {
    long axis = node.intAttribute("axis", 1);
    Node last = node.withAttribute(Attribute.ofInt("axis", -1));
    if (axis == -1 || isLast(axis, node, to)) {
      return last;
    }
    Value x = to.input(node, 0);
    Value flat = to.node(node.opType(), List.of(to.flatten(x, axis)), last.attributes());
    to.replace(to.reshape(flat, to.shape(x)));
    return null;
  }

  private static @Nullable Node alongOneAxis(Node node, Rewriter to) {
    long axis = node.intAttribute("axis", -1);
    Node last = node.withAttribute(Attribute.ofInt("axis", -1));
    if (axis == -1 || isLast(axis, node, to)) {
      return last;
    }
    int rank = Given.rank(node, 0, to);
    long[] perm = IntStream.range(0, rank).mapToLong(i -> i).toArray();
    int own = Given.axis(axis, rank);
    perm[own] = rank - 1L;
    perm[rank - 1] = own;
    Value turned = to.transpose(to.input(node, 0), perm);
    to.replace(to.transpose(to.node(node.opType(), List.of(turned), last.attributes()), perm));
    return null;
  }

  private static boolean isLast(long axis, Node node, Rewriter to) {
    Shape shape = Given.shape(node, 0, to);
    return shape.isRanked() && Given.axis(axis, shape.rank()) == shape.rank() - 1;
  }

  // Split

  private static Node splitToInput(Node node, Rewriter to) {
    long[] sizes = node.intsAttribute("split").orElse(null);
    return sizes == null
        ? node
        : withInput(node.withoutAttribute("split"), to.longs("split", sizes));
  }

  /** From opset 18 on a node says its sizes, or into how many pieces it cuts. */
  private static Node countPieces(Node node, Rewriter to) {
    return node.hasInput(1)
        ? node
        : Given.firstInputs(node, 1)
            .withAttribute(Attribute.ofInt("num_outputs", node.outputs().size()));
  }

  /** Before opset 18 pieces without sizes are equal; from it on the last may be smaller. */
  private static Node pieces(Node node, Rewriter to) {
    Node plain = node.withoutAttribute("num_outputs");
    if (node.hasInput(1)) {
      return plain;
    }
    long pieces = node.intAttribute("num_outputs", node.outputs().size());
    long given = node.intAttribute("axis", 0);
    int axis = (int) (given < 0 ? Given.axis(given, Given.rank(node, 0, to)) : given);
    long size = Given.dim(node, 0, axis, to);
    if (size >= 0 && size % pieces == 0) {
      return Given.firstInputs(plain, 1);
    }
    Value sizes = size >= 0 ? fixedPieces(size, pieces, to) : madePieces(node, axis, pieces, to);
    return withInput(Given.firstInputs(plain, 1), sizes);
  }

  private static Value fixedPieces(long size, long pieces, Rewriter to) {
    long[] sizes = new long[Math.toIntExact(pieces)];
    long most = (size + pieces - 1) / pieces;
    Arrays.fill(sizes, most);
    sizes[sizes.length - 1] = size - most * (pieces - 1);
    if (sizes[sizes.length - 1] < 0) {
      throw new RefusedStepException(
          "its axis of " + size + " cannot be cut into " + pieces + " pieces");
    }
    return to.longs("split", sizes);
  }

  private static Value madePieces(Node node, int axis, long pieces, Rewriter to) {
    Value size = to.shape(to.input(node, 0), axis, axis + 1L);
    Value most = to.div(to.add(size, to.longs("up", pieces - 1)), to.longs("pieces", pieces));
    if (pieces == 1) {
      return most;
    }
    List<Value> all = new ArrayList<>(Collections.nCopies((int) pieces - 1, most));
    all.add(to.sub(size, to.mul(most, to.longs("before", pieces - 1))));
    return to.concat(0, all);
  }

  // TopK

  private static Node countToAttribute(Node node, Rewriter to) {
    long k = Given.longs(node, 1, to, "k")[0];
    if (k < 1) {
      throw new RefusedStepException("a k of " + k + " came with opset 10");
    }
    return Given.firstInputs(node, 1).withAttribute(Attribute.ofInt("k", k));
  }

  private static @Nullable Node largest(Node node, Rewriter to) {
    Node plain = Given.without(node, "largest", "sorted");
    long axis = node.intAttribute("axis", -1);
    if (axis < -1) {
      int rank = Given.rank(node, 0, to);
      plain = plain.withAttribute(Attribute.ofInt("axis", Given.axis(axis, rank)));
    }
    if (node.intAttribute("largest", 1) != 0) {
      return plain;
    }
    ElementType type = Given.type(node, 0, to);
    boolean isDouble = type.isInteger() && type.bits() <= 32;
    if (!type.isFloat() && !isDouble) {
      throw new RefusedStepException(
          "the smallest elements of type " + type + " came with opset 11");
    }
    Value x = to.input(node, 0);
    Value negative = to.neg(isDouble ? to.cast(x, ElementType.DOUBLE) : x);
    List<Value> found =
        to.nodes(
            "TopK",
            2,
            OperatorBuilder.operands(negative, to.input(node, 1)),
            plain.attributes().toArray(Attribute[]::new));
    Value values = to.neg(found.get(0));
    to.replace(List.of(isDouble ? to.cast(values, type) : values, found.get(1)));
    return null;
  }

  // Slice

  private static Node sliceToInputs(Node node, Rewriter to) {
    Node plain = Given.without(node, "starts", "ends", "axes");
    for (String name : List.of("starts", "ends", "axes")) {
      long[] values = node.intsAttribute(name).orElse(null);
      if (values != null) {
        plain = withInput(plain, to.longs(name, values));
      }
    }
    return plain;
  }

  private static Node sliceToAttributes(Node node, Rewriter to) {
    if (node.hasInput(4)
        && Arrays.stream(Given.longs(node, 4, to, "its steps")).anyMatch(s -> s != 1)) {
      throw new RefusedStepException("steps other than 1 came with opset 10");
    }
    List<Attribute> attributes = new ArrayList<>();
    attributes.add(Attribute.ofInts("starts", Given.longs(node, 1, to, "its starts")));
    attributes.add(Attribute.ofInts("ends", Given.longs(node, 2, to, "its ends")));
    if (node.hasInput(3)) {
      attributes.add(Attribute.ofInts("axes", Given.longs(node, 3, to, "its axes")));
    }
    return Given.firstInputs(node, 1).withAttributes(attributes);
  }

  private static Node sliceFromFront(Node node, Rewriter to) {
    long[] axes = node.hasInput(3) ? Given.knownLongs(node, 3, to) : null;
    if (axes == null || Arrays.stream(axes).allMatch(a -> a >= 0)) {
      return node;
    }
    long[] fromFront = Given.axes(axes, Given.rank(node, 0, to));
    Tensor given = to.tensor(node.input(3));
    boolean isInt = given != null && given.elementType() == ElementType.INT32;
    Value changed =
        isInt
            ? to.numberedConstant(
                "axes",
                Tensor.ofInts(
                    Arrays.stream(fromFront).mapToInt(Math::toIntExact).toArray(),
                    fromFront.length))
            : to.longs("axes", fromFront);
    return node.withInput(3, changed.name());
  }
}
