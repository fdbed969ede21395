package dev.sardonyx.ir.convert;

import dev.sardonyx.ir.Attribute;
import dev.sardonyx.ir.AttributeValue;
import dev.sardonyx.ir.ElementType;
import dev.sardonyx.ir.Node;
import dev.sardonyx.ir.Tensor;
import dev.sardonyx.ir.Value;
import dev.sardonyx.ir.build.OperatorBuilder;
import dev.sardonyx.ir.pass.Rewriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/** Operators about shapes, and those that make tensors of a shape. */
final class ShapeSteps {
  private ShapeSteps() {}

  static void addTo(StepTable table) {
    decomposed(table, "Expand", 8, ShapeSteps::expand);
    decomposed(table, "ConstantOfShape", 9, ShapeSteps::constantOfShape);
    decomposed(table, "EyeLike", 9, ShapeSteps::eyeLike);
    decomposed(table, "Range", 11, ShapeSteps::range);
    decomposed(table, "Trilu", 14, ShapeSteps::trilu);
    decomposed(table, "CenterCropPad", 18, ShapeSteps::centerCropPad);
    decomposed(table, "HannWindow", 17, (node, to) -> window(node, 0.5, 0.5, 0, to));
    decomposed(table, "HammingWindow", 17, (node, to) -> window(node, 25.0 / 46, 21.0 / 46, 0, to));
    decomposed(table, "BlackmanWindow", 17, (node, to) -> window(node, 0.42, 0.5, 0.08, to));
    table.down("Reshape", 14, Effect.ATTRIBUTES, ShapeSteps::reshape);
    table.down("Shape", 15, Effect.DECOMPOSED, ShapeSteps::shape);
    table.down("DepthToSpace", 11, Effect.DECOMPOSED, ShapeSteps::depthToSpace);
    table.down("SpaceToDepth", 28, Effect.DECOMPOSED, ShapeSteps::spaceToDepth);
    table.step(
        "Pad",
        11,
        Effect.ATTRIBUTES_TO_INPUTS,
        ShapeSteps::padsToInput,
        Effect.INPUTS_TO_ATTRIBUTES,
        ShapeSteps::padsToAttribute);
    table.down("Pad", 18, Effect.REWRITTEN, ShapeSteps::padsOfAllAxes);
    table.down("Pad", 19, Effect.DECOMPOSED, ShapeSteps::withoutWrap);
  }

  private static void decomposed(
      StepTable table, String operator, int version, StepRule.Decomposition decomposition) {
    table.added(operator, version, Effect.DECOMPOSED, StepRule.by(decomposition));
  }

  /** A product with ones has the same elements. */
  private static Value expand(Node node, Rewriter to) {
    long[] shape = Given.longs(node, 1, to, "its shape");
    ElementType type = Given.type(node, 0, to);
    double[] ones = new double[Given.elements(shape)];
    Arrays.fill(ones, 1);
    return to.mul(
        to.input(node, 0), to.numberedConstant("ones", Tensor.ofNumbers(type, ones, shape)));
  }

  private static Value constantOfShape(Node node, Rewriter to) {
    Tensor element =
        node.attribute("value", AttributeValue.Tensor.class)
            .map(AttributeValue.Tensor::value)
            .orElse(Tensor.ofFloats(new float[1], 1));
    if (element.size() != 1) {
      throw new RefusedStepException("its value has " + element.size() + " elements, not one");
    }
    long[] shape = Given.knownLongs(node, 0, to);
    Value one = to.constant(element.reshape(1));
    if (shape != null && shape.length == 0 || Given.dim(node, 0, 0, to) == 0) {
      return to.constant(element.reshape());
    }
    return to.expand(one, to.input(node, 0));
  }

  private static Value eyeLike(Node node, Rewriter to) {
    long[] dims = Given.dims(node, 0, to);
    long k = node.intAttribute("k", 0);
    ElementType type = Given.type(node, 0, to);
    ElementType result = ElementType.of((int) node.intAttribute("dtype", type.code()));
    double[] elements = new double[Given.elements(dims)];
    for (int i = 0; i < dims[0]; i++) {
      if (k >= -i && k < dims[1] - i) {
        elements[Math.toIntExact(i * dims[1] + i + k)] = 1;
      }
    }
    return to.numberedConstant("eye", Tensor.ofNumbers(result, elements, dims));
  }

  /** As many numbers as there are ones in a vector of their count; opset 9 on. */
  private static Value range(Node node, Rewriter to) {
    ElementType type = Given.type(node, 0, to);
    Value start = scalar(to.input(node, 0), to);
    Value delta = scalar(to.input(node, 2), to);
    Value span = to.sub(scalar(to.input(node, 1), to), start);
    Value count =
        to.ceil(to.div(to.cast(span, ElementType.DOUBLE), to.cast(delta, ElementType.DOUBLE)));
    Value length = to.cast(to.relu(count), ElementType.INT64);
    Value ones = to.constantOfShape(length, Tensor.ofLongs(new long[] {1}, 1));
    Value places = to.squeeze(to.node("NonZero", ones), 0);
    return to.add(start, to.mul(to.cast(places, type), delta));
  }

  private static Value scalar(Value x, Rewriter to) {
    return to.reshape(x, 1);
  }

  /** An element stays where its column is on the right side of its row. */
  private static Value trilu(Node node, Rewriter to) {
    Value x = to.input(node, 0);
    int rank = Given.rank(node, 0, to);
    Value rows = numbers(x, rank - 2, to);
    Value columns = numbers(x, rank - 1, to);
    if (node.hasInput(1)) {
      rows = to.add(rows, to.input(node, 1));
    }
    Value row = to.unsqueeze(rows, 1);
    boolean upper = node.intAttribute("upper", 1) != 0;
    Value kept = upper ? to.lessOrEqual(row, columns) : to.greaterOrEqual(row, columns);
    ElementType type = OperatorBuilder.elementType(x);
    Tensor nothing =
        type == ElementType.STRING
            ? Tensor.ofStrings(List.of(""))
            : Tensor.of(type, new long[0], Tensor.allocate(type, 1));
    return to.where(kept, x, to.constant(nothing));
  }

  private static Value numbers(Value x, int axis, Rewriter to) {
    Value size = to.squeeze(to.shape(x, axis, axis + 1L), 0);
    return to.range(to.constant(0L), size, to.constant(1L));
  }

  private static Value window(Node node, double a, double b, double c, Rewriter to) {
    ElementType result = ElementType.of((int) node.intAttribute("output_datatype", 1));
    ElementType type = result == ElementType.DOUBLE ? result : ElementType.FLOAT;
    Value size = to.cast(to.input(node, 0), type);
    Value count =
        node.intAttribute("periodic", 1) != 0 ? size : to.sub(size, to.scalarLike(size, 1));
    Value steps = to.range(to.scalarLike(size, 0), size, to.scalarLike(size, 1));
    Value angle = to.div(to.mul(steps, to.scalarLike(size, 2 * Math.PI)), count);
    Value once = to.mul(to.cos(angle), to.scalarLike(size, b));
    Value twice = to.cos(to.mul(angle, to.scalarLike(size, 2)));
    Value sum = to.sub(to.scalarLike(size, a), once);
    if (c != 0) {
      sum = to.add(sum, to.mul(twice, to.scalarLike(size, c)));
    }
    return result == type ? sum : to.cast(sum, result);
  }

  /** Crops what is too large and pads what is too small, on both sides alike. */
  private static Value centerCropPad(Node node, Rewriter to) {
    long[] wanted = Given.longs(node, 1, to, "its shape");
    long[] dims = Given.dims(node, 0, to);
    long[] all = LongStream.range(0, dims.length).toArray();
    long[] axes = Given.axes(node.intsAttribute("axes").orElse(all), dims.length);
    if (wanted.length != axes.length) {
      throw new RefusedStepException(
          "its shape has " + wanted.length + " sizes for " + axes.length + " axes");
    }
    if (axes.length == 0) {
      return to.input(node, 0);
    }
    long[] starts = new long[axes.length];
    long[] ends = new long[axes.length];
    long[] steps = new long[axes.length];
    Arrays.fill(steps, 1);
    long[] pads = new long[2 * dims.length];
    for (int i = 0; i < axes.length; i++) {
      int axis = (int) axes[i];
      long missing = wanted[i] - dims[axis];
      starts[i] = missing < 0 ? -missing / 2 : 0;
      ends[i] = missing < 0 ? starts[i] + wanted[i] : dims[axis];
      pads[axis] = Math.max(0, missing) / 2;
      pads[axis + dims.length] = Math.max(0, missing) - pads[axis];
    }
    Value cropped = to.slice(to.input(node, 0), axes, starts, ends, steps);
    return LongStream.of(pads).allMatch(p -> p == 0) ? cropped : to.pad(cropped, pads);
  }

  /** A 0 in the shape copies a size before opset 14, and from it on on demand is a size. */
  private static Node reshape(Node node, Rewriter to) {
    if (node.intAttribute("allowzero", 0) == 0) {
      return node.withoutAttribute("allowzero");
    }
    long[] shape = Given.longs(node, 1, to, "its shape");
    for (int i = 0; i < shape.length; i++) {
      if (shape[i] == 0 && Given.dim(node, 0, i, to) != 0) {
        throw new RefusedStepException("a size of 0 in its shape (allowzero) came with opset 14");
      }
    }
    return node.withoutAttribute("allowzero");
  }

  private static @Nullable Node shape(Node node, Rewriter to) {
    Node plain = Given.without(node, "start", "end");
    long start = node.intAttribute("start", 0);
    if (start == 0 && node.attribute("end").isEmpty()) {
      return plain;
    }
    to.replace(
        to.slice(
            to.node("Shape", to.input(node, 0)),
            0,
            start,
            node.intAttribute("end", Integer.MAX_VALUE)));
    return null;
  }

  private static @Nullable Node depthToSpace(Node node, Rewriter to) {
    if (node.stringAttribute("mode", "DCR").equals("DCR")) {
      return node.withoutAttribute("mode");
    }
    long block = node.intAttribute("blocksize", 1);
    long[] d = Given.dims(node, 0, to);
    long channels = d[1] / (block * block);
    Value split = to.reshape(to.input(node, 0), d[0], channels, block, block, d[2], d[3]);
    Value turned = to.transpose(split, 0, 1, 4, 2, 5, 3);
    to.replace(to.reshape(turned, d[0], channels, d[2] * block, d[3] * block));
    return null;
  }

  private static @Nullable Node spaceToDepth(Node node, Rewriter to) {
    if (node.stringAttribute("mode", "DCR").equals("DCR")) {
      return node.withoutAttribute("mode");
    }
    long block = node.intAttribute("blocksize", 1);
    long[] d = Given.dims(node, 0, to);
    Value split =
        to.reshape(to.input(node, 0), d[0], d[1], d[2] / block, block, d[3] / block, block);
    Value turned = to.transpose(split, 0, 1, 3, 5, 2, 4);
    to.replace(to.reshape(turned, d[0], d[1] * block * block, d[2] / block, d[3] / block));
    return null;
  }

  // Pad

  private static Node padsToInput(Node node, Rewriter to) {
    long[] pads = node.intsAttribute("pads").orElse(new long[0]);
    Node result = Given.without(node, "pads", "value").withInput(1, to.longs("pads", pads).name());
    float value = node.floatAttribute("value", 0);
    return value == 0
        ? result
        : result.withInput(2, to.scalarLike(to.input(node, 0), value).name());
  }

  private static Node padsToAttribute(Node node, Rewriter to) {
    Node result =
        Given.firstInputs(node, 1)
            .withAttribute(Attribute.ofInts("pads", Given.longs(node, 1, to, "its pads")));
    if (!node.hasInput(2)) {
      return result;
    }
    double value = Given.tensor(node, 2, to, "its constant_value").toScalar();
    if ((float) value != value && !Double.isNaN(value)) {
      throw new RefusedStepException("its constant_value " + value + " is no float");
    }
    return result.withAttribute(Attribute.ofFloat("value", (float) value));
  }

  private static Node padsOfAllAxes(Node node, Rewriter to) {
    if (!node.hasInput(3)) {
      return Given.firstInputs(node, node.hasInput(2) ? 3 : 2);
    }
    int rank = Given.rank(node, 0, to);
    long[] axes = Given.axes(Given.longs(node, 3, to, "its axes"), rank);
    Value pads = to.input(node, 1);
    long[] known = Given.knownLongs(node, 1, to);
    Value none = known == null ? to.longs("none", 0) : null;
    long[] all = new long[2 * rank];
    List<Value> pieces = new ArrayList<>();
    for (int i = 0; i < 2 * rank; i++) {
      int axis = i % rank;
      int at = IntStream.range(0, axes.length).filter(a -> axes[a] == axis).findFirst().orElse(-1);
      int from = at < 0 ? -1 : at + (i < rank ? 0 : axes.length);
      if (known != null) {
        all[i] = from < 0 ? 0 : known[from];
      } else {
        pieces.add(from < 0 && none != null ? none : to.slice(pads, 0, from, from + 1L));
      }
    }
    Value wide = known != null ? to.longs("pads", all) : to.concat(0, pieces);
    return Given.firstInputs(node, node.hasInput(2) ? 3 : 2).withInput(1, wide.name());
  }

  /** A tensor that goes on at its other end is one between parts of itself. */
  private static @Nullable Node withoutWrap(Node node, Rewriter to) {
    if (!node.stringAttribute("mode", "constant").equals("wrap")) {
      return node;
    }
    if (node.hasInput(3)) {
      return withoutWrap(padsOfAllAxes(node, to), to);
    }
    long[] pads = Given.longs(node, 1, to, "its pads");
    long[] dims = Given.dims(node, 0, to);
    Value x = to.input(node, 0);
    for (int axis = 0; axis < dims.length; axis++) {
      long before = pads[axis];
      long after = pads[axis + dims.length];
      if (before < 0 || after < 0 || before > dims[axis] || after > dims[axis]) {
        throw new RefusedStepException("its mode wrap over more than its input came with opset 19");
      }
      List<Value> parts = new ArrayList<>();
      if (before > 0) {
        parts.add(to.slice(x, axis, dims[axis] - before, dims[axis]));
      }
      parts.add(x);
      if (after > 0) {
        parts.add(to.slice(x, axis, 0, after));
      }
      x = parts.size() == 1 ? x : to.concat(axis, parts);
    }
    to.replace(x);
    return null;
  }
}
